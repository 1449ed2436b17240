"""Opsgenie's service under anything that may be sent: it answers, and what it refuses it leaves as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmtui.sandbox.http import Request
from pmtui.sandbox.opsgenie import OpsgenieService
from pmtui.sandbox.opsgenie.search import compile_query, incident_fields
from pmtui.sandbox.search_query import QueryError
from tests.examples import examples
from tests.sandbox.test_opsgenie import KEY, NOW

SERVICE = OpsgenieService(12, NOW, {"opsgenie.async_ms": "0"})
FRESH = SERVICE.dump()
INCIDENTS = list(SERVICE.state.incidents.values())
FIELDS = incident_fields(SERVICE.state)
SETTINGS = settings(deadline=None, max_examples=examples(150), derandomize=True)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([*SERVICE.state.users, *SERVICE.state.incidents, "P1", "draft"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "type", "content", "text"]), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from(
    [
        *("actorUserId", "incidentId", "ownerId", "title", "severity", "status", "type", "content", "executiveSummary", "jiraIssues"),
        *("relatedIncidentIds", "affectedServices", "responderTeams", "responderUsers", "message", "description", "priority", "details"),
        *("tags", "note", "responder", "responders", "impactedServices", "time", "deleteExportIncidentTimelines"),
    ]
)
paths = st.sampled_from(
    [
        *(
            "/v2/postmortem",
            "/v1/incidents",
            "/v2/users",
            "/v2/teams",
            "/v1/services",
            "/v2/roles",
            "/v2/account",
            "/v1/x",
        ),
        *(
            f"/v2/postmortem/{key}{below}"
            for key in list(SERVICE.state.postmortems)[:1]
            for below in ("", "/title", "/content", "/status", "/responder-users")
        ),
        *(f"/v1/incidents/{INCIDENTS[0]['id']}{below}" for below in ("", "/details", "/notes", "/logs")),
        f"/v2/incident-timelines/{INCIDENTS[0]['id']}/entries",
    ]
)
params = st.dictionaries(
    st.sampled_from(["query", "limit", "offset", "sort", "order", "identifierType", "keys", "tags", "direction", "group"]),
    st.text(max_size=12),
    max_size=3,
)


def request(method: str, path: str, body: bytes, query: dict[str, str]) -> Request:
    headers = {"authorization": f"GenieKey {KEY}", "content-type": "application/json"}
    return Request(method, path, {name: [value] for name, value in query.items()}, headers, body, "http://127.0.0.1:1")


@SETTINGS
@given(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), paths, st.dictionaries(keys, anything, max_size=5) | anything, params)
def test_whatever_is_sent_is_answered(method: str, path: str, body: Any, query: dict[str, str]) -> None:
    SERVICE.load(FRESH)
    answer = SERVICE.respond(request(method, path, json.dumps(body).encode(), query))
    assert answer.status in {200, 201, 202, 400, 404, 405, 422}
    if answer.body:
        assert json.loads(answer.body)["requestId"]
    if answer.status >= 400:
        assert SERVICE.dump() == FRESH
    SERVICE.respond(request("GET", "/v1/incidents", b"", {}))  # accepted writes are applied now
    json.dumps(SERVICE.dump(), ensure_ascii=False).encode()


@SETTINGS
@given(st.binary(max_size=40))
def test_bytes_that_are_no_json_are_400(body: bytes) -> None:
    answer = SERVICE.respond(request("POST", "/v2/postmortem", body, {}))
    assert answer.status in (400, 422)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"content":' * 50_000, '{"content": "' + '{\\"content\\":[' * 50_000 + '"}'])
def test_bodies_without_a_bottom_are_refused(body: str) -> None:
    SERVICE.load(FRESH)
    path = f"/v2/postmortem/{next(iter(SERVICE.state.postmortems))}/content"
    assert SERVICE.respond(request("PUT", path, body.encode(), {})).status in (400, 422)


def test_a_document_without_a_bottom_is_refused() -> None:
    SERVICE.load(FRESH)
    draft = next(key for key, kept in SERVICE.state.postmortems.items() if kept["status"] == "draft")
    nested = '{"version":1,"type":"doc","content":[' + '{"type":"blockquote","content":[' * 900 + "]}" * 900 + "]}"
    body = json.dumps({"type": "adf", "content": nested}).encode()
    assert SERVICE.respond(request("PUT", f"/v2/postmortem/{draft}/content", body, {})).status == 422


# --- search


query_words = st.sampled_from(
    [
        "status",
        "message",
        "createdAt",
        "tinyId",
        ":",
        ">=",
        "<",
        "(",
        ")",
        "AND",
        "OR",
        "NOT",
        '"',
        "resolved",
        "5",
        "*",
        "[a",
        "\\",
        " ",
        "no-postmortem",
    ]
)


@SETTINGS
@given(st.lists(query_words, max_size=12).map(" ".join) | st.lists(query_words, max_size=12).map("".join) | st.text(max_size=20))
def test_any_query_is_bad_or_decides(text: str) -> None:
    try:
        wanted = compile_query(text, FIELDS, ("message",))
    except QueryError as error:
        assert str(error)
    else:
        assert {wanted(incident) for incident in INCIDENTS} <= {True, False}


@pytest.mark.parametrize("text", ["(" * 5_000, "NOT " * 5_000 + "x", "(" * 60 + "x" + ")" * 60])
def test_queries_without_a_bottom_are_bad(text: str) -> None:
    with pytest.raises(QueryError, match="too deep"):
        compile_query(text, FIELDS, ("message",))


terms = st.sampled_from(["status: resolved", "priority: P3", "tinyId > 6", "message: disk", "postmortemStatus: draft"])


@SETTINGS
@given(terms, terms, terms)
def test_connectives_mean_what_they_say(first: str, second: str, third: str) -> None:
    def found(text: str) -> set[str]:
        return {incident["id"] for incident in INCIDENTS if compile_query(text, FIELDS, ())(incident)}

    every = found("")
    assert found(f"{first} AND {second}") == found(f"{first} {second}") == found(first) & found(second)
    assert found(f"{first} OR {second} AND {third}") == found(first) | (found(second) & found(third))
    assert found(f"({first} OR {second}) AND {third}") == (found(first) | found(second)) & found(third)
    assert found(f"NOT ({first} OR {second})") == every - found(first) - found(second)
    assert found(f"NOT {first} OR {second}") == (every - found(first)) | found(second)


@SETTINGS
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_quoted_text_is_found_as_it_stands(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    row = {**INCIDENTS[0], "tags": [text]}
    assert compile_query(f'tag: "{escaped}"', FIELDS, ())(row)


def test_an_accepted_write_survives_a_dump() -> None:
    begun = OpsgenieService(3, NOW, {"opsgenie.async_ms": "5000"}, clock=lambda: 0.0)
    key = next(iter(begun.state.incidents))
    path = f"/v1/incidents/{quote(key)}"
    answer = begun.respond(request("POST", f"{path}/details", b'{"details": {"a": "b"}}', {}))
    later = OpsgenieService(3, NOW + timedelta(seconds=6), {}, clock=lambda: 0.0)
    later.load(begun.dump())
    status = later.respond(request("GET", f"/v1/incidents/requests/{json.loads(answer.body)['requestId']}", b"", {}))
    assert json.loads(status.body)["data"]["isSuccess"] is True
    assert later.state.incidents[key]["extraProperties"]["a"] == "b"
