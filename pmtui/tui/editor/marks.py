"""Highlights search results, in the source of a cell and in rendered text, and times that are out of order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from textual.content import Content

from pmtui.formats.timeline import misplaced, timeline_entries
from pmtui.tui.editor.search import pattern_of
from pmtui.tui.editor.source_document import SourceDocument
from pmtui.tui.markdown.highlight import STYLES, Span

FOUND, HERE = "found", "found-here"


class CurrentMatch(NamedTuple):
    """The match that is gone to: the ``nth`` of its cell, from 0, at this offset of the cell's text. -1 and -1 for none."""

    nth: int
    start: int


NONE_HERE = CurrentMatch(-1, -1)


def marked(text: Content, wanted: str, nth: int) -> Content:
    """The text with all matches of ``wanted`` highlighted; the ``nth``, from 0, is the current one."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return text
    places = [found.span() for found in pattern.finditer(text.plain)]
    for number, (start, end) in enumerate(places):
        here = number == min(nth, len(places) - 1)
        text = text.stylize(STYLES[HERE if here else FOUND], start, end)
    return text


def rows_of(text: Content, wanted: str, cells: int) -> list[int]:
    """The row, from 0, of each match, for a text drawn at this width."""
    pattern, row = pattern_of(wanted), 0
    found: list[int] = []
    for line in text.split("\n", allow_blank=True) if pattern is not None else ():
        places = list(pattern.finditer(line.plain)) if pattern is not None else []
        found += [row + height_of(line[: place.start() + 1], cells) - 1 for place in places]
        row += height_of(line, cells)
    return found


def height_of(line: Content, cells: int) -> int:
    """The number of rows of a line."""
    return 1 if line.cell_length <= cells else max(1, len(line.wrap(max(1, cells))))


def found_in(line: str, wanted: str, here: int) -> list[Span]:
    """As ``marked``, for one line of source; ``here`` is the column of the current match, -1 when it is in another line."""
    pattern = pattern_of(wanted)
    places = (found.span() for found in pattern.finditer(line)) if pattern is not None else ()
    return [Span(start, end, HERE if start == here else FOUND) for start, end in places]


def late_times(source: SourceDocument, began: datetime | None) -> Mapping[int, Sequence[Span]]:
    """The columns of timestamps in a timeline that are earlier than one above them, by row. ``began``: the incident's start."""
    late = misplaced(timeline_entries(source.text, began))
    places = [(source.location_of(each.clock[0]), each.clock[1] - each.clock[0]) for each in late]
    return {row: (Span(column, column + cells, "late"),) for (row, column), cells in places}
