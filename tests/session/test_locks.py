"""Why something cannot be edited or written here, by sort; and no write while another process has the draft open."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.fields import LockedBy
from pmtui.model.part import Part
from pmtui.model.postmortem import Postmortem
from pmtui.session.report import Result
from pmtui.session.session import Locked, Session
from pmtui.session.workspace import Workspace
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftBusy
from pmtui.store.filenames import file_stem
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT, Server, error


def open_elsewhere(desk: Desk, document: str) -> Path:
    """The draft of this document is open in another process, which lives."""
    drafts = desk.root / "state" / "drafts"
    drafts.mkdir(parents=True, mode=0o700, exist_ok=True)
    path = drafts / f"{file_stem('fake', INCIDENT.id, document)}.lock"
    path.write_text(json.dumps({"host": os.uname().nodename, "pid": os.getppid(), "token": "theirs"}))
    path.chmod(0o600)
    return path


async def test_each_lock_says_of_what_sort_it_is(desk: Desk) -> None:
    session = await desk.open()
    with pytest.raises(Locked) as by_vendor:
        session.set_field("created", "2026-11-22")
    with pytest.raises(Locked) as opaque:
        session.edit_cell(session.mine.cells[2].key, "x")
    looking = await desk.workspace().look(INCIDENT)
    with pytest.raises(Locked) as told:
        looking.set_field("title", "x")
    assert [each.value.by for each in (by_vendor, opaque, told)] == [LockedBy.VENDOR, LockedBy.OPAQUE, LockedBy.READ_ONLY]


async def test_a_pinned_cell_and_a_lock_of_the_backend_keep_their_sort(desk: Desk) -> None:
    real = desk.backend._read

    def read() -> Postmortem:
        found = real()
        form = tuple(replace(field, locked="nobody is named", locked_by=LockedBy.ACTOR) for field in found.form)
        return replace(found, form=form, cells=(replace(found.cells[0], pinned=True),))

    desk.backend._read = read  # type: ignore[method-assign]
    session = await desk.open()
    with pytest.raises(Locked) as actor:
        session.set_field("status", "x")
    with pytest.raises(Locked) as pinned:
        session.delete_cell(session.mine.cells[0].key)
    assert [actor.value.by, pinned.value.by] == [LockedBy.ACTOR, LockedBy.PINNED]


async def test_the_splice_of_a_key_is_taken_as_it_is(desk: Desk) -> None:
    session = await desk.open()
    key = session.mine.cells[1].key
    session.splice_cell(key, len("## Timeline\n- 02:14"), "", " UTC")
    assert session.mine.cell(key).text == "## Timeline\n- 02:14 UTC alert\n- 02:31 failover"
    session.splice_cell(key, 3, "Timeline", "Events")
    assert session.mine.cell(key).text.startswith("## Events\n")
    session.undo()
    assert session.mine.cell(key).text.startswith("## Timeline\n")
    with pytest.raises(ValueError, match="does not stand at character 3"):
        session.splice_cell(key, 3, "Elsewhere", "x")
    with pytest.raises(Locked):
        session.splice_cell(session.mine.cells[2].key, 0, "", "x")
    session = await desk.reopen(session)
    assert session.mine.cell(key).text.startswith("## Timeline\n- 02:14 UTC")


async def test_nothing_is_deleted_while_another_process_has_the_draft_open(desk: Desk, server: Server) -> None:
    open_elsewhere(desk, "p1")
    with pytest.raises(DraftBusy):
        await desk.open()
    assert not server.gone


async def test_a_postmortem_is_deleted_by_who_has_it_open(desk: Desk, server: Server) -> None:
    session = await desk.open()
    await desk.workspace().remove(session)
    assert server.gone


async def test_nothing_is_deleted_read_only_or_during_a_save(desk: Desk, server: Server) -> None:
    looking = await desk.workspace().look(INCIDENT)
    with pytest.raises(Locked):
        await desk.workspace().remove(looking)
    assert not server.gone


async def test_nothing_is_created_while_another_process_edits_the_fields(desk: Desk) -> None:
    lock = open_elsewhere(desk, "")
    asked = len(desk.backend.asked)
    with pytest.raises(DraftBusy):
        await desk.workspace().create(INCIDENT)
    assert len(desk.backend.asked) == asked, "nothing was sent"
    lock.unlink()
    desk.open_sessions.append(await desk.workspace().create(INCIDENT))


@pytest.mark.parametrize("trouble", [Trouble.CREDENTIALS, Trouble.RIGHTS, Trouble.LIMITED, Trouble.CONFLICT, Trouble.INVALID])
async def test_the_kind_of_trouble_travels_with_the_outcome(desk: Desk, trouble: Trouble) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    session.set_field("owner", None)
    session.set_field("title", "x")
    review = await session.review()
    desk.backend.refuse = lambda step: error(trouble)
    report = await session.save(review)
    assert {outcome.state for outcome in report.outcomes} <= {Result.REFUSED, Result.NOT_SENT}
    assert {outcome.trouble for outcome in report.outcomes} == {trouble}


async def test_a_done_outcome_has_no_trouble(desk: Desk) -> None:
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    lost: list[BackendError] = [error(Trouble.TIMEOUT, unknown=True)]
    desk.backend.after = lambda number, what: lost.pop() if what == "severity" and lost else None
    (outcome,) = (await session.save(await session.review())).outcomes
    assert (outcome.state, outcome.trouble) == (Result.DONE, None)


async def test_reverting_a_field_takes_what_the_server_has_now(desk: Desk, server: Server) -> None:
    session: Session = await desk.open()
    session.set_field("severity", "SEV-1")
    server.fields["severity"] = "SEV-3"
    await session.reread()
    session.revert(Part(field="severity"))
    assert session.mine.fields["severity"] == "SEV-3" and session.changes == ()


async def test_a_read_only_profile_says_so(desk: Desk) -> None:
    workspace = Workspace("fake", desk.backend, desk.drafts, Cache(desk.root / "cache", "fake"), desk.audit, read_only="read-only: told")
    session = await workspace.open(INCIDENT)
    with pytest.raises(Locked, match="told") as told:
        session.revert(Part(field="title"))
    assert told.value.by is LockedBy.READ_ONLY
