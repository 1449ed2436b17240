"""Opsgenie's service against what is written about the service: its OpenAPI description, samples, and the schema of documents.

Those are not part of this project; where they are not at hand only the checks that need them are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from jsonschema.validators import extend

from pmtui.sandbox.opsgenie import OpsgenieService
from pmtui.sandbox.opsgenie.postmortems.adf import default_template
from tests.sandbox.test_opsgenie import KEY, NOW, UNKNOWN, Wire, Wires, resolved_without_postmortem, wire, wires
from tests.sandbox.test_opsgenie_updates import bodies, url

__all__ = ["wire", "wires"]  # fixtures

SHARED = Path(__file__).resolve().parents[3] / "shared"
OPENAPI = SHARED / "vendors/opsgenie/openapi.yaml"
EXAMPLES = SHARED / "vendors/opsgenie/examples"
ADF_SCHEMA = SHARED / "adf/schema/full.json"

needs_openapi = pytest.mark.skipif(not OPENAPI.exists(), reason="the vendor's description is not at hand")
needs_examples = pytest.mark.skipif(not EXAMPLES.exists(), reason="the vendor's samples are not at hand")
needs_schema = pytest.mark.skipif(not ADF_SCHEMA.exists(), reason="the schema of documents is not at hand")


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(OPENAPI.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


@cache
def literal_first() -> list[tuple[str, str, dict[str, Any]]]:
    """The operations, those without a name in their path first."""
    return sorted(operations(), key=lambda found: found[1].count("{"))


def closed(schema: Any) -> Any:
    """The schema with every object closed: a key that is not described is an error."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items() if key != "example"}
    if "properties" in made and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def check(method: str, path: str, answer: httpx.Response) -> str:
    """Check an answer against its operation; which one that is."""
    real = re.sub(r"\?.*", "", path)
    name, operation = next(
        (f"{method} {template}", operation)
        for verb, template, operation in literal_first()
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), real)
    )
    response = operation["responses"][str(answer.status_code)]
    if "$ref" in response:
        response = description()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    for header in response.get("headers", {}):
        # These come with some of the answers only: Retry-After is undocumented, the last page has no next one.
        if header not in ("X-Paging-Next", "X-Opsgenie-Errortype", "Retry-After"):
            assert header in answer.headers, (name, header)
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema and answer.content:
        root = closed({**schema, "components": {"schemas": description()["components"]["schemas"]}})
        jsonschema.validate(answer.json(), root)
    return name


def every_call(wire: Wire) -> Iterator[tuple[str, str, object]]:
    """A call of every route, good ones first; bodies are those that the other tests use."""
    found, incident = wire.postmortem_with("draft"), wire.incidents()[0]
    one, entries = f"/v1/incidents/{incident['id']}", f"/v2/incident-timelines/{incident['id']}/entries"
    jane = wire.data("/v2/users/jane.doe@example.com")["id"]
    request = wire.send("POST", one + "/details", {"details": {"a": "b"}}).json()["requestId"]
    wire.seconds += 1
    alerts = (one + "/associated-alert-ids", one + "/responder-alert-ids")
    incidents = ("/v1/incidents", one, one + "/notes", one + "/logs", *alerts, entries, f"/v1/incidents/requests/{request}")
    people = ("/v2/users", f"/v2/users/{jane}", "/v2/teams", "/v1/services", "/v2/roles", "/v2/account")
    for path in (*incidents, *people, url(found), "/v1/incidents?query=bad:", url({"postmortemId": UNKNOWN})):
        yield "GET", path, None
    yield "POST", "/v2/postmortem", {"incidentId": resolved_without_postmortem(wire)["id"], "actorUserId": jane}
    yield "POST", "/v2/postmortem", {}
    for update, body in bodies(wire).items():
        yield "PUT", url(found, update), body
        yield "PUT", url(found, update), {}
    yield "DELETE", url(found), {"actorUserId": jane}
    yield "POST", one + "/details", {"details": {"a": "b"}}
    yield "DELETE", one + "/details?keys=a", None


@needs_openapi
def test_answers_have_the_described_shapes(wires: Wires) -> None:
    seen = set()
    for switches in ({"empty_updates": "none"}, {"items": "bare", "create": "unwrapped"}):
        wire = wires(**switches)
        for method, path, body in every_call(wire):
            seen.add(check(method, path, wire.send(method, path, body)))
    service = OpsgenieService(1, NOW, {})
    assert len(seen) == len(service.router.routes)


@needs_openapi
def test_refusals_have_the_described_shapes(wires: Wires) -> None:
    for switches, key in (({}, "nonsense"), ({"keys": KEY}, UNKNOWN), ({"rights": "read"}, KEY), ({"plan": "Essentials"}, KEY)):
        wire = wires(**switches)
        for path in ("/v1/incidents", "/v2/users", "/v1/services"):
            check("GET", path, wire.send("GET", path, key=key))
    limited = wires(rate="1")
    assert [check("GET", "/v2/teams", limited.send("GET", "/v2/teams")) for _ in range(2)] == ["GET /v2/teams"] * 2


@needs_openapi
@pytest.mark.parametrize(("family", "place"), [("primary", 0), ("patch", 1), ("post", 2)])
def test_routes_are_the_described_candidates(family: str, place: int) -> None:
    service = OpsgenieService(1, NOW, {"opsgenie.routes": family})
    for _, _, operation in operations():
        candidates = operation.get("x-candidates", [])
        if len(candidates) > place:
            method, path = candidates[place].split()
            assert service.router.match(method, path.replace("{postmortemId}", "x")).args == {"id": "x"}
            for index, other in enumerate(candidates):
                method, path = other.split()
                if index != place:
                    assert service.router.match(method, path.replace("{postmortemId}", "x")).route is None


# --- samples


def shape(value: Any) -> Any:
    """The keys and types of a value; of a list those of its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def covers(ours: Any, sample: Any) -> bool:
    """Whether ours has every key of the sample, with values of the same types."""
    if isinstance(sample, dict):
        return isinstance(ours, dict) and all(key in ours and covers(ours[key], item) for key, item in sample.items())
    if isinstance(sample, list):
        return isinstance(ours, list) and (not sample or not ours or covers(ours[0], sample[0]))
    return bool(ours == sample)


def sample(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@needs_examples
def test_answers_have_the_keys_of_the_samples(wire: Wire) -> None:
    found = wire.postmortem_with("published")
    key = found["rootIncident"]["id"]
    texts = {"executiveSummary", "content"}
    read = {name: value for name, value in sample("postmortem-get-filled.ASSUMED-item-shapes")["data"].items() if name not in texts}
    assert covers(shape(found), shape(read))
    assert list(found)[:3] == ["executiveSummary", "content", "postmortemId"]
    paths = {
        "account-get": "/v2/account",
        "users-list": "/v2/users",
        "teams-list": "/v2/teams",
        "services-list": "/v1/services",
        "roles-list": "/v2/roles",
    }
    for name, path in paths.items():
        assert covers(shape(wire.send("GET", path).json()), shape(sample(name))), name
    expected = sample("incident-get")
    expected["data"]["extraProperties"] = {}
    assert covers(shape(wire.send("GET", f"/v1/incidents/{key}").json()), shape(expected))
    assert covers(shape(wire.send("GET", f"/v2/incident-timelines/{key}/entries").json()), shape(sample("incident-timeline-entries")))
    accepted = wire.send("POST", f"/v1/incidents/{key}/details", {"details": {"a": "b"}}).json()
    assert shape(accepted) == shape(sample("incident-async-accepted"))
    wire.seconds += 1
    assert shape(wire.send("GET", f"/v1/incidents/requests/{accepted['requestId']}").json()) == shape(sample("incident-request-status.ok"))


@needs_examples
def test_errors_have_the_words_of_the_samples(wires: Wires) -> None:
    wire, poor, known = wires(), wires(rights="read"), wires(keys=KEY)
    published = wire.postmortem_with("published")["postmortemId"]
    answers = {
        "error-401": known.send("GET", "/v1/incidents", key=UNKNOWN),
        "error-403-write": poor.send("PUT", "/v2/postmortem/x/title", {"title": "t"}),
        "error-403-configuration": poor.send("GET", "/v2/users"),
        "error-422-key-format": wire.send("GET", "/v1/incidents", key="x"),
        "error-422-published.ASSUMED": wire.send("PUT", f"/v2/postmortem/{published}/title", {"title": "t"}),
        "error-404-postmortem.ASSUMED": wire.send("GET", "/v2/postmortem/4e4b3a71-1fa4-47fb-9b27-23dcbde566a5"),
    }
    for name, answer in answers.items():
        ours, theirs = answer.json(), sample(name)
        assert {key: ours[key] for key in theirs if key not in ("took", "requestId")} == {
            key: theirs[key] for key in theirs if key not in ("took", "requestId")
        }
        assert ours.keys() == theirs.keys()
    wrong = wire.send("POST", "/v1/incidents/x/details", {}).json()
    assert wrong["message"] == sample("error-422-body")["message"]


@needs_examples
def test_the_template_is_the_documented_one() -> None:
    assert default_template() == sample("default-template.adf")


# --- documents


def lazy_any_of(validator: Any, branches: list[Any], instance: Any, schema: Any) -> Iterator[jsonschema.ValidationError]:
    """The stock keyword lists the errors of all branches, which takes exponential time on nested documents."""
    for index, branch in enumerate(branches):
        if next(validator.descend(instance, branch, schema_path=index), None) is None:
            return
    yield jsonschema.ValidationError(f"{str(instance)[:200]} fits no branch")


def documents(service: OpsgenieService) -> list[dict[str, Any]]:
    return [kept[name] for kept in service.dump()["postmortems"].values() for name in ("content", "executiveSummary")]


@needs_schema
def test_seeded_documents_are_valid() -> None:
    schema = json.loads(ADF_SCHEMA.read_text(encoding="utf-8"))
    validator_class: Any = extend(jsonschema.Draft4Validator, {"anyOf": lazy_any_of})  # type: ignore[no-untyped-call]
    validator = validator_class(schema)
    for document in documents(OpsgenieService(30, NOW, {})):
        assert list(validator.iter_errors(document)) == []


def nodes(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield item
    for child in item.get("content", []):
        yield from nodes(child)


def test_seeded_documents_hold_what_clients_must_not_lose() -> None:
    service = OpsgenieService(30, NOW, {})
    every = [node for document in documents(service) for node in nodes(document)]
    kinds = {node["type"] for node in every}
    assert kinds >= {
        *("panel", "table", "mention", "status", "date", "emoji", "expand", "nestedExpand", "taskList", "decisionList"),
        *("mediaSingle", "mediaGroup", "caption", "extension", "inlineExtension", "inlineCard", "blockCard"),
        *("layoutSection", "blockquote", "codeBlock", "bulletList", "orderedList", "rule", "hardBreak"),
    }
    prompts = [node for node in every if node.get("marks") == [{"type": "textColor", "attrs": {"color": "#7a869a"}}]]
    assert len(prompts) > 4
    assert any(node["type"] == "paragraph" and node.get("content", [{}])[-1]["type"] == "hardBreak" for node in every)
    kept = service.dump()["postmortems"].values()
    assert {found["status"] for found in kept} == {"draft", "in-review", "published"}
    assert any(found["executiveSummary"]["content"] == [] for found in kept)
    assert any(found["executiveSummary"]["content"] for found in kept)


def test_incidents_are_of_every_sort(wire: Wire) -> None:
    for status in ("open", "resolved", "closed"):
        assert wire.incidents(f"status: {status}"), status
    assert wire.incidents("NOT status: open AND postmortemStatus: no-postmortem")
    assert not wire.incidents("status: open AND NOT postmortemStatus: no-postmortem")


def test_some_postmortems_are_not_linked_from_their_incident(wire: Wire) -> None:
    with_postmortem = wire.incidents("NOT postmortemStatus: no-postmortem")
    linked = [found for found in with_postmortem if "postmortemId" in found["extraProperties"]]
    assert 0 < len(linked) < len(with_postmortem)
    for found in linked:
        read = wire.data(f"/v2/postmortem/{found['extraProperties']['postmortemId']}")
        assert read["rootIncident"]["id"] == found["id"]
