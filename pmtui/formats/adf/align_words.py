"""Words after an edit, made of the original's inline nodes wherever they are untouched.

Both contents are seen as sequences of units: the characters of texts, each with its marks, and the other nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pmtui.formats.adf.values import Node, attributes, dump, kind, marks, text_of

#: The product of the lengths (in words) up to which two changed stretches are compared word by word.
_COMPARABLE = 250_000


@dataclass(frozen=True, slots=True)
class _Unit:
    """A character with its marks, or a node that is no text."""

    look: str
    marks: str
    owner: int  # index of the node in its content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unit) and self.look == other.look and self.marks == other.marks

    def __hash__(self) -> int:
        return hash((self.look, self.marks))


def _units(content: list[Any]) -> list[_Unit]:
    units: list[_Unit] = []
    for index, node in enumerate(content):
        if kind(node) == "text":
            shown = dump(marks(node))
            units += [_Unit(char, shown, index) for char in text_of(node)]
        else:
            units.append(_Unit("node:" + dump(node), "", index))
    return units


def align_words(original: list[Any], seen: list[Any], new: list[Node]) -> tuple[list[Node], list[Node]]:
    """The new content, and those of its nodes that are the original's (texts among them perhaps with new words).

    `seen` is how reading sees the original: it tells what is hidden from what was taken out.
    """
    old_units, new_units = _seen_units(original, seen), _units(new)
    if old_units is None:
        return new, []
    return _Rebuilding(original, seen, old_units, new, new_units).content()


def _seen_units(original: list[Any], seen: list[Any]) -> list[_Unit] | None:
    """The original's units as reading sees them, owned by the original's nodes; None where they do not agree."""
    own, shown = _units(original), _units(seen)
    if len(own) != len(shown):
        return None
    for mine, its in zip(own, shown, strict=True):
        is_text = len(its.look) == 1
        if is_text != (len(mine.look) == 1) or (is_text and mine.look != its.look):
            return None
    return [_Unit(its.look, its.marks, mine.owner) for mine, its in zip(own, shown, strict=True)]


def _changes(old: list[_Unit], new: list[_Unit]) -> Iterator[tuple[int, int, int, int]]:
    """Stretches (old from, old to, new from, new to) that differ; what is between them is equal."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    old_words, new_words = _in_words(old_middle), _in_words(new_middle)
    if len(old_words) * len(new_words) > _COMPARABLE:
        yield start, len(old) - end, start, len(new) - end
        return
    matcher = SequenceMatcher(None, [tuple(w) for w in old_words], [tuple(w) for w in new_words], autojunk=False)
    old_at, new_at = _offsets(old_words, start), _offsets(new_words, start)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield old_at[i], old_at[j], new_at[k], new_at[m]


def _in_words(units: list[_Unit]) -> list[list[_Unit]]:
    words: list[list[_Unit]] = []
    for unit in units:
        joins = words and len(unit.look) == 1 and unit.look.isalnum() and words[-1][-1].look.isalnum() and len(words[-1][-1].look) == 1
        if joins:
            words[-1].append(unit)
        else:
            words.append([unit])
    return words


def _offsets(words: list[list[_Unit]], start: int) -> list[int]:
    offsets = [start]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


class _Rebuilding:
    """Puts the new content together from kept and new units."""

    def __init__(self, original: list[Any], seen: list[Any], old: list[_Unit], new: list[Node], units: list[_Unit]) -> None:
        self.original, self.seen, self.old, self.new, self.units = original, seen, old, new, units
        self.seen_units = _units(seen)
        self.made: list[Node] = []
        self.kept: list[Node] = []
        self.run: list[str] = []
        self.run_source: tuple[str, int] | None = None  # ("old" | "new", index of the node that the text is from)

    def content(self) -> tuple[list[Node], list[Node]]:
        self._empty_texts_from(0)
        old_at = 0
        for old_from, old_to, new_from, new_to in [*_changes(self.old, self.units), (len(self.old),) * 2 + (len(self.units),) * 2]:
            for offset in range(old_from - old_at):
                self._keep(old_at + offset)
            self._replace(old_from, old_to, self.units[new_from:new_to])
            old_at = old_to
        self._flush()
        return self.made, self.kept

    def _keep(self, at: int) -> None:
        unit = self.old[at]
        if len(unit.look) == 1:
            self._text("old", unit.owner, unit.look)
        else:
            self._flush()
            self._emit_original(unit.owner)
        self._after(at)

    def _replace(self, old_from: int, old_to: int, units: list[_Unit]) -> None:
        gone = self.old[old_from:old_to]
        gone_nodes = [at for at in range(old_from, old_to) if len(self.old[at].look) > 1]
        beside = [self.old[at] for at in (old_from - 1, old_to) if 0 <= at < len(self.old)]
        for unit in units:
            if len(unit.look) > 1:
                self._flush()
                self._changed_node(self.new[unit.owner], gone_nodes)
                continue
            owner = next((other.owner for other in [*gone, *beside] if len(other.look) == 1 and other.marks == unit.marks), None)
            self._text("new", unit.owner, unit.look) if owner is None else self._text("old", owner, unit.look)
        for at in range(old_from, old_to):
            self._after(at)

    def _changed_node(self, node: Node, gone: list[int]) -> None:
        """A node that is not what any was: with the hidden attributes of one of its kind that is gone."""
        for at in gone:
            source, seen = self.original[self.old[at].owner], self.seen[self.seen_units[at].owner]
            if kind(source) == kind(seen) == kind(node):
                gone.remove(at)
                node = {**node, "attrs": merge_attributes(source, seen, node)}
                break
        self.made.append(node)

    def _text(self, side: str, owner: int, char: str) -> None:
        if self.run_source != (side, owner):
            self._flush()
            self.run_source = (side, owner)
        self.run.append(char)

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
        else:
            self.made.append({**self.original[owner], "text": text})
            self.kept.append(self.made[-1])

    def _emit_original(self, owner: int) -> None:
        self.made.append(self.original[owner])
        self.kept.append(self.original[owner])

    def _after(self, at: int) -> None:
        """Behind the last unit of a node stand the texts without a character that stood there."""
        owner = self.old[at].owner
        if at + 1 == len(self.old) or self.old[at + 1].owner != owner:
            self._empty_texts_from(owner + 1)

    def _empty_texts_from(self, owner: int) -> None:
        """Texts without a character are seen nowhere: they stay behind what they stand behind."""
        while owner < len(self.original) and kind(self.original[owner]) == "text" and not text_of(self.original[owner]):
            self._flush()
            self._emit_original(owner)
            owner += 1


def merge_attributes(original: Node, seen: Node, new: Node) -> dict[str, Any]:
    """The original's attributes with what has changed between `seen` and `new`."""
    before, after = attributes(seen), attributes(new)
    merged = {name: value for name, value in attributes(original).items() if name not in before or name in after}
    return merged | {name: value for name, value in after.items() if name not in before or before[name] != value}
