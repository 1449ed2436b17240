"""Wraps the lines of a text into rows, so that a key costs the same in a text of any length.

Textual's own class counts all rows again at each question, and renumbers all rows below a new line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from textual.expand_tabs import expand_tabs_inline, get_tab_widths
from textual.geometry import Offset
from textual.widgets.text_area import DocumentBase, Location, WrappedDocument

from pmtui.display import is_narrow
from pmtui.tui.editor.running_sums import RunningSums
from pmtui.tui.textual_internals import cells_of, line_breaks


class WrappedLines(WrappedDocument):
    """The part of Textual's wrapped document that TextArea and its navigator use. ``width`` 0 wraps nothing."""

    def __init__(self, document: DocumentBase, width: int = 0, tab_width: int = 4) -> None:
        self._at, self._tab = width, tab_width
        self._breaks: list[list[int]] = []
        self._rows = RunningSums(())
        super().__init__(document, width, tab_width)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        self._at, self._tab = width, tab_width or self._tab
        lines = self.document.lines
        self._breaks = [self._broken(line) for line in lines] if width else [[]] * len(lines)
        self._rows = RunningSums([len(breaks) + 1 for breaks in self._breaks])

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Wrap again what an edit replaced: rows ``start`` to ``old_end`` became ``start`` to ``new_end``."""
        first, last, new_last = start[0], old_end[0], new_end[0]
        fresh = [self._broken(line) for line in self.document.lines[first : new_last + 1]]
        self._breaks[first : last + 1] = fresh
        self._rows.splice(first, last + 1, [len(breaks) + 1 for breaks in fresh])

    def _broken(self, line: str) -> list[int]:
        if not self._at:
            return []
        found = _breaks_at_blanks(line, self._at) if "\t" not in line and (line.isascii() or is_narrow(line)) else None
        return line_breaks(line, self._at, self._tab) if found is None else found

    @property
    def wrapped(self) -> bool:
        return self.height > len(self._breaks)

    @property
    def height(self) -> int:
        return self._rows.total

    def get_offsets(self, line_index: int) -> list[int]:
        return self._breaks[line_index]

    def get_sections(self, line_index: int) -> list[str]:
        line, breaks = self.document[line_index], self._breaks[line_index]
        return [line[start:end] for start, end in zip([0, *breaks], [*breaks, len(line)], strict=True)]

    def get_tab_widths(self, line_index: int) -> list[int]:
        return [width for _, width in get_tab_widths(self.document[line_index], self._tab)]

    def location_to_offset(self, location: Location) -> Offset:
        row, column = location
        row = min(max(row, 0), len(self._breaks) - 1)
        breaks: Sequence[int] = self._breaks[row]
        section = bisect_right(breaks, column)
        start = breaks[section - 1] if section else 0
        before = expand_tabs_inline(self.document[row][start:column], self._tab)
        return Offset(cells_of(before), self._rows.before(row) + section)

    def offset_to_location(self, offset: Offset) -> Location:
        x, y = max(0, offset.x), max(0, offset.y)
        row = self._rows.find(y)
        section = min(y - self._rows.before(row), len(self._breaks[row]))
        return row, self.get_target_document_column(row, x, section)


def _breaks_at_blanks(line: str, width: int) -> list[int] | None:
    """Where to wrap a line whose characters are all one cell wide; blanks stay with the word before them.

    None when a word is too long.
    """
    breaks: list[int] = []
    start = 0
    while len(line) - start > width:
        at = start + width
        while at > start and not (line[at - 1] == " " != line[at]):
            at = line.rfind(" ", start, at - 1) + 1
        if at <= start:
            return None
        breaks.append(at)
        start = at
    return breaks
