"""The differences between two postmortems as values. ``diff`` finds them, ``patch`` applies them, a backend sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pmtui.model.postmortem import Cell
from pmtui.model.values import Value


@dataclass(frozen=True, slots=True)
class FieldChanged:
    """A field has a different value; ``None`` is not set."""

    name: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class CellEdited:
    """A cell has a different text, or, if opaque, a different source. Both sides have the same key."""

    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class CellAdded:
    """A cell is new. ``index`` is its place in the final order, from 0."""

    cell: Cell
    index: int


@dataclass(frozen=True, slots=True)
class CellDeleted:
    """A cell is gone; ``cell`` is what it was."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class CellMoved:
    """A cell was moved. ``index`` is its place in the final order, from 0."""

    cell: Cell
    index: int


CellChange: TypeAlias = CellEdited | CellAdded | CellDeleted | CellMoved
Change: TypeAlias = FieldChanged | CellChange


def change_id(change: Change) -> str:
    """An id that stays the same while the user reviews: ``title``, ``edited:3``, ``added:n1``."""
    if isinstance(change, FieldChanged):
        return change.name
    if isinstance(change, CellEdited):
        return f"edited:{change.after.key}"
    verb = {CellAdded: "added", CellDeleted: "deleted", CellMoved: "moved"}[type(change)]
    return f"{verb}:{change.cell.key}"
