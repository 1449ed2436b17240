"""Work on a long text is done in a thread, and what is typed meanwhile is kept and wins. The work is held until it was typed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pmtui import threads
from pmtui.model.postmortem import CellKind
from pmtui.session import save as saving
from pmtui.session import session as session_module
from pmtui.session.session import Session
from tests.patience import PATIENCE
from tests.quiet import until
from tests.session.conftest import Desk
from tests.session.fake import Server


class Held:
    """Holds work in its thread; ``begun`` counts how often it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.begun, self._open, self._loop = 0, threading.Event(), threading.get_ident()
        work: Callable[..., Any] = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, **named: self._hold(lambda: work(*given, **named)))
        monkeypatch.setattr(threads, "LONG", 0)

    def _hold(self, work: Callable[[], Any]) -> Any:
        assert threading.get_ident() != self._loop, "whoever draws waits for this"
        self.begun += 1
        assert self._open.wait(PATIENCE)
        return work()

    async def while_held(self, doing: asyncio.Task[Any], act: Callable[[], object]) -> Any:
        await until(lambda: self.begun)
        act()
        assert not doing.done()
        self._open.set()
        return await doing


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


@pytest.mark.parametrize("step", ["with_keys_after", "agreed_base", "altered", "rebase"])
async def test_typing_while_a_save_is_read_back(desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    session = await desk.open()
    type_behind(session, 0, " sent")
    reviewed = await session.review()
    held = Held(monkeypatch, saving, step)
    report = await held.while_held(asyncio.create_task(session.save(reviewed)), lambda: type_behind(session, 0, " and meanwhile"))
    assert report.verified and server.cells[0][1].endswith(" sent")
    assert session.mine.cells[0].text.endswith(" sent and meanwhile")
    assert session.base.cells[0].text.endswith(" sent") and len(session.changes) == 1
    session = await desk.reopen(session)
    assert session.mine.cells[0].text.endswith(" sent and meanwhile") and len(session.changes) == 1
