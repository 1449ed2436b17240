"""Merging one text: nothing typed is dropped, and nothing is asked without need."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.matching import matching_blocks, opcodes
from pmtui.model.text_merge import Clash, lines_of, merge_text, resolve_text, stretches, words_of
from tests.model.strategies import texts

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
