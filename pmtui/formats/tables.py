"""Markdown tables: their columns aligned, and what keys do in a row. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pmtui.display import width

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[ \t]*:?-+:?[ \t]*")


def table_at(text: str, offset: int) -> tuple[int, int] | None:
    """The start and end of the table around this character; None when there is no table."""
    start = end = None
    at = 0
    for line in text.split("\n"):
        if _is_row(line):
            start = at if start is None else start
            end = at + len(line)
        else:
            if start is not None and end is not None and start <= offset <= end:
                return start, end
            start = None
        at += len(line) + 1
    return (start, end) if start is not None and end is not None and start <= offset <= end else None


def aligned(table: str) -> str:
    """The table with each column as wide as its widest cell. No cell's text changes, and no row gets more or fewer cells."""
    lines = table.split("\n")
    rows = [_cells(line) for line in lines]
    columns = max(map(len, rows))
    ruled = len(rows) > 1 and all(_RULE.fullmatch(cell) for cell in rows[1])
    shown = [row for number, row in enumerate(rows) if not (ruled and number == 1)]
    widths = [max([3, *(width(row[column]) for row in shown if column < len(row))]) for column in range(columns)]
    made = []
    for number, (line, row) in enumerate(zip(lines, rows, strict=True)):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        is_rule = ruled and number == 1
        cells = [_dashes(cell, cells) if is_rule else cell + " " * (cells - width(cell)) for cell, cells in zip(row, widths, strict=False)]
        made.append(f"{indent}| {' | '.join(cells)} |" + ("\r" if line.endswith("\r") else ""))
    return "\n".join(made)


@dataclass(frozen=True, slots=True)
class Put:
    """What a key puts into a text: the text, from where to where, and the cursor then. Places are line and column."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    cursor: tuple[int, int]


def key_in_row(lines: Sequence[str], row: int, column: int, key: str) -> Put | None:
    """What enter, tab, shift+tab or a bar does with the cursor there; None where it does nothing of its own."""
    if not _is_row(lines[row]):
        return None
    match key:
        case "enter":
            return row_below(lines, row, column)
        case "vertical_line":
            return over_bar(lines, row, column)
        case _:
            place = column_beside(lines, row, column, -1 if key == "shift+tab" else 1)
            return None if place is None else Put((row, column), (row, column), "", place)


def row_below(lines: Sequence[str], row: int, column: int) -> Put | None:
    """Enter behind the words of a row: an empty row with as many columns. In an empty last row it ends the table, with a
    blank line: a line right below a table is one of its rows.

    Without the rule below its first row Markdown takes no lines for a table: it is put there with the third row.
    None when the line is no row, or words stand behind the cursor.
    """
    line = lines[row]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    if not _is_row(line) or column <= len(indent) or line[column:].strip(" \t|"):
        return None
    if not line.strip(" \t|") and not _is_row_of(lines, row + 1):
        return Put((row, 0), (row, len(line)), "\n", (row + 1, 0))
    at = row + 1 if _is_rule(lines, row + 1) and not _is_row_of(lines, row - 1) else row  # below the first row is the rule
    number = len(_cells(line))
    empty = f"{indent}|{'  |' * number}"
    behind = (at, len(lines[at]))
    if _is_row_of(lines, row - 1) and not _is_row_of(lines, row - 2) and not _is_rule(lines, row - 1) and not _is_rule(lines, row):
        rule = f"{indent}|{' --- |' * len(_cells(lines[row - 1]))}"
        above = (row - 1, len(lines[row - 1]))
        return Put(above, behind, f"\n{rule}\n{line}\n{empty}", (row + 2, len(indent) + 2))
    return Put(behind, behind, f"\n{empty}", (at + 1, len(indent) + 2))


def over_bar(lines: Sequence[str], row: int, column: int) -> Put | None:
    """A typed bar where the bar of an empty column follows: the cursor goes behind that one. None for a bar of its own."""
    line = lines[row]
    rest = line[column:]
    if not _is_row(line) or not rest.strip(" \t") or rest.strip(" \t|"):
        return None
    before = line[:column].rstrip(" \t")
    if before.lstrip(" \t") == "|" and column == len(before) + 1 and rest.startswith(" |"):  # the first bar of a row that enter began
        return Put((row, column), (row, column), "", (row, len(before)))
    return Put((row, len(before)), (row, line.index("|", column) + 1), " |", (row, len(before) + 2))


def column_beside(lines: Sequence[str], row: int, column: int, by: int) -> tuple[int, int] | None:
    """Where the words of the next column end, of the one before for -1, in this row or the next; None outside tables and at their ends."""
    if not _is_row_of(lines, row):
        return None
    places = [(number, at) for number in _rows_around(lines, row) for at in _ends(lines[number])]
    if by > 0:
        bars = [found.start() for found in _BAR.finditer(lines[row])]
        own = next((bar for bar in bars if bar >= column), len(lines[row]))
        return next((place for place in places if place > (row, own)), None)
    own = max((found.start() for found in _BAR.finditer(lines[row]) if found.start() < column), default=0)
    return next((place for place in reversed(places) if place <= (row, own)), None)


def _rows_around(lines: Sequence[str], row: int) -> list[int]:
    """The rows of the table with this one, without its rule."""
    first = last = row
    while _is_row_of(lines, first - 1):
        first -= 1
    while _is_row_of(lines, last + 1):
        last += 1
    return [number for number in range(first, last + 1) if _is_row_of(lines, number) and not _is_rule(lines, number)]


def _ends(line: str) -> list[int]:
    """Where the words of each column end; in an empty one, behind its first blank."""
    bars = [found.start() for found in _BAR.finditer(line)]
    return [left + 1 + (len(line[left + 1 : right].rstrip()) or min(1, right - left - 1)) for left, right in pairwise(bars)]


def _is_row_of(lines: Sequence[str], number: int) -> bool:
    return 0 <= number < len(lines) and _is_row(lines[number])


def _is_rule(lines: Sequence[str], number: int) -> bool:
    return _is_row_of(lines, number) and all(_RULE.fullmatch(cell) for cell in _cells(lines[number]))


def _is_row(line: str) -> bool:
    row = line.strip()
    return len(row) > 1 and row.startswith("|") and row.endswith("|") and not row.endswith("\\|")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip()[1:-1])]


def _dashes(rule: str, cells: int) -> str:
    left, right = (":" if rule.startswith(":") else ""), (":" if rule.endswith(":") and len(rule) > 1 else "")
    return f"{left}{'-' * (cells - len(left) - len(right))}{right}"
