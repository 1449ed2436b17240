"""An open conflict: nothing is sent about its part, whatever it is, and mine of it stays in the draft to be asked about again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.base import Step
from pmtui.model.cell_alignment import with_twins
from pmtui.model.changes import Change
from pmtui.model.conflicts import Decision
from pmtui.model.part import part_of, same_part
from pmtui.model.postmortem import CellKind, Postmortem
from pmtui.model.values import Person
from pmtui.session.rebase import rebase
from pmtui.session.review import prepared, replaced, review
from pmtui.session.session import Session
from tests.model.strategies import edited, postmortems
from tests.session.conftest import Desk
from tests.session.fake import Server

MARKDOWN = CellKind.MARKDOWN
MARA, AISHA, JUN = (Person(name, role="lead") for name in ("mara", "aisha", "jun"))


def planned(server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
    return tuple(Step(str(number), "write", "PUT", (change,)) for number, change in enumerate(changes))


@st.composite
def three(draw: st.DrawFn) -> tuple[Postmortem, Postmortem, Postmortem]:
    """Two versions with edits anywhere, and one cell that each side wrote anew or deleted."""
    base = draw(postmortems.filter(lambda postmortem: any(cell.editable for cell in postmortem.cells)))
    key = draw(st.sampled_from([cell.key for cell in base.cells if cell.editable]))
    texts_of = draw(st.sampled_from([(None, "theirs anew"), ("mine anew", None), ("mine anew", "theirs anew")]))
    mine, theirs = (_written_anew(draw(edited(base, side)), key, text) for side, text in zip("mt", texts_of, strict=True))
    return base, mine, theirs.with_cells(tuple(with_twins(base=base.cells, mine=mine.cells, theirs=theirs.cells)))


def _written_anew(version: Postmortem, key: str, text: str | None) -> Postmortem:
    written = (replace(cell, text=text or "") if cell.key == key else cell for cell in version.cells)
    return version.with_cells(tuple(cell for cell in written if text is not None or cell.key != key))


@given(three())
def test_nothing_is_sent_about_a_part_in_an_open_conflict(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, server = sides
    found = review(base=base, mine=mine, server=server, plan=planned)
    parts = {conflict.part for conflict in found.conflicts}
    ready = prepared(found, found.server, found.target, {conflict.id for conflict in found.conflicts}, planned)
    assert all(same_part(ready.sent, server, part) for part in parts)
    for changes in (found.changes, ready.going, [each for step in (*found.steps, *ready.steps) for each in step.changes]):
        assert not parts & {part_of(change) for change in changes}
    assert not parts & {part_of(change) for change in replaced(found)}
    new_base, left = rebase(base=base, mine=mine, server=ready.sent)
    assert all(same_part(left, mine, part) and same_part(new_base, base, part) for part in parts)


def _edit(session: Session, title: str, text: str) -> None:
    session.edit_cell(next(cell.key for cell in session.mine.cells if cell.title == title), text)


def _i_delete(session: Session) -> None:
    session.delete_cell(next(cell.key for cell in session.mine.cells if cell.title == "Timeline"))


def _i_edit(session: Session) -> None:
    _edit(session, "Timeline", "## Timeline\n- mine")


def _i_edit_and_move(session: Session) -> None:
    _i_edit(session)
    session.move_cell(next(cell.key for cell in session.mine.cells if cell.title == "Timeline"), 2)


def _i_retitle(session: Session) -> None:
    session.set_field("title", "mine")


def _i_remove_one_and_add_another(session: Session) -> None:
    session.set_field("responders", (JUN,))


def _they_delete(server: Server) -> None:
    del server.cells[1]


def _they_edit(server: Server) -> None:
    server.cells[1] = (MARKDOWN, "## Timeline\n- theirs")


def _they_edit_and_move(server: Server) -> None:
    _they_edit(server)
    server.cells.insert(0, server.cells.pop(1))


def _they_retitle(server: Server) -> None:
    server.fields["title"] = "theirs"


def _they_unset_the_title(server: Server) -> None:
    server.fields["title"] = ""


def _they_change_a_role(server: Server) -> None:
    server.fields["responders"] = (Person("mara", role="scribe"),)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (_i_edit, _they_delete),
        (_i_edit_and_move, _they_delete),
        (_i_delete, _they_edit),
        (_i_delete, _they_edit_and_move),
        (_i_edit, _they_edit),
        (_i_edit_and_move, _they_edit),
        (_i_edit_and_move, _they_edit_and_move),
        (_i_retitle, _they_retitle),
        (_i_retitle, _they_unset_the_title),
        (_i_remove_one_and_add_another, _they_change_a_role),
    ],
)
async def test_a_save_leaves_an_open_conflict_as_it_is_on_both_sides(
    desk: Desk, server: Server, mine: Callable[[Session], None], theirs: Callable[[Server], None]
) -> None:
    server.fields["responders"] = (MARA,)
    session = await desk.open()
    mine(session)
    _edit(session, "Summary", "## Summary\nmine as well")
    theirs(server)
    there = [text for text in server.texts if "Summary" not in text]
    fields = dict(server.fields)
    wanted = session.mine
    review = await session.review()
    (conflict,) = review.conflicts
    assert (await session.save(review, leave_out=frozenset({conflict.id}))).verified
    assert [text for text in server.texts if "Summary" not in text] == there and server.fields == fields
    assert "## Summary\nmine as well" in server.texts, "the rest is sent"
    session = await desk.reopen(session)
    order = sorted if theirs is _they_edit_and_move else list  # what they moved has moved here, too
    assert order(cell.text for cell in session.mine.cells) == order(cell.text for cell in wanted.cells)
    assert session.mine.fields == wanted.fields
    assert [each.id for each in (await session.review()).conflicts] == [conflict.id]


async def test_what_was_decided_about_another_item_of_the_same_list_is_kept(desk: Desk, server: Server) -> None:
    server.fields["responders"] = (MARA, AISHA)
    session = await desk.open()
    session.set_field("responders", ())
    session.set_field("severity", "SEV-1")
    server.fields["responders"] = (Person("mara", role="scribe"), Person("aisha", role="scribe"))
    review = await session.review()
    first, second = review.conflicts
    session.decisions.keep(first, Decision("mine"))
    review = session.resolve(review, first, None)
    await session.save(review, leave_out=frozenset({second.id}))
    assert server.writes == ["severity"], "a list is sent whole, or not at all"
    session = await desk.reopen(session)
    first, second = (await session.review()).conflicts
    assert (session.decisions.of(first), session.decisions.of(second)) == (Decision("mine"), None)
