"""What could not be read of a postmortem is neither a change, nor empty, nor ever written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pmtui.backends.base import Trouble
from pmtui.model.fields import LockedBy
from pmtui.model.part import Part
from pmtui.model.postmortem import TEXT, Postmortem, Unread
from pmtui.model.values import Person
from pmtui.session.report import Result
from pmtui.session.review import News
from pmtui.session.session import Locked
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT, Server, error

LENA, MARA = Person("p1", "Lena"), Person("p2", "Mara")
WHY = "data.attributes.responders is null, not a list"


@pytest.fixture
def hide(desk: Desk) -> Iterator[Callable[..., None]]:
    """From now on these parts of the postmortem cannot be read."""
    real = desk.backend._read

    def hide(*parts: str) -> None:
        def read() -> Postmortem:
            found = real()
            for part in parts:
                found = found.with_cells(()) if part == TEXT else found.with_field(part, None)
            return replace(found, unread=tuple(Unread(part, WHY) for part in parts))

        desk.backend._read = read  # type: ignore[method-assign]

    yield hide


async def test_a_field_that_could_not_be_read_is_not_edited(desk: Desk, hide: Callable[..., None]) -> None:
    hide("responders")
    session = await desk.open()
    with pytest.raises(Locked, match=r"could not be read: data.attributes.responders is null") as locked:
        session.set_field("responders", (LENA,))
    assert locked.value.by is LockedBy.UNREAD
    session.set_field("severity", "SEV-1")
    assert (await session.save(await session.review())).verified


async def test_text_that_could_not_be_read_is_not_edited(desk: Desk, hide: Callable[..., None]) -> None:
    hide(TEXT)
    session = await desk.open()
    with pytest.raises(Locked) as locked:
        session.add_cell(None, "## New")
    assert locked.value.by is LockedBy.UNREAD


async def test_a_list_that_cannot_be_read_any_more_is_not_sent_without_those_who_were_on_it(
    desk: Desk, server: Server, hide: Callable[..., None]
) -> None:
    server.fields["responders"] = (MARA,)
    session = await desk.open()
    session.set_field("responders", (MARA, LENA))
    session.set_field("severity", "SEV-1")
    hide("responders")
    review = await session.review()
    assert review.theirs == () and [step.id for step in review.steps] == ["severity"]
    report = await session.save(review)
    (kept,) = report.of(Result.NOT_SENT)
    assert (kept.id, kept.trouble) == ("responders", Trouble.ANSWER) and WHY in kept.detail
    assert server.fields["responders"] == (MARA,) and server.fields["severity"] == "SEV-1"
    assert not report.verified and [change.name for change in session.changes] == ["responders"]  # type: ignore[union-attr]


@pytest.mark.parametrize("part", ["responders", TEXT])
async def test_what_cannot_be_read_any_more_stays_as_it_was_last_read(
    desk: Desk, server: Server, hide: Callable[..., None], part: str
) -> None:
    server.fields["responders"] = (MARA,)
    session = await desk.open()
    cells = [cell.text for cell in session.mine.cells]
    hide(part)
    assert any(WHY in line for line in (await session.reread()).changed)
    assert session.mine.fields["responders"] == (MARA,) and [cell.text for cell in session.mine.cells] == cells
    assert session.changes == ()


@pytest.mark.parametrize("part", ["responders", TEXT])
async def test_what_cannot_be_read_back_is_neither_saved_nor_not_applied(
    desk: Desk, server: Server, hide: Callable[..., None], part: str
) -> None:
    session = await desk.open()
    key = session.mine.cells[1].key
    if part == TEXT:
        session.edit_cell(key, "## Timeline\n- mine")
    else:
        session.set_field(part, (LENA,))
    review = await session.review()
    desk.backend.after = lambda number, what: hide(part) if what in ("document", "responders") else None
    report = await session.save(review)
    (outcome,) = report.outcomes
    assert (outcome.state, outcome.trouble) == (Result.UNKNOWN, Trouble.ANSWER) and WHY in outcome.detail
    assert not report.verified
    assert len(session.changes) == 1, "what was typed is kept"
    assert server.writes in (["document"], ["responders"])


@pytest.mark.parametrize("part", ["responders", TEXT])
async def test_what_is_read_for_the_first_time_is_no_change_of_a_colleague(
    desk: Desk, server: Server, hide: Callable[..., None], part: str
) -> None:
    server.fields["responders"] = (MARA,)
    real = desk.backend._read
    hide(part)
    session = await desk.open()
    session.set_field("severity", "SEV-1")
    desk.backend._read = real  # type: ignore[method-assign]
    assert await session.reread() == News()
    assert session.mine.fields["responders"] == (MARA,) and len(session.mine.cells) == 4
    review = await session.review()
    assert review.theirs == () and review.conflicts == () and len(review.changes) == 1
    assert (await session.save(review)).verified


async def test_text_that_was_read_before_is_kept_in_the_cache_when_it_cannot_be_read(desk: Desk, hide: Callable[..., None]) -> None:
    session = await desk.open()
    session.close()
    hide(TEXT)
    (await desk.open()).close()
    desk.backend.before = lambda number, what: error(Trouble.OFFLINE)
    session = await desk.open()
    assert session.offline and len(session.mine.cells) == 4


async def test_reverting_what_is_unread_is_refused(desk: Desk, hide: Callable[..., None]) -> None:
    hide("responders")
    session = await desk.workspace().open(INCIDENT)
    desk.open_sessions.append(session)
    with pytest.raises(Locked):
        session.revert(Part(field="responders"))
