"""diff, patch and revert are each other's inverses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, change_id
from pmtui.model.diff import diff, insert_after, patch, revert
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Link, Person, Task
from tests.model.strategies import edited, make, postmortems, says

pairs = postmortems.flatmap(lambda base: st.tuples(st.just(base), edited(base, "n")))


@given(postmortems)
def test_a_postmortem_does_not_differ_from_itself(postmortem: Postmortem) -> None:
    assert diff(postmortem, postmortem) == ()


@given(pairs)
def test_patching_with_the_difference_gives_the_other_side(pair: tuple[Postmortem, Postmortem]) -> None:
    before, after = pair
    patched = patch(before, diff(before, after))
    assert says(patched) == says(after)
    assert [cell.key for cell in patched.cells] == [cell.key for cell in after.cells]


@given(pairs, st.data())
def test_any_two_postmortems_can_be_patched_into_each_other(pair: tuple[Postmortem, Postmortem], data: st.DataObject) -> None:
    other = data.draw(postmortems)
    assert says(patch(pair[1], diff(pair[1], other))) == says(other)


@given(pairs)
def test_reverting_everything_gives_the_first_side(pair: tuple[Postmortem, Postmortem]) -> None:
    before, after = pair
    assert says(revert(after, before, diff(before, after))) == says(before)


@given(pairs, st.data())
def test_reverting_some_leaves_exactly_the_others(pair: tuple[Postmortem, Postmortem], data: st.DataObject) -> None:
    before, after = pair
    changes = [change for change in diff(before, after) if not isinstance(change, CellMoved)]
    out = data.draw(st.lists(st.sampled_from(changes), unique_by=change_id) if changes else st.just([]))
    left = {change_id(change) for change in diff(before, revert(after, before, out)) if not isinstance(change, CellMoved)}
    assert left == {change_id(change) for change in changes} - {change_id(change) for change in out}


@given(pairs)
def test_change_ids_are_unique(pair: tuple[Postmortem, Postmortem]) -> None:
    ids = [change_id(change) for change in diff(*pair)]
    assert len(ids) == len(set(ids))


def test_every_kind_of_change_is_named() -> None:
    a, b, c, d = (Cell(key, f"text of {key}") for key in "abcd")
    changes = diff(make({}, (a, b, c)), make({"title": "t"}, (c, a, Cell("d", "new"))))
    assert [change_id(change) for change in changes] == ["title", "deleted:b", "moved:c", "added:d"]
    changes = diff(make({}, (a, b)), make({}, (a, Cell("b", "other"), d)))
    assert [type(change) for change in changes] == [CellEdited, CellAdded]
    assert [type(change) for change in diff(make({}, (a,)), make({}, ()))] == [CellDeleted]


def test_the_order_of_a_list_and_the_spelling_of_a_name_are_no_change() -> None:
    jane, mara = Person("1", "Jane"), Person("2", "Mara")
    one = make({"responders": (jane, mara), "tags": ()}, ())
    other = make({"responders": (mara, Person("1", "Jane Doe", "jane@corp.com"))}, ())
    assert diff(one, other) == ()


def test_a_role_a_link_title_and_a_task_are_changes() -> None:
    before = make({"responders": (Person("1"),), "linked_issues": (Link("u"),), "tags": (Task("1", "do"),)}, ())
    after = make(
        {"responders": (Person("1", role="lead"),), "linked_issues": (Link("u", "OPS-1"),), "tags": (Task("1", "do", done=True),)}, ()
    )
    assert [change_id(change) for change in diff(before, after)] == ["responders", "tags", "linked_issues"]


def test_a_cell_is_put_back_behind_its_old_neighbour() -> None:
    a, b, c = (Cell(key, key) for key in "abc")
    assert insert_after((a, c), (a, b, c), b) == (a, b, c)
    assert insert_after((c,), (a, b, c), b) == (b, c)
    assert insert_after((c, a), (a, b, c), b) == (c, a, b)
