"""Searches the texts of cells. Pure: it needs no widget, so that cells which are not drawn are found, too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pmtui.model.postmortem import Cell

LONGEST = 500
"""The most characters of a search text; a longer one was pasted by mistake and would slow down each key."""


class Match(NamedTuple):
    """A match: characters `start` to `end` (exclusive) of the text of cell `cell`, from 0. Matches sort in document order."""

    cell: int
    start: int
    end: int


def pattern_of(wanted: str) -> re.Pattern[str] | None:
    """A pattern for these literal characters; case matters only when the text has a capital. None for ""."""
    exact = any(char.isupper() for char in wanted)
    return re.compile(re.escape(wanted[:LONGEST]), 0 if exact else re.IGNORECASE) if wanted else None


def matches(cells: Sequence[Cell], wanted: str) -> tuple[Match, ...]:
    """All matches, in order and without overlaps."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return ()
    return tuple(Match(number, *found.span()) for number, cell in enumerate(cells) for found in pattern.finditer(cell.text))


def after(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the first match at or after this place, a cell and an offset; wraps around to the first."""
    return next((index for index, match in enumerate(found) if match[:2] >= place), 0)


def before(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the last match before this place; wraps around to the last."""
    return next((index for index in range(len(found) - 1, -1, -1) if found[index][:2] < place), len(found) - 1)


def replaced(cell: Cell, wanted: str, instead: str) -> tuple[str, int]:
    """The text of the cell with every match replaced, and how many there were. The replacement is literal."""
    pattern = pattern_of(wanted)
    if pattern is None or not cell.editable:
        return cell.text, 0
    return pattern.subn(lambda _: instead, cell.text)
