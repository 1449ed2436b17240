"""Where words stand in the texts of cells. Pure: it needs no widget, so that cells which are not drawn are found, too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pmtui.model.postmortem import Cell

LONGEST = 500
"""Characters of what is looked for that count; more was pasted by mistake, and would cost time with each key."""


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
    return tuple(Match(number, *found.span()) for number, cell in enumerate(cells) for found in pattern.finditer(cell.text))


def after(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the first match at or behind this place, a cell's number and an offset; the first one of all when none is."""
    return next((index for index, match in enumerate(found) if match[:2] >= place), 0)


def before(found: Sequence[Match], place: tuple[int, int]) -> int:
    """The index of the last match before this place; the last one of all when none is."""
    return next((index for index in range(len(found) - 1, -1, -1) if found[index][:2] < place), len(found) - 1)


def replaced(cell: Cell, wanted: str, instead: str) -> tuple[str, int]:
    """The text of the cell with every match replaced, and how many there were. What is put in is taken literally."""
    pattern = pattern_of(wanted)
    if pattern is None or not cell.editable:
        return cell.text, 0
    return pattern.subn(lambda _: instead, cell.text)
