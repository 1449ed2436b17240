"""Whatever is sent, the Datadog service answers: no body makes it fail, and a refusal changes nothing."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmtui.sandbox.datadog import DatadogService, catalogue
from pmtui.sandbox.http import Request
from tests.examples import examples
from tests.sandbox.datadog import KEYS, NOW

HEADERS = {name.lower(): value for name, value in KEYS.items()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
USER = {"data": {"type": "users", "id": catalogue.user_id("jane")}}
MARKDOWN = {"type": "notebook_cells", "id": "x", "attributes": {"definition": {"type": "markdown", "text": "x"}}}
WIDGET = {
    "type": "notebook_cells",
    "attributes": {"definition": {"type": "toplist", "requests": [{"transformations": [{"sort": {"order": "x"}}]}]}},
}
NOTEBOOK = {"name": "n", "cells": [MARKDOWN, WIDGET], "time": {"live_span": "1h"}, "metadata": {"type": None}, "template_variables": []}
FIELDS = {"severity": {"type": "dropdown", "value": "SEV-1"}, "regions": {"value": ["eu-west"]}, "lost_orders": {"value": 1}}
INCIDENT = {
    "title": "t",
    "customer_impacted": False,
    "fields": FIELDS,
    "detected": None,
    "incident_type_uuid": None,
    "visibility": "private",
}
POSTMORTEM_CELL = {"id": "c", "type": "markdown", "attributes": {"definition": {"content": "x"}}}
JIRA = {"integration_type": 8, "status": 2, "metadata": {"issues": [{"account": "a", "project_key": "b"}]}}
TODO = {"content": "c", "assignees": ["@x", {"source": "slack", "id": "U"}], "due_date": None, "completed": None}
LINK = {"attachment_type": "link", "attachment": {"title": "t", "documentUrl": "u"}}
WRITES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("POST", "/api/v1/notebooks", "notebooks", NOTEBOOK),
    ("PUT", "/api/v1/notebooks/{notebook}", "notebooks", NOTEBOOK),
    ("POST", "/api/v2/incidents/import", "incidents", INCIDENT),
    ("PATCH", "/api/v2/incidents/{incident}", "incidents", INCIDENT),
    ("POST", "/api/v2/incidents/{incident}/attachments", "incident_attachments", LINK),
    ("PATCH", "/api/v2/incidents/{incident}/attachments/{attachments}", "incident_attachments", LINK),
    ("POST", "/api/v2/incidents/{incident}/attachments/postmortems", "incident_attachments", {"cells": [POSTMORTEM_CELL], "title": "t"}),
    ("POST", "/api/v2/incidents/{incident}/relationships/integrations", "incident_integrations", JIRA),
    ("PATCH", "/api/v2/incidents/{incident}/relationships/integrations/{integrations}", "incident_integrations", JIRA),
    ("POST", "/api/v2/incidents/{incident}/relationships/todos", "incident_todos", TODO),
    ("PATCH", "/api/v2/incidents/{incident}/relationships/todos/{todos}", "incident_todos", TODO),
    ("POST", "/api/v2/incidents/{incident}/responders", "incident_responders", {}),
]
READS = [
    ("/api/v2/incidents", ("page[size]", "page[offset]", "include")),
    ("/api/v2/incidents/search", ("query", "sort", "page[size]", "page[offset]", "include")),
    ("/api/v2/users", ("filter", "filter[status]", "sort", "sort_dir", "page[size]", "page[number]")),
    ("/api/v2/team", ("filter[keyword]", "filter[me]", "fields[team]", "sort", "page[size]", "page[number]")),
    ("/api/v2/services/definitions", ("page[size]", "page[number]")),
    ("/api/v2/incidents/config/user-defined-fields", ("page[size]", "page[number]", "filter[incident-type]", "include-deleted")),
    ("/api/v2/incidents/config/postmortem-templates", ("sort", "filter[incident-type]")),
    ("/api/v1/notebooks", ("start", "count", "sort_field", "sort_dir", "query", "type", "include_cells", "is_template")),
]


def service() -> tuple[DatadogService, dict[str, str]]:
    """A service with a few incidents, and the names of things in it for paths."""
    made = DatadogService(4, NOW, {"datadog.search_lag": "0"}, clock=lambda: NOW)
    record = max(made.state.incidents(), key=lambda record: len(record["attachments"]))
    names = {part: record[part][0]["id"] for part in ("attachments", "integrations", "todos")}
    number = next(notebook["id"] for notebook in made.state.notebooks())
    return made, names | {"incident": record["id"], "notebook": str(number)}


SERVICE, NAMES = service()
START = copy.deepcopy(SERVICE.dump())


@st.composite
def spoiled(draw: st.DrawFn, value: Any) -> Any:
    """The value with something in it replaced, removed or added."""
    kept = copy.deepcopy(value)
    node: Any = {"": kept}
    key: Any = ""
    while isinstance(node[key], (dict, list)) and node[key] and draw(st.integers(0, 4)):
        node = node[key]
        key = draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else draw(st.integers(0, len(node) - 1))
    if draw(st.booleans()) and key != "":
        del node[key]
        return kept
    node[key] = draw(JSON)
    return kept if key != "" else node[""]


@pytest.mark.parametrize(("method", "path", "kind", "attributes"), WRITES, ids=[f"{row[0]} {row[1]}" for row in WRITES])
@given(data=st.data())
@settings(max_examples=examples(30), deadline=None)
def test_any_body(method: str, path: str, kind: str, attributes: dict[str, Any], data: st.DataObject) -> None:
    relations = {"commander_user": USER, "declared_by_user": USER, "user": USER}
    body = data.draw(spoiled({"data": {"type": kind, "id": NAMES["incident"], "attributes": attributes, "relationships": relations}}))
    SERVICE.load(copy.deepcopy(START))
    response = SERVICE.respond(Request(method, path.format(**NAMES), {}, HEADERS, json.dumps(body).encode(), ""))
    value = json.loads(response.body)
    assert response.status in (200, 201, 400, 403, 404)
    if response.status >= 400:
        assert value["errors"]
        assert {**SERVICE.dump(), "serial": 0} == START  # an id may have been spent


@pytest.mark.parametrize(("path", "names"), READS, ids=[row[0] for row in READS])
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_any_parameters(path: str, names: tuple[str, ...], data: st.DataObject) -> None:
    values = st.text(max_size=8) | st.sampled_from(["0", "1", "100", "true", "-created", "name", "state:(active OR"])
    query = data.draw(st.dictionaries(st.sampled_from(names), st.lists(values, min_size=1, max_size=2)))
    response = SERVICE.respond(Request("GET", path, query, HEADERS, b"", "http://x"))
    assert response.status in (200, 400)
    assert json.loads(response.body)
