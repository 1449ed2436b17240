"""After a save the words on the screen are compared with those that the server has, not with our own spelling of them."""

from __future__ import annotations

import json
from dataclasses import replace

from pmtui.backends.base import Lost, Step, Trouble
from pmtui.backends.opsgenie.lost import lost
from pmtui.formats.adf import from_markdown
from pmtui.formats.sections import dumps
from pmtui.model.changes import Change
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.session.report import Result
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, Server

TYPED = "## Timeline\nsee the runbook\n\n[runbook]: https://example.com/till"
STORED = "## Timeline\nsee the runbook"


def spells_our_way(desk: Desk) -> None:
    """The server drops link definitions, and the backend hands our spelling back where the documents agree."""
    backend, ours = desk.backend, {STORED: TYPED}
    backend.store = lambda text: STORED if text == TYPED else text
    real = backend._read_cells

    def read() -> tuple[Cell, ...]:
        return tuple(replace(cell, text=ours.get(cell.text, cell.text), source=json.dumps(cell.text)) for cell in real())

    def missing(cell: Cell) -> Lost | None:
        stored = json.loads(cell.source) if cell.editable else cell.text
        return Lost(("[runbook]:", "https://example.com/till"), stored) if cell.text == TYPED and stored == STORED else None

    backend._read_cells = read  # type: ignore[method-assign]
    backend.lost = missing  # type: ignore[method-assign]


async def test_a_word_that_the_server_dropped_is_named_and_stays_in_the_draft(desk: Desk, server: Server) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[1].key, TYPED)
    spells_our_way(desk)
    report = await session.save(await session.review())
    (outcome,) = report.outcomes
    assert (outcome.state, outcome.trouble, report.verified) == (Result.NOT_APPLIED, Trouble.ANSWER, False)
    assert "does not have: [runbook]: https://example.com/till" in outcome.detail
    assert STORED in server.texts
    session = await desk.reopen(session)
    assert session.mine.cells[1].text == TYPED and len(session.changes) == 1


async def test_other_cells_are_compared_only_where_something_was_sent(desk: Desk, server: Server) -> None:
    server.cells[1] = (CellKind.MARKDOWN, STORED)
    spells_our_way(desk)
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, "## Summary\nx")
    assert (await session.save(await session.review())).verified


def test_a_section_of_a_document_lacks_what_its_blocks_do_not_say() -> None:
    whole = from_markdown("alpha beta")["content"]
    assert lost(Cell("a", "alpha beta", source=dumps(whole))) is None
    assert lost(Cell("a", "alpha beta 17", source=dumps(whole))) == Lost(("17",), "alpha beta")
    assert lost(Cell("a", "▦ panel", CellKind.OPAQUE, source="[]")) is None


async def test_a_colleagues_edit_right_after_the_save_is_said_and_both_texts_are_kept(desk: Desk, server: Server) -> None:
    backend, version = desk.backend, ["02:20:00"]
    real_read, real_send = backend._read, backend.send
    backend._read = lambda: replace(real_read(), version=version[0])  # type: ignore[method-assign]

    async def send(server_now: Postmortem, target: Postmortem, step: Step) -> Postmortem:
        await real_send(server_now, target, step)
        version[0] = "02:21:00"
        answer = backend._read()
        server.cells[1] = (CellKind.MARKDOWN, "## Timeline\n- theirs, on a stale copy")
        version[0] = "02:21:01"
        return answer

    backend.send = send  # type: ignore[method-assign, assignment]
    session = await desk.open()
    key = session.mine.cells[1].key
    session.edit_cell(key, session.mine.cell(key).text + "\n- mine")
    report = await session.save(await session.review())
    assert not report.verified and report.outcomes[0].state is Result.NOT_APPLIED
    assert "somebody changed the document on the server right after this save (02:21:01)" in report.notices[0]
    assert report.notices[0] in session.notices
    (change,) = session.changes
    assert _mentions(change, "- mine"), "mine is in the draft, theirs on the server"
    assert "## Timeline\n- theirs, on a stale copy" in server.texts


def _mentions(change: Change, text: str) -> bool:
    return text in str(change)


async def test_a_save_that_nobody_overtook_says_nothing(desk: Desk) -> None:
    session = await desk.open()
    session.edit_cell(session.mine.cells[0].key, "## Summary\nx")
    report = await session.save(await session.review())
    assert report.verified and report.notices == () and DOCUMENT in desk.backend.asked
