"""Every answer of the sandbox, broken at each node: nothing false is said. See ``tests.backends.mutations``.

The suite takes every second shape; with ``PMTUI_MUTATIONS=shapes`` in the environment one of each shape, with ``all`` every one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pmtui.backends.base import Backend
from pmtui.backends.http.client import Client
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.http.transport import Reply
from pmtui.backends.opsgenie.account.routes import Routes
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.backends.opsgenie.fields import FIELDS
from pmtui.model.diff import diff, revert
from pmtui.model.fields import Kind
from pmtui.model.incident import Incident
from pmtui.model.part import with_unread_from
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query, parse
from pmtui.model.values import Link, Named, Person, Value
from pmtui.sandbox.opsgenie.service import OpsgenieService
from pmtui.session.review import blocked, review, with_keys_of
from tests.backends.mutations import Mutation, Rig, Said, Scenario, falsehoods, first_of_each_shape, record
from tests.backends.opsgenie.account import KEY, profile, with_text
from tests.backends.opsgenie.memory_index import MemoryIndex

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DOCUMENTS = ("executiveSummary", "content")
ITEMS = ("owner", "responders", "responderTeams", "relatedIncidents", "affectedServices", "jiraIssues")
PART = 43
"""Of the mutations of a scenario that writes the suite takes every so many; a prime, so that every way and node comes."""
READ_PART = 3
"""The same of the others."""
TIMES = ("startTime", "endTime", "respondTime", "resolveTime", "createdAtTime")


DOCUMENT: dict[str, Any] = {
    "version": 1,
    "type": "doc",
    "content": [
        {"type": "heading", "attrs": {"level": 4}, "content": [{"type": "text", "text": "Leadup"}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "It began.", "marks": [{"type": "strong"}]}, {"type": "hardBreak"}]},
    ],
}


def a_half(**switches: str) -> OpsgenieService:
    """A small account: a draft that has something in every list and whose incident names it, and a finished incident without one."""
    half = OpsgenieService(10, NOW, {f"opsgenie.{name}": value for name, value in {"async_ms": "0", **switches}.items()})
    state = half.dump()
    kept = next(each for each in state["postmortems"].values() if each["status"] == "draft")
    taken = {each["incidentId"] for each in state["postmortems"].values()}
    bare = next(key for key, each in state["incidents"].items() if key not in taken and each["status"] != "open")
    for table in ("users", "teams", "services", "roles"):
        state[table] = dict(list(state[table].items())[:4])
    for table in ("incidents", "notes", "logs", "timelines"):
        state[table] = {key: state[table].get(key, []) for key in (bare, kept["incidentId"])}
    users, teams, services = (
        [{"name": each.get("fullName", each.get("name")), "id": each["id"]} for each in state[table].values()]
        for table in ("users", "teams", "services")
    )
    kept.update(
        ownerId=users[0]["id"],
        responderUsers=[{**each, "role": "Scribe"} for each in users[:2]],
        responderTeams=teams[:1],
        affectedServices=services[:1],
        relatedIncidentIds=[bare],
        jiraIssues=["https://corp.atlassian.net/browse/OPS-1"],
        executiveSummary={**DOCUMENT, "content": DOCUMENT["content"][1:]},
        content=DOCUMENT,
    )
    state["postmortems"] = {kept["postmortemId"]: kept}
    state["incidents"][kept["incidentId"]]["extraProperties"]["postmortemId"] = kept["postmortemId"]
    half.load(state)
    return half


def _kept(half: OpsgenieService) -> dict[str, object]:
    found: dict[str, object] = next(iter(half.state.postmortems.values()))
    return found


class _Unsealed:
    """Credentials of which there is nothing to hide."""

    def masked(self, reply: Reply) -> Reply:
        return reply


@pytest.fixture
def make_rig(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rig]:
    """Makes rigs over accounts with these switches."""

    async def identify(client: Client, tried: str) -> _Unsealed:
        return _Unsealed()

    made: list[str] = []

    def next_id() -> str:
        made.append("")
        return f"id-{len(made)}"

    monkeypatch.setattr("pmtui.sandbox.opsgenie.state.uuid.uuid4", next_id)

    def make(**switches: str) -> Rig:
        half = a_half(**switches)
        actor = next(iter(half.state.users.values()))["username"]
        remembered = MemoryIndex()
        if switches:  # as after a first save, which found no address
            for update in sorted({spec.update for spec in FIELDS}):
                remembered.put("refused-routes", f"127.0.0.1:9 {update}", _all_refused(update))

        def connect() -> Backend:
            made.clear()  # every run gets the same ids from the sandbox
            index = MemoryIndex()
            index._values.update(remembered._values)
            backend = OpsgenieBackend(profile("http://127.0.0.1:9", actor=actor), index, now=lambda: NOW)
            backend._lifecycle._waits = (0.0, 0.0)
            HALVES[id(backend)] = half
            return backend

        rig = Rig.of(half, {"authorization": f"GenieKey {KEY}", "content-type": "application/json"}, connect, allows)
        monkeypatch.setattr("pmtui.backends.http.client._transport", lambda *_: rig.line)
        monkeypatch.setattr(Client, "_identify", identify)
        monkeypatch.setattr(LIMITER, "pace", 0.0001)
        return rig

    return make


HALVES: dict[int, OpsgenieService] = {}


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    HALVES.clear()


def _all_refused(update: str) -> str:
    return ", ".join(f"{route}: 404 at {NOW.isoformat()}" for route in Routes("127.0.0.1:9", MemoryIndex(), {}).to_try(update))


def documented(backend: Backend) -> Incident:
    """The incident of the draft, known by its id alone."""
    half = HALVES[id(backend)]
    key = str(_kept(half)["incidentId"])
    return Incident(key, f"#{half.state.incidents[key]['tinyId']}", "")


def bare(backend: Backend) -> Incident:
    """A finished incident without a postmortem."""
    state = HALVES[id(backend)].state
    key = next(key for key, each in state.incidents.items() if key not in state.postmortem_ids and each["status"] != "open")
    return Incident(key, f"#{state.incidents[key]['tinyId']}", "")


async def listing(backend: Backend) -> Said:
    return {"page": await backend.incidents(Query()), "filtered": await backend.incidents(parse("pm:yes"))}


async def finding(backend: Backend) -> Said:
    kept = _kept(HALVES[id(backend)])
    return {"number": await backend.find(documented(backend).reference), "postmortem": await backend.find(str(kept["postmortemId"]))}


async def opening(backend: Backend) -> Said:
    return {"opened": await backend.postmortem(documented(backend)), "without": await backend.postmortem(bare(backend))}


async def adopting(backend: Backend) -> Said:
    return {"adopted": await backend.adopt(documented(backend), str(_kept(HALVES[id(backend)])["postmortemId"]))}


async def typing(backend: Backend) -> Said:
    nothing = Postmortem(Incident("", "", ""))
    kinds = (Kind.PERSON, Kind.TEAMS, Kind.SERVICES, Kind.INCIDENTS)
    return {str(kind): await backend.suggest(kind, "", nothing) for kind in kinds}


async def asking(backend: Backend) -> Said:
    return {"documented": await backend.creation(documented(backend)), "bare": await backend.creation(bare(backend))}


async def creating(backend: Backend) -> Said:
    incident = bare(backend)
    made = await backend.create(incident)
    kept = HALVES[id(backend)].state.postmortems.values()
    named = HALVES[id(backend)].state.incidents[incident.id]["extraProperties"].get("postmortemId") == made.id
    return {
        "made": made,
        "one": sum(each["incidentId"] == incident.id for each in kept) == 1,
        "colleagues find it, or it is said": named or any("only this computer" in notice for notice in made.notices),
    }


async def saving(backend: Backend) -> Said:
    """A change of each kind, also of the status: what the server has afterwards must be said as it is, or be unknown."""
    base = await backend.postmortem(documented(backend))
    if not base.id:
        return {"after": base, "nothing else was wiped": True, "read back as sent": True}  # nothing was sent
    half = HALVES[id(backend)]
    user, team, service = (list(table.values())[-1] for table in (half.state.users, half.state.teams, half.state.services))
    mine = (
        with_text(with_text(base, base.cells[0].key, "Short."), base.cells[1].key, "#### Other\n\nWords.") if len(base.cells) > 1 else base
    )
    helper = Person(user["id"], user["fullName"], role="Scribe")
    wanted: dict[str, Value] = {
        "title": "Another title",
        "severity": "P5",
        "status": "in-review",
        "owner": Person(user["id"], user["fullName"]),
        "responders": (*_people(base), helper),
        "responder_teams": (Named(team["id"], team["name"]),),
        "affected_services": (Named(service["id"], service["name"]),),
        "related_incidents": (),
        "linked_issues": (Link("https://corp.atlassian.net/browse/NEW-1", "NEW-1"),),
    }
    for name, value in wanted.items():
        if not base.field(name).locked:
            mine = mine.with_field(name, value)
    changes = diff(base, mine)
    server = with_keys_of(base=base, server=await backend.reread(base, changes), mine=mine)
    found = review(base=base, mine=mine, server=server, plan=backend.plan)
    if found.conflicts:  # they are asked about, and nothing is sent
        return {"after": base, "nothing else was wiped": True, "read back as sent": True}
    sent = revert(found.target, server, [change for change in found.changes if blocked(server, change)])
    for step in found.steps:
        await backend.send(server, sent, step)
    after = with_unread_from(await backend.reread(sent, diff(server, sent)), sent)
    as_sent = not diff(after, sent)
    for name, value in wanted.items():  # of what is said not to be sent nothing is claimed
        if base.field(name).locked or sent.fields.get(name) != mine.fields.get(name):
            after = after.with_field(name, (*_people(after), helper) if name == "responders" else value)
    return {"after": after, "nothing else was wiped": _nothing_wiped(half, base), "read back as sent": as_sent}


def _people(postmortem: Postmortem) -> tuple[Person, ...]:
    value = postmortem.fields["responders"]
    return tuple(each for each in value if isinstance(each, Person)) if isinstance(value, tuple) else ()


def _nothing_wiped(half: OpsgenieService, base: Postmortem) -> bool:
    """Whether nobody who was a responder is gone, whatever had been read of them."""
    responders = _kept(half)["responderUsers"]
    assert isinstance(responders, list)
    return {each["id"] for each in responders} >= {each["id"] for each in list(half.state.users.values())[:2]}


async def deleting(backend: Backend) -> Said:
    opened = await backend.postmortem(documented(backend))
    notices = await backend.remove(opened)
    state = HALVES[id(backend)].state
    left = "postmortemId" in state.incidents[opened.incident.id]["extraProperties"]
    return {"gone": opened.id not in state.postmortems, "what is left is said": bool(notices) or not left}


async def checking(backend: Backend) -> Said:
    return {"checks": await backend.checks()}


SCENARIOS = (
    Scenario("list", listing),
    Scenario("find", finding),
    Scenario("open", opening),
    Scenario("adopt", adopting),
    Scenario("type-ahead", typing),
    Scenario("creation", asking),
    Scenario("create", creating, writes=True),
    Scenario("save", saving, writes=True),
    Scenario("delete", deleting, writes=True),
)


def allows(mutation: Mutation, false: str) -> bool:
    """What is true of an answer that is broken so: empty lists, nobody, untold times and other ids are values."""
    if "crash" in false:
        return False
    place, way = mutation.place, mutation.way
    another = way == "number" and place[-1:] in {("id",), ("postmortemId",)}  # of somebody or something else
    emptied = way == "empty list" and isinstance(mutation.was, list)
    unnamed = "extraProperties" in place
    nobody = place[1:] == ("owner",) and way == "null"
    bare = way == "string" and isinstance(mutation.was, dict) and place[1:2] and place[1] in ITEMS  # an id may stand alone
    untold = place[-1:] and place[-1] in TIMES and way in ("null", "removed", "number")
    spelled = (way == "number" and isinstance(mutation.was, str)) or (place[-1:] == ("role",) and way == "null")
    refused = "none of the known routes worked" in false  # true of an account without that call, where the full update is not possible
    return bool(refused or another or emptied or unnamed or nobody or untold or spelled or bare) or in_document(mutation)


def in_document(mutation: Mutation) -> bool:
    """Whether it is a block of a document that is broken, or something inside of one."""
    place = mutation.place
    inside = len(place) > 3 or (len(place) == 3 and mutation.way == "list of object")
    return inside and place[1] in DOCUMENTS and place[2] == "content"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_nothing_false_is_said(make_rig: Callable[..., Rig], scenario: Scenario) -> None:
    await _nothing_false(make_rig(), scenario)


async def test_nothing_false_is_said_of_a_full_update(make_rig: Callable[..., Rig]) -> None:
    await _nothing_false(make_rig(missing_updates="all"), Scenario("full update", saving, writes=True))


async def test_doctor_grants_only_what_an_answer_proves(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    _, broken = await record(rig, Scenario("doctor", checking))
    proofs = {(), ("data",), ("data", 0), ("data", 0, "id"), ("data", "id"), ("data", "name")}
    chosen = [each for each in broken if each.place in proofs and not (each.place == ("data",) and each.way == "empty list" and each.was)]
    assert len(chosen) > 20
    for each in chosen:
        rig.line.begin(each)
        backend = rig.connect()
        states = {check.name: check.state for check in await backend.checks()}
        await backend.aclose()
        meant = next(
            name
            for name, path in {"incidents": "/v1/incidents", "account": "/v2/account", "actor": "/v2/users"}.items()
            if path in str(each)
        )
        assert states[meant] != "ok" or each.way == "number", f"{each}: {states}"


async def _nothing_false(rig: Rig, scenario: Scenario) -> None:
    said, broken = await record(rig, scenario)
    if os.environ.get("PMTUI_MUTATIONS") != "all":
        broken = chosen(scenario, broken)
    found, count = await falsehoods(rig, scenario, said, broken)
    print(f"{scenario.name}: {count} mutations, {len(found)} falsehoods")
    assert not found, "\n".join(found)


def chosen(scenario: Scenario, broken: list[Mutation]) -> list[Mutation]:
    """One mutation of each shape, each time that an answer is asked for; of a scenario that writes a part, because it takes long."""
    if scenario.writes:
        broken = [each for each in broken if not each.answer[0].startswith("PUT ") or each.answer[0].endswith("/title")]  # they are alike
    if scenario.name != "open":  # what is inside of a document is read there
        broken = [each for each in broken if not in_document(each)]
    times = sorted({each.answer[1] for each in broken})
    found = [each for time in times for each in first_of_each_shape(every for every in broken if every.answer[1] == time)]
    if os.environ.get("PMTUI_MUTATIONS") == "shapes":
        return found
    return found[:: PART if scenario.writes else READ_PART]
