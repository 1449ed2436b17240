"""What a session says of the disk is true, and what could not be read of a draft is never removed."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.session.session import Session, State
from pmtui.store import journal as journal_module
from pmtui.store import timeouts as patience
from pmtui.store.files import Files, System
from tests.session.conftest import Desk
from tests.session.fake import Server
from tests.store.disks import FaultySystem
from tests.store.test_journal_truth import StuckSystem


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    monkeypatch.setattr(journal_module, "LAST_WORDS", 0.1)


def drafts_of(desk: Desk) -> list[Path]:
    return sorted((desk.root / "state" / "drafts").glob("*.journal"))


async def kept(desk: Desk) -> Path:
    """A draft with one edit, closed."""
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, "## Summary\nprecious")
    assert session.close() == ""
    (path,) = drafts_of(desk)
    return path


def flip(path: Path, line: int) -> None:
    lines = path.read_bytes().split(b"\n")
    spoilt = bytearray(lines[line])
    spoilt[len(spoilt) // 2] ^= 1
    lines[line] = bytes(spoilt)
    path.write_bytes(b"\n".join(lines))


class Unreadable(System):
    """Reads locks, and no drafts."""

    def read(self, fd: int, size: int) -> bytes:
        if Path(f"/proc/self/fd/{fd}").readlink().suffix == ".journal":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(fd, size)


@pytest.mark.parametrize("way", ["header", "base", "only edit", "unreadable"])
async def test_looking_at_a_draft_that_cannot_be_read_leaves_it(desk: Desk, way: str) -> None:
    path = await kept(desk)
    match way:
        case "header" | "base" | "only edit":
            flip(path, ["header", "base", "only edit"].index(way))
        case _:
            desk.files = Files(Unreadable())
    before = path.read_bytes()
    session = await desk.open()
    assert path.name in session.damage and session.damage in session.notices
    assert session.base.notices == session.mine.notices == ()
    assert session.close() == ""
    assert path.read_bytes() == before


async def test_a_draft_that_a_backup_links_to_is_taken_up_and_the_backup_stays(desk: Desk) -> None:
    path = await kept(desk)
    os.link(path, desk.root / "backup")
    before = path.read_bytes()
    session = await desk.open()
    assert session.damage == "" and session.mine.cells[0].text == "## Summary\nprecious"
    session.set_field("severity", "SEV-1")
    assert session.close() == ""
    assert (desk.root / "backup").read_bytes() == before != path.read_bytes()


async def test_a_document_nested_thousands_of_levels_deep_does_not_end_the_program(desk: Desk) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    real = desk.backend._read
    desk.backend._read = lambda: replace(real(), origin=deep)  # type: ignore[method-assign]
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    assert session.put_on_disk() == "" and drafts_of(desk)
    session = await desk.reopen(session)
    assert session.mine.fields["severity"] == "SEV-1" and session.base.origin is deep
    assert (await session.save(await session.review())).verified


async def test_what_has_no_file_is_not_on_disk(desk: Desk) -> None:
    """An empty journal has no file: it never counts as durable."""
    journal = desk.drafts.open("fake", "i9", "")
    assert not journal.durable and not journal.flush()
    journal.append({"do": 1})
    assert journal.flush() and journal.path.exists()
    journal.close()


@pytest.mark.parametrize("way", ["base", "only edit", "unreadable"])
async def test_typing_puts_a_draft_that_cannot_be_read_aside(desk: Desk, server: Server, way: str) -> None:
    path = await kept(desk)
    before = path.read_bytes()
    if way == "unreadable":
        desk.files = Files(Unreadable())
    else:
        flip(path, ["header", "base", "only edit"].index(way))
        before = path.read_bytes()
    server.fields["title"] = "by a colleague"
    session = await desk.open()
    assert session.recovered is None and session.mine.fields["title"] == "by a colleague"
    session.set_field("severity", "SEV-1")
    assert session.close() == ""
    desk.files = Files()
    assert [each.read_bytes() == before for each in drafts_of(desk)] == [False, True]
    (info,) = [each for each in desk.drafts.list() if each.path == path]
    assert not info.damaged and desk.drafts.read(info).base.fields["title"] == "by a colleague"
    session = await desk.open()
    assert [session.mine.fields[name] for name in ("title", "severity")] == ["by a colleague", "SEV-1"]
    session.discard()
    assert len(drafts_of(desk)) == 1


async def test_discarding_a_damaged_draft_puts_the_file_aside(desk: Desk) -> None:
    session = await desk.open()
    session.set_field("title", "first")
    session.set_field("severity", "second")
    session.close()
    (path,) = drafts_of(desk)
    flip(path, 2)
    before = path.read_bytes()
    session = await desk.open()
    assert session.recovered is not None and "what could be read of it is here" in session.damage
    session.discard()
    assert session.damage == ""
    session.close()
    assert [each.read_bytes() for each in drafts_of(desk)] == [before] and not path.exists()


async def test_after_a_missing_record_no_edit_cuts_in_the_wrong_place(desk: Desk) -> None:
    session = await desk.open()
    cell = session.mine.cells[0]
    session.edit_cell(cell.key, "alpha " + cell.text)
    session.edit_cell(cell.key, session.mine.cell(cell.key).text + " omega")
    session.set_field("title", "other")
    assert session.close() == ""
    flip(drafts_of(desk)[0], 2)
    session = await desk.open()
    assert session.mine.cell(cell.key).text == cell.text, "not ' omega' six characters too far, or anywhere"
    assert session.mine.fields["title"] == "other"
    assert "1 later edits have no place" in session.damage and session.damage in session.notices


async def test_undo_of_an_edit_that_had_no_place_changes_nothing(desk: Desk) -> None:
    session = await desk.open()
    cell = session.mine.cells[0]
    session.edit_cell(cell.key, "alpha " + cell.text)
    session.edit_cell(cell.key, cell.text[:3])
    session.undo()
    assert session.close() == ""
    flip(drafts_of(desk)[0], 2)
    session = await desk.open()
    assert session.mine.cells[0].text == cell.text


async def test_rescue_says_until_when_it_is_on_disk(desk: Desk) -> None:
    session = await desk.open()
    assert session.rescue() == "" and session.put_on_disk() == ""
    session.set_field("title", "x")
    words = session.rescue()
    assert words.startswith("the draft of IR-1 is on disk up to ") and str(drafts_of(desk)[0]) in words
    assert session.put_on_disk() == ""


async def test_rescue_and_close_say_that_it_is_not_on_disk_and_why(desk: Desk) -> None:
    broken = FaultySystem(lambda call: True, errno.ENOSPC)
    desk.files = Files(broken)
    session = await desk.open()
    session.set_field("title", "x")
    assert session.put_on_disk() == "NOT on disk: disk full"
    assert session.rescue() == "the draft of IR-1 is NOT on disk: disk full"
    assert session.close() == "NOT on disk: disk full"


async def test_rescue_says_what_is_on_disk_when_the_rest_is_not(desk: Desk) -> None:
    full: list[bool] = []
    desk.files = Files(FaultySystem(lambda call: bool(full), errno.ENOSPC))
    session = await desk.open()
    session.set_field("title", "x")
    assert session.put_on_disk() == ""
    full.append(True)
    session.set_field("title", "y")
    words = session.rescue()
    assert "NOT on disk: disk full" in words and "until " in words and str(drafts_of(desk)[0]) in words
    full.clear()
    assert session.put_on_disk() == ""
    assert session.close() == ""


async def test_closing_on_a_stuck_disk_comes_back_and_says_so(desk: Desk) -> None:
    system = StuckSystem()
    desk.files = Files(system)
    session = await desk.open()
    session.set_field("title", "x")
    assert session.put_on_disk() == ""
    system.stuck.set()
    session.set_field("title", "y")
    assert session.close() == f"NOT on disk: {patience.STUCK}"
    system.healed.set()


async def test_a_disk_that_says_nothing_is_in_the_status(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    system = StuckSystem()
    desk.files = Files(system)
    session = await desk.open()
    session.set_field("title", "x")
    assert session.put_on_disk() == ""
    system.stuck.set()
    session.set_field("title", "y")
    monkeypatch.setattr("pmtui.session.status.SILENT", 0.0)
    assert session.status.words() == "edited · not on disk yet: the disk does not answer"
    system.healed.set()
    assert session.put_on_disk() == "" and session.status.state is State.DRAFT


async def test_a_session_to_look_at_has_nothing_to_put_on_disk(desk: Desk) -> None:
    from tests.session.fake import INCIDENT

    session: Session = await desk.workspace().look(INCIDENT)
    assert (session.put_on_disk(), session.rescue(), session.damage, session.close()) == ("", "", "", "")
