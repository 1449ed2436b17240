"""Writes blocks with a prefix before each line: quotes, panels, lists."""

from __future__ import annotations

import re
from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.notation import EMPTY_PARAGRAPH, PANEL_TYPES
from pmtui.formats.adf.values import Node, attributes, children, kind
from pmtui.formats.adf.write.base import Attempt, Lines, Place, body, has_blocks, is_container, spaced
from pmtui.formats.adf.write.words import paragraph_lines

#: Nested empty lists would be read as a rule.
_RULE_OF_LISTS = re.compile(r"- (?:- )*-|\* (?:\* )*\*")
_BOXES = {"TODO": "[ ]", "DONE": "[x]"}
_SIGNS = {"DECIDED": "<>", "UNDECIDED": "<?>"}
#: CommonMark reads nine digits.
_LAST_NUMBER = 10**9 - 1


def write_blockquote(node: Node, place: Place) -> Attempt:
    """`> words`."""
    if not is_container(node, place, 1):
        return None
    return _quoted((yield from body(node, place.within("blockquote", 1))))


def write_panel(node: Node, place: Place) -> Attempt:
    """`> [!WARNING]`, followed by a quote."""
    panel_type = attributes(node).get("panelType")
    if not is_container(node, place, 1) or not isinstance(panel_type, str) or panel_type not in PANEL_TYPES:
        return None
    head = spaced(f"[!{panel_type.upper()}]", brace.write(attribute_items(node, "panelType")))
    lines = yield from body(node, place.within("panel", 1))
    gap = [""] if lines and kind(children(node)[0]) != "paragraph" else []
    return _quoted([head, *gap, *lines])


def _quoted(lines: Lines) -> Lines:
    return [f"> {line}" if line else ">" for line in lines or [""]]


def write_list(node: Node, place: Place) -> Attempt:
    """`- item`, `1. item`."""
    items = children(node)
    first = attributes(node).get("order", 1) if kind(node) == "orderedList" else 1
    if isinstance(first, bool) or not isinstance(first, int) or not 0 <= first <= _LAST_NUMBER - len(items):
        return None
    if not items or any(kind(item) != "listItem" or not is_container(item, place, 2) for item in items):
        return None
    lines: Lines = []
    for number, item in enumerate(items, first):
        written = yield from body(item, place.within("listItem", 2))
        lines += _indented(_marker(node, place, number), written)
    return lines


def _marker(node: Node, place: Place, number: int = 0) -> str:
    return f"{number if kind(node) == 'orderedList' else ''}{place.marker(node)} "


def _indented(marker: str, lines: Lines) -> Lines:
    if not lines:
        return [marker.rstrip()]
    blank, first = " " * len(marker), marker + lines[0]
    if _RULE_OF_LISTS.fullmatch(first):
        first += " " + EMPTY_PARAGRAPH
    return [first, *(blank + line if line else "" for line in lines[1:])]


def write_tasks(node: Node, place: Place) -> Attempt:
    """`- [ ] task`, and lists of tasks below it."""
    items = children(node)
    if not place.has_room(2) or kind(items[0] if items else None) != "taskItem":
        return None
    if not all(kind(item) == "taskList" or _is_item_of_words(item, "taskItem", _BOXES) for item in items):
        return None
    lines: Lines = []
    previous: Any = None
    inner = place.within("taskList", 2)
    for item in items:
        if kind(item) == "taskItem":
            lines += _item(_marker(node, place) + _BOXES[attributes(item)["state"]], item)
        else:
            inner = inner.after(previous, item)
            written = yield item, inner
            lines += ["  " + line if line else "" for line in written]
        previous = item
    return lines


def write_decisions(node: Node, place: Place) -> Lines | None:
    """`- <> decision`."""
    items = children(node)
    if not items or not place.has_room(2) or not all(_is_item_of_words(item, "decisionItem", _SIGNS) for item in items):
        return None
    return [line for item in items for line in _item(_marker(node, place) + _SIGNS[attributes(item)["state"]], item)]


def _is_item_of_words(item: Node, item_type: str, states: dict[str, str]) -> bool:
    state = attributes(item).get("state")
    return kind(item) == item_type and not has_blocks(item) and isinstance(state, str) and state in states


def _item(marker: str, item: Node) -> Lines:
    """An item with only words; its further lines are indented below the first."""
    if not children(item):
        return [marker]
    first, *rest = paragraph_lines(children(item), [])
    return [f"{marker} {first}", *("  " + line for line in rest)]
