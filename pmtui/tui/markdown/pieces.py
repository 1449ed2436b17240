"""Cuts the cells of a document into pieces that are drawn one by one, so that what is out of sight costs nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pmtui.model.postmortem import Cell
from pmtui.tui.markdown.highlight import LINE_END, code_lines, is_table_row

LINES = 120
"""Lines of a piece, at most; a shorter cell is one piece."""
LONGEST_LINE = 4096
"""Characters from which on a line goes on in another line of the piece: breaking it into rows takes time in proportion to it."""


@dataclass(frozen=True)
class Piece:
    """Some lines of a cell, with their entries of ``code_lines``. ``cell`` and ``first`` are the cell and its first line, from 0."""

    cell: int
    first: int
    lines: Sequence[str]
    code: Sequence[str]
    is_last: bool

    @cached_property
    def sizes(self) -> Sequence[int]:
        """The lengths of the lines."""
        return [*map(len, self.lines)]


def pieces_of(cells: Sequence[Cell]) -> list[Piece]:
    """The pieces of all cells, in order; each cell has at least one."""
    return [piece for number, cell in enumerate(cells) for piece in _pieces(number, cell.text)]


def _pieces(number: int, text: str) -> Iterator[Piece]:
    lines = LINE_END.split(text)
    code = code_lines(lines)
    start = 0
    while start < len(lines):
        end = _end(lines, start)
        shown = [part for line in lines[start:end] for part in _parts(line)]
        states = [state for line, state in zip(lines[start:end], code[start:end], strict=True) for _ in _parts(line)]
        yield Piece(number, start, shown, states, end == len(lines))
        start = end


def _end(lines: Sequence[str], start: int) -> int:
    """Where a piece that begins here ends: preferably below a blank line, or outside a table."""
    size = 0
    for end in range(start + 1, min(len(lines), start + LINES) + 1):
        size += len(lines[end - 1])
        if size > LINES * LONGEST_LINE // 8:
            break
    if end == len(lines):
        return end
    near = range(end, max(start, end - LINES // 2), -1)
    blank = next((at for at in near if not lines[at - 1].strip()), None)
    outside = next((at for at in near if not (is_table_row(lines[at - 1]) and is_table_row(lines[at]))), end)
    return blank if blank is not None else outside


def _parts(line: str) -> list[str]:
    """A long line in parts, cut behind blanks where possible."""
    parts: list[str] = []
    start = 0
    while len(line) - start > LONGEST_LINE:
        blank = line.rfind(" ", start + LONGEST_LINE // 2, start + LONGEST_LINE)
        end = blank + 1 if blank > 0 else start + LONGEST_LINE
        parts.append(line[start:end])
        start = end
    return [*parts, line[start:]]
