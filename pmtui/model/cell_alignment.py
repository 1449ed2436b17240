"""Matches the cells of a later reading with the cells of the base.

A server's own keys do not help: Datadog makes new ids for Markdown cells on every read (vendors' docs, recorded
2026-09), and a cell may have been moved, edited, added or deleted meanwhile. So cells are matched by their content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Hashable, Iterator, Sequence
from dataclasses import replace

from pmtui.model.diff import insert_after
from pmtui.model.matching import Matching, likeness
from pmtui.model.postmortem import Cell

_ALIKE = 0.4
"""Share of common words (0.0 to 1.0) at which two cells count as one that was edited."""
_TWINS = 0.5
"""Share of common words (0.0 to 1.0) above which two cells added in the same place count as one."""


def align(base: Sequence[Cell], cells: Sequence[Cell], taken: Collection[str] = ()) -> tuple[Cell, ...]:
    """The cells with the keys of their base cells. New cells get keys that are neither in ``base`` nor in ``taken``.

    Cells are matched in this order: same content, same source, same fixed name or pin, same title, common words, and last
    the same place between matched neighbours.
    """
    match = Matching(base, cells, _form)
    match.in_order(_content)
    for trait in (_content, _source, _fixed, _title):
        match.anywhere(trait)
    match.by_words(_words, _ALIKE)
    match.by_place()
    fresh = _fresh_keys({cell.key for cell in base}, taken)
    return tuple(replace(cell, key=base[match.of[n]].key if n in match.of else next(fresh)) for n, cell in enumerate(cells))


def align_after(before: Sequence[Cell], target: Sequence[Cell], cells: Sequence[Cell], taken: Collection[str] = ()) -> tuple[Cell, ...]:
    """Align a reading made after a save that should have turned ``before`` into ``target``.

    A cell that should have been deleted and is still there gets its old key back; otherwise it would count as somebody's new
    cell, and the deletion as done. If a cell could be one of the target or a deleted one, the target wins.
    """
    kept = {cell.key for cell in target}
    gone = [cell for cell in before if cell.key not in kept]
    if not gone:
        return align(target, cells, taken)
    both = tuple(target)
    for cell in gone:
        both = insert_after(both, before, cell)
    exact = Matching(both, cells, _form)
    exact.in_order(_content)
    exact.anywhere(_content)
    keys = {n: both[i].key for n, i in exact.of.items() if both[i].key not in kept}
    rest = [n for n in range(len(cells)) if n not in keys]
    known = {*taken, *(cell.key for cell in gone)}
    aligned = dict(zip(rest, align(target, [cells[n] for n in rest], known), strict=True))
    new = [n for n in rest if aligned[n].key not in kept]
    left = [cell for cell in gone if cell.key not in keys.values()]
    alike = Matching(left, [cells[n] for n in new], _form)
    for trait in (_source, _fixed, _title):
        alike.anywhere(trait)
    alike.by_words(_words, _ALIKE)
    keys.update({new[n]: left[i].key for n, i in alike.of.items()})
    return tuple(replace(cell, key=keys[n]) if n in keys else aligned[n] for n, cell in enumerate(cells))


def with_twins(*, base: Sequence[Cell], mine: Sequence[Cell], theirs: Sequence[Cell]) -> list[Cell]:
    """Theirs, with my keys for cells that both sides added: an equal cell anywhere, or a similar one in the same place.

    Both sides add similar cells when both split a cell, or both start the same section.
    """
    known = {cell.key for cell in base}
    pairs: dict[str, str] = {}
    for cell, other, _ in _candidates(known, mine=mine, theirs=theirs):
        if other.key not in pairs and cell.key not in pairs.values():
            pairs[other.key] = cell.key
    return [replace(cell, key=pairs[cell.key]) if cell.key in pairs else cell for cell in theirs]


def are_twins(one: Cell, other: Cell) -> bool:
    """Whether two added cells count as one."""
    return one.same(other) or _score(one, other) > _TWINS


def _candidates(known: set[str], *, mine: Sequence[Cell], theirs: Sequence[Cell]) -> list[tuple[Cell, Cell, float]]:
    """Pairs of added cells, the most similar first; the order does not depend on which side is mine."""
    found: list[tuple[Cell, Cell, float]] = []
    of_theirs = list(_added(known, theirs))
    for place, cell in _added(known, mine):
        for their_place, other in of_theirs:
            if cell.same(other):
                found.append((cell, other, 2.0))
            elif place == their_place and _score(cell, other) > _TWINS:
                found.append((cell, other, _score(cell, other)))
    return sorted(found, key=lambda pair: (-pair[2], *sorted((pair[0].text, pair[1].text))))


def _added(known: set[str], cells: Sequence[Cell]) -> Iterator[tuple[str, Cell]]:
    """The added cells, each with the key of the known cell before it."""
    before = ""
    for cell in cells:
        if cell.key in known:
            before = cell.key
        else:
            yield before, cell


def _score(one: Cell, other: Cell) -> float:
    if not (one.editable and other.editable) or (one.pinned, one.name) != (other.pinned, other.name):
        return 0.0
    return likeness(_words(one), _words(other))


def _fresh_keys(known: Container[str], taken: Container[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        key = f"s{number}"
        if key not in known and key not in taken:
            yield key


def _form(cell: Cell) -> Hashable:
    """The properties of a cell that never change: only cells with equal ones can be the same cell."""
    return (cell.kind, cell.pinned, cell.name)


def _content(cell: Cell) -> Hashable:
    return cell.text if cell.editable else cell.source


def _source(cell: Cell) -> Hashable:
    return cell.source or None


def _fixed(cell: Cell) -> Hashable:
    """The fixed name or pin of a cell that has one."""
    return (cell.name, cell.pinned) if cell.name or cell.pinned else None


def _title(cell: Cell) -> Hashable:
    return cell.title or None


def _words(cell: Cell) -> Counter[str]:
    return Counter(set(cell.text.split()))
