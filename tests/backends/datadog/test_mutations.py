"""Every answer of the sandbox, broken at each node: nothing false is said. See ``tests.backends.mutations``.

The suite takes one mutation of each shape; with ``PMTUI_MUTATIONS=all`` in the environment every single one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pmtui.backends.base import Backend
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.http.client import Client
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.diff import diff
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Incident, Postmortem
from pmtui.model.query import Query, parse
from pmtui.model.values import Link, Person, Task, Value
from pmtui.sandbox.datadog import DatadogService
from tests.backends.datadog.conftest import KEYS, profile
from tests.backends.datadog.saving import server_now, with_text
from tests.backends.mutations import Mutation, Rig, Said, Scenario, falsehoods, first_of_each_shape, record

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADERS = {"dd-api-key": KEYS["api_key"], "dd-application-key": KEYS["app_key"]}
DOCUMENTED, BARE = "IR-312", "IR-309"
LINK = Link("https://wiki.example.com/runbook/7", "Runbook")


async def listing(backend: Backend) -> Said:
    page = await backend.incidents(Query())
    return {"page": page, "filtered": await backend.incidents(parse("pm:yes"))}


async def finding(backend: Backend) -> Said:
    return {"reference": await backend.find(DOCUMENTED), "number": await backend.find("#310")}


async def _known(backend: Backend, reference: str) -> Incident:
    """An incident of this reference, found without a request of the scenario: only its id counts."""
    service = rig_service(backend)
    identifier = next(each["id"] for each in service.state.incidents() if f"IR-{each['public_id']}" == reference)
    return Incident(identifier, reference, "")


def rig_service(backend: Backend) -> DatadogService:
    assert isinstance(backend, DatadogBackend)
    return SERVICES[id(backend)]


SERVICES: dict[int, DatadogService] = {}


async def opening(backend: Backend) -> Said:
    postmortem = await backend.postmortem(await _known(backend, DOCUMENTED))
    return {"opened": postmortem, "complete": await backend.complete(postmortem)}


async def typing(backend: Backend) -> Said:
    nothing = Postmortem(Incident("", "", ""))
    kinds = (Kind.PERSON, Kind.TEAMS, Kind.SERVICES, Kind.INCIDENTS)
    return {str(kind): await backend.suggest(kind, "", nothing) for kind in kinds}


async def templates(backend: Backend) -> Said:
    documented, bare = await _known(backend, DOCUMENTED), await _known(backend, BARE)
    return {"documented": await backend.creation(documented), "bare": await backend.creation(bare)}


async def creating(backend: Backend) -> Said:
    bare = await _known(backend, BARE)
    made = await backend.create(bare)
    attachments = next(each["attachments"] for each in rig_service(backend).state.incidents() if each["id"] == bare.id)
    return {"made": made, "one": sum(each["attachment_type"] == "postmortem" for each in attachments) == 1}


async def saving(backend: Backend) -> Said:
    """A change of each kind: what the server has afterwards must be said as it is, or be unknown."""
    base = await backend.complete(await backend.postmortem(await _known(backend, DOCUMENTED)))
    newcomer = Person(next(key for key in rig_service(backend).state.users if key not in {each.id for each in _people(base)}), "New")
    mine = with_text(base, 0, "## Summary\n\nChanged.")
    wanted: dict[str, Value] = {
        "title": "Another title",
        "severity": "SEV-4",
        "document_title": "Another document",
        "responders": (*_people(base), newcomer),
        "linked_issues": (*_tuple(base, "linked_issues"), LINK),
        "action_items": (*_tuple(base, "action_items"), Task("", "Look at it", ("jane@example.com",))),
    }
    for name, value in wanted.items():
        if not base.field(name).locked:
            mine = mine.with_field(name, value)
    assert isinstance(backend, DatadogBackend)
    server = await server_now(backend, base, diff(base, mine))
    for step in backend.plan(server, mine, diff(server, mine)):
        await backend.send(server, mine, step)
    after = await server_now(backend, mine, diff(base, mine))
    return {"after": after, "read back as sent": not diff(after, mine)}


def _people(postmortem: Postmortem) -> tuple[Person, ...]:
    return tuple(each for each in _tuple(postmortem, "responders") if isinstance(each, Person))


def _tuple(postmortem: Postmortem, name: str) -> tuple[Any, ...]:
    value = postmortem.fields.get(name)
    return value if isinstance(value, tuple) else ()


async def deleting(backend: Backend) -> Said:
    opened = await backend.postmortem(await _known(backend, DOCUMENTED))
    await backend.remove(opened)
    return {"left": await backend.postmortem(opened.incident)}


async def checking(backend: Backend) -> Said:
    return {each.name: each.state == "ok" for each in await backend.checks()}


SCENARIOS = (
    Scenario("list", listing),
    Scenario("find", finding),
    Scenario("open", opening),
    Scenario("type-ahead", typing),
    Scenario("templates", templates),
    Scenario("create", creating, writes=True),
    Scenario("save", saving, writes=True),
    Scenario("delete", deleting, writes=True),
)


def allows(mutation: Mutation, false: str) -> bool:
    return False


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    service = DatadogService(4, NOW, {"datadog.search_lag": "0"})

    def connect() -> DatadogBackend:
        made = DatadogBackend(profile("http://127.0.0.1:9"))
        SERVICES.clear()
        SERVICES[id(made)] = service
        return made

    async def identify(client: Client, tried: str) -> None:
        return None

    made = Rig.of(service, HEADERS, connect, allows)
    monkeypatch.setattr("pmtui.backends.http.client._transport", lambda *_: made.line)
    monkeypatch.setattr(Client, "_identify", identify)
    monkeypatch.setattr(LIMITER, "pace", 0.0001)
    yield made


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_nothing_false_is_said(rig: Rig, scenario: Scenario) -> None:
    said, broken = await record(rig, scenario)
    chosen = broken if os.environ.get("PMTUI_MUTATIONS") == "all" else first_of_each_shape(broken)
    found, count = await falsehoods(rig, scenario, said, chosen)
    print(f"{scenario.name}: {count} of {len(broken)} mutations, {len(found)} falsehoods")
    assert not found, "\n".join(found)
