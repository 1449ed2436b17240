"""Where a cursor may stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.tui.editor.graphemes import next_border, previous_border, snap

lines = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("e\u0301\u200d\ufe0f👩👧🇩🇪🏽한각ᄒ\u1161\u11a8漢 ")))


def clusters(text: str) -> list[str]:
    """`text` cut at every border."""
    cut: list[str] = []
    start = 0
    while start < len(text):
        end = next_border(text, start)
        cut.append(text[start:end])
        start = end
    return cut


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩‍👩‍👧x", ["👩‍👩‍👧", "x"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("🇩🇪🇫🇷🇺", ["🇩🇪", "🇫🇷", "🇺"]),
        ("⚠️!", ["⚠️", "!"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("👩🏽‍🚒.", ["👩🏽‍🚒", "."]),
        ("ᄒ\u1161\u11ab글", ["ᄒ\u1161\u11ab", "글"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("नी", ["नी"]),
        ("", []),
    ],
)
def test_clusters(line: str, expected: list[str]) -> None:
    assert clusters(line) == expected


@given(lines)
def test_clusters_make_up_the_line(line: str) -> None:
    assert "".join(clusters(line)) == line


@given(lines)
def test_going_left_stops_where_going_right_does(line: str) -> None:
    right = [0]
    while right[-1] < len(line):
        right.append(next_border(line, right[-1]))
    left = [len(line)]
    while left[-1] > 0:
        left.append(previous_border(line, left[-1]))
    assert right == left[::-1]


@given(lines, st.integers(0, 40))
def test_snap_is_a_border(line: str, index: int) -> None:
    index = min(index, len(line))
    snapped = snap(line, index)
    assert snapped <= index
    assert snap(line, snapped) == snapped
