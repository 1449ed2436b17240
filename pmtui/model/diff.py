"""Finds the changes between two postmortems, and applies or reverts changes.

All functions are pure and total. Cells are matched by key: give a server's cells the keys of the base with ``align``
before comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pmtui.model.changes import CellAdded, CellChange, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.equality import same_value
from pmtui.model.matching import longest_increasing
from pmtui.model.postmortem import Cell, Postmortem


def diff(before: Postmortem, after: Postmortem) -> tuple[Change, ...]:
    """The changes that turn ``before`` into ``after``: fields in the order of the form, then cells in their order."""
    return (*_diff_fields(before, after), *_diff_cells(before.cells, after.cells))


def patch(postmortem: Postmortem, changes: Iterable[Change]) -> Postmortem:
    """The postmortem with the changes applied. A change of a missing cell adds it; nothing raises."""
    changes = tuple(changes)
    fields = dict(postmortem.fields)
    fields.update({change.name: change.after for change in changes if isinstance(change, FieldChanged)})
    cells = _patch_cells(postmortem.cells, [change for change in changes if not isinstance(change, FieldChanged)])
    return replace(postmortem, fields=fields, cells=cells)


def revert(postmortem: Postmortem, before: Postmortem, changes: Iterable[Change]) -> Postmortem:
    """The postmortem without these changes of ``diff(before, postmortem)``; all other changes stay."""
    changes = tuple(changes)
    fields = {**postmortem.fields, **{change.name: change.before for change in changes if isinstance(change, FieldChanged)}}
    cells = _revert_cells(postmortem.cells, before.cells, [change for change in changes if not isinstance(change, FieldChanged)])
    return replace(postmortem, fields=fields, cells=cells)


def insert_after(cells: Sequence[Cell], order: Sequence[Cell], cell: Cell) -> tuple[Cell, ...]:
    """Insert the cell where ``order`` has its key: after the nearest preceding cell that is in both."""
    places = {each.key: place for place, each in enumerate(cells)}
    place = 0
    for each in order:
        if each.key == cell.key:
            break
        place = places.get(each.key, place - 1) + 1
    return (*cells[:place], cell, *cells[place:])


def names_in_order(*postmortems: Postmortem) -> tuple[str, ...]:
    """The names of all fields: first in the order of the forms, then those that no form has."""
    names = [field.name for each in postmortems for field in each.form]
    names += [name for each in postmortems for name in each.fields]
    return tuple(dict.fromkeys(names))


def _diff_fields(before: Postmortem, after: Postmortem) -> list[FieldChanged]:
    if before.fields is after.fields:
        return []
    return [
        FieldChanged(name, before.fields.get(name), after.fields.get(name))
        for name in names_in_order(after, before)
        if not same_value(before.fields.get(name), after.fields.get(name))
    ]


def _diff_cells(before: Sequence[Cell], after: Sequence[Cell]) -> list[CellChange]:
    if len(before) == len(after) and all(one.key == other.key for one, other in zip(before, after, strict=True)):
        # The fast path, for nearly every typed key.
        return [CellEdited(one, other) for one, other in zip(before, after, strict=True) if one is not other and not one.same(other)]
    old = {cell.key: cell for cell in before}
    kept = {cell.key for cell in after}
    moved = moved_keys([cell.key for cell in before], [cell.key for cell in after])
    changes: list[CellChange] = [CellDeleted(cell) for cell in before if cell.key not in kept]
    for index, cell in enumerate(after):
        if cell.key not in old:
            changes.append(CellAdded(cell, index))
            continue
        if cell.key in moved:
            changes.append(CellMoved(cell, index))
        if not cell.same(old[cell.key]):
            changes.append(CellEdited(old[cell.key], cell))
    return changes


def moved_keys(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """The fewest common keys that must move to turn one order into the other."""
    places = {key: place for place, key in enumerate(before)}
    common = [key for key in after if key in places]
    stay = {common[n] for n in longest_increasing([places[key] for key in common])}
    return frozenset(key for key in common if key not in stay)


def _patch_cells(cells: Sequence[Cell], changes: Sequence[CellChange]) -> tuple[Cell, ...]:
    edited = {change.after.key: change.after for change in changes if isinstance(change, CellEdited)}
    placed = {change.cell.key: change for change in changes if isinstance(change, CellAdded | CellMoved)}
    deleted = {change.cell.key for change in changes if isinstance(change, CellDeleted)}
    there = {cell.key: cell for cell in cells}
    result = [edited.pop(cell.key, cell) for cell in cells if cell.key not in deleted and cell.key not in placed]
    for change in sorted(placed.values(), key=lambda change: change.index):
        cell = change.cell if isinstance(change, CellAdded) else there.get(change.cell.key, change.cell)
        result.insert(change.index, edited.pop(cell.key, cell))
    return (*result, *edited.values())


def _revert_cells(cells: Sequence[Cell], before: Sequence[Cell], changes: Sequence[CellChange]) -> tuple[Cell, ...]:
    edited = {change.after.key: change.before for change in changes if isinstance(change, CellEdited)}
    out = {change.cell.key for change in changes if isinstance(change, CellAdded | CellMoved)}
    back = {change.cell.key: change.cell for change in changes if isinstance(change, CellDeleted | CellMoved)}
    back.update({cell.key: cell for cell in cells if cell.key in back})  # a moved cell may also be edited
    result = tuple(edited.get(cell.key, cell) for cell in cells if cell.key not in out)
    for cell in before:  # in this order each cell finds its old neighbour in place
        if cell.key in back:
            result = insert_after(result, before, edited.get(cell.key, back[cell.key]))
    return result
