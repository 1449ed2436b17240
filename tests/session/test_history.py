"""Bursts of typing: what one undo takes back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pmtui.model.values import Link, Task, Value
from pmtui.session.edits import SetField, Splice
from pmtui.session.history import LONGEST_BURST, History


def typed(text: str, seconds: float = 0.01) -> History:
    """Typed one code point after another, so slowly."""
    history = History()
    for at, char in enumerate(text):
        history.done(Splice("c", at, 0, char), Splice("c", at, 1, ""), at * seconds)
    return history


@pytest.mark.parametrize("character", ["👩‍🚀", "👍🏽", "e\u0301", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_no_undo_leaves_a_part_of_a_character_however_slow_the_line(character: str) -> None:
    history = typed(character, seconds=60)
    assert len(history.undo) == 1
    assert len(history.undo[0].edits) == len(character)


def test_a_sentence_is_undone_in_bursts_of_whole_words_and_by_its_pauses() -> None:
    assert len(typed("two words").undo) == 1
    assert len(typed("two words", seconds=60).undo) == 9
    sentence = "The provider had changed the certificate, and nobody had been told about it."
    bursts = [sum(edit.cut for edit in entry.edits if isinstance(edit, Splice)) for entry in typed(sentence).undo]
    assert bursts == [42, 31, 3] and sum(bursts) == len(sentence)
    assert len(typed("ab", seconds=60).undo) == 2


def test_a_key_that_is_held_down_is_undone_in_parts() -> None:
    """Each repeat copied all before it: 40,000 of them took half a millisecond each."""
    history = typed("x" * (3 * LONGEST_BURST), seconds=0.001)
    assert [len(entry.edits) for entry in history.undo] == [LONGEST_BURST] * 3


def test_a_character_at_the_end_of_the_longest_burst_stays_whole() -> None:
    history = typed("x" * (LONGEST_BURST - 1) + "e\u0301\u0301y", seconds=0.001)
    assert [len(entry.edits) for entry in history.undo] == [LONGEST_BURST + 2, 1]
    assert max(len(entry.edits) for entry in typed("e" + "\u0301" * 2000).undo) < 2 * LONGEST_BURST


def set_one_after_the_other(*values: Value) -> list[int]:
    """How many edits each undo takes back, when a field is set to these values, a tenth of a second each."""
    history = History()
    for at, (before, after) in enumerate(pairwise(values)):
        history.done(SetField("f", after), SetField("f", before), at / 10)
    return [len(entry.edits) for entry in history.undo]


def test_what_is_typed_into_an_item_of_a_list_is_undone_at_once() -> None:
    old = Task("t1", "old")
    typed_in = [(old, Task("", "alpha beta"[:end])) for end in range(1, 11)]
    assert set_one_after_the_other((old,), *typed_in) == [10]
    assert set_one_after_the_other((old,), *typed_in, (old, Task("", "alpha beta", done=True))) == [10, 1]
    assert set_one_after_the_other((old,), *typed_in, *[(*typed_in[-1], Task("", "wei"[:end])) for end in (1, 2, 3)]) == [10, 3]
    links = [(Link("a"), Link("http://b"[:end])) for end in range(1, 9)]
    assert set_one_after_the_other((Link("a"),), *links, (Link("a!"), links[-1][1])) == [8, 1]
    assert set_one_after_the_other((), ("one",), ("one", "two"), ("one",)) == [1, 1, 1]
