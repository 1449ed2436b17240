"""Rebuilds edited words from the original's inline nodes, where these are untouched.

Both contents are sequences of units: the characters of texts, each with its marks, and the other nodes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pmtui.formats.adf.values import Node, attributes, dump, kind, marks, text_of
from pmtui.model.matching import matching_blocks

#: Separates a character from its marks in a unit's look. No node's look has it there.
_MARKED = "\x00"
_WORDS = re.compile(r"[^\W_]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Units:
    """The units' looks ("a", "a\\x00[marks]", "node:{…}"), and for each unit the index of its node."""

    looks: list[str]
    owner: list[int]  # ascending

    def owners(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The nodes of the units in this range, each with its part of the range."""
        while start < end:
            owner = self.owner[start]
            after = bisect_right(self.owner, owner, start, end)
            yield owner, start, after
            start = after


def _units(content: list[Any]) -> _Units:
    looks: list[str] = []
    owner: list[int] = []
    for index, node in enumerate(content):
        own = list(text_of(node)) if kind(node) == "text" else ["node:" + dump(node)]
        if kind(node) == "text" and marks(node):
            shown = _MARKED + dump(marks(node))
            own = [char + shown for char in own]
        looks += own
        owner += [index] * len(own)
    return _Units(looks, owner)


def _is_text(look: str) -> bool:
    return look[1:2] in ("", _MARKED)


def align_words(original: list[Any], seen: list[Any], new: list[Node]) -> tuple[list[Node], list[Node]]:
    """The new content, and those of its nodes that come from the original (texts may have new words).

    `seen` is the original as reading sees it, which distinguishes hidden nodes from removed ones.
    """
    own, shown = _units(original), _units(seen)
    if not _agree(own, shown):
        return new, []
    return _Rebuilding(original, seen, _Units(shown.looks, own.owner), shown, new).content()


def _agree(own: _Units, shown: _Units) -> bool:
    """Whether reading sees the original's characters, and nodes in the same places."""
    return len(own.looks) == len(shown.looks) and all(
        mine == its or (_is_text(mine) == _is_text(its) and (not _is_text(its) or mine[0] == its[0]))
        for mine, its in zip(own.looks, shown.looks, strict=True)
    )


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """The differing stretches (old from, old to, new from, new to), and a final empty one at the end.

    Equal beginnings and ends are compared unit by unit, because two nodes can meet within a word; the rest word by word.
    """
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    old_words, old_at = _in_words(old[start : len(old) - end], start)
    new_words, new_at = _in_words(new[start : len(new) - end], start)
    at_old = at_new = 0
    for i, j, length in matching_blocks(old_words, new_words):
        if at_old < i or at_new < j:
            yield old_at[at_old], old_at[i], new_at[at_new], new_at[j]
        at_old, at_new = i + length, j + length
    yield len(old), len(old), len(new), len(new)


def _in_words(looks: list[str], start: int) -> tuple[list[tuple[str, ...]], list[int]]:
    """The units grouped into words, and where each word begins (and the last one ends)."""
    plain = "".join(look[0] if _is_text(look) else _MARKED for look in looks)
    spans = [match.span() for match in _WORDS.finditer(plain)]
    return [tuple(looks[first:last]) for first, last in spans], [*(start + first for first, _ in spans), start + len(looks)]


class _Rebuilding:
    """Builds the new content from kept and new units."""

    def __init__(self, original: list[Any], seen: list[Any], old: _Units, shown: _Units, new: list[Node]) -> None:
        self.original, self.seen, self.old, self.shown, self.new = original, seen, old, shown, new
        self.units = _units(new)
        self.made: list[Node] = []
        self.kept: list[Node] = []
        self.run: list[str] = []
        self.run_source: tuple[str, int] | None = None  # ("old" | "new", index of the node that the text comes from)

    def content(self) -> tuple[list[Node], list[Node]]:
        self._empty_texts_from(0)
        old_at = 0
        for old_from, old_to, new_from, new_to in _changes(self.old.looks, self.units.looks):
            self._keep(old_at, old_from)
            if new_from < new_to:
                self._insert(old_from, old_to, new_from, new_to)
            for owner, _, end in self.old.owners(old_from, old_to):
                self._after(owner, end)
            old_at = old_to
        self._flush()
        return self.made, self.kept

    def _keep(self, old_from: int, old_to: int) -> None:
        for owner, start, end in self.old.owners(old_from, old_to):
            if _is_text(self.old.looks[start]):
                self._text("old", owner, self.old.looks, start, end)
            else:
                self._flush()
                self._emit_original(owner)
            self._after(owner, end)

    def _insert(self, old_from: int, old_to: int, new_from: int, new_to: int) -> None:
        """Insert new units. Text goes to the nearest node that had its marks: a removed one, else a neighbour."""
        looks = self.old.looks
        takers: dict[str, int] = {}
        for at in (*range(old_from, old_to), old_from - 1, old_to):
            if 0 <= at < len(looks) and _is_text(looks[at]) and not self._is_bare_blank(at):
                takers.setdefault(looks[at][1:], self.old.owner[at])
        nodes = [at for at in range(old_from, old_to) if not _is_text(looks[at])]
        for owner, start, end in self.units.owners(new_from, new_to):
            look = self.units.looks[start]
            if not _is_text(look):
                self._flush()
                self._changed_node(self.new[owner], nodes)
                continue
            taker = takers.get(look[1:])
            self._text("new" if taker is None else "old", owner if taker is None else taker, self.units.looks, start, end)

    def _is_bare_blank(self, at: int) -> bool:
        """Whether the unit is a blank of a marked text that is written without the mark: see `write.inline`."""
        return self.old.looks[at] == " " and bool(marks(self.original[self.old.owner[at]]))

    def _changed_node(self, node: Node, gone: list[int]) -> None:
        """Add a new node, with the hidden attributes of a removed node of its type."""
        for at in gone:
            source, seen = self.original[self.old.owner[at]], self.seen[self.shown.owner[at]]
            if kind(source) == kind(seen) == kind(node):
                gone.remove(at)
                node = {**node, "attrs": merge_attributes(source, seen, node)}
                break
        self.made.append(node)

    def _text(self, side: str, owner: int, looks: list[str], start: int, end: int) -> None:
        if self.run_source != (side, owner):
            self._flush()
            self.run_source = (side, owner)
        self.run += [look[0] for look in looks[start:end]]

    def _flush(self) -> None:
        if self.run_source is None:
            return
        side, owner = self.run_source
        text = "".join(self.run)
        self.run, self.run_source = [], None
        if side == "new":
            self.made.append({**self.new[owner], "text": text})
        elif text == text_of(self.original[owner]):
            self._emit_original(owner)
        elif not text.strip(" ") and marks(self.original[owner]) and text_of(self.original[owner]).strip(" "):
            self.made.append({"type": "text", "text": text})  # only the blank of a removed marked text is left
        else:
            self.made.append({**self.original[owner], "text": text})
            self.kept.append(self.made[-1])

    def _emit_original(self, owner: int) -> None:
        self.made.append(self.original[owner])
        self.kept.append(self.original[owner])

    def _after(self, owner: int, end: int) -> None:
        """After the last unit of a node, add the empty texts that followed it."""
        if self.old.owner[end : end + 1] != [owner]:
            self._empty_texts_from(owner + 1)

    def _empty_texts_from(self, owner: int) -> None:
        """Add empty texts, which reading does not see: they stay after the node that they followed."""
        while owner < len(self.original) and kind(self.original[owner]) == "text" and not text_of(self.original[owner]):
            self._flush()
            self._emit_original(owner)
            owner += 1


def merge_attributes(original: Node, seen: Node, new: Node) -> dict[str, Any]:
    """The original's attributes, with the changes from `seen` to `new`."""
    before, after = attributes(seen), attributes(new)
    merged = {name: value for name, value in attributes(original).items() if name not in before or name in after}
    return merged | {name: value for name, value in after.items() if name not in before or before[name] != value}
