"""What the backend sends against the vendor's OpenAPI documents, where those are at hand: paths, parameters and bodies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pmtui.model.fields import Kind
from pmtui.model.incident import Existence
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Link, Person, Task
from tests.backends.datadog.conftest import Connect, Sandboxed
from tests.backends.datadog.saving import save, with_text
from tests.sandbox.test_datadog_openapi import DOCUMENTS, NAMES, URN, document

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the vendor's OpenAPI documents are not at hand")

T = TypeVar("T", Person, Link, Task)
UNDOCUMENTED = {"/api/v1/validate"}  # documented elsewhere


def operation(method: str, path: str) -> tuple[str, Any] | None:
    """The documented operation of a request; one without names in its path goes first."""
    paths = document(NAMES[path[:7]])["paths"]
    for template in sorted(paths, key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in paths[template]:
            return template, paths[template][method.lower()]
    return None


def body_problems(path: str, found: Any, body: Any) -> list[str]:
    name = NAMES[path[:7]]
    request = found.get("requestBody")
    if request is None:
        return [] if body is None else ["a body where there is none"]
    if body is None:
        return ["no body"]
    registry: Any = Registry().with_resource(URN, DRAFT202012.create_resource(document(name)))
    validator = Draft202012Validator(request["content"]["application/json"]["schema"], registry=registry)
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(body)]


def parameter_problems(path: str, found: Any, query: dict[str, str]) -> list[str]:
    name = NAMES[path[:7]]
    known = set()
    for each in found.get("parameters", ()):
        parameter = document(name)["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        known.add(parameter["name"])
    return [f"unknown parameter {each}" for each in query if each not in known]


def items(postmortem: Postmortem, name: str, kind: type[T]) -> list[T]:
    value = postmortem.fields[name]
    assert isinstance(value, tuple)
    return [each for each in value if isinstance(each, kind)]


async def everything(sandboxed: Sandboxed, connect: Connect) -> list[dict[str, Any]]:
    """Every call that the backend can make, once and again; what the sandbox saw of it."""
    sandbox = sandboxed()
    backend = connect(sandbox.url)
    page = await backend.incidents(Query())
    await backend.checks()
    first = page.incidents[0]
    await backend.find(first.reference)
    opened = await backend.postmortem(first)
    await backend.find(opened.url)
    opened = await backend.postmortem(first)
    people = [each for each in await backend.suggest(Kind.PEOPLE, "", opened) if isinstance(each, Person)]
    for kind in (Kind.TEAMS, Kind.SERVICES):
        await backend.suggest(kind, "a", opened)
    opened, _ = await save(backend, opened, with_text(opened, 1, "x").with_field("title", "T").with_field("status", "stable"))
    opened, _ = await save(
        backend, opened, opened.with_field("owner", people[1]).with_field("teams", ()).with_field("customer_impact_end", "")
    )
    there = items(opened, "responders", Person)
    new = next(each for each in people if each != people[1] and each not in there)
    opened, _ = await save(backend, opened, opened.with_field("responders", (*there, new)))
    opened, _ = await save(
        backend, opened, opened.with_field("responders", tuple(each for each in items(opened, "responders", Person) if each != new))
    )
    links = items(opened, "linked_issues", Link)
    more = (Link("https://x.example/browse/X-1"), Link("https://x.example/1", "One"))
    opened, _ = await save(backend, opened, opened.with_field("linked_issues", (*links, *more)))
    opened, _ = await save(backend, opened, opened.with_field("linked_issues", (Link("https://x.example/1", "Two"),)))
    tasks = items(opened, "action_items", Task)
    changed = (*(replace(each, done=not each.done) for each in tasks[1:]), Task("", "New", ("a@b.example",), "2026-12-01"))
    await save(backend, opened, opened.with_field("action_items", changed))
    bare = [each for each in page.incidents if each.postmortem == Existence.NONE]
    await backend.creation(bare[0])
    await backend.remove(await backend.create(bare[0]))
    sandbox.fault("POST /api/v2/incidents/*/attachments/postmortems 404")
    await backend.create(bare[1])
    sandbox.fault("GET /api/v2/incidents/search 403")
    await backend.incidents(Query())
    return list(sandbox.requests)


async def test_every_request_is_as_documented(sandboxed: Sandboxed, connect: Connect) -> None:
    requests = await everything(sandboxed, connect)
    problems: set[str] = set()
    seen: set[str] = set()
    for each in requests:
        method, path = each["method"], each["path"]
        if path in UNDOCUMENTED:
            continue
        found = operation(method, path)
        if found is None:
            problems.add(f"{method} {path}: not documented")
            continue
        template, documented = found
        seen.add(f"{method} {template}")
        body = json.loads(each["body"]) if each["body"] else None
        more = parameter_problems(path, documented, each["query"]) + body_problems(path, documented, body)
        problems |= {f"{method} {template}: {problem}" for problem in more}
    assert problems == set()
    assert len(seen) >= 25
