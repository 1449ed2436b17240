"""The Datadog service's answers against the vendor's OpenAPI documents, where those are at hand.

The service itself breaks its documents in some places (recorded); these are put right before an answer is checked.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.sandbox.datadog import ALL, CHECKOUT, NIL, Wire, body, notebook

DOCUMENTS = Path(__file__).parents[3] / "shared" / "vendors" / "datadog"
NAMES = {"/api/v1": "openapi-notebooks-v1.yaml", "/api/v2": "openapi-incidents-v2.yaml"}
URN = "urn:document"
DOCUMENTED_CELLS = {"markdown", "timeseries", "toplist", "heatmap", "distribution", "log_stream"}

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the vendor's OpenAPI documents are not at hand")


@cache
def document(name: str) -> Any:
    """The document as JSON Schema: `nullable` is said with `anyOf`, and references name the document."""
    with (DOCUMENTS / name).open(encoding="utf-8") as file:
        return as_json_schema(yaml.load(file, Loader=yaml.CSafeLoader))


def as_json_schema(node: Any) -> Any:
    if isinstance(node, list):
        return [as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: as_json_schema(value) for key, value in node.items() if key not in ("example", "examples")}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = URN + made["$ref"]
    if made.pop("nullable", None) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def problems(method: str, template: str, status: int, value: Any) -> list[str]:
    """How an answer differs from what the document says for the operation."""
    validator = validator_of(method, template, status)
    if validator is None:
        return [] if value is None else ["a body where there is none"]
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(as_documented(value))]


@cache
def validator_of(method: str, template: str, status: int) -> Any:
    """What checks the answer of an operation, None where it has no body."""
    name = NAMES[template[:7]]
    responses = document(name)["paths"][template][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {template} does not say {status}"
    response = responses[str(status)]
    if "$ref" in response:
        response = document(name)["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content")
    if content is None:
        return None
    schema = content["application/json"]["schema"]
    registry: Any = Registry().with_resource(URN, DRAFT202012.create_resource(document(name)))
    return Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def as_documented(value: Any) -> Any:
    """The answer without what the service is known to do against its documents."""
    value = copy.deepcopy(value)
    if not isinstance(value, dict):
        return value
    data = value.get("data")
    things = data if isinstance(data, list) else [data]
    if isinstance(data, dict) and data.get("type") == "incidents_search_results":
        value["included"] = [one for one in value["included"] if one["type"] != "incidents"]
        things = [one["data"] for one in data["attributes"]["incidents"]]
    for thing in things:
        if isinstance(thing, dict):
            _put_right(thing.get("attributes", {}))
    return value


def _put_right(attributes: dict[str, Any]) -> None:
    if isinstance(attributes.get("declared_by"), dict):
        attributes["declared_by"] = {"image_48_px": "", "name": ""}
    if attributes.get("severity") == "SEV-7":  # an organisation may have ten severities; the document knows six
        attributes["severity"] = "UNKNOWN"
    if attributes.get("integration_type") == 42:  # others than Slack, Jira and Teams occur
        attributes["metadata"] = {"channels": []}
    if attributes.get("fields", 0) is None:
        attributes.pop("fields")
    for name, field in list((attributes.get("fields") or {}).items()):
        if field["type"] in ("number", "datetime"):
            attributes["fields"].pop(name)
    if "cells" in attributes:
        attributes["metadata"] = {key: value for key, value in attributes["metadata"].items() if value is not None}
        attributes["cells"] = [cell for cell in attributes["cells"] if cell["attributes"]["definition"]["type"] in DOCUMENTED_CELLS]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def check(
    wire: Wire, method: str, template: str, sent: Any = None, *, status: int = 200, names: dict[str, str] | None = None, **params: Any
) -> Any:
    """Send it, hold the answer against the document, and give it back."""
    answer = wire.send(method, template.format(**names or {}), sent, **params)
    assert answer.status_code == status, answer.text
    value = answer.json() if answer.content else None
    assert problems(method, template, status, value) == []
    return value


def test_a_wrong_answer_would_be_found() -> None:
    assert problems("GET", "/api/v2/incidents/{incident_id}", 200, {"data": {"type": "incident"}}) != []


def test_every_incident_and_every_list_of_its_parts(wire: Wire) -> None:
    for record in list(wire.service.state.incidents()):
        names = {"incident_id": record["id"]}
        check(wire, "GET", "/api/v2/incidents/{incident_id}", names=names, include="users,attachments")
        for part in ("attachments", "relationships/integrations", "relationships/todos", "responders", "impacts"):
            check(wire, "GET", "/api/v2/incidents/{incident_id}/" + part, names=names)


def test_every_notebook(wire: Wire) -> None:
    for record in list(wire.service.state.notebooks()):
        if "restricted" not in record["quirks"]:
            check(wire, "GET", "/api/v1/notebooks/{notebook_id}", names={"notebook_id": str(record["id"])})


@pytest.mark.parametrize(
    ("template", "params"),
    [
        ("/api/v2/incidents", {"page[size]": 100, "include": "users,attachments"}),
        ("/api/v2/incidents/search", {"query": ALL, "sort": "-created", "page[size]": 100, "include": "users"}),
        ("/api/v2/incidents/config/types", {}),
        ("/api/v2/incidents/config/user-defined-fields", {"page[size]": 1000}),
        ("/api/v2/incidents/config/postmortem-templates", {}),
        ("/api/v2/users", {"page[size]": 100}),
        ("/api/v2/current_user", {}),
        ("/api/v2/team", {}),
        ("/api/v2/services/definitions", {"page[size]": 100}),
        ("/api/v1/validate", {}),
        ("/api/v1/notebooks", {"include_cells": "true"}),
    ],
)
def test_lists(wire: Wire, template: str, params: dict[str, Any]) -> None:
    check(wire, "GET", template, **params)


def test_the_parts_of_an_incident_are_made_changed_and_removed(wire: Wire) -> None:
    path = "/api/v2/incidents/{incident_id}"
    made = check(wire, "POST", "/api/v2/incidents/import", body("incidents", {"title": "Old"}), status=201)
    names = {"incident_id": made["data"]["id"]}
    me = {"data": {"type": "users", "id": wire.get("/api/v2/current_user")["data"]["id"]}}
    change = body("incidents", {"title": "Newer"}, id=names["incident_id"], relationships={"commander_user": me})
    check(wire, "PATCH", path, change, names=names)

    jira = {"issues": [{"account": "https://x.atlassian.net", "project_key": "OPS", "issue_key": "OPS-1", "redirect_url": "https://x"}]}
    kinds: list[tuple[str, str, str, Any, Any]] = [
        (
            "attachments",
            "attachment_id",
            "incident_attachments",
            *2 * ({"attachment_type": "link", "attachment": {"title": "t", "documentUrl": "https://x"}},),
        ),
        (
            "relationships/integrations",
            "integration_metadata_id",
            "incident_integrations",
            *2 * ({"integration_type": 8, "metadata": jira},),
        ),
        ("relationships/todos", "todo_id", "incident_todos", *2 * ({"content": "c", "assignees": ["@a@example.com"]},)),
    ]
    for part, name, kind, first, second in kinds:
        part_made = check(wire, "POST", f"{path}/{part}", body(kind, first), status=201, names=names)["data"]
        inner = names | {name: part_made["id"]}
        check(wire, "PATCH", f"{path}/{part}/{{{name}}}", body(kind, second, id=part_made["id"]), names=inner)
        check(wire, "DELETE", f"{path}/{part}/{{{name}}}", status=204, names=inner)
    impact = {"description": "No logins", "start_at": "2026-11-27T13:17:00Z", "end_at": None}
    check(wire, "POST", f"{path}/impacts", body("incident_impacts", impact), status=201, names=names)
    user = next(one["id"] for one in wire.get("/api/v2/users", filter="wei")["data"])
    responder = {"data": {"type": "incident_responders", "relationships": {"user": {"data": {"type": "users", "id": user}}}}}
    added = names | {"responder_id": check(wire, "POST", f"{path}/responders", responder, status=201, names=names)["data"]["id"]}
    check(wire, "DELETE", f"{path}/responders/{{responder_id}}", status=204, names=added)
    check(
        wire,
        "POST",
        f"{path}/attachments/postmortems",
        body("incident_attachments", {"title": "t", "content": "c"}),
        status=201,
        names=names,
    )


def test_a_notebook_is_made_and_replaced(wire: Wire) -> None:
    cell = {"type": "notebook_cells", "attributes": {"definition": {"type": "markdown", "text": "x"}}}
    wanted = notebook({"name": "n", "cells": [cell], "time": {"live_span": "1h"}})
    made = {"notebook_id": str(check(wire, "POST", "/api/v1/notebooks", wanted)["data"]["id"])}
    check(wire, "PUT", "/api/v1/notebooks/{notebook_id}", wanted, names=made)
    check(wire, "GET", "/api/v1/notebooks/{notebook_id}", names=made)
    check(wire, "GET", "/api/v1/notebooks/{notebook_id}", status=404, names={"notebook_id": "1"})


def test_legacy_errors_are_as_documented(wire: Wire) -> None:
    check(wire, "GET", "/api/v2/incidents/{incident_id}", status=404, names={"incident_id": NIL})
    number = {"notebook_id": str(wire.notebook_of(wire.find(CHECKOUT)))}
    check(wire, "PUT", "/api/v1/notebooks/{notebook_id}", {}, status=400, names=number)
    check(
        wire, "POST", "/api/v2/incidents/{incident_id}/attachments/postmortems", {}, status=400, names={"incident_id": wire.find(CHECKOUT)}
    )
