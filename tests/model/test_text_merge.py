"""Merging one text: nothing typed is dropped, and nothing is asked without need."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.matching import matching_blocks, opcodes
from pmtui.model.text_merge import Clash, lines_of, merge_text, resolve_text, stretches, words_of
from tests.model.strategies import texts

TwoEdits: TypeAlias = tuple[list[str], list[str], list[str], set[int]]

any_text = st.text("ab \n\r\u2028é", max_size=40)


@given(any_text)
def test_lines_and_words_join_to_the_text(text: str) -> None:
    assert "".join(lines_of(text)) == text
    assert "".join(words_of(text)) == text


@given(st.lists(st.sampled_from("abcde")), st.lists(st.sampled_from("abcde")))
def test_matching_blocks_are_equal_ordered_and_closed(a: list[str], b: list[str]) -> None:
    blocks = matching_blocks(a, b)
    assert blocks[-1] == (len(a), len(b), 0)
    at_a = at_b = 0
    for i, j, n in blocks:
        assert i >= at_a and j >= at_b
        assert a[i : i + n] == b[j : j + n]
        at_a, at_b = i + n, j + n
    rebuilt: list[str] = []
    for tag, i1, i2, j1, j2 in opcodes(a, b):
        rebuilt += a[i1:i2] if tag == "equal" else b[j1:j2]
    assert rebuilt == b


@given(any_text, any_text)
def test_an_unchanged_side_gives_the_other(base: str, changed: str) -> None:
    assert merge_text(base=base, mine=base, theirs=changed) == changed
    assert merge_text(base=base, mine=changed, theirs=base) == changed
    assert merge_text(base=base, mine=changed, theirs=changed) == changed


@given(texts, texts, texts)
def test_merging_is_symmetric(base: str, mine: str, theirs: str) -> None:
    assert merge_text(base=base, mine=mine, theirs=theirs) == merge_text(base=base, mine=theirs, theirs=mine)


@given(texts, texts, texts)
def test_every_word_that_a_side_added_is_merged_or_in_question(base: str, mine: str, theirs: str) -> None:
    parts = stretches(base=base, mine=mine, theirs=theirs)
    agreed = Counter(word for part in parts if not isinstance(part, Clash) for word in part.text.split())
    for side in ("mine", "theirs"):
        text = mine if side == "mine" else theirs
        asked = Counter(word for part in parts if isinstance(part, Clash) for word in getattr(part, side).split())
        added = Counter(text.split()) - Counter(base.split())
        assert not added - (agreed + asked)


@given(texts, texts, texts)
def test_both_holds_all_words_that_either_side_added(base: str, mine: str, theirs: str) -> None:
    both = Counter(resolve_text(base=base, mine=mine, theirs=theirs, whose="both").split())
    for text in (mine, theirs):
        assert not (Counter(text.split()) - Counter(base.split())) - both


@st.composite
def two_edits(draw: st.DrawFn) -> TwoEdits:
    """The lines of a base, of two edits of it, and the numbers of the base's lines that one of them changed or removed."""
    base = draw(st.lists(st.sampled_from(["one", "two", "three", "four", "- five", "- six", "> seven", "| eight |"]), max_size=7))
    changed: set[int] = set()
    sides: list[list[str]] = []
    for side in ("mine", "theirs"):
        lines: list[str] = []
        for number in range(len(base) + 1):
            form = draw(st.sampled_from(["", "", "{}", "- {}", "> {}", "| {} |"]))
            lines += [form.format(f"{side}{number}")] if form else []
            if number < len(base):
                fate = draw(st.sampled_from(["kept", "kept", "kept", "changed", "removed"]))
                changed |= set() if fate == "kept" else {number}
                lines += {"kept": [base[number]], "changed": [f"{base[number]} {side}"], "removed": []}[fate]
        sides.append(lines)
    return base, sides[0], sides[1], changed


@given(two_edits(), st.sampled_from(["", "\n"]))
def test_in_both_nothing_that_neither_side_changed_is_there_twice(edits: TwoEdits, end: str) -> None:
    base, mine, theirs, changed = edits
    texts = ["\n".join(lines) + end for lines in (base, mine, theirs)]
    both = resolve_text(base=texts[0], mine=texts[1], theirs=texts[2], whose="both")
    for line in set(base) - {base[number] for number in changed}:
        assert both.splitlines().count(line) <= max(mine.count(line), theirs.count(line)), both
    words = set(both.split())
    assert {word for line in (*mine, *theirs) for word in line.split() if "mine" in word or "theirs" in word} <= words, both


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "both"),
    [
        ("- B was here.", "- B was here.\n- item of b", "- B was here.\n- item of a", "- B was here.\n- item of b\n- item of a"),
        ("Seen at 20:49.", "Seen at 20:49.\n\nOf b.", "Seen at 20:49.\n\nOf a.", "Seen at 20:49.\n\nOf b.\n\nOf a."),
        ("1. one\n2. two", "1. one\n2. two\n3. b", "1. one\n2. two\n3. a", "1. one\n2. two\n3. b\n3. a"),
        ("> said", "> said\n\nMine.", "> said\n> more", "> said\n\nMine.\n\n> more"),
        ("Said.", "Said.\n\n> mine", "Said.\n\nTheirs.", "Said.\n\n> mine\n\nTheirs."),
        ("| a |", "| a |\n| b |", "| a |\n| c |", "| a |\n| b |\n| c |"),
        ("one\n\nlast", "one\n\nmine\n\nlast", "one\n\ntheirs\n\nlast", "one\n\nmine\n\ntheirs\n\nlast"),
        ("- [ ] a", "- [ ] a\n- [ ] b", "- [ ] a\n- [ ] c\n- [ ] d", "- [ ] a\n- [ ] b\n- [ ] c\n- [ ] d"),
        ("", "mine", "theirs", "mine\n\ntheirs"),
        ("a", "a\nnew\nmine", "a\nnew\ntheirs", "a\nnew\nmine\n\ntheirs"),  # both wrote the same line
        ("a", "a\nmine\n", "a\ntheirs", "a\nmine\n\ntheirs"),
    ],
)
def test_both_appended_in_the_same_place(base: str, mine: str, theirs: str, both: str) -> None:
    assert resolve_text(base=base, mine=mine, theirs=theirs, whose="both") == both
    assert resolve_text(base=base, mine=mine, theirs=theirs, whose="mine") == mine
    assert resolve_text(base=base, mine=mine, theirs=theirs, whose="theirs") == theirs


def test_a_side_that_removed_the_last_line_is_taken_as_it_is() -> None:
    assert resolve_text(base="a\nb", mine="a", theirs="a\nB", whose="mine") == "a"
    assert resolve_text(base="a\nb\n", mine="a\n", theirs="a\nB\n", whose="mine") == "a\n"


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n", "a\nB\nC\n"),  # neighbouring lines
        ("a quick fox and a lazy dog", "a slow fox and a lazy dog", "a quick fox and a lazy cat", "a slow fox and a lazy cat"),
        ("a\nb", "a\nb\nmine", "theirs\na\nb", "theirs\na\nb\nmine"),
        ("a", "a\nb", "x\na", "x\na\nb"),  # the last line has no end
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"),
        ("02:31 failover", "02:31 failover done", "02:31 failover done", "02:31 failover done"),
    ],
)
def test_what_does_not_touch_is_merged(base: str, mine: str, theirs: str, merged: str) -> None:
    assert merge_text(base=base, mine=mine, theirs=theirs) == merged


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("02:31 failover", "02:31 cache failover rolled back", "02:31 rollback of cache"),
        ("at 02:31", "at 02:17", "at 03:31"),  # never half of one time and half of the other
        ("a\nb\n", "a\n", "a\nb edited\n"),  # deleted here, edited there
        ("a\n", "a\nmine\n", "a\ntheirs\n"),  # two lines in one place
        ("one two three", "one new two three", "one three"),
    ],
)
def test_what_touches_is_asked(base: str, mine: str, theirs: str) -> None:
    assert merge_text(base=base, mine=mine, theirs=theirs) is None


def test_an_answer_takes_a_side_only_where_the_sides_clash() -> None:
    base, mine, theirs = "1\nx\n3\n4\n5\n", "1 mine\nmine\n3\n4\n5\n", "1\ntheirs\n3\n4\n5 theirs\n"
    assert resolve_text(base=base, mine=mine, theirs=theirs, whose="mine").endswith("3\n4\n5 theirs\n")
    assert "theirs\n3" in resolve_text(base=base, mine=mine, theirs=theirs, whose="theirs")
    assert resolve_text(base="a", mine="mine", theirs="theirs", whose="both") == "mine\n\ntheirs"


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("> quoted\n", "theirs\n", "> quoted\n\ntheirs\n"),
        ("> mine\n", "> theirs\n", "> mine\n>\n> theirs\n"),
        ("- item", "not of the item", "- item\n\nnot of the item"),
        ("- mine\n", "- theirs\n", "- mine\n- theirs\n"),
        ("1. mine\n", "2. theirs\n", "1. mine\n2. theirs\n"),
        ("| a | mine |\n", "| a | theirs |\n", "| a | mine |\n| a | theirs |\n"),
        ("mine\n\n", "theirs\n", "mine\n\ntheirs\n"),
        ("mine\n", "\ntheirs\n", "mine\n\ntheirs\n"),
        ("", "theirs\n", "theirs\n"),
    ],
)
def test_both_sides_stay_paragraphs_of_their_own(mine: str, theirs: str, both: str) -> None:
    assert resolve_text(base="before\n", mine=mine, theirs=theirs, whose="both") == both


def test_a_megabyte_is_merged_whole() -> None:
    lines = [f"line {number % 700} with some words in it\n" for number in range(26_000)]
    mine, theirs = list(lines), list(lines)
    mine[5] = "mine\n"
    mine[20_000] = "mine again\n"
    theirs[12_000] = "theirs\n"
    theirs.insert(25_000, "theirs again\n")
    merged = merge_text(base="".join(lines), mine="".join(mine), theirs="".join(theirs))
    assert merged is not None
    assert [line for line in merged.splitlines() if "mine" in line or "theirs" in line] == ["mine", "theirs", "mine again", "theirs again"]
    assert len(merged) == len("".join(mine)) + len("".join(theirs)) - len("".join(lines))


def test_texts_that_share_no_unique_line_give_up_in_time() -> None:
    mine = "".join(f"{number * number % 97}\n" for number in range(30_000))
    theirs = "".join(f"{number * 7 % 89}\n" for number in range(30_000))
    assert merge_text(base="1\n2\n1\n2\n" * 9_000, mine=mine, theirs=theirs) is None


@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("5 of 10 nodes were lost\n", "7 of 10 nodes were lost\n", "5 of 6 nodes were lost\n"),
        ("the quick brown fox", "the slow brown fox", "the quick brown dog"),
        ("from 02:14 until 02:31", "from 02:10 until 02:31", "from 02:14 until 02:40"),
    ],
)
def test_words_that_belong_together_are_asked_about(base: str, mine: str, theirs: str) -> None:
    assert merge_text(base=base, mine=mine, theirs=theirs) is None
    assert stretches(base=base, mine=mine, theirs=theirs) == (Clash(base=base, mine=mine, theirs=theirs),)
    assert merge_text(base=base, mine=mine, theirs=mine) == mine
