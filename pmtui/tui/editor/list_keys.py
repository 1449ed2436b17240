"""What enter and tab do in a list. Pure: lines in, lines out."""

from __future__ import annotations

import re

from pmtui.tui.markdown.highlight import ITEM


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


def indent(line: str) -> str:
    """The item one level deeper: under the text of an item like itself. A line that is no item stays."""
    item = ITEM.match(line)
    return line if item is None else " " * (len(item["marker"]) + 1) + line


def outdent(line: str) -> str:
    """The item one level up."""
    item = ITEM.match(line)
    if item is None:
        return line
    depth = len(item["marker"]) + 1
    return re.sub(rf"^(?:\t| {{1,{depth}}})", "", line)
