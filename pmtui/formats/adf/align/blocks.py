"""Restores from the original what the notation does not show: ids, widths, parameters, unknown nodes.

The original's own Markdown, read back, gives for each of its nodes the node as *seen*. A node of the new text that equals a
seen one is replaced by the original; one that looks like a changed one keeps its hidden attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pmtui.formats.adf.align.match import Keys, match_changed, match_equal
from pmtui.formats.adf.align.words import align_words, merge_attributes
from pmtui.formats.adf.fit.tree import Kept, KeptNodes
from pmtui.formats.adf.read.blocks import Block
from pmtui.formats.adf.schema import INLINE
from pmtui.formats.adf.values import Node, children, kind, marks

Reader = Callable[[str], list[Block]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A node of the original, the node as seen, and its new version; the result is appended to `into`."""

    original: Any
    seen: Node
    new: Node
    parent: str
    into: list[Any]
    at: int


def align(original: list[Any], written: list[str], new: list[Block], markdown: str, read: Reader) -> tuple[list[Node], KeptNodes]:
    """The new blocks, with the original's nodes where they are equal; and which nodes those are.

    ``written`` is the Markdown of each block of the original. ``read`` parses a text into blocks.
    """
    lines = markdown.split("\n")
    texts = [_text(block, lines) or id(block) for block in new]
    pairs = match_equal(written, texts)
    aligning = _Aligning()
    result: list[Any] = [block.node for block in new]
    for index, place in pairs.items():
        result[index] = aligning.keep(original[place], "doc")
    if len(pairs) < len(new):
        taken = set(pairs.values())
        seen = [None if place in taken else _single(read(text)) for place, text in enumerate(written)]
        aligning.children(original, seen, [block.node for block in new], "doc", result, pairs)
        aligning.work()
    return result, aligning.kept


def _text(block: Block, lines: list[str]) -> str:
    if block.lines is None:
        return ""
    return "\n".join(lines[block.lines[0] : block.lines[1]]).rstrip("\n")


def _single(blocks: list[Block]) -> Node | None:
    return blocks[0].node if len(blocks) == 1 else None


class _Aligning:
    def __init__(self) -> None:
        self.kept: KeptNodes = {}
        self.keys = Keys()
        self.pending: list[_Pair] = []

    def keep(self, node: Any, parent: str, original: Any = None) -> Any:
        """Note that the node is the original's (all of it, or all but its content), and the type of its parent."""
        if isinstance(node, dict):
            self.kept[id(node)] = Kept(node, parent, node if original is None else original, original is None)
        return node

    def work(self) -> None:
        while self.pending:
            self._pair(self.pending.pop())

    def children(
        self, original: list[Any], seen: list[Node | None], new: list[Node], parent: str, into: list[Any], done: dict[int, int]
    ) -> None:
        """Append the original's nodes for equal new nodes to `into`, and queue changed ones in `work`."""
        free = set(range(len(seen))) - set(done.values())
        old_keys = [self.keys.of(node) if node is not None and place in free else -1 - place for place, node in enumerate(seen)]
        new_keys = [(-1 - done[index]) if index in done else self.keys.of(node) for index, node in enumerate(new)]
        pairs = match_equal(old_keys, new_keys)
        for index, place in pairs.items():
            if index not in done:
                into[index] = self.keep(original[place], parent)
        pairs |= done
        for index, place in match_changed(seen, new, pairs).items():
            look = seen[place]
            if look is not None:
                self.pending.append(_Pair(original[place], look, new[index], parent, into, index))

    def _pair(self, pair: _Pair) -> None:
        original, seen, new = pair.original, pair.seen, pair.new
        if not isinstance(original, dict) or kind(original) != kind(seen):
            return  # reading sees something different: use the new node
        same_kind = kind(new) == kind(seen)
        made = _own(original, seen, new) if same_kind else _looks(new)
        if "content" in new:
            made["content"] = self._content(original, seen, new)
        elif "content" in original and "content" not in seen:
            made["content"] = original["content"]
        pair.into[pair.at] = made
        if same_kind and _looks(seen) == _looks(new):
            self.keep(made, pair.parent, original)

    def _content(self, original: Node, seen: Node, new: Node) -> list[Any]:
        before, shown, after = children(original), children(seen), children(new)
        if any(kind(node) in INLINE or kind(node).startswith("adf:inline") for node in [*shown, *after]):
            content, kept = align_words(before, shown, after)
            for node in kept:
                self.keep(node, kind(original))
            return content
        content = list(after)
        if len(before) == len(shown):
            self.children(before, list(shown), after, kind(original), content, {})
        return content


def _looks(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != "content"}


def _own(original: Node, seen: Node, new: Node) -> Node:
    """The original without its content, with the changed attributes and marks."""
    if _looks(seen) == _looks(new):
        return _looks(original)
    made = {name: value for name, value in original.items() if name not in ("content", "attrs", "marks")}
    if attrs := merge_attributes(original, seen, new):
        made["attrs"] = attrs
    carried = marks(original) if seen.get("marks") == new.get("marks") else marks(new)
    return {**made, **({"marks": carried} if carried else {})}
