"""Every answer of the sandbox, broken at each node: nothing false is said. See ``tests.backends.mutations``.

The suite takes some of each scenario; with ``PMTUI_MUTATIONS=shapes`` in the environment one of each shape, with ``all`` every one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.backends.datadog.backend import DatadogBackend
from pmtui.backends.http.client import Client
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.http.transport import Sealed
from pmtui.model.diff import diff
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query, parse
from pmtui.model.values import Item, Link, Person, Task, Value
from pmtui.sandbox.datadog import DatadogService
from tests.backends.datadog.conftest import KEYS, profile
from tests.backends.datadog.saving import save, with_text
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
    service = service_of(backend)
    identifier = next(each["id"] for each in service.state.incidents() if f"IR-{each['public_id']}" == reference)
    return Incident(identifier, reference, "")


def service_of(backend: Backend) -> DatadogService:
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
    attachments = next(each["attachments"] for each in service_of(backend).state.incidents() if each["id"] == bare.id)
    return {"made": made, "one": sum(each["attachment_type"] == "postmortem" for each in attachments) == 1}


async def saving(backend: Backend) -> Said:
    """A change of each kind: what the server has afterwards must be said as it is, or be unknown."""
    base = await backend.complete(await backend.postmortem(await _known(backend, DOCUMENTED)))
    newcomer = Person(
        next(
            key
            for key in service_of(backend).state.users
            if key not in {each.id for each in _items(base, "responders") if isinstance(each, Person)}
        ),
        "New",
    )
    mine = base if base.text_locked else with_text(base, 0, "## Summary\n\nChanged.")
    wanted: dict[str, Value] = {
        "title": "Another title",
        "severity": "SEV-4",
        "document_title": "Another document",
        "responders": (*_items(base, "responders"), newcomer),
        "linked_issues": (*_items(base, "linked_issues"), LINK),
        "action_items": (*_items(base, "action_items"), Task("", "Look at it", ("jane@example.com",))),
    }
    for name, value in wanted.items():
        if any(each.name == name and not each.locked for each in base.form):
            mine = mine.with_field(name, value)
    assert isinstance(backend, DatadogBackend)
    after, differences = await save(backend, base, mine)
    return {"after": after, "read back as sent": not differences}


def _items(postmortem: Postmortem, name: str) -> tuple[Item, ...]:
    value = postmortem.fields.get(name)
    return tuple(each for each in value if not isinstance(each, str)) if isinstance(value, tuple) else ()


async def deleting(backend: Backend) -> Said:
    opened = await backend.postmortem(await _known(backend, DOCUMENTED))
    await backend.remove(opened)
    return {"left": await backend.postmortem(opened.incident)}


async def checking(backend: Backend) -> Said:
    return {each.name: each.state for each in await backend.checks()}


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


_NULLABLE = frozenset({"customer_impact_scope", "customer_impact_start", "customer_impact_end", "detected"})


def allows(mutation: Mutation, false: str) -> bool:
    """Null is how these say that there is no value (vendor's OpenAPI); a field may be missing that an incident's type has not."""
    if mutation.answer[0].partition("?")[0].endswith("/postmortem-templates") and false == "made: text is missing":
        return True  # it begins with the plain outline then, and says so in a notice
    if mutation.place[-1:] == ("cells",) and mutation.way == "list of object" and false.endswith("text is missing"):
        return True  # one cell of an unknown kind: it is shown as one, and kept
    if mutation.place[-1:] == ("id",) and mutation.way == "number" and "template not found" in false:
        return True  # of another template, which the server does not have
    if ": field " not in false:
        return False
    if mutation.way == "null" and mutation.place[-2:] in (("commander_user", "data"), ("user", "data")):
        return True  # nobody commands; a guest from a chat responds
    in_fields = "fields" in mutation.place
    told_empty = mutation.way == "null" and (mutation.place[-1] in _NULLABLE or (in_fields and mutation.place[-1] == "value"))
    not_told = in_fields and mutation.way == "removed" and mutation.place[-2] == "fields"
    emptied = mutation.place[-1:] == ("fields",) and mutation.way == "empty object"
    return told_empty or not_told or emptied


MOST = 24
"""Mutations of one scenario in the suite: evenly out of those that differ in shape."""


def _chosen(broken: list[Mutation]) -> list[Mutation]:
    wanted = os.environ.get("PMTUI_MUTATIONS")
    shapes = first_of_each_shape(broken)
    return broken if wanted == "all" else shapes if wanted == "shapes" else shapes[:: len(shapes) // MOST + 1]


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    service = DatadogService(4, NOW, {"datadog.search_lag": "0"})

    def connect() -> DatadogBackend:
        made = DatadogBackend(profile("http://127.0.0.1:9"))
        SERVICES.clear()
        SERVICES[id(made)] = service
        return made

    async def identify(client: Client, tried: str) -> Sealed:
        return Sealed({})

    made = Rig.of(service, HEADERS, connect, allows)
    monkeypatch.setattr("pmtui.backends.http.client._transport", lambda *_: made.line)
    monkeypatch.setattr(Client, "_identify", identify)
    monkeypatch.setattr(LIMITER, "pace", 0.0001)
    yield made


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_nothing_false_is_said(rig: Rig, scenario: Scenario) -> None:
    said, broken = await record(rig, scenario)
    chosen = _chosen(broken)
    found, count = await falsehoods(rig, scenario, said, chosen)
    print(f"{scenario.name}: {count} of {len(broken)} mutations, {len(found)} falsehoods")
    assert not found, "\n".join(found)


_ENVELOPES = ((), ("data",), ("data", "attributes", "incidents"), ("valid",))


async def test_doctor_grants_what_an_answer_proves(rig: Rig) -> None:
    """Any broken envelope costs a check its "ok", and nothing crashes whatever is broken."""
    scenario = Scenario("doctor", checking)
    said, broken = await record(rig, scenario)
    for each in _chosen(broken):
        rig.line.begin(each)
        now = await checking(rig.connect())
        if each.place in _ENVELOPES and not each.empties_a_list and each.was not in (None, {}):
            assert list(now.values()).count("ok") < list(said.values()).count("ok"), str(each)


async def test_rows_that_make_no_sense_are_counted(rig: Rig) -> None:
    """A page that is short because of a row is not the end of the list, and a total that differs is said."""
    _, broken = await record(rig, Scenario("list", listing))
    row = ("data", "attributes", "incidents", 0)
    rig.line.begin(next(each for each in broken if each.place == row and each.way == "number" and "search" in each.answer[0]))
    page = await rig.connect().incidents(Query())
    assert (len(page.incidents), page.unreadable) == (3, ("data.attributes.incidents[0] is a number, not an object",))
    assert not page.notices
    rig.line.begin(next(each for each in broken if each.place == row[:3] and each.way == "empty list"))
    page = await rig.connect().incidents(Query())
    assert page.notices == ("Datadog counts 4 incidents, and sent 0",)


async def test_an_unreadable_incident_is_not_a_missing_one(rig: Rig) -> None:
    _, broken = await record(rig, Scenario("find", finding))
    rig.line.begin(next(each for each in broken if each.place[-1:] == ("public_id",) and each.way == "removed"))
    with pytest.raises(BackendError) as caught:
        await rig.connect().find(DOCUMENTED)
    assert caught.value.trouble is Trouble.ANSWER
    assert "public_id is missing" in caught.value.said


async def test_a_part_that_makes_no_sense_is_locked_and_a_read_back_of_it_is_not_understood(rig: Rig) -> None:
    _, broken = await record(rig, Scenario("open", opening))
    todos = next(each for each in broken if each.answer[0].endswith("/todos") and each.place == ("data",) and each.way == "number")
    backend = rig.connect()
    documented = await _known(backend, DOCUMENTED)
    rig.line.begin()
    whole = await backend.complete(await backend.postmortem(documented))
    rig.line.begin(todos)
    broken_part = await backend.complete(await backend.postmortem(documented))
    assert "data is a number, not a list" in broken_part.why_unread("action_items")
    assert "data is a number, not a list" in broken_part.field("action_items").locked
    rig.line.begin(todos)
    with pytest.raises(BackendError) as caught:
        await backend.reread(whole, diff(whole, whole.with_field("action_items", ())))
    assert caught.value.trouble is Trouble.ANSWER


async def test_a_missing_relationship_is_not_known(rig: Rig) -> None:
    _, broken = await record(rig, Scenario("list", listing))
    rig.line.begin(next(each for each in broken if each.place[-1:] == ("relationships",) and each.way == "removed"))
    assert (await rig.connect().incidents(Query())).incidents[0].postmortem is Existence.UNKNOWN
