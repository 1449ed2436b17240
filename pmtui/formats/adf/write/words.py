"""Writes blocks of words: paragraphs, headings, code."""

from __future__ import annotations

from typing import Any

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import attribute_items
from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import EMPTY_PARAGRAPH, block_mark_items
from pmtui.formats.adf.values import Node, attributes, children, kind, marks, text_of
from pmtui.formats.adf.write import escape
from pmtui.formats.adf.write.base import Lines, Place, has_blocks, marks_items, spaced
from pmtui.formats.adf.write.inline import write_inline


def write_paragraph(node: Node, place: Place) -> Lines | None:
    """The words; marks of the whole paragraph follow in a brace."""
    return None if has_blocks(node) else paragraph_lines(children(node), block_mark_items(marks(node)))


def paragraph_lines(content: list[Any], items: list[Item]) -> Lines:
    """The lines of a paragraph; all but the last end with a hard break."""
    *broken, last = [escape.line(line) for line in write_inline(content)]
    if not broken and not last:
        return [spaced(EMPTY_PARAGRAPH, brace.write(items))]
    lines = [line + "\\" for line in broken]
    last = spaced(last, brace.write(items)) if items else escape.block_brace(last)
    return [*lines, last] if last else lines


def write_heading(node: Node, place: Place) -> Lines | None:
    """`## words`; an invalid level goes into a brace."""
    level = attributes(node).get("level")
    if has_blocks(node) or not isinstance(level, (int, float)) or isinstance(level, bool) or not 1 <= level <= 6:
        return None
    items = block_mark_items(marks(node))
    if level != int(level):
        items.append(("level", str(level)))
    words = "<br>".join(write_inline(children(node)))
    words = escape.heading(words if items else escape.block_brace(words))
    return [spaced("#" * int(level), words, brace.write(items))]


def write_code(node: Node, place: Place) -> Lines | None:
    """A code fence with its language."""
    source = "".join(text_of(child) for child in children(node))
    if any(kind(child) != "text" or marks(child) for child in children(node)) or escape.has_odd(source.replace("\n", "")):
        return None
    language = attributes(node).get("language")
    items = [*attribute_items(node, "language"), *marks_items(node)]
    info = language if isinstance(language, str) and escape.is_info(language) else ""
    if isinstance(language, str) and not info:
        items.insert(0, ("language", language))
    return fence(source.split("\n") if source else [], spaced(info, brace.write(items)))


def fence(lines: Lines, info: str) -> Lines:
    """A fenced block, with a fence longer than any in its body."""
    stripped = [line.lstrip() for line in lines]
    longest = max((len(line) - len(line.lstrip("`")) for line in stripped), default=0)
    ticks = "`" * max(3, longest + 1)
    return [ticks + info, *lines, ticks]


def write_rule(node: Node, place: Place) -> Lines | None:
    """`---`; in a list `___`, because `- ---` would be a rule, too."""
    if "content" in node:
        return None
    return ["___" if place.parent == "listItem" else "---"]
