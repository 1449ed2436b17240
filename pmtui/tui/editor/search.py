"""Where words stand in the texts of cells. Pure: it needs no widget, so that cells which are not drawn are found, too."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pmtui.model.postmortem import Cell

LONGEST = 500
"""Characters of what is looked for that count; more was pasted by mistake, and would cost time with each key."""

PIECE = 100_000
"""Characters that are looked through at once."""


class Match(NamedTuple):
    """Characters `start` to `end` (not included) of the text of cell number `cell`, from 0. Matches sort as they stand."""

    cell: int
    start: int
    end: int


def pattern_of(wanted: str) -> re.Pattern[str] | None:
    """What finds these very characters; capitals only count when one was typed. None for nothing."""
    exact = any(char.isupper() for char in wanted)
    return re.compile(re.escape(wanted[:LONGEST]), 0 if exact else re.IGNORECASE) if wanted else None


def matches(cells: Sequence[Cell], wanted: str) -> tuple[Match, ...]:
    """Every place where it stands, in order; none overlaps the one before it."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return ()
    size = len(wanted[:LONGEST])
    return tuple(Match(number, *span) for number, cell in enumerate(cells) for span in _spans(pattern, cell.text, size))


def _spans(pattern: re.Pattern[str], text: str, size: int) -> Iterator[tuple[int, int]]:
    """Where matches of so many characters are. In pieces: no other thread runs while one is looked through."""
    at = 0
    for start in range(0, len(text), PIECE):
        end = start + PIECE
        for found in pattern.finditer(text, max(at, start), end + size - 1):
            yield found.span()
            at = found.end()


def after(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the first match at or behind this place, a cell's number and an offset; the first one of all when none is."""
    index = bisect_left(found, place)
    return index if index < len(found) else 0


def before(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the last match before this place; the last one of all when none is."""
    return (bisect_left(found, place) or len(found)) - 1


def is_among(found: Sequence[Match], match: Match) -> bool:
    """Whether this is one of the matches."""
    index = bisect_left(found, match)
    return index < len(found) and found[index] == match


def replaced(cell: Cell, wanted: str, instead: str) -> tuple[str, int]:
    """The text of the cell with every match replaced, and how many there were. What is put in is taken literally."""
    pattern = pattern_of(wanted)
    if pattern is None or not cell.editable:
        return cell.text, 0
    return pattern.subn(lambda _: instead, cell.text)
