"""Saving over HTTP: the narrowest calls, everything else untouched, and what was sent reads back the same."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Link, Named, Person, Value
from tests.backends.opsgenie.account import Account, account, people, with_text


def changed(base: Postmortem, name: str, value: Value) -> tuple[Postmortem, list[Change]]:
    return base.with_field(name, value), [FieldChanged(name, base.fields[name], value)]


def edited(base: Postmortem, key: str, text: str) -> tuple[Postmortem, list[Change]]:
    mine = with_text(base, key, text)
    return mine, [CellEdited(base.cell(key), mine.cell(key))]


def a_value(there: Account, name: str) -> Value:
    """Something new for this field."""
    user = list(there.state.users.values())[-1]
    team = next(iter(there.state.teams.values()))
    service = next(iter(there.state.services.values()))
    values: dict[str, Value] = {
        "title": "Another title",
        "severity": "P5",
        "status": "in-review",
        "owner": Person(user["id"], user["fullName"]),
        "responders": (Person(user["id"], user["fullName"], role="Scribe"),),
        "responder_teams": (Named(team["id"], team["name"]),),
        "linked_issues": (Link("https://corp.atlassian.net/browse/NEW-1", "NEW-1"),),
        "related_incidents": (Named(next(iter(there.state.incidents))),),
        "affected_services": (Named(service["id"], service["name"]),),
    }
    return values[name]


async def test_a_save_of_one_cell_is_one_put_and_touches_nothing_else() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        before = copy.deepcopy(kept)
        base = await there.opened(kept)
        cell = next(cell for cell in base.cells[1:] if cell.editable and cell.text.startswith("#"))
        heading = cell.text.splitlines()[0]
        mine, changes = edited(base, cell.key, f"{heading}\n\nWritten in a test.")
        there.forget_calls()
        after = await there.save(base, mine, changes)
        assert there.writes() == [f"PUT /v2/postmortem/{base.id}/content"]
        assert len(there.calls()) == 3
        assert all(one.same(other) for one, other in zip(after.cells, mine.cells, strict=True))
        sections = {old.key: json.loads(old.source) for old in base.cells[1:]}
        expected = [node for old in base.cells[1:] if old.key != cell.key for node in sections[old.key]]
        written = kept["content"]["content"]
        assert [node for node in written if node in expected] == expected
        assert {key: kept[key] for key in kept if key != "content"} == {key: before[key] for key in before if key != "content"}


async def test_the_summary_has_its_own_call() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        mine, changes = edited(base, base.cells[0].key, "Two **clusters** failed.")
        content = copy.deepcopy(kept["content"])
        there.forget_calls()
        after = await there.save(base, mine, changes)
        assert there.writes() == [f"PUT /v2/postmortem/{base.id}/executive-summary"]
        assert kept["content"] == content
        assert after.cells[0].text == "Two **clusters** failed."
        assert after.cells[0].pinned


async def test_cells_are_added_moved_and_deleted_in_one_call() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        summary, first, second, *rest = base.cells
        added = Cell("n1", "#### Thanks\n\nTo everybody.\n\n#### And more\n\nin the same cell")
        mine = base.with_cells((summary, second, first, added, *rest[1:]))
        changes: list[Change] = [CellMoved(second, 1), CellAdded(added, 3), CellDeleted(rest[0])]
        there.forget_calls()
        after = await there.save(base, mine, changes)
        assert len(there.writes()) == 1
        assert [(cell.key, cell.text) for cell in after.cells] == [(cell.key, cell.text) for cell in mine.cells]
        expected = json.loads(second.source) + json.loads(first.source)
        assert kept["content"]["content"][: len(expected)] == expected


async def test_spelling_that_adf_does_not_keep_reads_back_as_it_was_typed() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        cell = next(cell for cell in base.cells[1:] if cell.editable)
        mine, changes = edited(base, cell.key, "#### Other\n\n* one\n* two\n\nsome __bold__ words")
        after = await there.save(base, mine, changes)
        assert after.cell(cell.key).text == mine.cell(cell.key).text


async def test_a_document_that_came_as_a_string_or_without_its_envelope_is_written_whole() -> None:
    bare = {"content": [{"type": "paragraph", "content": [{"type": "text", "text": "One."}]}]}
    for stored in (bare, json.dumps({**bare, "type": "doc", "version": 1})):
        async with account() as there:
            kept = there.a_postmortem()
            kept["executiveSummary"] = stored
            base = await there.opened(kept)
            assert base.cells[0].text == "One."
            mine, changes = edited(base, base.cells[0].key, "Two.")
            await there.save(base, mine, changes)
            two = {"type": "paragraph", "content": [{"type": "text", "text": "Two."}]}
            assert kept["executiveSummary"] == {"version": 1, "type": "doc", "content": [two]}


async def test_local_ids_that_the_server_adds_are_no_change() -> None:
    async with account(switches={"local_ids": "1"}) as there:
        base = await there.opened(there.a_postmortem())
        cell = next(cell for cell in base.cells[1:] if cell.editable)
        mine, changes = edited(base, cell.key, cell.text.splitlines()[0] + "\n\nNew words.")
        after = await there.save(base, mine, changes)
        assert [one.same(other) for one, other in zip(after.cells, mine.cells, strict=True)] == [True] * len(mine.cells)
        again, more = edited(after, cell.key, cell.text.splitlines()[0] + "\n\nNewer words.")
        stored = copy.deepcopy(there.kept(base.id)["content"]["content"])
        await there.save(after, again, more)
        kept = there.kept(base.id)["content"]["content"]
        assert sum(node in kept for node in stored) >= len(stored) - 1, "untouched blocks keep the ids that the server gave"


async def test_what_somebody_else_wrote_meanwhile_is_kept() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        last = base.cells[-1]
        there.sandbox.fault("GET /v2/postmortem/* edit first 1")
        mine, changes = edited(base, last.key, "#### New end\n\nOurs.")
        server = await there.backend.reread(base, changes)
        assert "Sam wrote this" in server.cells[1].text
        target = server.with_cells(
            tuple(replace(cell, text=mine.cell(last.key).text) if cell.key == last.key else cell for cell in server.cells)
        )
        for step in there.backend.plan(server, target, changes):
            await there.backend.send(server, target, step)
        written = json.dumps(kept["content"])
        assert "Sam wrote this" in written
        assert "Ours." in written


async def test_empty_answers_and_202_count_as_done() -> None:
    for switches in ({"empty_updates": "all"}, {"empty_updates": "none"}, {"update_status": "202"}):
        async with account(switches=switches) as there:
            base = await there.opened(there.a_postmortem())
            after = await there.save(base, *changed(base, "title", "T"))
            assert after.fields["title"] == "T"


@pytest.mark.parametrize("fault", ["truncate", "garbage", "empty"])
async def test_whatever_a_success_says_it_is_one(fault: str) -> None:
    async with account(f"PUT /v2/postmortem/*/title {fault}", switches={"empty_updates": "none"}) as there:
        base = await there.opened(there.a_postmortem())
        assert (await there.save(base, *changed(base, "title", "T"))).fields["title"] == "T"
        assert len(there.writes()) == 1


async def test_a_web_page_with_a_good_status_says_nothing() -> None:
    async with account("PUT /v2/postmortem/*/title html") as there:
        base = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "title", "T"))
        assert caught.value.unknown


async def test_fields_go_first_then_the_text_then_the_status() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        mine = (
            with_text(base, base.cells[0].key, "S").with_field("title", "T").with_field("status", "published").with_field("severity", "P1")
        )
        changes: list[Change] = [
            FieldChanged("status", "draft", "published"),
            CellEdited(base.cells[0], mine.cells[0]),
            FieldChanged("severity", "x", "P1"),
            FieldChanged("title", "x", "T"),
        ]
        steps = there.backend.plan(base, mine, changes)
        assert [step.id for step in steps] == ["title", "severity", "executive-summary", "status"]
        assert steps[0].request == "PUT /v2/postmortem/{id}/title"
        assert there.backend.plan(base, mine, []) == ()


async def test_a_written_list_has_what_is_documented_and_no_more() -> None:
    async with account() as there:
        kept = next(kept for kept in there.state.postmortems.values() if len(kept["responderUsers"]) > 1)
        base = await there.backend.postmortem(await there.backend.find(kept["incidentId"]), kept["postmortemId"])
        first, *others = people(base)
        await there.save(base, *changed(base, "responders", tuple(others)))
        assert [set(item) for item in kept["responderUsers"]] == [{"name", "id", "role"}] * len(others)
        assert first.id not in [item["id"] for item in kept["responderUsers"]]


async def test_a_refused_value_names_its_field() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "severity", "P9"))
        assert caught.value.trouble is Trouble.INVALID
        assert "P9" in caught.value.fields["severity"]


async def test_names_of_typed_ids_are_looked_up() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        user = list(there.state.users.values())[2]
        await there.save(base, *changed(base, "responders", (Person(user["id"]),)))
        assert there.kept(base.id)["responderUsers"] == [{"name": user["fullName"], "id": user["id"], "role": ""}]


async def test_what_a_suggestion_says_of_a_person_is_no_difference_to_what_is_read() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        some, other = list(there.state.users.values())[:2]
        owner = Person(some["id"], some["fullName"], some["username"])
        mine, changes = changed(base, "owner", owner)
        mine, more = changed(mine, "responders", (Person(other["id"], other["fullName"], other["username"], "Scribe"), Person(some["id"])))
        after = await there.save(base, mine, [*changes, *more])
        assert after.fields["owner"] == owner
        assert after.fields["responders"] == mine.fields["responders"]
        again = await there.backend.reread(base, [])
        assert again.fields["responders"] != mine.fields["responders"], "what was not known before is what the server says"


async def test_a_key_that_may_not_write_is_told_and_then_locks_the_form() -> None:
    async with account(switches={"rights": "read,config"}) as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "title", "T"))
        assert caught.value.missing_right == "Create and Update"
        assert "Create and Update" in (await there.opened(kept)).text_locked


async def test_a_right_that_was_given_meanwhile_frees_the_form() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        base = await there.opened(kept)
        for method in ("PUT", "PATCH", "POST"):
            there.sandbox.fault(f"{method} * 403")
        with pytest.raises(BackendError):
            await there.save(base, *changed(base, "title", "T"))
        assert "Create and Update" in (await there.opened(kept)).text_locked
        there.sandbox.clear_faults()
        await there.save(base, *changed(base, "title", "T"))
        assert not (await there.opened(kept)).text_locked


async def test_read_only_sends_no_write() -> None:
    async with account(read_only=True) as there:
        base = await there.opened(there.a_postmortem())
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "title", "T"))
        assert caught.value.trouble is Trouble.READ_ONLY
        assert there.writes() == []


async def test_a_large_text_is_warned_about() -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        mine, changes = edited(base, base.cells[1].key, "#### Long\n\n" + "word " * 30_000)
        (step,) = there.backend.plan(base, mine, changes)
        assert any("kB" in warning for warning in step.warnings)


@pytest.mark.parametrize(("text", "is_own"), [("words alone", False), ("", False), ("## Detection\n\nx", True), ("Detection\n===", True)])
async def test_a_new_section_without_a_heading_is_said_to_be_none(text: str, is_own: bool) -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        before = base.cells[1]
        for place in (1, 2):  # the first of the document is a section without a heading, too
            added = Cell("new", text)
            cells = (*base.cells[:place], added, *base.cells[place:])
            (step,) = there.backend.plan(base, base.with_cells(cells), (CellAdded(added, place),))
            said = [warning for warning in step.warnings if f"becomes part of the section before it, {before.title}" in warning]
            assert len(said) == (place == 2 and not is_own)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#### Timeline\n\n10:02 paged\n10:05 answered\n10:07 rolled back", "Timeline: 3 lines are joined into one"),
        ("#### Layout\n\n:::column 50\nWords.\n:::", "they would be lost: 50"),
        ("#### Links\n\n[runbook]: https://example.com/runbook/till", ""),
    ],
)
async def test_what_a_save_would_lose_is_said_before_it(text: str, said: str) -> None:
    async with account() as there:
        base = await there.opened(there.a_postmortem())
        cell = next(cell for cell in base.cells[1:] if cell.editable)
        mine, changes = edited(base, cell.key, text)
        (step,) = there.backend.plan(base, mine, changes)
        assert said in " ".join(step.warnings) if said else not step.warnings


async def test_responders_that_came_without_roles_are_not_written() -> None:
    async with account(switches={"items": "bare"}) as there:
        kept = next(kept for kept in there.state.postmortems.values() if kept["responderUsers"] and kept["status"] == "draft")
        before = copy.deepcopy(kept["responderUsers"])
        base = await there.backend.postmortem(await there.incident(kept), kept["postmortemId"])
        assert "roles" in base.field("responders").locked
        with pytest.raises(BackendError) as caught:
            await there.save(base, *changed(base, "responders", a_value(there, "responders")))
        assert (caught.value.trouble, kept["responderUsers"]) == (Trouble.LOCAL, before)
        assert there.writes() == []


@pytest.mark.parametrize("name", ["responder_teams", "affected_services"])
async def test_names_that_did_not_come_along_are_looked_up_or_the_list_is_left_alone(name: str) -> None:
    for rights in ("read,write,config", "read,write"):
        async with account(switches={"items": "bare", "rights": rights}, actor="x") as there:
            kept = there.a_postmortem()
            teams = [{"name": each["name"], "id": each["id"]} for each in list(there.state.teams.values())[:2]]
            services = [{"name": each["name"], "id": each["id"]} for each in list(there.state.services.values())[:2]]
            kept.update(responderTeams=teams[:1], affectedServices=services[:1])
            base = await there.opened(kept)
            both = tuple(Named(each["id"]) for each in (teams if name == "responder_teams" else services))
            assert not base.field(name).locked
            if "config" in rights:
                await there.save(base, *changed(base, name, both))
                assert (kept["responderTeams"], kept["affectedServices"]) in ((teams, services[:1]), (teams[:1], services))
                continue
            with pytest.raises(BackendError) as caught:
                await there.save(base, *changed(base, name, both))
            assert "saving would replace the name by the id" in caught.value.said
            assert there.writes() == []
            await there.save(base, *changed(base, name, both[1:]))  # a typed id has no name that could be lost
            assert len(there.writes()) == 1


async def test_a_list_of_an_unknown_shape_is_not_written_over() -> None:
    async with account() as there:
        kept = there.a_postmortem()
        kept["jiraIssues"] = {"OPS-1": "https://corp.atlassian.net/browse/OPS-1"}
        base = await there.opened(kept)
        assert base.field("linked_issues").locked == "could not be read: data.jiraIssues is an object, not a list"
        with pytest.raises(BackendError):
            await there.save(base, *changed(base, "linked_issues", a_value(there, "linked_issues")))
        assert there.writes() == []
        assert (await there.save(base, *changed(base, "title", "T"))).fields["title"] == "T"
