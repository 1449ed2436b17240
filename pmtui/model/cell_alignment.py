"""Which cell of a later reading is which cell of the base.

A server's own keys do not tell: Datadog makes new ids for Markdown cells on every read (vendors' docs, recorded
2026-09), and a cell may have been moved, edited, added or deleted meanwhile. So cells are matched by what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Iterator, Sequence
from dataclasses import replace

from pmtui.model.diff import insert_after
from pmtui.model.matching import matching_blocks
from pmtui.model.postmortem import Cell

_ALIKE = 0.4
"""Share of common words from which two cells count as one that was edited."""
_PAIRS = 100_000
"""Above this number of pairs words are not compared: the place decides."""


def align(base: Sequence[Cell], cells: Sequence[Cell], taken: Collection[str] = ()) -> tuple[Cell, ...]:
    """The cells with the keys of the base cells that they are; new ones get keys that are neither in base nor taken.

    Matched in this order: the same content, the same source, the same fixed name or pin, the same title, common words,
    and last the same place between matched neighbours.
    """
    match = _Match(base, cells)
    match.in_order(_content)
    match.anywhere(_content)
    for trait in (_source, _name, _title):
        match.anywhere(trait)
    match.by_words()
    match.by_place()
    fresh = _fresh_keys({cell.key for cell in base}, taken)
    return tuple(replace(cell, key=base[match.of[n]].key if n in match.of else next(fresh)) for n, cell in enumerate(cells))


def align_after(before: Sequence[Cell], target: Sequence[Cell], cells: Sequence[Cell], taken: Collection[str] = ()) -> tuple[Cell, ...]:
    """Align a reading that was made after ``target`` was to be made of ``before``.

    A cell that was to be deleted and is there all the same gets its old key back: without that it would count as
    somebody's new cell, and the deletion as done. What the target has comes first where a cell could be either.
    """
    kept = {cell.key for cell in target}
    gone = [cell for cell in before if cell.key not in kept]
    if not gone:
        return align(target, cells, taken)
    both = tuple(target)
    for cell in gone:
        both = insert_after(both, before, cell)
    exact = _Match(both, cells)
    exact.in_order(_content)
    exact.anywhere(_content)
    keys = {n: both[i].key for n, i in exact.of.items() if both[i].key not in kept}
    rest = [n for n in range(len(cells)) if n not in keys]
    known = {*taken, *(cell.key for cell in gone)}
    aligned = dict(zip(rest, align(target, [cells[n] for n in rest], known), strict=True))
    new = [n for n in rest if aligned[n].key not in kept]
    left = [cell for cell in gone if cell.key not in keys.values()]
    alike = _Match(left, [cells[n] for n in new])
    for trait in (_source, _name, _title):
        alike.anywhere(trait)
    alike.by_words()
    keys.update({new[n]: left[i].key for n, i in alike.of.items()})
    return tuple(replace(cell, key=keys[n]) if n in keys else aligned[n] for n, cell in enumerate(cells))


def _fresh_keys(known: Container[str], taken: Container[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        key = f"s{number}"
        if key not in known and key not in taken:
            yield key


def _form(cell: Cell) -> Hashable:
    """What never changes about a cell: only cells of one form can be the same one."""
    return (cell.kind, cell.pinned, cell.name)


def _content(cell: Cell) -> Hashable:
    return (_form(cell), cell.text if cell.editable else cell.source)


def _source(cell: Cell) -> Hashable:
    return (_form(cell), cell.source) if cell.source else None


def _name(cell: Cell) -> Hashable:
    return _form(cell) if cell.name or cell.pinned else None


def _title(cell: Cell) -> Hashable:
    return (_form(cell), cell.title) if cell.title else None


class _Match:
    """A matching in the making: ``of`` maps places in ``cells`` to places in ``base``."""

    def __init__(self, base: Sequence[Cell], cells: Sequence[Cell]) -> None:
        self.base = base
        self.cells = cells
        self.of: dict[int, int] = {}

    def in_order(self, trait: Callable[[Cell], Hashable]) -> None:
        """Pair equal traits that come in the same order on both sides."""
        for i, j, n in matching_blocks([trait(cell) for cell in self.base], [trait(cell) for cell in self.cells]):
            for step in range(n):
                self.of[j + step] = i + step

    def anywhere(self, trait: Callable[[Cell], Hashable]) -> None:
        """Pair equal traits wherever they are, the first with the first. A trait of None pairs with nothing."""
        waiting: dict[Hashable, list[int]] = {}
        for i in reversed(self._free_base()):
            waiting.setdefault(trait(self.base[i]), []).append(i)
        for j in self._free_cells():
            value = trait(self.cells[j])
            if value is not None and waiting.get(value):
                self.of[j] = waiting[value].pop()

    def by_words(self) -> None:
        """Pair what shares most words, the most alike first."""
        free_base, free_cells = self._free_base(), self._free_cells()
        if len(free_base) * len(free_cells) > _PAIRS:
            return
        words_base = {i: set(self.base[i].text.split()) for i in free_base}
        words_cells = {j: set(self.cells[j].text.split()) for j in free_cells}
        scored = [
            (-likeness(mine, theirs), abs(i - j), i, j)
            for i, mine in words_base.items()
            for j, theirs in words_cells.items()
            if _form(self.base[i]) == _form(self.cells[j])
        ]
        paired: set[int] = set()
        for score, _, i, j in sorted(scored):
            if -score >= _ALIKE and i not in paired and j not in self.of:
                self.of[j] = i
                paired.add(i)

    def by_place(self) -> None:
        """Pair what is left between two matched neighbours when both sides have as many cells of the same kinds there."""
        free_base = set(self._free_base())
        groups: dict[int, list[int]] = {}
        before = -1
        for j in range(len(self.cells)):
            before = self.of.get(j, before)
            if j not in self.of:
                groups.setdefault(before, []).append(j)
        for before, group in groups.items():
            gap: list[int] = []
            while before + 1 + len(gap) in free_base:
                gap.append(before + 1 + len(gap))
            if [_form(self.base[i]) for i in gap] == [_form(self.cells[j]) for j in group]:
                self.of.update(zip(group, gap, strict=True))

    def _free_base(self) -> list[int]:
        used = set(self.of.values())
        return [i for i in range(len(self.base)) if i not in used]

    def _free_cells(self) -> list[int]:
        return [j for j in range(len(self.cells)) if j not in self.of]


def likeness(one: set[str], other: set[str]) -> float:
    """Dice's coefficient of two sets of words, 0.0 to 1.0."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
