"""Merging two people's edits: nothing is dropped, nobody wins silently."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.conflicts import Conflict, Side, answered, can_take, take
from pmtui.model.diff import diff
from pmtui.model.equality import same_value
from pmtui.model.merge import merge
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.model.values import Named, Person, Task
from tests.model.strategies import edited, make, postmortems, says


@st.composite
def three(draw: st.DrawFn, moves: bool = True) -> tuple[Postmortem, Postmortem, Postmortem]:
    base = draw(postmortems)
    return base, draw(edited(base, "m", moves)), draw(edited(base, "t", moves))


def side_words(conflict: Conflict, side: str) -> list[str]:
    value = getattr(conflict, side)
    return value.text.split() if isinstance(value, Cell) else []


@given(three())
def test_an_unchanged_side_gives_the_other(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, theirs = sides
    for merged, wanted in (
        (merge(base=base, mine=base, theirs=theirs), theirs),
        (merge(base=base, mine=mine, theirs=base), mine),
        (merge(base=base, mine=mine, theirs=mine), mine),
    ):
        assert not merged.conflicts
        assert says(merged.postmortem) == says(wanted)


def asked(conflict: Conflict, mine: Side, theirs: Side) -> tuple[str, str, str]:
    """What a conflict asks. A cell that both added has the key that it has at whoever merges."""
    both_added = conflict.part.cell and conflict.base is None and mine is not None and theirs is not None
    one, other = (side.text if isinstance(side, Cell) else repr(side) for side in (mine, theirs))
    return ("both added" if both_added else conflict.id, one, other)


@given(three(moves=False))
def test_merging_is_symmetric_but_for_whose_conflict_is_whose(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, theirs = sides
    one, other = merge(base=base, mine=mine, theirs=theirs), merge(base=base, mine=theirs, theirs=mine)
    assert sorted(asked(c, c.mine, c.theirs) for c in one.conflicts) == sorted(asked(c, c.theirs, c.mine) for c in other.conflicts)
    for conflict in one.conflicts:  # answered alike, both are the same
        twin = next(c for c in other.conflicts if asked(c, c.theirs, c.mine) == asked(conflict, conflict.mine, conflict.theirs))
        pick = conflict.mine
        one = replace(one, postmortem=answered(one.postmortem, conflict, pick))
        other = replace(other, postmortem=answered(other.postmortem, twin, pick))
    assert says(one.postmortem) == says(other.postmortem)


@given(three())
def test_every_word_of_either_side_is_merged_or_in_a_conflict(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, theirs = sides
    merged = merge(base=base, mine=mine, theirs=theirs)
    there = Counter(word for cell in merged.postmortem.cells for word in cell.text.split())
    old = {cell.key: cell for cell in base.cells}
    for name, side in (("mine", mine), ("theirs", theirs)):
        asked = Counter(word for conflict in merged.conflicts for word in side_words(conflict, name))
        for cell in side.cells:
            before = old[cell.key].text if cell.key in old else ""
            added = Counter(cell.text.split()) - Counter(before.split())
            assert not added - (there + asked)


@given(three())
def test_keys_are_unique_and_conflicts_are_answerable(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    merged = merge(base=sides[0], mine=sides[1], theirs=sides[2])
    result = merged.postmortem
    assert len({cell.key for cell in result.cells}) == len(result.cells)
    assert len({conflict.id for conflict in merged.conflicts}) == len(merged.conflicts)
    for conflict in merged.conflicts:
        for whose in ("mine", "theirs", "both"):
            if can_take(conflict, whose):
                changed = answered(result, conflict, take(conflict, whose))
                assert all(conflict.id.endswith(str(key)) for key in _touched(result, changed))


def _touched(before: Postmortem, after: Postmortem) -> set[str]:
    names = {name for name in before.fields if before.fields.get(name) != after.fields.get(name)}
    return {cell.key for cell in (*before.cells, *after.cells) if (cell in before.cells) != (cell in after.cells)} if not names else set()


@given(three())
def test_mine_and_theirs_as_answers_leave_what_the_other_side_did_elsewhere(sides: tuple[Postmortem, Postmortem, Postmortem]) -> None:
    base, mine, theirs = sides
    merged = merge(base=base, mine=mine, theirs=theirs)
    result = merged.postmortem
    for conflict in merged.conflicts:
        result = answered(result, conflict, take(conflict, "theirs"))
    again = merge(base=theirs, mine=result, theirs=theirs)
    assert not again.conflicts
    assert says(again.postmortem) == says(result)


def cell_merge(base: list[Cell], mine: list[Cell], theirs: list[Cell]) -> tuple[list[str], list[str]]:
    merged = merge(base=make({}, tuple(base)), mine=make({}, tuple(mine)), theirs=make({}, tuple(theirs)))
    return [cell.text for cell in merged.postmortem.cells], [conflict.id for conflict in merged.conflicts]


A, B, C = Cell("a", "## A\none", source="old"), Cell("b", "## B\ntwo"), Cell("c", "## C\nthree")


def test_a_merged_cell_has_the_latest_source() -> None:
    latest = replace(A, text="## A\none\nother line", source="new")
    merged = merge(base=make({}, (A,)), mine=make({}, (replace(A, text="my line\n## A\none"),)), theirs=make({}, (latest,)))
    assert merged.postmortem.cells == (replace(latest, text="my line\n## A\none\nother line"),)
    assert merge(base=make({}, (A,)), mine=make({}, (A,)), theirs=make({}, (latest,))).postmortem.cells == (latest,)


def test_both_added_the_same_cell_once_and_different_cells_both() -> None:
    assert cell_merge([A], [A, Cell("n", "new")], [A, Cell("s", "new")]) == (["## A\none", "new"], [])
    assert cell_merge([A], [A, Cell("n", "mine")], [A, Cell("n", "its")]) == (["## A\none", "its", "mine"], [])


def test_both_added_a_run_with_common_cells() -> None:
    mine = [A, Cell("n1", "x"), Cell("n2", "y")]
    theirs = [A, Cell("s1", "y"), Cell("s2", "z")]
    assert cell_merge([A], mine, theirs)[0] == ["## A\none", "x", "y", "z"]


def test_moved_on_one_side_and_edited_on_the_other_is_both() -> None:
    assert cell_merge([A, B, C], [C, A, B], [A, B, replace(C, text="## C\nfour")]) == (["## C\nfour", "## A\none", "## B\ntwo"], [])


def test_both_moved_different_cells() -> None:
    d = Cell("d", "## D")
    assert cell_merge([A, B, C, d], [B, A, C, d], [A, B, d, C])[0] == ["## B\ntwo", "## A\none", "## D", "## C\nthree"]


def test_deleted_here_and_edited_there_is_asked_and_stays() -> None:
    edited_b = replace(B, text="## B\nmore")
    assert cell_merge([A, B, C], [A, C], [A, edited_b, C]) == (["## A\none", "## B\nmore", "## C\nthree"], ["cell:b"])
    assert cell_merge([A, B, C], [A, edited_b, C], [A, C]) == (["## A\none", "## B\nmore", "## C\nthree"], ["cell:b"])
    assert cell_merge([A, B, C], [A, C], [B, A, C]) == (["## A\none", "## C\nthree"], [])
    assert cell_merge([A, B, C], [A, C], [A, C])[0] == ["## A\none", "## C\nthree"]


def test_an_answer_of_none_deletes_and_of_text_keeps() -> None:
    merged = merge(base=make({}, (A, B)), mine=make({}, (A, replace(B, text="## B\nmore"))), theirs=make({}, (A,)))
    (conflict,) = merged.conflicts
    assert answered(merged.postmortem, conflict, take(conflict, "theirs")).cells == (A,)
    assert answered(merged.postmortem, conflict, take(conflict, "mine")).cell("b").text == "## B\nmore"
    assert answered(merged.postmortem, conflict, "all new").cell("b").text == "all new"


def test_an_opaque_cell_that_only_they_changed_follows_them() -> None:
    graph = Cell("g", "▦", CellKind.OPAQUE, "1")
    merged = merge(base=make({}, (A, graph)), mine=make({}, (graph, A)), theirs=make({}, (A, replace(graph, source="2"))))
    assert [cell.source for cell in merged.postmortem.cells] == ["2", "old"]


def lists(base: object, mine: object, theirs: object) -> tuple[object, list[str]]:
    merged = merge(base=make({"responders": base}, ()), mine=make({"responders": mine}, ()), theirs=make({"responders": theirs}, ()))  # type: ignore[dict-item]
    return merged.postmortem.fields["responders"], [conflict.id for conflict in merged.conflicts]


def test_lists_are_sets_with_a_base() -> None:
    a, b, c, d = (Named(key) for key in "abcd")
    assert lists((a, b), (a, b, c), (b, d)) == ((b, d, c), [])
    assert lists((a, b), (b,), (a,)) == ((), [])
    assert lists((a,), (a, c), (a, Named("c", "spelled"))) == ((a, Named("c", "spelled")), [])


def test_a_role_is_a_change_of_that_person() -> None:
    jane, mara = Person("1", "Jane"), Person("2", "Mara")
    lead, scribe = replace(jane, role="lead"), replace(jane, role="scribe")
    assert lists((jane,), (lead,), (jane, mara)) == ((lead, mara), [])
    assert lists((jane,), (lead,), (scribe,)) == ((scribe,), ["responders:1"])
    assert lists((jane,), (lead,), ()) == ((lead,), ["responders:1"])


def test_one_item_is_answered_for_itself() -> None:
    jane, mara = Person("1", "Jane"), Person("2", "Mara")
    base, theirs = make({"responders": (jane,)}, ()), make({"responders": (mara, replace(jane, role="lead"))}, ())
    merged = merge(base=base, mine=make({"responders": (replace(jane, role="scribe"),)}, ()), theirs=theirs)
    (conflict,) = merged.conflicts
    assert answered(merged.postmortem, conflict, take(conflict, "mine")).fields["responders"] == (mara, replace(jane, role="scribe"))
    assert answered(merged.postmortem, conflict, None).fields["responders"] == (mara,)


def test_a_task_that_got_its_id_meanwhile_is_one_task() -> None:
    new, known = Task("", "fix it"), Task("T1", "fix it")
    assert same_value((new,), (known,)) and same_value((known,), (new,))
    assert same_value((new, new), (known, replace(known, id="T2"))) and not same_value((new, new), (known,))
    assert not same_value((new,), (replace(known, done=True),))
    assert lists((new,), (replace(new, done=True),), (known,)) == ((replace(known, done=True),), [])
    assert lists((), (new,), (known,)) == ((known,), [])


@pytest.mark.parametrize(("mine", "theirs"), [("SEV-1", "SEV-3"), ("", "SEV-3")])
def test_a_scalar_that_both_changed_is_asked_and_shows_theirs(mine: str, theirs: str) -> None:
    merged = merge(base=make({"severity": "SEV-2"}, ()), mine=make({"severity": mine}, ()), theirs=make({"severity": theirs}, ()))
    assert [(c.id, c.base, c.mine, c.theirs) for c in merged.conflicts] == [("severity", "SEV-2", mine, theirs)]
    assert merged.postmortem.fields["severity"] == theirs
    assert not can_take(merged.conflicts[0], "both")
    with pytest.raises(ValueError, match="not a text"):
        take(merged.conflicts[0], "both")


def test_prose_merges_by_line_and_word() -> None:
    base, mine, theirs = (make({"summary": text}, ()) for text in ("a\nb\n", "a mine\nb\n", "a\nb theirs\n"))
    assert merge(base=base, mine=mine, theirs=theirs).postmortem.fields["summary"] == "a mine\nb theirs\n"


def test_two_hundred_cells_of_both_sides() -> None:
    base = [Cell(f"c{n}", f"## {n}\n" + "words and words\n" * 200) for n in range(200)]
    mine = [replace(cell, text=cell.text + "mine\n") if n % 2 else cell for n, cell in enumerate(base)]
    theirs = [replace(cell, text="theirs\n" + cell.text) if n % 3 else cell for n, cell in enumerate(reversed(base))]
    merged = merge(base=make({}, tuple(base)), mine=make({}, tuple(mine)), theirs=make({}, tuple(theirs)))
    assert not merged.conflicts
    assert len(diff(make({}, tuple(base)), merged.postmortem)) > 200


def test_both_split_a_cell_alike_and_one_went_on() -> None:
    whole = Cell("a", "## A\none two three four")
    head, tail = replace(whole, text="## A"), "one two three four"
    assert cell_merge([whole], [head, Cell("n", tail)], [head, Cell("s", tail + " five")]) == (["## A", tail + " five"], [])
    assert cell_merge([whole], [head, Cell("n", "zero " + tail)], [head, Cell("s", tail + " five")])[0] == [
        "## A",
        "zero " + tail + " five",
    ]
    merged = cell_merge([whole], [head, Cell("n", "1 two three four")], [head, Cell("s", "one two three four")])
    assert merged == (["## A", "one two three four"], ["cell:n"]), "asked, and not there twice"


def test_cells_that_are_alike_in_different_places_stay_two() -> None:
    mine, theirs = Cell("n", "one two three four"), Cell("s", "one two three five")
    assert cell_merge([A, B], [A, mine, B], [A, B, theirs]) == ([A.text, mine.text, B.text, theirs.text], [])
