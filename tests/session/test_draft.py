"""What survives the process: every edit, the undo history, and how far a save came."""

from __future__ import annotations

import errno
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.changes import change_id
from pmtui.model.part import Part
from pmtui.model.query import Query
from pmtui.session.report import Result
from pmtui.session.review import News
from pmtui.session.session import Locked, State
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftBusy
from pmtui.store.files import Files
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, INCIDENT, UNDONE, Server, error
from tests.store.disks import FaultySystem


def offline(number: int, what: str) -> BackendError:
    return error(Trouble.OFFLINE, "no route to host")


async def test_a_draft_is_found_with_its_undo_history(desk: Desk) -> None:
    session = await desk.open()
    first, last = session.mine.cells[0].key, session.mine.cells[3].key
    session.edit_cell(first, "## Summary\none")
    session.delete_cell(last)
    added = session.add_cell(None, "## New")
    session.set_field("title", "Other")
    said = session.mine
    session = await desk.reopen(session)
    assert session.recovered is not None and session.recovered.words().startswith("draft from ")
    assert session.mine == said
    touched = [session.undo() for _ in range(4)]
    assert [(each.field, each.cell) for each in touched if each] == [("title", ""), ("", added), ("", last), ("", first)]
    assert session.changes == () and session.undo() is None
    for _ in range(2):
        assert session.redo()
    later = session.base.read_at + timedelta(hours=1)
    session._around = replace(session._around, now=lambda: later)
    assert session.undo() and session.redo() and session.caught_up(5)
    assert session.status.at == later, "taking back is an edit, too"
    session = await desk.reopen(session)
    assert session.recovered is not None and session.recovered.updated == later
    assert [change_id(change) for change in session.changes] == [f"deleted:{last}", f"edited:{first}"]
    assert session.redo() and session.mine.cells[0].key == added
    assert session.caught_up(5) and desk.drafts.list()[0].changes == 3


async def test_what_is_written_to_settle_a_conflict_is_kept_until_it_is_sent(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = session.mine.cells[0].key
    session.edit_cell(key, "## Summary\nmine")
    server.cells[0] = (server.cells[0][0], "## Summary\ntheirs")
    (conflict,) = (await session.review()).conflicts
    assert session.decisions.written(conflict) is None
    for text in ("## Summary\nmine\ntheirs", "## Summary\nours", "## Summary\nours."):
        session.decisions.write(conflict, text)
    session = await desk.reopen(session)
    assert session.decisions.written(conflict) == "## Summary\nours."
    await session.reread()
    session = await desk.reopen(session)
    assert session.decisions.written(conflict) == "## Summary\nours."
    review = await session.review()
    (conflict,) = review.conflicts
    report = await session.save(session.resolve(review, conflict, session.decisions.written(conflict)))
    assert report.verified and session.decisions.written(conflict) is None


async def test_nothing_is_left_on_disk_when_everything_was_taken_back(desk: Desk) -> None:
    session = await desk.open()
    session.set_field("title", "Other")
    session.undo()
    assert session.caught_up(5) and len(desk.drafts.list()) == 1
    session.close()
    assert desk.drafts.list() == []
    desk.open_sessions.clear()


async def test_a_draft_on_an_old_base_is_merged_when_it_is_saved(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, "## Summary\n5 % of checkouts failed")
    server.cells[0] = (server.cells[0][0], "## Summary of theirs\n4 % of checkouts failed")
    session = await desk.reopen(session)
    assert session.recovered and (await session.save(await session.review())).verified
    assert server.texts[0] == "## Summary of theirs\n5 % of checkouts failed"


async def test_discarding_gives_what_the_server_has(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "Other")
    server.fields["title"] = "Theirs"
    session = await desk.reopen(session)
    assert session.mine.fields["title"] == "Other"
    session.discard()
    assert session.mine.fields["title"] == "Theirs" and desk.drafts.list() == [] and session.recovered is None
    session.set_field("title", "Again")
    assert session.caught_up(5) and len(desk.drafts.list()) == 1


async def test_undo_after_a_save_makes_a_new_draft(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = session.mine.cells[3].key
    session.edit_cell(key, "## Actions\n- fix")
    server.cells[0] = (server.cells[0][0], "## Summary\ntheirs")
    await session.save(await session.review())
    assert session.undo() and session.mine.cell(key).text == "## Actions"
    session = await desk.reopen(session)
    assert session.mine.cell(key).text == "## Actions"
    assert (await session.save(await session.review())).verified
    assert server.texts == ["## Summary\ntheirs", "## Timeline\n- 02:14 alert\n- 02:31 failover", "## Actions"]


async def test_undo_forgets_what_was_merged_with_others_text(desk: Desk, server: Server) -> None:
    session = await desk.open()
    key = session.mine.cells[1].key
    session.set_field("title", "Mine")
    session.edit_cell(key, "## Timeline\n- 02:14 alert fires\n- 02:31 failover")
    server.cells[1] = (server.cells[1][0], "- theirs\n" + server.cells[1][1])
    await session.save(await session.review())
    touched = session.undo()
    assert touched is not None and touched.field == "title"
    assert session.undo() is None


@pytest.mark.parametrize("applied", [False, True])
async def test_a_crash_while_a_step_is_sent_is_settled_by_reading(desk: Desk, server: Server, applied: bool) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[3].key, "## Actions\n- fix")
    new = session.add_cell(session.mine.cells[3].key, "## Lessons")
    review = await session.review()

    class Crash(Exception):
        """The process is gone."""

    def crash(number: int, what: str) -> None:
        if what == DOCUMENT:
            raise Crash

    setattr(desk.backend, "after" if applied else "before", crash)
    with pytest.raises(Crash):
        await session.save(review)
    desk.backend.before = desk.backend.after = lambda number, what: None
    session = await desk.reopen(session)
    assert "interrupted" in session.unfinished
    review = await session.review()
    assert [change_id(change) for change in review.changes] == ([] if applied else [f"edited:{review.mine.cells[3].key}", f"added:{new}"])
    assert (await session.save(review)).verified
    assert server.writes == [DOCUMENT]
    assert server.texts[2:] == ["## Actions\n- fix", "## Lessons"]
    assert session.unfinished == "" and desk.drafts.list() == []


async def test_an_answered_conflict_is_not_asked_again_after_a_crash(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    session.set_field("severity", "SEV-1")
    server.fields["title"] = "theirs"
    review = await session.review()
    review = session.resolve(review, review.conflicts[0], "both")
    desk.backend.before = lambda number, what: error(Trouble.TIMEOUT, unknown=True) if what == "severity" else None
    await session.save(review)
    session = await desk.reopen(session)
    assert session.mine.fields["title"] == "both"
    assert not (await session.review()).conflicts


async def test_offline_opens_what_was_seen_and_queues_the_save(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.close()
    desk.open_sessions.clear()
    desk.backend.before = offline
    session = await desk.open()
    assert "no route to host" in session.offline and session.mine.cells[0].title == "Summary"
    session.set_field("title", "written on a train")
    with pytest.raises(BackendError):
        await session.review()
    session.queue()
    assert session.caught_up(5) and "not sent yet" in session.status.words()
    assert [info.reference for info in desk.workspace().unsent().queued] == ["IR-1"]
    desk.backend.before = lambda number, what: None
    session = await desk.reopen(session)
    assert session.queued and session.offline == ""
    assert (await session.save(await session.review())).verified
    assert server.fields["title"] == "written on a train" and desk.workspace().unsent().queued == ()


async def test_offline_without_anything_seen_says_so(desk: Desk) -> None:
    desk.backend.before = offline
    with pytest.raises(BackendError, match="no route"):
        await desk.open()


async def test_a_second_process_may_look_and_not_touch(desk: Desk) -> None:
    session = await desk.open()
    session.set_field("title", "mine")
    with pytest.raises(DraftBusy) as busy:
        await desk.open()
    assert busy.value.owner.alive
    looking = await desk.workspace().look(INCIDENT)
    assert looking.read_only and looking.mine.fields["title"] == "Checkout 5xx"
    for act in (lambda: looking.set_field("title", "x"), looking.undo, looking.queue, looking.discard):
        with pytest.raises(Locked):
            act()
    looking.close()
    assert session.caught_up(5) and len(desk.drafts.list()) == 1


async def test_what_is_locked_cannot_be_edited(desk: Desk) -> None:
    session = await desk.open()
    graph = session.mine.cells[2].key
    with pytest.raises(Locked, match="set by the server"):
        session.set_field("created", "now")
    with pytest.raises(Locked, match="as it is"):
        session.edit_cell(graph, "text")
    with pytest.raises(KeyError):
        session.set_field("nothing_like_it", "x")
    assert session.move_cell(graph, -1) and session.mine.cells[1].key == graph
    assert not session.move_cell(graph, 9)
    session.revert(Part(cell=graph))
    assert session.mine.cells == session.base.cells
    session.delete_cell(graph)
    session.revert(Part(cell=graph))
    assert session.mine.cells == session.base.cells and session.changes == ()


async def test_reading_again_takes_in_the_news_and_keeps_my_edits(desk: Desk, server: Server) -> None:
    session = await desk.open()
    assert await session.reread() == News()
    session.set_field("title", "mine")
    server.fields["severity"] = "SEV-1"
    assert await session.reread() == News(("Severity  SEV-2 → SEV-1",))
    assert session.mine.fields == {"title": "mine", "severity": "SEV-1", "status": "draft"}
    server.fields["title"] = "theirs"
    await session.reread()
    assert session.mine.fields["title"] == "mine"
    assert [conflict.id for conflict in (await session.review()).conflicts] == ["title"]


async def test_listeners_hear_of_edits_and_saves(desk: Desk) -> None:
    session = await desk.open()
    heard: list[str] = []
    stop = session.subscribe(lambda: heard.append(session.status.state))
    session.set_field("title", "x")
    await session.save(await session.review())
    assert heard[0] in (State.EDITED, State.DRAFT) and State.SAVING in heard and heard[-1] is State.SAVED
    stop()
    session.undo()
    assert heard[-1] is State.SAVED


async def test_the_list_is_kept_for_the_first_frame(desk: Desk) -> None:
    cache = Cache(desk.root / "cache", "fake")
    assert cache.incidents() is None
    page = await desk.workspace().incidents(Query())
    seen = cache.incidents()
    assert seen is not None and seen.incidents == page.incidents


async def test_a_full_disk_is_said_and_what_was_typed_is_sent_all_the_same(desk: Desk, server: Server) -> None:
    desk.files = Files(FaultySystem(lambda operation: True, errno.ENOSPC))
    session = await desk.open()
    session.set_field("title", "x")
    assert not session.caught_up(1)
    assert session.status.words() == "edited · not on disk: disk full"
    assert (await session.save(await session.review())).verified
    assert server.fields["title"] == "x" and session.status.state is State.SAVED


async def test_published_is_set_back_edited_and_published_again(desk: Desk, server: Server) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("title", "new")
    report = await session.save(await session.review())
    assert report.verified and server.writes == ["set-back", "title", "publish-again"]
    assert server.fields["status"] == "published" and session.changes == () and session.unfinished == ""


@pytest.mark.parametrize("stop_at", ["title", "publish-again"])
async def test_a_published_plan_that_stopped_between_is_finished_later(desk: Desk, server: Server, stop_at: str) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("title", "new")
    desk.backend.before = lambda number, what: error(Trouble.OFFLINE) if what == stop_at else None
    report = await session.save(await session.review())
    assert not report.verified and session.status.state is State.NOT_SAVED
    assert server.fields["status"] == "draft"
    desk.backend.before = lambda number, what: None
    session = await desk.reopen(session)
    assert UNDONE in session.unfinished
    review = await session.review()
    assert [step.id for step in review.steps] == (["title", "publish-again"] if stop_at == "title" else ["publish-again"])
    assert (await session.save(review)).verified
    assert server.writes == ["set-back", "title", "publish-again"] and server.fields["status"] == "published"
    assert session.unfinished == "" and desk.drafts.list() == []


async def test_somebody_else_published_it_again(desk: Desk, server: Server) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("title", "new")
    desk.backend.before = lambda number, what: error(Trouble.OFFLINE) if what == "publish-again" else None
    await session.save(await session.review())
    desk.backend.before = lambda number, what: None
    server.fields["status"] = "published"
    review = await session.review()
    assert review.steps == ()
    await session.save(review)
    assert session.unfinished == "" and server.writes == ["set-back", "title"]


async def test_a_refused_preparation_stops_the_save(desk: Desk, server: Server) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("title", "new")
    desk.backend.refuse = lambda step: error(Trouble.RIGHTS, "not you") if step.id == "set-back" else None
    report = await session.save(await session.review())
    assert {outcome.id: outcome.state for outcome in report.outcomes} == {
        "set-back": Result.REFUSED,
        "title": Result.NOT_SENT,
        "publish-again": Result.NOT_SENT,
    }
    assert server.writes == [] and session.unfinished == "" and len(session.changes) == 1


def _journal_file(desk: Desk) -> Path:
    (path,) = (desk.root / "state" / "drafts").glob("*.journal")
    return path


async def test_a_journal_cut_at_any_byte_opens_with_all_that_came_before(desk: Desk) -> None:
    session = await desk.open()
    key = session.mine.cells[3].key
    texts = [session.mine.cell(key).text]
    for word in ("one ", "two ", "three "):
        session.edit_cell(key, texts[-1] + word)
        texts.append(session.mine.cell(key).text)
    session.undo()
    session.redo()
    assert session.caught_up(5)
    session.close()
    path = _journal_file(desk)
    whole = path.read_bytes()
    seen = []
    for length in (*range(len(whole) - 900, len(whole), 7), len(whole)):
        path.write_bytes(whole[:length])
        session = await desk.open()
        seen.append(session.mine.cells[3].text)
        session._draft.journal.close()
    desk.open_sessions.clear()
    assert set(seen) <= set(texts) and seen[-1] == texts[-1] and texts[2] in seen


@pytest.mark.sweep(8)
@pytest.mark.parametrize("seed", range(20))
async def test_what_is_on_disk_is_what_is_on_the_screen(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    session = await desk.open()
    for number in range(40):
        cells = session.mine.cells
        cell = chance.choice(cells)
        match chance.choice(["type", "type", "type", "undo", "undo", "redo", "add", "delete", "move", "field", "back"]):
            case "type" if cell.editable:
                at = chance.randrange(len(cell.text) + 1)
                session.edit_cell(cell.key, cell.text[:at] + chance.choice("ab \n") + cell.text[at + chance.randrange(3) :])
            case "undo":
                session.undo()
            case "redo":
                session.redo()
            case "add":
                session.add_cell(cell.key, f"new {number}")
            case "delete" if len(cells) > 2:
                session.delete_cell(cell.key)
            case "move":
                session.move_cell(cell.key, chance.choice([-1, 1, 2]))
            case "field":
                session.set_field("title", f"title {chance.randrange(3)}")
            case "back":
                session.revert(Part(cell=chance.choice(session.base.cells).key))
        if chance.random() < 0.15:
            mine, undone = session.mine, session._draft.history
            session = await desk.reopen(session)
            if session.recovered:
                assert session.mine == mine
                assert [entry.edits for entry in session._draft.history.undo] == [entry.edits for entry in undone.undo]
    start = session.base
    while session.undo():
        pass
    assert session.mine == start and session.changes == ()


async def test_a_damaged_draft_gives_what_can_be_read_and_says_so(desk: Desk) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, "## Summary\nfirst")
    session.set_field("title", "second")
    session.edit_cell(session.mine.cells[3].key, "## Actions\nthird")
    assert session.caught_up(5)
    session.close()
    path = _journal_file(desk)
    lines = path.read_bytes().split(b"\n")
    lines[3] = lines[3].replace(b"second", b"sec0nd")  # header, base, first, second
    path.write_bytes(b"\n".join(lines))
    session = await desk.open()
    assert any("damaged" in notice for notice in session.notices)
    assert session.mine.cells[0].text.endswith("first") and session.mine.cells[3].text.endswith("third")
    assert session.mine.fields["title"] == "Checkout 5xx"
    session.set_field("title", "again")
    assert session.caught_up(5)
    assert any(b"sec0nd" in each.read_bytes() for each in path.parent.glob("*.journal"))


async def test_a_field_that_was_set_back_is_not_in_the_undo_history_also_after_a_restart(desk: Desk) -> None:
    session = await desk.open()
    before = session.mine.fields["status"]
    session.set_field("title", "new")
    session.set_field("status", "published")
    session.retract("status", before)
    assert session.redo() is None and session.mine.fields["status"] == before
    session = await desk.reopen(session)
    assert session.mine.fields["title"] == "new" and session.mine.fields["status"] == before
    assert session.undo() == Part(field="title") and session.changes == ()
    assert session.undo() is None
