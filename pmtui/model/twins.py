"""Cells that two people added alike, in the same place: two halves of a cell that both split, a section that both began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pmtui.model.cell_alignment import likeness
from pmtui.model.postmortem import Cell

_MOST = 0.5
"""Share of common words above which two added cells are one."""


def with_twins(*, base: Sequence[Cell], mine: Sequence[Cell], theirs: Sequence[Cell]) -> list[Cell]:
    """Theirs with my keys for the cells that both added: those that are the same, wherever, then those that are alike in one place."""
    known = {cell.key for cell in base}
    pairs: dict[str, str] = {}
    for cell, other, _ in _candidates(known, mine, theirs):
        if other.key not in pairs and cell.key not in pairs.values():
            pairs[other.key] = cell.key
    return [replace(cell, key=pairs[cell.key]) if cell.key in pairs else cell for cell in theirs]


def are_twins(one: Cell, other: Cell) -> bool:
    """Whether two added cells count as one."""
    return one.same(other) or _score(one, other) > _MOST


def _candidates(known: set[str], mine: Sequence[Cell], theirs: Sequence[Cell]) -> list[tuple[Cell, Cell, float]]:
    """Pairs of added cells, the most alike first, the same for both people but for whose is whose."""
    found: list[tuple[Cell, Cell, float]] = []
    of_theirs = list(_added(known, theirs))
    for place, cell in _added(known, mine):
        for their_place, other in of_theirs:
            if cell.same(other):
                found.append((cell, other, 2.0))
            elif place == their_place and _score(cell, other) > _MOST:
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
    return likeness(set(one.text.split()), set(other.text.split()))
