"""After a reading: what is there, what is not, and what stays to be asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.cell_alignment import with_twins
from pmtui.model.changes import change_id
from pmtui.model.diff import diff
from pmtui.model.merge import merge
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.rebase import not_there, rebase
from tests.model.strategies import edited, make, postmortems, says


@st.composite
def three(draw: st.DrawFn, they_move: bool = True) -> tuple[Postmortem, Postmortem, Postmortem]:
    base = draw(postmortems)
    return base, draw(edited(base, "m")), draw(edited(base, "t", they_move))


def twinned(base: Postmortem, mine: Postmortem, server: Postmortem) -> Postmortem:
    """The server as the session reads it: with my keys for what both added alike."""
    return server.with_cells(tuple(with_twins(base=base.cells, mine=mine.cells, theirs=server.cells)))


def ids(before: Postmortem, after: Postmortem) -> set[str]:
    return {change_id(change) for change in diff(before, after)}


@given(three())
def test_what_was_in_conflict_is_asked_again_and_the_rest_is_settled(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, server = sides
    server = twinned(base, mine, server)
    asked = {conflict.id: (conflict.mine, conflict.theirs) for conflict in merge(base=base, mine=mine, theirs=server).conflicts}
    base, mine = rebase(base=base, mine=mine, server=server)
    again = merge(base=base, mine=mine, theirs=server)
    assert {conflict.id: (conflict.mine, conflict.theirs) for conflict in again.conflicts} == asked
    assert rebase(base=base, mine=mine, server=server) == (base, mine)


@given(three())
def test_without_a_conflict_the_new_base_is_the_server(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, server = sides
    server = twinned(base, mine, server)
    merged = merge(base=base, mine=mine, theirs=server)
    if not merged.conflicts:
        assert rebase(base=base, mine=mine, server=server) == (server, merged.postmortem)


@given(three())
def test_all_or_nothing_of_a_write_is_told_apart(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    before, target, _ = sides
    changes = diff(before, target)
    assert not not_there(before=before, target=target, after=target, changes=changes)
    blank = {change_id(change) for change in changes if str(change).count("text=") and _only_blanks(before, target, change_id(change))}
    assert not_there(before=before, target=target, after=before, changes=changes) >= ids(before, target) - blank


def _only_blanks(before: Postmortem, target: Postmortem, name: str) -> bool:
    key = name.partition(":")[2]
    old, new = ({cell.key: cell.text.strip() for cell in each.cells} for each in (before, target))
    return old.get(key) == new.get(key)


@given(three(they_move=False))
def test_what_others_did_elsewhere_does_not_count_against_a_write(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    before, target, theirs = sides
    merged = merge(base=before, mine=target, theirs=theirs)
    if not merged.conflicts:
        # In one and the same text a repeated word may leave it open who wrote which: then it counts as not there, and is asked.
        both = ids(before, target) & ids(before, theirs)
        assert not_there(before=before, target=target, after=merged.postmortem, changes=diff(before, target)) <= both


def test_a_move_that_was_not_made_is_seen() -> None:
    a, b, c = (Cell(key, f"text {key}") for key in "abc")
    before, target = make({}, (a, b, c)), make({}, (b, a, c))
    changes = diff(before, target)
    assert not_there(before=before, target=target, after=make({}, (Cell("s", "theirs"), a, b, c)), changes=changes) == {
        change_id(change) for change in changes
    }
    assert not not_there(before=before, target=target, after=make({}, (Cell("s", "theirs"), b, a, c)), changes=changes)


def test_everything_of_mine_is_still_there_after_a_rebase() -> None:
    base = make({}, (Cell("a", "old"),))
    mine, server = make({}, (Cell("a", "mine"),)), make({}, ())
    base, mine = rebase(base=base, mine=mine, server=server)
    assert [cell.text for cell in mine.cells] == ["mine"] and [cell.text for cell in base.cells] == ["old"]
    assert says(merge(base=base, mine=mine, theirs=server).postmortem) == says(mine)


def test_a_cell_that_both_added_and_that_does_not_join_is_asked_about_and_not_deleted() -> None:
    base = make({}, (Cell("a", "old"),))
    mine = make({}, (Cell("a", "old"), Cell("n1", "1 two three four")))
    server = make({}, (Cell("a", "old"), Cell("s1", "one two three four")))
    new_base, new_mine = rebase(base=base, mine=mine, server=server)
    assert [cell.key for cell in new_base.cells] == ["a"] and new_mine.cells == mine.cells
    (conflict,) = merge(base=new_base, mine=new_mine, theirs=server).conflicts
    assert isinstance(conflict.theirs, Cell) and conflict.theirs.text == "one two three four"
