"""The text behind the editor: exact in what it keeps, safe in what it shows.

Textual's own `Document` joins all lines by one kind of line end and breaks lines at form feeds, NEL and U+2028; this
one gives back byte for byte what it was given. Each line has two forms with the same number of code points: the source,
and the shown form (`display.mask`) from which Textual wraps and places the cursor.

A very long line is kept in pieces that end in no line end at all, so that a key costs the same in any text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Literal, overload

from textual.geometry import Size
from textual.widgets.text_area import DocumentBase, EditResult, Location

from pmtui.display import mask, width
from pmtui.model.matching import common_end, common_start
from pmtui.tui.editor.graphemes import snap
from pmtui.tui.editor.running_sums import RunningSums
from pmtui.tui.markdown.highlight import LINE_END

PIECE = 2048
"""Code points in a piece of a long line; a line is cut when it has more than twice as many."""

Newline = Literal["\r\n", "\n", "\r"]


class SourceDocument(DocumentBase):
    """Lines, their line ends, and their shown forms."""

    def __init__(self, text: str) -> None:
        self._source, self._ends = _cut(text)
        self._shown = [mask(line) for line in self._source]
        self._lengths = RunningSums(_lengths(self._source, self._ends))
        counts = Counter(LINE_END.findall(text) if "\r" in text else ())
        self._newline: Newline = "\n"
        for end in ("\r\n", "\r", "\n"):
            if counts[end] > counts[self._newline]:
                self._newline = "\r\n" if end == "\r\n" else "\r"
        self._text: str | None = text
        self.changed_rows = (0, 0, 0)
        """Of the last edit: first row, last row as it was before, last row as it is now."""

    @property
    def text(self) -> str:
        """The exact text."""
        if self._text is None:
            self._text = "".join(chain.from_iterable(zip(self._source, self._ends, strict=True)))
        return self._text

    def note(self, text: str) -> None:
        """Take this for the text, which it must be, so that it is not put together from its lines again."""
        self._text = text

    @property
    def length(self) -> int:
        """Code points of the text."""
        return self._lengths.total

    @property
    def newline(self) -> Newline:
        """The line end that `enter` types: the most frequent one of the text."""
        return self._newline

    @property
    def lines(self) -> list[str]:
        """The lines as they are shown."""
        return self._shown

    @property
    def line_count(self) -> int:
        return len(self._shown)

    @property
    def start(self) -> Location:
        return (0, 0)

    @property
    def end(self) -> Location:
        return (len(self._shown) - 1, len(self._shown[-1]))

    @overload
    def __getitem__(self, line_index: int) -> str: ...

    @overload
    def __getitem__(self, line_index: slice) -> list[str]: ...

    def __getitem__(self, line_index: int | slice) -> str | list[str]:
        return self._shown[line_index]

    def get_line(self, index: int) -> str:
        return self._shown[index]

    def get_size(self, indent_width: int) -> Size:
        return Size(max(width(line.expandtabs(indent_width)) for line in self._shown), len(self._shown))

    def is_continued(self, row: int) -> bool:
        """Whether `row` is a piece of a long line that continues in the next row."""
        return not self._ends[row] and row < len(self._ends) - 1

    def offset_of(self, location: Location) -> int:
        """Code points of the text before `location`."""
        row, column = self._clamped(location)
        return self._lengths.before(row) + column

    def location_of(self, offset: int) -> Location:
        """The location `offset` code points into the text; an offset within a line end is the end of its line."""
        row = self._lengths.find(offset)
        return row, min(offset - self._lengths.before(row), len(self._source[row]))

    def get_text_range(self, start: Location, end: Location) -> str:
        """The exact text between two locations."""
        (top, left), (bottom, right) = sorted(map(self._clamped, (start, end)))
        if top == bottom:
            return self._source[top][left:right]
        middle = (line + line_end for line, line_end in zip(self._source[top + 1 : bottom], self._ends[top + 1 : bottom], strict=True))
        return "".join((self._source[top][left:], self._ends[top], *middle, self._source[bottom][:right]))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace the text between two locations by `text`, whose line ends are kept."""
        (top, left), (bottom, right) = sorted(map(self._clamped, (start, end)))
        replaced = self.get_text_range(start, end)
        before, after, last_end = self._source[top][:left], self._source[bottom][right:], self._ends[bottom]
        first, last = top, bottom
        if top and not self._ends[top - 1] and len(self._source[top - 1]) + len(before) + len(text) + len(after) <= PIECE:
            first -= 1  # what is left of a piece joins the one before it
            before = self._source[first] + before
        if self.is_continued(bottom) and len(before) + len(text) + len(after) + len(self._source[bottom + 1]) <= PIECE:
            last += 1
            after += self._source[last]
            last_end = self._ends[last]
        lines, ends = _cut(before + text + after)
        ends[-1] = last_end
        self._source[first : last + 1] = lines
        self._ends[first : last + 1] = ends
        self._lengths.splice(first, last + 1, _lengths(lines, ends))
        self._shown[first : last + 1] = [mask(line) for line in lines]
        self._text = None
        self.changed_rows = (first, last, first + len(lines) - 1)
        return EditResult(self._within(first, len(before) + len(text)), replaced)

    def _clamped(self, location: Location) -> Location:
        """The nearest valid location: TextArea deletes the last line up to a line that does not exist."""
        row, column = min(location, self.end)
        return row, min(column, len(self._source[row]))

    def _within(self, row: int, offset: int) -> Location:
        """The location `offset` code points after the start of `row`."""
        while row < len(self._source) - 1 and offset >= (length := len(self._source[row]) + len(self._ends[row])):
            offset -= length
            row += 1
        return row, offset


def _cut(text: str) -> tuple[list[str], list[str]]:
    """The lines of `text` with their line ends; a long line in pieces, each with the line end ""."""
    if "\r" not in text and len(lines := text.split("\n")) > 1 and max(map(len, lines)) <= 2 * PIECE:  # as nearly every text is
        return lines, [*["\n"] * (len(lines) - 1), ""]
    ends = LINE_END.findall(text)
    lines = []
    line_ends: list[str] = []
    for line, end in zip(LINE_END.split(text), [*ends, ""], strict=True):
        pieces = _pieces(line)
        lines.extend(pieces)
        line_ends.extend([*[""] * (len(pieces) - 1), end])
    return lines, line_ends


def _lengths(lines: Sequence[str], ends: Sequence[str]) -> list[int]:
    """The lengths of the lines, including their line ends."""
    return [len(line) + len(end) for line, end in zip(lines, ends, strict=True)]


def _pieces(line: str) -> list[str]:
    if len(line) <= 2 * PIECE:
        return [line]
    cuts = [0]
    while len(line) - cuts[-1] > 2 * PIECE:
        blank = line.rfind(" ", cuts[-1] + PIECE // 2, cuts[-1] + PIECE)
        cuts.append(blank + 1 if blank > 0 else max(snap(line, cuts[-1] + PIECE), cuts[-1] + 1))
    return [line[start:end] for start, end in pairwise([*cuts, len(line)])]


def differing_span(old: str, new: str) -> tuple[int, int, str]:
    """The smallest replacement that turns `old` into `new`: start and end in `old`, and the replacement.

    It never splits a `\r\n`.
    """
    start = common_start(old, new)
    if start and old[start - 1] == "\r":
        start -= 1
    kept = common_end(old, new, start)
    if kept and old[len(old) - kept] == "\n":
        kept -= 1
    return start, len(old) - kept, new[start : len(new) - kept]
