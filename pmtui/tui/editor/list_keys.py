"""What enter, tab and shift+tab do to lines. Pure: lines in, lines out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pmtui.tui.markdown.highlight import FENCED_ITEM, ITEM

TEXT_STEP = 2
"""Blanks that tab puts before a line of text: four would make it a block of code."""
CODE_STEP = 4
"""Blanks that tab puts before a line of code."""


_QUOTE = re.compile(r" {0,3}(?:> ?)+")
"""The marks of a quote or panel at the beginning of a line."""


def next_item(line: str, column: int) -> str | None:
    """The prefix of the new line when enter is pressed at `column`.

    None outside a list item and a quote; "" in an empty item, where enter ends the list instead.
    """
    if (quote := _QUOTE.match(line)) and column >= quote.end():
        quoted, at = line[quote.end() :], column - quote.end()
        inside = next_item(quoted, at)
        if inside is None and not quoted.strip():
            return ""
        return "" if inside == "" else f"{quote[0].rstrip()} {inside or _blanks_before(quoted, at)}"
    item = ITEM.match(line)
    if item is None or column < item.end():
        return None
    if not line[item.end() :].strip():
        return ""
    box = "" if item["task"] is None else "<> " if item["task"].startswith("<") else "[ ] "
    return f"{item['indent']}{_following(item['marker'])}{item['gap'] or ' '}{box}"


def next_line(line: str, column: int, code: str) -> str | None:
    """As ``next_item``; in code the blanks of the line, below an item those of its text, which the code is a part of."""
    if not code:
        return next_item(line, column)
    item = ITEM.match(line) if code == FENCED_ITEM else None
    if item is not None:
        return " " * item.end() if item.end() <= column else None
    return _blanks_before(line, column) or None


def _blanks_before(line: str, column: int) -> str:
    """The blanks and tabs that the line begins with, "" when the cursor stands in them."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    return blanks if len(blanks) <= column else ""


def without_marks(line: str) -> str:
    """The line after enter in an empty item or an empty quoted line.

    Below a quote it is a blank line, without which Markdown would continue the quote.
    """
    quote = _QUOTE.match(line)
    if quote is None:
        return ""
    return quote[0] if line[quote.end() :].strip() else "\n"


def _following(marker: str) -> str:
    return f"{int(marker[:-1]) + 1}{marker[-1]}" if marker[0].isdigit() else marker


def ends_level(line: str) -> bool:
    """Whether enter on this empty item moves it one level out, instead of ending the list."""
    item = ITEM.match(line)
    return item is not None and bool(item["indent"]) and not line[item.end() :].strip()


def outer(above: Sequence[str], line: str) -> str:
    """A nested item moved one level out, with its number there; ``above`` are the lines above it."""
    own = _indent(line)
    parent = next((each for each in reversed(above) if ITEM.match(each) and _indent(each) < own), None)
    return counted(above, " " * (_indent(parent) if parent is not None else 0) + line.lstrip(" \t"))


def counted(above: Sequence[str], line: str) -> str:
    """A numbered item with the next number of its own list, 1 for the first; any other line as it is."""
    item = ITEM.match(line)
    if item is None or not item["marker"][0].isdigit():
        return line
    number = 1
    for each in reversed(above):
        before = ITEM.match(each)
        if not each.strip() or _indent(each) > _indent(line):
            continue
        if before is not None and _indent(each) == _indent(line) and before["marker"][0].isdigit():
            number = int(before["marker"][:-1]) + 1
        break
    start, end = item.span("marker")
    return f"{line[:start]}{number}{line[end - 1 :]}"


def toggled(line: str) -> str:
    """The item checked or unchecked; an item without a box gets an empty one. Any other line as it is."""
    item = ITEM.match(line)
    if item is None or (item["task"] or "").startswith("<"):
        return line
    if item["task"] is None:
        return f"{line[: item.end()]}{'' if item['gap'] else ' '}[ ] {line[item.end() :]}"
    at = item.start("task") + 1
    return f"{line[:at]}{' ' if line[at] in 'xX' else 'x'}{line[at + 1 :]}"


def _indent(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def is_item(line: str) -> bool:
    """Whether the line begins a list item."""
    return ITEM.match(line) is not None


def ends_list(lines: Sequence[str], row: int) -> bool:
    """Whether the line is indented, or blank below a list, where people do not mean to leave it: shift+tab only moves it left."""
    line, above = lines[row], lines[row - 1] if row else ""
    return line[:1] == " " or (not line and bool(above.strip()) and (is_item(above) or above[:1] == " "))


def indent(line: str) -> str:
    """The line one level deeper; a list item goes below the text of the item above it. A blank line stays."""
    return " " * _step(line) + line if line.strip() else line


def outdent(line: str) -> str:
    """The line one level up, as far as it has leading blanks."""
    return _without_blanks(line, _step(line))


def indent_code(line: str) -> str:
    """A line of code one level deeper. A blank line stays."""
    return " " * CODE_STEP + line if line.strip() else line


def outdent_code(line: str) -> str:
    """A line of code one level up."""
    return _without_blanks(line, CODE_STEP)


def _step(line: str) -> int:
    item = ITEM.match(line)
    return TEXT_STEP if item is None else len(item["marker"]) + 1


def _without_blanks(line: str, most: int) -> str:
    return re.sub(rf"^(?:\t| {{1,{most}}})", "", line)
