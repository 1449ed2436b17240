"""What all block writers share: the place of a block, and sequences of blocks.

A writer of blocks is a generator. It yields (child, place) for each child to be written, receives the child's lines, and
returns its own lines; a writer of words returns its lines at once. Both return None when the node does not have the shape
that the notation needs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from pmtui.formats.adf.brace import Item
from pmtui.formats.adf.notation import mark_items
from pmtui.formats.adf.schema import INLINE, NODES
from pmtui.formats.adf.values import Node, children, kind, marks

Lines = list[str]

#: Prefixed blocks (quotes, lists) nested deeper than this are written with `:::adf`, which needs no indentation
#: and which the parser reads without recursion.
_MAX_DEPTH = 40
#: The two markers of each list: they separate consecutive lists.
_LIST_MARKERS = {"bulletList": "-*", "taskList": "-*", "decisionList": "-*", "orderedList": ".)"}


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a block: its parent's type, its depth in prefixed blocks, and the list marker to use."""

    parent: str = "doc"
    depth: int = 0
    other_marker: bool = False

    def within(self, parent: str, levels: int = 0) -> Place:
        """The place of a child; ``levels`` is the number of prefixed blocks that this adds."""
        return Place(parent, self.depth + levels)

    def after(self, previous: Any, node: Any) -> Place:
        """The place for a node that follows another."""
        markers = _LIST_MARKERS.get(kind(node), "")
        joined = markers != "" and markers == _LIST_MARKERS.get(kind(previous))
        other = joined and not self.other_marker
        return self if other is self.other_marker else replace(self, other_marker=other)

    def marker(self, node: Node) -> str:
        """The marker of a list here."""
        return _LIST_MARKERS[kind(node)][self.other_marker]

    def has_room(self, levels: int) -> bool:
        """Whether this many prefixes can be added."""
        return self.depth + levels <= _MAX_DEPTH


Request = tuple[Any, Place]
Writing = Generator[Request, Lines, Lines]
Attempt = Generator[Request, Lines, Lines | None]
Writer = Callable[[Node, Place], Attempt | Lines | None]


def sequence(nodes: list[Any], place: Place) -> Writing:
    """Write blocks, separated by blank lines."""
    lines: Lines = []
    previous: Any = None
    for node in nodes:
        place = place.after(previous, node)
        written = yield node, place
        if lines and not (place.parent == "listItem" and _joins(previous, written)):
            lines.append("")
        lines += written
        previous = node
    return lines


def _joins(previous: Any, written: Lines) -> bool:
    """Whether a list can follow the words of its list item without a blank line."""
    return kind(previous) == "paragraph" and written[0].startswith(("- ", "* ", "1. ", "1) "))


def body(node: Node, place: Place) -> Writing:
    """Write the blocks of a container; one with only an empty paragraph is written empty."""
    content = children(node)
    if len(content) == 1 and kind(content[0]) == "paragraph" and not children(content[0]) and not marks(content[0]):
        return []
    return (yield from sequence(content, place))


def is_well_formed(node: Node) -> bool:
    """Whether the content, if any, is a list of nodes."""
    content = node.get("content", [])
    return isinstance(content, list) and all(isinstance(child, dict) for child in content)


def is_container(node: Node, place: Place, levels: int = 0) -> bool:
    """Whether a node holds blocks, and this many prefixes can be added to its place."""
    return place.has_room(levels) and is_well_formed(node) and "content" in node and not has_inline(node)


def has_blocks(node: Node) -> bool:
    """Whether a node of words contains a known block, which cannot be written within words."""
    return any(kind(child) in NODES and kind(child) not in INLINE for child in children(node))


def has_inline(node: Node) -> bool:
    """Whether a node contains inline nodes directly."""
    return any(kind(child) in INLINE for child in children(node))


def marks_items(node: Node) -> list[Item]:
    """The node's marks for its brace."""
    return [item for mark in marks(node) for item in mark_items(mark)]


def spaced(*parts: str) -> str:
    """Join the non-empty parts with blanks."""
    return " ".join(part for part in parts if part)
