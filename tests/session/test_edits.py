"""Edits, their inverses, their JSON and the undo history."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.fields import Kind
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.edits import (
    AddCell,
    DeleteCell,
    Edit,
    MoveCell,
    PutCell,
    SetField,
    Splice,
    apply,
    edit_from_json,
    edit_to_json,
    edits_between,
    joined,
    splice_between,
)
from pmtui.session.history import History
from tests.model.strategies import VALUES, edited, make, postmortems, says

keys = st.sampled_from(["c0", "c1", "c2", "new"])
some_text = st.text("ab c\n\r\u2028\ud800", max_size=8)
made_cells = st.builds(Cell, keys, some_text)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(SetField, st.sampled_from(["title", "responders"]), VALUES[Kind.PEOPLE] | VALUES[Kind.TEXT]),
    st.builds(Splice, keys, st.integers(0, 9), st.integers(0, 9), some_text),
    st.builds(AddCell, made_cells, st.integers(0, 9)),
    st.builds(PutCell, made_cells),
    st.builds(DeleteCell, keys),
    st.builds(MoveCell, keys, st.integers(0, 9)),
)
pairs = postmortems.flatmap(lambda base: st.tuples(st.just(base), edited(base, "n")))


@given(postmortems, edits)
def test_the_inverse_takes_an_edit_back(postmortem: Postmortem, edit: Edit) -> None:
    after, inverse = apply(postmortem, edit)
    if inverse is None:
        assert after == postmortem
    else:
        assert says(apply(after, inverse)[0]) == says(postmortem)


@given(edits)
def test_an_edit_survives_json(edit: Edit) -> None:
    assert edit_from_json(json.loads(json.dumps(edit_to_json(edit)))) == edit


@given(pairs)
def test_edits_between_two_postmortems_make_one_of_the_other(pair: tuple[Postmortem, Postmortem]) -> None:
    now, after = pair
    for edit in edits_between(*pair):
        now, _ = apply(now, edit)
    assert says(now) == says(after)
    assert [cell.key for cell in now.cells] == [cell.key for cell in after.cells]


@given(some_text, some_text)
def test_a_splice_says_only_what_changed(before: str, after: str) -> None:
    splice = splice_between("c", before=before, after=after)
    assert before[: splice.at] + splice.put + before[splice.at + splice.cut :] == after
    if before == after:
        assert (splice.cut, splice.put) == (0, "")


def test_a_splice_in_a_megabyte_is_small() -> None:
    text = "some words of a long text\n" * 40_000
    assert splice_between("c", before=text, after=text[:500_000] + "x" + text[500_000:]).put == "x"


@given(some_text, st.lists(st.tuples(st.sampled_from("cccd"), st.integers(0, 9), st.integers(0, 9), some_text), max_size=6))
def test_splices_that_touch_do_the_same_as_one(text: str, wanted: list[tuple[str, int, int, str]]) -> None:
    begun = make({}, (Cell("c", text), Cell("d", "")))
    now, made = begun, list[Edit]()
    for cell, at, cut, put in wanted:
        was = now.cell(cell).text
        at = min(at, len(was))
        made.append(Splice(cell, at, min(cut, len(was) - at), put, len(was)))
        now, _ = apply(now, made[-1])
    for each in joined(made):
        begun, _ = apply(begun, each)
    assert [cell.text for cell in begun.cells] == [cell.text for cell in now.cells]


def test_a_burst_of_typing_is_one_splice_and_one_of_another_text_is_none() -> None:
    """Each would copy a text of five megabytes."""
    back = [Splice("c", at, 1, "", 5_000_000 + at) for at in range(299, -1, -1)]
    assert joined(back) == (Splice("c", 0, 300, "", 5_000_299),)
    apart = (Splice("c", 0, 1, "", 9), Splice("c", 4, 1, "", 8))
    assert joined(apart) == apart
    unknown = (Splice("c", 0, 1, "", 9), Splice("c", 0, 1, "", 7), Splice("c", 0, 1, "", -1))
    assert joined(unknown) == unknown


def test_text_for_a_cell_that_a_damaged_journal_lost_is_kept() -> None:
    after, _ = apply(make({}, ()), Splice("lost", 40, 0, "words"))
    assert [cell.text for cell in after.cells] == ["words"]


class Typist:
    """Types into one postmortem and remembers."""

    def __init__(self) -> None:
        self.now = make({}, (Cell("a", ""), Cell("b", "")))
        self.history = History()
        self.at = 0.0

    def type(self, cell: str, text: str, pause: float = 0.1) -> None:
        for char in text:
            self.at += pause
            edit = Splice(cell, len(self.now.cell(cell).text), 0, char)
            self.now, inverse = apply(self.now, edit)
            assert inverse is not None
            self.history.done(edit, inverse, self.at)

    def undo(self) -> Part:
        entry = self.history.undo[-1]
        inverses: tuple[Edit, ...] = ()
        for edit in entry.edits:
            self.now, inverse = apply(self.now, edit)
            assert inverse is not None
            inverses = (inverse, *inverses)
        self.history.undone(entry.edits, inverses)
        return entry.part


def test_undo_goes_burst_by_burst_and_over_cells() -> None:
    typist = Typist()
    typist.type("a", "one two")
    typist.type("b", "x")
    typist.type("a", "!")
    seen = []
    while typist.history.undo:
        touched = typist.undo()
        seen.append((touched.cell, typist.now.cell("a").text, typist.now.cell("b").text))
    assert seen == [("a", "one two", "x"), ("b", "one two", ""), ("a", "", "")]


def test_a_pause_ends_a_burst_and_rubbing_out_is_one() -> None:
    typist = Typist()
    typist.type("a", "ab")
    typist.type("a", "c", pause=2.5)
    assert len(typist.history.undo) == 2
    for at in (2, 1, 0):
        edit = Splice("a", at, 1, "")
        typist.now, inverse = apply(typist.now, edit)
        assert inverse is not None
        typist.history.done(edit, inverse, typist.at)
    assert typist.now.cell("a").text == "" and len(typist.history.undo) == 3
    typist.undo()
    assert typist.now.cell("a").text == "abc"
