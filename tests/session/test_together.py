"""Edits that are one for the user: one undo takes them back, in whichever cells they are, after a crash, too."""

from __future__ import annotations

from dataclasses import replace

from pmtui.session.session import Session
from tests.session.conftest import Desk

WANTED = {"failed": "broke", "failover": "fail-over"}


def rewrite(session: Session) -> None:
    cells = session.mine.cells
    for before, after in WANTED.items():
        cells = tuple(replace(cell, text=cell.text.replace(before, after)) if cell.editable else cell for cell in cells)
    session.become(session.mine.with_cells(cells))


def texts(session: Session) -> list[str]:
    return [cell.text for cell in session.mine.cells]


async def test_one_undo_takes_back_edits_of_several_cells(desk: Desk) -> None:
    session = await desk.open()
    before = texts(session)
    session.splice_cell(session.mine.cells[0].key, len(before[0]), "", "x")
    typed = texts(session)
    rewrite(session)
    rewritten = texts(session)
    assert sum(one != other for one, other in zip(typed, rewritten, strict=True)) == 2
    session.undo()
    assert texts(session) == typed, "what was typed just before is another step"
    session.redo()
    assert texts(session) == rewritten
    session.undo()
    session.undo()
    assert texts(session) == before


async def test_they_are_one_step_after_a_crash_too(desk: Desk) -> None:
    session = await desk.open()
    session.splice_cell(session.mine.cells[0].key, 0, "", "x")
    typed = texts(session)
    rewrite(session)
    session = await desk.reopen(session)
    session.splice_cell(session.mine.cells[0].key, 0, "", "y")
    session.undo()
    session.undo()
    assert texts(session) == typed
