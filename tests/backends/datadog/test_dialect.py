"""Errors as Datadog sends them: two back ends, gateways, and notebooks with their Python values (recorded 2022 to 2026)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.base import Trouble
from pmtui.backends.datadog.errors import DatadogDialect

DIALECT = DatadogDialect()
NOTEBOOK = (
    "API input validation failed: {'cells': {3: {'errors': [{'detail': 'Additional properties are not allowed', "
    "'source': {'pointer': '/data/attributes/definition/requests'}}]}}}"
)
LETTERS = (
    f"API input validation failed: {{'cells': {{0: {{'errors': [{{'detail': {list('too bad')}, 'source': {{'pointer': '/data/x'}}}}]}}}}}}"
)
NAME = "API input validation failed: {'name': ['Length must be between 0 and 80.']}"
EXPLODED = "API input validation failed: {'cells': {0: {'errors': [" + ", ".join(f"{{'detail': '{char}'}}" for char in "too bad") + "]}}}"


def said(status: int, data: Any) -> str:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return DIALECT.explain(status, {}, body).said


@pytest.mark.parametrize(
    ("status", "data", "expected"),
    [
        (404, {"errors": ["incident 6248184c not found"]}, "incident 6248184c not found"),
        (404, {"errors": [{"title": "Generic Error", "detail": "incident not found"}]}, "incident not found"),
        (404, {"errors": [{"status": "404", "title": "Not Found"}]}, "Not Found"),
        (403, {"errors": [{"title": "Forbidden"}]}, "Forbidden"),
        (502, {"status": "error", "code": 502, "errors": ["Bad Gateway"], "statuspage": "http://status.datadoghq.com"}, "Bad Gateway"),
        (400, {"errors": ["one", {"detail": "two", "source": {"pointer": "/data/x"}}]}, "one; two (/data/x)"),
        (400, {"errors": [{"detail": char} for char in "exploded"]}, "exploded"),
        (400, {"errors": [NOTEBOOK]}, "Additional properties are not allowed (cell 4, /data/attributes/definition/requests)"),
        (400, {"errors": [EXPLODED]}, "too bad (cell 1)"),
        (400, {"errors": ["Start time must be less than end time"]}, "Start time must be less than end time"),
        (429, b"", ""),
        (500, b"rpc error: code = NotFound desc = x", "rpc error: code = NotFound desc = x"),
        (500, {"errors": None}, ""),
        (400, {"errors": "a string"}, "a string"),
        (400, {"errors": [LETTERS]}, "too bad (cell 1, /data/x)"),
        (400, {"errors": [{"detail": list("exploded")}]}, "exploded"),
        (400, {"errors": [NAME]}, "name: Length must be between 0 and 80."),
        (400, {"errors": ["API input validation failed: {'time': {'_schema': ['Start … end']}}"]}, "time: Start … end"),
        (400, {"errors": ["API input validation failed: {'time': oops"]}, "API input validation failed: {'time': oops"),
        (403, {"message": "blocked by policy"}, "blocked by policy"),
        (403, {"error": "blocked"}, "blocked"),
        (403, {"error": {"message": "blocked"}}, "blocked"),
        (400, {"reason": "quota"}, '{"reason": "quota"}'),
    ],
)
def test_what_was_said(status: int, data: Any, expected: str) -> None:
    assert said(status, data) == expected


def test_bad_keys_and_missing_rights_are_told_apart() -> None:
    assert DIALECT.explain(403, {}, b'{"errors":["API key required"]}').trouble is Trouble.CREDENTIALS
    assert DIALECT.explain(401, {}, b'{"errors":["Unauthorized"]}').trouble is None
    right = DIALECT.explain(403, {}, b'{"errors":["Missing required scope notebooks_write"]}')
    assert (right.trouble, right.missing_right) == (None, "notebooks_write")


def test_messages_find_their_field() -> None:
    assert DIALECT.explain(400, {}, b'{"errors":["Invalid value for field state: no"]}').fields == {
        "status": "Invalid value for field state: no"
    }
    pointed = {"errors": [{"detail": "too long", "source": {"pointer": "/data/attributes/title"}}]}
    assert DIALECT.explain(400, {}, json.dumps(pointed).encode()).fields == {"title": "too long"}


def test_a_notebooks_complaint_finds_its_field() -> None:
    body = json.dumps({"errors": [NAME]}).encode()
    assert DIALECT.explain(400, {}, body).fields == {"document_title": "Length must be between 0 and 80."}


def test_waits() -> None:
    assert DIALECT.wait({"x-ratelimit-reset": "3"}) == 3
    assert DIALECT.wait({}) is None


@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(
        lambda data: json.dumps({"errors": data}).encode()
    )
)
def test_it_never_raises(body: bytes) -> None:
    assert isinstance(DIALECT.explain(400, {}, body).said, str)
