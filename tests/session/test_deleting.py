"""Deleting a cell is "saved" when the server does not have it any more, and only then."""

from __future__ import annotations

import pytest

from pmtui.backends.base import Trouble
from pmtui.model.changes import CellDeleted, change_id
from pmtui.model.postmortem import CellKind
from pmtui.session.report import Result
from pmtui.session.session import Session, State
from tests.session.conftest import Desk
from tests.session.fake import DOCUMENT, Server, error

TIMELINE = "## Timeline\n- 02:14 alert\n- 02:31 failover"


async def deleted(desk: Desk, *, typing: bool) -> Session:
    session = await desk.open()
    first, timeline = session.mine.cells[:2]
    session.delete_cell(timeline.key)
    if typing:
        session.edit_cell(first.key, first.text + " more")
    return session


@pytest.mark.parametrize("typing", [False, True])
@pytest.mark.parametrize("way", ["unanswered", "ignored", "refused"])
async def test_a_deletion_that_was_not_made_stays_to_be_made(desk: Desk, server: Server, way: str, typing: bool) -> None:
    session = await deleted(desk, typing=typing)
    review = await session.review()
    match way:
        case "unanswered":
            desk.backend.before = lambda number, what: error(Trouble.TIMEOUT, unknown=True) if what == DOCUMENT else None
        case "ignored":
            desk.backend._write = lambda target, step: None  # type: ignore[method-assign]
        case _:
            desk.backend.refuse = lambda step: error(Trouble.INVALID)
    report = await session.save(review)
    assert not report.verified and session.status.state is State.NOT_SAVED
    wanted = Result.REFUSED if way == "refused" else Result.NOT_APPLIED
    assert {outcome.state for outcome in report.outcomes} == {wanted}
    assert len(report.outcomes) == len(session.changes) == 1 + typing
    assert TIMELINE in server.texts
    assert any(isinstance(change, CellDeleted) for change in session.changes)
    desk.backend.before = lambda number, what: None
    desk.backend.refuse = lambda step: None
    desk.backend.__dict__.pop("_write", None)
    assert (await session.save(await session.review())).verified
    assert TIMELINE not in server.texts and session.changes == ()


async def test_a_deletion_that_was_made_is_done_also_beside_a_new_cell_that_is_alike(desk: Desk, server: Server) -> None:
    session = await desk.open()
    timeline = session.mine.cells[1]
    session.add_cell(timeline.key, timeline.text + "\n- 02:40 rolled back  ")
    session.delete_cell(timeline.key)
    desk.backend.store = str.strip  # what comes back is not, to the letter, what was sent
    report = await session.save(await session.review())
    assert report.verified and session.changes == ()
    assert server.texts[1] == TIMELINE + "\n- 02:40 rolled back"


async def test_a_crash_before_the_deletion_arrived_is_settled_by_reading(desk: Desk, server: Server) -> None:
    session = await deleted(desk, typing=False)
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
    review = await session.review()
    assert [change_id(change) for change in review.changes] == [f"deleted:{session.base.cells[1].key}"]
    assert (await session.save(review)).verified and TIMELINE not in server.texts


async def test_a_cell_that_somebody_edited_while_it_was_deleted_is_asked_about(desk: Desk, server: Server) -> None:
    session = await deleted(desk, typing=False)
    review = await session.review()

    def edit(number: int, what: str) -> None:
        if what == DOCUMENT:
            server.cells[1] = (CellKind.MARKDOWN, TIMELINE + "\n- theirs")
            raise error(Trouble.TIMEOUT, unknown=True)

    desk.backend.before = edit
    report = await session.save(review)
    assert not report.verified
    desk.backend.before = lambda number, what: None
    (conflict,) = (await session.review()).conflicts
    assert conflict.mine is None
