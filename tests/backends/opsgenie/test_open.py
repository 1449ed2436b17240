"""Reading postmortems over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble, Waiting
from pmtui.backends.opsgenie.account.index import link
from pmtui.model.incident import Existence
from pmtui.model.postmortem import CellKind
from pmtui.model.query import parse
from pmtui.model.values import Person
from pmtui.sandbox.opsgenie.answers import Answer
from tests.backends.opsgenie.account import account, people
from tests.backends.opsgenie.memory_index import MemoryIndex


async def test_a_postmortem_has_its_fields_and_cells() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        opened = await there.opened(kept)
        owner = there.state.users[kept["ownerId"]]
        assert opened.id == kept["postmortemId"]
        assert opened.fields["title"] == kept["title"]
        assert opened.fields["owner"] == Person(kept["ownerId"], owner["fullName"])
        assert {person.id for person in people(opened)} == {item["id"] for item in kept["responderUsers"]}
        assert opened.cells[0].pinned
        assert opened.cells[0].name == "Executive summary"
        headings = [block["content"][0]["text"] for block in kept["content"]["content"] if block["type"] == "heading"]
        assert [cell.title for cell in opened.cells[1:] if cell.text.startswith("#")] == headings
        assert opened.incident.postmortem is Existence.DRAFT
        assert opened.url == f"https://sandbox.app.opsgenie.com/reports/post-mortem/{opened.id}/detail"
        assert not opened.text_locked
        assert not opened.guard


async def test_opening_from_the_list_takes_three_requests_at_most() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        page = await there.backend.incidents(parse(""))
        incident = next(each for each in page.incidents if each.id == kept["incidentId"])
        there.forget_calls()
        opened = await there.backend.postmortem(incident)
        assert opened.id == kept["postmortemId"]
        assert len(there.calls()) <= 3
        there.forget_calls()
        await there.backend.postmortem(incident)
        assert there.calls() == [f"GET /v2/postmortem/{opened.id}"]


async def test_what_was_seen_once_is_found_again_from_the_index() -> None:
    index = MemoryIndex()
    async with account(index=index) as there:
        kept = there.a_postmortem()
        there.state.incidents[kept["incidentId"]]["extraProperties"].clear()
        page = await there.backend.incidents(parse(""))
        incident = next(each for each in page.incidents if each.id == kept["incidentId"])
        unknown = await there.backend.postmortem(incident)
        assert unknown.id == ""
        link(index, incident.id, kept["postmortemId"])
        assert (await there.backend.postmortem(incident)).id == kept["postmortemId"]


async def test_a_postmortem_without_a_known_id_is_not_none() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        there.state.incidents[kept["incidentId"]]["extraProperties"].clear()
        incident = await there.incident(kept)
        opened = await there.backend.postmortem(incident)
        assert opened.id == ""
        assert opened.incident.postmortem is Existence.YES
        assert "paste its address" in opened.text_locked
        assert opened.notices
        assert "paste its address" in (await there.backend.creation(incident)).impossible
        adopted = await there.backend.adopt(incident, f"https://sandbox.app.opsgenie.com/reports/post-mortem/{kept['postmortemId']}/detail")
        assert adopted.postmortem is Existence.DRAFT
        assert (await there.backend.postmortem(adopted)).id == kept["postmortemId"]


@pytest.mark.parametrize("place", ["note", "timeline"])
async def test_an_address_in_notes_or_timeline_leads_there(place: str) -> None:
    async with account() as there:
        kept = there.a_postmortem()
        key = kept["incidentId"]
        there.state.incidents[key]["extraProperties"].clear()
        words = f"see https://x.app.opsgenie.com/reports/post-mortem/{kept['postmortemId']}/detail"
        if place == "note":
            there.state.notes[key].append({"note": words, "owner": "x", "createdAt": "2026-11-20T00:00:00Z", "offset": "1"})
        else:
            entry = {**there.state.timelines[key][0], "id": "E", "description": {"type": "plain_text", "content": words}}
            there.state.timelines[key].append(entry)
        assert (await there.opened(kept)).id == kept["postmortemId"]


@pytest.mark.parametrize("fault", ["500", "drop-before", "html", "garbage", "403"])
async def test_notes_and_timeline_that_cannot_be_read_cost_nothing(fault: str) -> None:
    async with account(f"GET /v1/incidents/*/notes {fault}", f"GET /v2/incident-timelines/** {fault}") as there:
        kept = there.a_postmortem()
        there.state.incidents[kept["incidentId"]]["extraProperties"].clear()
        waits: list[Waiting] = []
        there.backend.on_waiting(waits.append)
        opened = await there.opened(kept)
        assert (opened.id, opened.incident.postmortem) == ("", Existence.YES)
        assert len(there.calls()) <= 6
        assert waits == []


async def test_an_answer_without_its_envelope_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with account() as there:
        kept = there.a_postmortem()
        incident = await there.incident(kept)
        monkeypatch.setattr("pmtui.sandbox.opsgenie.postmortems.postmortems.data", lambda value: Answer(200, value))
        opened = await there.backend.postmortem(incident)
        assert (opened.id, opened.fields["title"]) == (kept["postmortemId"], kept["title"])


async def test_the_wrong_postmortem_named_by_an_incident_is_not_opened() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        other = there.a_postmortem("published")
        there.state.incidents[kept["incidentId"]]["extraProperties"]["postmortemId"] = other["postmortemId"]
        opened = await there.opened(kept)
        assert opened.id == ""
        assert [notice for notice in opened.notices if "wrong postmortem" in notice] == [opened.notices[-1]]
        assert there.calls().count(f"GET /v2/postmortem/{other['postmortemId']}") == 1
        with pytest.raises(BackendError) as caught:
            await there.backend.adopt(opened.incident, other["postmortemId"])
        assert caught.value.trouble is Trouble.INVALID


async def test_a_postmortem_that_does_not_say_whose_it_is_is_opened_and_not_remembered() -> None:
    async with account(remember=False) as there:
        kept = there.a_postmortem()
        incident = await there.incident(kept)
        kept["incidentId"] = ""  # an account in which postmortems come without a root incident
        opened = await there.backend.postmortem(incident)
        assert opened.id == kept["postmortemId"]
        assert any("does not say which incident it is about" in notice for notice in opened.notices)
        assert not there.index.get("postmortem-of-incident", incident.id)
        assert (await there.backend.postmortem(incident, opened.id)).notices == opened.notices
        await there.backend.adopt(incident, opened.id)  # now the user has said it
        assert (await there.backend.postmortem(incident)).notices == ()


async def test_an_incident_without_a_postmortem() -> None:
    async with account() as there:
        key = next(key for key in there.state.incidents if key not in there.state.postmortem_ids)
        opened = await there.backend.postmortem(await there.backend.find(key))
        assert (opened.id, opened.cells, opened.incident.postmortem) == ("", (), Existence.NONE)
        assert set(opened.fields) == {"title", "severity", "status"}
        assert all(field.locked for field in opened.form)


async def test_without_an_actor_everything_but_the_status_can_be_edited() -> None:
    async with account(actor="") as there:
        draft = await there.opened(there.a_postmortem())
        assert [field.name for field in draft.form if "PMTUI_ACTOR" in field.locked] == ["status"]
        assert not draft.text_locked
        published = await there.opened(there.a_postmortem("published"))
        assert "PMTUI_ACTOR" in published.text_locked
        assert "PMTUI_ACTOR" in published.field("title").locked


async def test_bare_items_are_read() -> None:
    async with account(switches={"items": "bare"}) as there:
        kept = next(kept for kept in there.state.postmortems.values() if kept["responderUsers"])
        opened = await there.backend.postmortem(await there.backend.find(kept["incidentId"]), kept["postmortemId"])
        assert [person.id for person in people(opened)] == [item["id"] for item in kept["responderUsers"]]


async def test_blocks_that_markdown_cannot_say_are_opaque_cells() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        extension = {"type": "extension", "attrs": {"extensionKey": "toc", "extensionType": "com.x", "parameters": {"a": [1]}, "odd": 1}}
        strange = {"type": "somethingNew", "attrs": {"title": "Latency"}}
        kept["content"]["content"][1:1] = [extension, strange]
        opened = await there.opened(kept)
        opaque = [cell for cell in opened.cells if cell.kind is CellKind.OPAQUE]
        assert [cell.text for cell in opaque][-1:] == ["somethingNew: Latency"]


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "paragraph"}
    for _ in range(depth):
        inner = {"type": "blockquote", "content": [inner]}
    return {"version": 1, "type": "doc", "content": [inner]}


@pytest.mark.parametrize("broken", ["not json", {"type": "doc", "content": "x"}, 7, nested(90)])
async def test_text_that_cannot_be_read_is_locked_and_the_fields_are_not(broken: object) -> None:
    async with account() as there:
        kept = there.a_postmortem()
        kept["content"] = broken
        opened = await there.opened(kept)
        assert opened.text_locked
        assert not opened.field("title").locked
