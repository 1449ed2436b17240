"""Tables of Markdown with their bars under one another. Pure."""

from __future__ import annotations

import re

from pmtui.display import width

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[ \t]*:?-+:?[ \t]*")


def table_at(text: str, offset: int) -> tuple[int, int] | None:
    """From where to where the table goes in which this character stands; None where there is no table."""
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
    """The table with each column as wide as its widest cell. No cell gets other words, and no row other cells."""
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


def _is_row(line: str) -> bool:
    row = line.strip()
    return len(row) > 1 and row.startswith("|") and row.endswith("|") and not row.endswith("\\|")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(line.strip()[1:-1])]


def _dashes(rule: str, cells: int) -> str:
    left, right = (":" if rule.startswith(":") else ""), (":" if rule.endswith(":") and len(rule) > 1 else "")
    return f"{left}{'-' * (cells - len(left) - len(right))}{right}"
