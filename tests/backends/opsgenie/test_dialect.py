"""Error answers read as what they mean."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.base import Trouble
from pmtui.backends.opsgenie.errors import OpsgenieDialect

DIALECT = OpsgenieDialect("eu")


def body(**answer: object) -> bytes:
    return json.dumps({"took": 0.1, "requestId": "r-1", **answer}).encode()


@pytest.mark.parametrize(
    ("status", "answer", "trouble", "right", "advice"),
    [
        (401, {"message": "Could not authenticate"}, Trouble.CREDENTIALS, "", "wrong region: this is eu"),
        (422, {"message": "Key format is not valid!"}, Trouble.CREDENTIALS, "", "wrong key"),
        (402, {"message": "Not in plan"}, Trouble.PLAN, "", "plan"),
        (403, {"code": 40301, "message": "API Key is not granted with write access."}, Trouble.RIGHTS, "Create and Update", "tick"),
        (403, {"code": 40301, "message": "API Key is not granted with delete access."}, Trouble.RIGHTS, "Delete", "tick"),
        (403, {"code": 40301, "message": "API Key is not granted with read access."}, Trouble.RIGHTS, "Read", "tick"),
        (403, {"code": 40301, "message": "… with configuration access."}, Trouble.RIGHTS, "Configuration access", "tick"),
        (403, {"code": "40301", "message": "API Key is not granted with write access."}, Trouble.RIGHTS, "Create and Update", "tick"),
        (403, {"code": "40302", "message": "Not supported"}, Trouble.PLAN, "", "plan"),
        (403, {"code": 40302, "message": "Not supported"}, Trouble.PLAN, "", "plan"),
        (404, {"message": "Not found"}, None, "", "team"),
        (500, {"message": "Internal Server Error"}, None, "", ""),
    ],
)
def test_meanings(status: int, answer: dict[str, object], trouble: Trouble | None, right: str, advice: str) -> None:
    told = DIALECT.explain(status, {}, body(**answer))
    assert (told.trouble, told.missing_right, told.request_id) == (trouble, right, "r-1")
    assert str(answer["message"]) in told.said
    assert advice in told.advice


def test_messages_go_to_the_fields_of_the_form() -> None:
    told = DIALECT.explain(422, {}, body(message="No.", errors={"responderUsers#role": "missing", "actorUserId": "who?", "ownerId": 7}))
    assert told.fields == {"responders": "missing", "owner": "7"}
    assert "actorUserId: who?" in told.said


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-period-in-sec": "1"}, 1.0),
        ({"x-ratelimit-period-in-sec": "60"}, None),
        ({"retry-after": "7", "x-ratelimit-period-in-sec": "1"}, 7.0),
    ],
)
def test_waiting(headers: dict[str, str], seconds: float | None) -> None:
    assert DIALECT.wait(headers) == seconds


@given(
    st.integers(400, 599),
    st.one_of(
        st.binary(max_size=30),
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["message", "errors", "code"]), inner, max_size=3),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_no_body_stops_the_explanation(status: int, content: bytes) -> None:
    told = DIALECT.explain(status, {}, content)
    assert isinstance(told.said, str) and isinstance(told.advice, str)
    assert all(isinstance(each, str) for each in (*told.fields, *told.fields.values()))
