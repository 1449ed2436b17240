"""Finds lines of a timeline that Markdown joins into one paragraph.

    10:02 paged
    10:05 answered

becomes "10:02 paged 10:05 answered" in every renderer. `joined_lines` finds such lines, `as_list` turns them into a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: A line that begins with a date or time of day, perhaps in bold or code.
_TIMED = re.compile(r" {0,3}(?:\*\*|__|[*_`\[(])?(?:\d{4}-\d\d-\d\d\b|\d{1,2}[:.]\d\d(?:[:.]\d\d)?\b(?!\.\d))")
#: A line that begins or continues something other than a paragraph.
_OTHER = re.compile(r"\s*(?:[-*+>|#]|:::?|\d{1,9}[.)](?:\s|$)|=+\s*$)|(?: {4}|\t)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class JoinedLines:
    """Lines [first, last), from 0, that are joined. ``entries`` of them begin with a time; the others continue an entry."""

    first: int
    last: int
    entries: int


def joined_lines(markdown: str) -> tuple[JoinedLines, ...]:
    """The runs of lines with times that are each joined to one line, in order.

    A line that ends with a backslash or two blanks is not joined. Lines in lists, quotes, tables and code are ignored.
    """
    lines = markdown.split("\n")
    found = []
    for start, end in _unbroken(lines):
        timed = [index for index in range(start, end) if _TIMED.match(lines[index])]
        if len(timed) > 1:
            found.append(JoinedLines(timed[0], end, len(timed)))
    return tuple(found)


def warning(title: str, markdown: str) -> str:
    """A warning for a section whose lines are joined, "" for none."""
    lines = sum(run.last - run.first for run in joined_lines(markdown))
    return f"{title}: {lines} lines are joined into one; end them with \\, or make a list of them" if lines else ""


def as_lists(markdown: str) -> str:
    """The text with every joined run as a list."""
    for run in reversed(joined_lines(markdown)):
        markdown = as_list(markdown, run)
    return markdown


def as_list(markdown: str, run: JoinedLines) -> str:
    """The text with the lines of a run as a list: one item for each line that begins with a time."""
    lines = markdown.split("\n")
    for index in range(run.first, run.last):
        own = lines[index].strip()
        lines[index] = f"- {own}" if _TIMED.match(lines[index]) else f"  {own}"
    return "\n".join(lines)


def _unbroken(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Stretches of paragraph lines, each up to a hard break or the paragraph's end, as [first, last)."""
    fence = ""
    start = 0
    for index, line in enumerate([*lines, ""]):
        match = _FENCE.match(line)
        if fence:
            fence = "" if match and match[1].startswith(fence) and not line.strip(" `~") else fence
            start = index + 1
        elif match or not line.strip() or (_OTHER.match(line) and not _TIMED.match(line)):
            fence = match[1] if match else ""
            yield start, index
            start = index + 1
        elif line.endswith(("\\", "  ")):
            yield start, index + 1
            start = index + 1
