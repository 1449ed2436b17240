"""What is got out of a draft: damaged ones are announced, typed text comes back in one piece, nothing owed is forgotten."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, CellKind
from pmtui.session.edits import AddCell, SetField, Splice, edit_to_json
from pmtui.session.recovery import fragments, replayed
from pmtui.session.report import Result
from pmtui.session.session import Session
from pmtui.store.drafts import DraftUnreadable
from pmtui.store.editor_files import Outside
from pmtui.store.records import decode
from tests.patience import PATIENCE
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, UNDONE, Server, error
from tests.session.test_carried import TYPED, serve, typed
from tests.session.test_on_disk import drafts_of, flip


def type_into(session: Session, text: str) -> None:
    """At the end of the first cell, a character at a time, as an editor does."""
    key = session.mine.cells[0].key
    for char in text:
        session.splice_cell(key, len(session.mine.cells[0].text), "", char)


async def test_what_was_typed_on_a_base_that_is_damaged_comes_back_in_one_piece(desk: Desk) -> None:
    session = await desk.open()
    type_into(session, "\nThe pool was full.")
    session.set_field("title", "Checkout down")
    type_into(session, "\nSince Tuesday.")
    session.close()
    (path,) = drafts_of(desk)
    flip(path, 1)
    (info,) = desk.drafts.list()
    with pytest.raises(DraftUnreadable):
        desk.drafts.read(info)
    assert fragments(decode(path.read_bytes()).records) == ["\nThe pool was full.", "Checkout down", "\nSince Tuesday."]


def test_splices_within_what_was_typed_are_one_text() -> None:
    edits = [
        Splice("a", 10, 0, "helo"),
        Splice("a", 12, 0, "l"),
        Splice("a", 14, 1, "o!"),
        Splice("a", 50, 0, "else"),
        Splice("b", 51, 0, "other"),
    ]
    records: list[dict[str, Any]] = [{"do": edit_to_json(edit)} for edit in edits]
    assert fragments(records) == ["hello!", "else", "other"]
    undone = [*records[:2], {"undo": [edit_to_json(Splice("a", 12, 1, ""))]}]
    assert fragments(undone) == ["helo"]
    assert fragments([]) == []


async def test_a_draft_whose_beginning_is_damaged_is_in_the_list_of_its_profile(desk: Desk) -> None:
    session = await desk.open()
    type_into(session, "x")
    session.close()
    (path,) = drafts_of(desk)
    shutil.copy(path, path.with_name("other.journal"))
    flip(path, 1)
    flip(path.with_name("other.journal"), 0)
    flip(path.with_name("other.journal"), 1)
    workspace = desk.workspace()
    infos = workspace.unsent().here
    assert {(info.damaged, info.incident_id, info.profile) for info in infos} == {(True, "i1", "fake"), (True, "", "")}
    assert workspace.unsent().queued == ()
    assert (await desk.open()).damage


async def test_a_carried_draft_is_not_unsent_when_it_was_saved(desk: Desk, server: Server) -> None:
    await typed(desk)
    serve(desk, "p2")
    server.cells[0] = (CellKind.MARKDOWN, "## Summary\nby a colleague")
    session = await desk.open()
    assert [info.document_id for info in desk.workspace().unsent().here] == ["p2"]
    assert (await session.save(await session.review())).verified and TYPED in server.texts
    assert desk.workspace().unsent().here == ()
    (aside,) = desk.drafts.list()
    assert (aside.carried, aside.changes) == ("p2", 0), "what else the old postmortem said can still be recovered"
    assert TYPED in [cell.text for cell in replayed(desk.drafts.read(aside)).mine.cells]


async def interrupted_publish(desk: Desk, server: Server) -> Session:
    """A save of a published postmortem, cut off between the edit and "Publish again"."""
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    review = await session.review()
    desk.backend.before = lambda number, what: error(Trouble.OFFLINE) if what == "publish-again" else None
    await session.save(review)
    desk.backend.before = lambda number, what: None
    assert server.fields["status"] == "draft"
    return session


async def test_discarding_after_an_interrupted_publish_says_what_is_still_to_do_and_a_save_does_it(desk: Desk, server: Server) -> None:
    session = await interrupted_publish(desk, server)
    session.set_field("title", "on second thought, no")
    assert session.discard() == f"IR-1 {UNDONE}: a save of it was interrupted. Save to finish it."
    assert session.changes == () and session.mine.fields["title"] == "Checkout 5xx"
    session = await desk.reopen(session)
    assert UNDONE in session.unfinished and session.recovered is not None
    report = await session.save(await session.review())
    assert [outcome.state for outcome in report.outcomes] == [Result.DONE]
    assert server.fields["status"] == "published" and session.unfinished == "" and desk.drafts.list() == []


class Killed(BaseException):
    """Ends a save as kill -9 does: nothing is done after it."""


@pytest.mark.parametrize(
    ("request_", "arrived", "owes"),
    [
        ("set-back", False, f"perhaps {UNDONE}"),
        ("set-back", True, f"perhaps {UNDONE}"),
        ("severity", False, UNDONE),
        ("severity", True, UNDONE),
        ("publish-again", False, f"perhaps {UNDONE}"),
        ("publish-again", True, f"perhaps {UNDONE}"),
    ],
)
async def test_the_list_of_drafts_says_what_a_killed_save_left_half_way(
    desk: Desk, server: Server, request_: str, arrived: bool, owes: str
) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    assert session.caught_up(PATIENCE) and desk.drafts.list()[0].owes == ""

    def kill(_: int, what: str) -> BackendError | None:
        if what == request_:
            raise Killed
        return None

    setattr(desk.backend, "after" if arrived else "before", kill)
    with pytest.raises(Killed):
        await session.save(await session.review())
    assert session.caught_up(PATIENCE)
    (info,) = desk.drafts.list()
    assert info.owes == owes
    desk.backend.before = desk.backend.after = lambda number, what: None
    session = await desk.reopen(session)
    assert session.unfinished == f"IR-1 {owes}: a save of it was interrupted. Save to finish it."
    await session.save(await session.review())
    assert (server.fields["status"], server.fields["severity"], desk.drafts.list()) == ("published", "SEV-1", [])


async def test_the_list_of_drafts_says_what_is_half_way_until_it_is_finished(desk: Desk, server: Server) -> None:
    session = await interrupted_publish(desk, server)
    assert session.caught_up(PATIENCE) and [(each.owes, each.changes) for each in desk.drafts.list()] == [(UNDONE, 0)]
    session.set_field("title", "and more")
    assert session.caught_up(PATIENCE) and [(each.owes, each.changes) for each in desk.drafts.list()] == [(UNDONE, 1)]
    session = await desk.reopen(session)
    session.discard()
    assert session.caught_up(PATIENCE) and [(each.owes, each.changes) for each in desk.drafts.list()] == [(UNDONE, 0)]
    await session.save(await session.review())
    assert desk.drafts.list() == [] and server.fields["status"] == "published"


async def test_what_is_owed_can_be_left_on_purpose(desk: Desk, server: Server) -> None:
    session = await interrupted_publish(desk, server)
    session.discard()
    session.abandon()
    assert session.unfinished == "" and desk.drafts.list() == []
    assert server.fields["status"] == "draft"


async def test_discarding_a_crashed_save_keeps_what_it_owes(desk: Desk, server: Server) -> None:
    server.fields["status"] = "published"
    session = await desk.open()
    key = session.mine.cells[0].key
    session.edit_cell(key, "## Summary\nx")
    review = await session.review()

    class Crash(Exception):
        """The process is gone."""

    def crash(number: int, what: str) -> None:
        if what == DOCUMENT:
            raise Crash

    desk.backend.before = crash
    with pytest.raises(Crash):
        await session.save(review)
    desk.backend.before = lambda number, what: None
    session = await desk.reopen(session)
    assert UNDONE in session.discard()
    await session.save(await session.review())
    assert server.fields["status"] == "published" and "## Summary\nx" not in server.texts


async def test_a_state_directory_that_is_a_file_is_no_obstacle_to_reading_and_is_said(desk: Desk) -> None:
    (desk.root).mkdir()
    (desk.root / "state").write_bytes(b"")
    session = await desk.open()
    session.set_field("title", "x")
    assert "NOT on disk" in session.put_on_disk()
    with pytest.raises(NotADirectoryError):
        desk.drafts.list()
    session.revert(Part(field="title"))


async def test_an_audit_log_that_cannot_be_written_is_said_once(desk: Desk) -> None:
    session = await desk.open()
    (desk.root / "state" / "audit.jsonl").mkdir()
    said = []
    for severity in ("SEV-1", "SEV-3"):
        session.set_field("severity", severity)
        report = await session.save(await session.review())
        assert report.verified
        said.append(report.notices)
    assert said[0][0].startswith("the audit log could not be written: ") and said[1] == ()


def test_an_editors_backups_go_with_its_file(tmp_path: Path) -> None:
    outside = Outside(tmp_path)
    path = outside.lend("text", "Timeline")
    for name in ("timeline.md~", ".timeline.md.swp", "#timeline.md#"):
        (path.parent / name).write_text("text")
    (path.parent / "link").symlink_to(tmp_path)
    outside.take_back(path)
    assert not path.parent.exists() and outside.left_behind() == [] and tmp_path.exists()


def test_fields_and_new_cells_are_among_the_fragments() -> None:
    records = [{"do": edit_to_json(edit)} for edit in (AddCell(Cell("n1", "## New"), 0), SetField("title", "T"), SetField("title", "T"))]
    assert fragments(records) == ["## New", "T"]
