"""Work on a long text is done in a thread, and what is typed meanwhile is kept and wins. The work is held until it was typed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pmtui.backends.base import Trouble
from pmtui.model.changes import CellEdited
from pmtui.model.incident import Incident
from pmtui.model.postmortem import CellKind, Postmortem
from pmtui.model.values import Person
from pmtui.session import save as saving
from pmtui.session import session as session_module
from pmtui.session.review import News
from pmtui.session.session import Session, State
from pmtui.store import audit
from tests.held import Held
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, Server, error

STEPS = ("with_keys_after", "agreed_base", "altered", "rebase")
"""Of reading back."""


def type_behind(session: Session, cell: int, text: str) -> None:
    there = session.mine.cells[cell]
    session.edit_cell(there.key, there.text + text)


async def test_typing_while_a_new_reading_is_merged(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await desk.open()
    type_behind(session, 0, " before")
    server.cells[1] = (CellKind.MARKDOWN, server.cells[1][1] + " by others")
    held = Held(monkeypatch, session_module, "reread")
    news = await held.while_held(asyncio.create_task(session.reread()), lambda: type_behind(session, 0, " and meanwhile"))
    assert session.mine.cells[0].text.endswith(" before and meanwhile")
    assert session.mine.cells[1].text.endswith(" by others") and news.changed
    assert held.begun == 2
    session = await desk.reopen(session)
    assert session.mine.cells[0].text.endswith(" before and meanwhile")


async def test_the_skipped_fields_come_while_a_new_reading_is_merged(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading that lacks them belongs to a base that lacks them: the server is read again, and nothing is news."""
    server.fields["owner"] = Person("1", "Mara")
    read = desk.backend.postmortem

    async def quick(incident: Incident, document: str = "") -> Postmortem:
        whole = await read(incident, document)
        form = tuple(replace(field, locked="not read yet") if field.name == "owner" else field for field in whole.form)
        return replace(whole, form=form, fields={name: value for name, value in whole.fields.items() if name != "owner"})

    async def complete(postmortem: Postmortem) -> Postmortem:
        return await read(postmortem.incident)

    monkeypatch.setattr(desk.backend, "postmortem", quick)
    monkeypatch.setattr(desk.backend, "complete", complete)
    session = await desk.open()
    type_behind(session, 0, " mine")
    held = Held(monkeypatch, session_module, "reread")
    news = await held.while_held(asyncio.create_task(session.reread()), session.complete)
    assert news == News()
    assert session.mine.fields["owner"] == session.base.fields["owner"] == Person("1", "Mara")
    assert not next(field for field in session.mine.form if field.name == "owner").locked
    assert len(session.changes) == 1 and await session.reread() == News()


@pytest.mark.parametrize("step", ["with_keys_after", "agreed_base", "rebase"])
async def test_typing_while_an_interrupted_save_is_settled(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    session = await desk.open()
    type_behind(session, 0, " sent")
    server.cells[1] = (CellKind.MARKDOWN, server.cells[1][1] + " by others")
    writes = iter([error(Trouble.TIMEOUT, unknown=True)])
    desk.backend.after = lambda number, what: next(writes, None) if what == DOCUMENT else None
    desk.backend.before = lambda number, what: error(Trouble.OFFLINE) if what == "read" and server.writes else None
    assert not (await session.save(await session.review())).verified
    desk.backend.before = lambda number, what: None
    session = await desk.reopen(session)
    held = Held(monkeypatch, saving, step)
    reviewed = await held.while_held(asyncio.create_task(session.review()), lambda: type_behind(session, 0, " and meanwhile"))
    assert [change.after.text for change in reviewed.changes if isinstance(change, CellEdited)] == [session.mine.cells[0].text]
    assert session.mine.cells[0].text.endswith(" sent and meanwhile") and session.base.cells[0].text.endswith(" sent")
    assert session.mine.cells[1].text.endswith(" by others") and server.writes == [DOCUMENT]
    session = await desk.reopen(session)
    assert session.mine.cells[0].text.endswith(" sent and meanwhile") and len(session.changes) == 1


@pytest.mark.parametrize(("step", "let_pass"), [*((name, 0) for name in STEPS), ("prepared", 0), ("merge", 0), ("merge", 1)])
async def test_typing_while_a_save_runs(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, step: str, let_pass: int) -> None:
    """Also while what was read since the review is merged, and while what was typed since is put on top of what is sent."""
    session = await desk.open()
    type_behind(session, 0, " sent")
    reviewed = await session.review()
    held = Held(monkeypatch, saving, step, let_pass)
    report = await held.while_held(asyncio.create_task(session.save(reviewed)), lambda: type_behind(session, 0, " and meanwhile"))
    assert report.verified and server.cells[0][1].endswith(" sent")
    assert session.mine.cells[0].text.endswith(" sent and meanwhile")
    assert session.base.cells[0].text.endswith(" sent") and len(session.changes) == 1
    session = await desk.reopen(session)
    assert session.mine.cells[0].text.endswith(" sent and meanwhile") and len(session.changes) == 1


async def test_typing_while_a_save_is_logged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of the log has a hash of the whole text, and waits for the disk."""
    session = await desk.open()
    type_behind(session, 0, " sent")
    reviewed = await session.review()
    held = Held(monkeypatch, audit, "fingerprint")
    report = await held.while_held(asyncio.create_task(session.save(reviewed)), lambda: type_behind(session, 0, " and meanwhile"))
    assert report.verified and not report.notices
    assert session.base.cells[0].text.endswith(" sent") and len(session.changes) == 1
    assert session.status.state is State.DRAFT
    session = await desk.reopen(session)
    assert session.mine.cells[0].text.endswith(" sent and meanwhile") and len(session.changes) == 1
    assert len(desk.audit.entries()) == 1
