"""Searches the texts of cells. Pure: it needs no widget, so that cells which are not drawn are found, too."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pmtui.model.postmortem import Cell

LONGEST = 500
"""The most characters of a search text; a longer one was pasted by mistake and would slow down each key."""

PIECE = 100_000
"""Characters that are looked through at once."""


class Match(NamedTuple):
    """A match: characters `start` to `end` (exclusive) of the text of cell `cell`, from 0. Matches sort in document order."""

    cell: int
    start: int
    end: int


def case_matters(wanted: str) -> bool:
    """Whether this is found only in the same case: when it has a capital."""
    return any(char.isupper() for char in wanted)


def pattern_of(wanted: str) -> re.Pattern[str] | None:
    """A pattern for these literal characters. None for ""."""
    return re.compile(re.escape(wanted[:LONGEST]), 0 if case_matters(wanted) else re.IGNORECASE) if wanted else None


def matches(cells: Sequence[Cell], wanted: str) -> tuple[Match, ...]:
    """All matches, in order and without overlaps."""
    return matches_in((cell.text for cell in cells), wanted)


def matches_in(texts: Iterable[str], wanted: str) -> tuple[Match, ...]:
    """As ``matches``; a match's ``cell`` is the number of its text."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return ()
    size = len(wanted[:LONGEST])
    return tuple(Match(number, *span) for number, text in enumerate(texts) for span in _spans(pattern, text, size))


def _spans(pattern: re.Pattern[str], text: str, size: int) -> Iterator[tuple[int, int]]:
    """Where matches of so many characters are. In pieces: no other thread runs while one is looked through."""
    at = 0
    for start in range(0, len(text), PIECE):
        end = start + PIECE
        for found in pattern.finditer(text, max(at, start), end + size - 1):
            yield found.span()
            at = found.end()


def after(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the first match at or after this place, a cell and an offset; wraps around to the first."""
    index = bisect_left(found, place)
    return index if index < len(found) else 0


def before(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the last match before this place; wraps around to the last."""
    return (bisect_left(found, place) or len(found)) - 1


def is_among(found: Sequence[Match], match: Match) -> bool:
    """Whether this is one of the matches."""
    index = bisect_left(found, match)
    return index < len(found) and found[index] == match


def replaced(cell: Cell, wanted: str, instead: str) -> tuple[str, int]:
    """The text of the cell with every match replaced, and how many there were. The replacement is literal."""
    pattern = pattern_of(wanted)
    if pattern is None or not cell.editable:
        return cell.text, 0
    return pattern.subn(lambda _: instead, cell.text)
