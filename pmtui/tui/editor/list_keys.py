"""What enter, tab and shift+tab do to lines. Pure: lines in, lines out."""

from __future__ import annotations

import re

from pmtui.tui.markdown.highlight import ITEM

TEXT_STEP = 2
"""Blanks that tab puts before a line of text: four would make it a block of code."""
CODE_STEP = 4
"""Blanks that tab puts before a line of code."""


def next_item(line: str, column: int) -> str | None:
    """What the line after enter at `column` begins with.

    None outside a list item; "" in an item that is empty, where enter ends the list instead of making another.
    """
    item = ITEM.match(line)
    if item is None or column < item.end():
        return None
    if not line[item.end() :].strip():
        return ""
    box = "" if item["task"] is None else "<> " if item["task"].startswith("<") else "[ ] "
    return f"{item['indent']}{_following(item['marker'])}{item['gap'] or ' '}{box}"


def _following(marker: str) -> str:
    return f"{int(marker[:-1]) + 1}{marker[-1]}" if marker[0].isdigit() else marker


def is_item(line: str) -> bool:
    """Whether the line begins a list item."""
    return ITEM.match(line) is not None


def indent(line: str) -> str:
    """The line one level deeper: a list item under the text of an item like itself. A blank line stays."""
    return " " * _step(line) + line if line.strip() else line


def outdent(line: str) -> str:
    """The line one level up, as far as blanks stand before it."""
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
