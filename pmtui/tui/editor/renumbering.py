"""Renumbers an ordered list when an item is added or removed. Pure: lines in, lines out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pmtui.tui.editor.source_document import differing_span
from pmtui.tui.markdown.highlight import ITEM, LINE_END

MOST = 5000
"""The most lines that are searched; a longer list keeps its numbers."""
Lines = Callable[[int], str]
"""Gives the line of a row."""


@dataclass(frozen=True, slots=True)
class Change:
    """An edit: the rows from ``first`` on that it removed (``removed``), and how many rows replace them (``put``)."""

    first: int
    removed: Sequence[str]
    put: int

    @property
    def below(self) -> int:
        """The first row below the edit."""
        return self.first + self.put

    def before(self, lines: Lines) -> Lines:
        """The lines before the edit."""
        end = self.first + len(self.removed)
        return lambda row: (
            lines(row) if row < self.first else self.removed[row - self.first] if row < end else lines(row - len(self.removed) + self.put)
        )

    def trimmed(self, lines: Lines) -> Change:
        """The edit without the lines at both ends that are unchanged."""
        first, removed, put = self.first, list(self.removed), self.put
        while removed and put and removed[-1] == lines(first + put - 1):
            removed.pop()
            put -= 1
        while removed and put and removed[0] == lines(first):
            removed.pop(0)
            first, put = first + 1, put - 1
        return Change(first, removed, put)


def renumbered(lines: Lines, count: int, change: Change) -> Mapping[int, str]:
    """The rows below the edit whose number changes, with their new lines.

    Only items that counted on from the one above are renumbered: other numbers were chosen by somebody.
    """
    change = change.trimmed(lines)
    fresh: dict[int, str] = {}
    shifts: dict[int, tuple[int, int]] = {}  # by how much the numbers of a level go up, and the last number that it had
    lowest: int | None = None
    for row in range(change.below, count):
        line = lines(row)
        if not line.strip():
            continue
        if row - change.below > MOST:
            return {}
        level, number = indent(line), _number(line)
        if lowest is not None and level > lowest:
            continue  # it hangs on an item further down
        lowest = level
        if number is not None:
            by, last = shifts.get(level) or (_shift(lines, row, change), number - 1)
            shifts[level] = (by, number) if number == last + 1 else (0, number)
            if shifts[level][0]:
                fresh[row] = _with_number(line, number + by)
        if not level and not (number is not None and shifts[level][0]):
            break
    return fresh


def _shift(lines: Lines, row: int, change: Change) -> int:
    """The number to add to this item, the first of its level below the edit."""
    number, before = _its_number(lines, row), change.before(lines)
    was_at = row - change.put + len(change.removed)
    was, now = _above(before, was_at), _above(lines, row)
    if was is not None and _its_number(before, was) != number - 1:
        return 0
    if now is not None:
        comes_new = was is None and change.first <= now < change.below
        return _its_number(lines, now) + 1 - number if was is not None or comes_new else 0
    if was is None or not change.first <= was < change.first + len(change.removed):
        return 0
    level = indent(lines(row))
    gone = (_number(each) for each in change.removed if indent(each) == level)
    return next(each for each in gone if each is not None) - number


def behind_edit(old: str, new: str) -> int:
    """The offset in ``new`` behind the change, apart from numbers below it that were only renumbered."""
    at, end, put = differing_span(old, new)
    begin, below = _line_above(old, at), _line_end(old, _line_end(old, end))  # with a line above and below: all others are the same
    before, after, same = old[begin:below].splitlines(keepends=True), new[begin : below + at + len(put) - end].splitlines(keepends=True), 0
    while same < min(len(before), len(after)) and _but_for_numbers(before[-1 - same], after[-1 - same]):
        same += 1
    kept = ["".join(each[: len(each) - same]) for each in (before, after)]
    if same and all(each.endswith("\n") for each in kept):  # of the line above those that are the same
        kept = [each.removesuffix("\n").removesuffix("\r") for each in kept]
    start, _, replacement = differing_span(kept[0], kept[1])
    return begin + start + len(replacement)


def _line_above(text: str, at: int) -> int:
    """Where the line above the one at this offset begins."""
    start = _line_start(text, at)
    return _line_start(text, start - (2 if text.endswith("\r\n", 0, start) else 1))


def _line_start(text: str, at: int) -> int:
    at = max(0, at)
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    """Where the line at this offset ends, behind its line end."""
    found = LINE_END.search(text, at)
    return found.end() if found is not None else len(text)


def _but_for_numbers(one: str, other: str) -> bool:
    """Whether two lines are the same, or would be with the same number."""
    return one == other or _unnumbered(one) == _unnumbered(other)  # in a long text almost all lines are the same


def _unnumbered(line: str) -> str:
    return line if _number(line) is None else _with_number(line, 0)


def _its_number(lines: Lines, row: int) -> int:
    number = _number(lines(row))
    assert number is not None
    return number


def _above(lines: Lines, row: int) -> int | None:
    """The row of the numbered item before this one in its list, None for the first."""
    level = indent(lines(row))
    for at in range(row - 1, max(-1, row - 1 - MOST), -1):
        line = lines(at)
        if not line.strip() or indent(line) > level:
            continue
        return at if indent(line) == level and _number(line) is not None else None
    return None


def indent(line: str) -> int:
    """The number of cells before the first word."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def _number(line: str) -> int | None:
    """The number of an ordered item; None for any other line."""
    item = ITEM.match(line)
    return int(item["marker"][:-1]) if item is not None and item["marker"][0].isdigit() else None


def _with_number(line: str, number: int) -> str:
    item = ITEM.match(line)
    assert item is not None
    start, end = item.span("marker")
    return f"{line[:start]}{number}{line[end - 1 :]}"
