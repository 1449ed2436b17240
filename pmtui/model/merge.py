"""Three-way merging of postmortems: their fields, and the texts and order of their cells.

No side wins silently: what cannot be joined is a conflict.
The cells of all three sides must have the base's keys; ``align`` gives a server's cells these keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pmtui.model.cell_alignment import are_twins, with_twins
from pmtui.model.conflicts import Conflict
from pmtui.model.diff import moved_keys, names_in_order
from pmtui.model.equality import Items, keyed, same_item, same_value, with_ids
from pmtui.model.fields import Kind
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.text_merge import common_text, merge_text
from pmtui.model.values import Item, Value

__all__ = ["Conflict", "Merged", "merge"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged postmortem. Open conflicts have the server's side, or the side that still has the cell."""

    postmortem: Postmortem
    conflicts: tuple[Conflict, ...] = ()


def merge(*, base: Postmortem, mine: Postmortem, theirs: Postmortem) -> Merged:
    """Merge my changes and theirs since ``base``. Everything but fields and cells (form, origin, …) is theirs."""
    fields: dict[str, Value] = dict(theirs.fields)
    conflicts: list[Conflict] = []
    kinds = {field.name: field.kind for each in (base, mine, theirs) for field in each.form}
    for name in names_in_order(theirs, mine, base):
        sides = (base.fields.get(name), mine.fields.get(name), theirs.fields.get(name))
        if same_value(sides[0], sides[1]):
            continue  # I did not change it: take theirs, in the server's spelling
        fields[name], found = _merge_field(name, kinds.get(name, Kind.TEXT), base=sides[0], mine=sides[1], theirs=sides[2])
        conflicts += found
    cells, of_cells = _merge_cells(base=base.cells, mine=mine.cells, theirs=theirs.cells)
    return Merged(replace(theirs, fields=fields, cells=cells), (*conflicts, *of_cells))


def _merge_field(name: str, kind: Kind, *, base: Value, mine: Value, theirs: Value) -> tuple[Value, list[Conflict]]:
    if same_value(base, theirs):
        return _named_as(mine=mine, theirs=theirs), []
    if same_value(mine, theirs):
        return theirs, []
    if kind.is_list or any(isinstance(side, tuple) for side in (base, mine, theirs)):
        return _merge_list(name, base=_items(base), mine=_items(mine), theirs=_items(theirs))
    if kind is Kind.PROSE and isinstance(mine, str) and isinstance(theirs, str):
        merged = merge_text(base=base if isinstance(base, str) else "", mine=mine, theirs=theirs)
        if merged is not None:
            return merged, []
    return theirs, [Conflict(id=name, base=base, mine=mine, theirs=theirs, part=Part(field=name))]


def _items(value: Value) -> Items:
    if isinstance(value, tuple):
        return keyed(value)
    if not value:
        return {}
    return {("" if isinstance(value, str) else value.key, 0): value}


def _merge_list(name: str, *, base: Items, mine: Items, theirs: Items) -> tuple[Value, list[Conflict]]:
    """Merge as sets with a base: their items in their order, then my additional items in my order."""
    base, mine = with_ids(base, theirs), with_ids(mine, theirs)
    merged: list[Item | str] = []
    conflicts: list[Conflict] = []
    for key in dict.fromkeys((*theirs, *mine)):
        sides = (base.get(key), mine.get(key), theirs.get(key))
        if _same(sides[0], sides[1]) or _same(sides[1], sides[2]):
            kept = sides[2]
        elif _same(sides[0], sides[2]):
            kept = sides[1]
        else:
            kept = sides[2] if sides[2] is not None else sides[1]
            clash = f"{name}:{key[0]}" + (f"#{key[1]}" if key[1] else "")
            conflicts.append(Conflict(id=clash, base=sides[0], mine=sides[1], theirs=sides[2], part=Part(field=name), item=key))
        if kept is not None:
            merged.append(kept)
    result: tuple[object, ...] = tuple(merged)
    return result, conflicts  # type: ignore[return-value]


def _same(one: Item | str | None, other: Item | str | None) -> bool:
    if one is None or other is None:
        return one is other
    return same_item(one, other)


def _named_as(*, mine: Value, theirs: Value) -> Value:
    """Mine, with the ids that the vendor has since given to new tasks."""
    if not (isinstance(mine, tuple) and isinstance(theirs, tuple)):
        return mine
    return tuple(with_ids(keyed(mine), keyed(theirs)).values())  # type: ignore[return-value]


def _merge_cells(*, base: Sequence[Cell], mine: Sequence[Cell], theirs: Sequence[Cell]) -> tuple[tuple[Cell, ...], list[Conflict]]:
    """The merged cells in order, and the conflicts. Cells are matched by key.

    A merged cell has their source, so that untouched content goes back as the server last had it. A cell that one side
    deleted and the other only moved is deleted; a cell that the other side edited is a conflict and stays.
    """
    known = {cell.key: cell for cell in base}
    theirs = _other_keys(known, mine=mine, theirs=with_twins(base=base, mine=mine, theirs=theirs))
    of_mine, of_theirs = {cell.key: cell for cell in mine}, {cell.key: cell for cell in theirs}
    cells: dict[str, Cell] = {}
    conflicts: list[Conflict] = []
    for key in dict.fromkeys((*of_theirs, *of_mine)):
        cell, clash = _merge_cell(base=known.get(key), mine=of_mine.get(key), theirs=of_theirs.get(key))
        if cell is not None:
            cells[key] = cell
        if clash is not None:
            conflicts.append(clash)
    order = _merge_order(cells, base=[cell.key for cell in base], mine=[cell.key for cell in mine], theirs=[cell.key for cell in theirs])
    by_place = {key: place for place, key in enumerate(order)}
    conflicts.sort(key=lambda conflict: by_place[conflict.part.cell])
    return tuple(cells[key] for key in order), conflicts


def _other_keys(known: Mapping[str, Cell], *, mine: Sequence[Cell], theirs: Sequence[Cell]) -> list[Cell]:
    """Theirs, with new keys for added cells that happen to have the key of a different cell that I added."""
    used = {cell.key for cell in mine} | {cell.key for cell in theirs}
    taken = {cell.key: cell for cell in mine if cell.key not in known}
    result: list[Cell] = []
    for cell in theirs:
        key = cell.key
        while cell.key in taken and not are_twins(taken[cell.key], cell) and key in used:
            key += "'"
        used.add(key)
        result.append(cell if key == cell.key else replace(cell, key=key))
    return result


def _merge_cell(*, base: Cell | None, mine: Cell | None, theirs: Cell | None) -> tuple[Cell | None, Conflict | None]:
    """The merged cell, None when deleted; and the conflict, None for none."""
    if mine is None or theirs is None:
        left = mine or theirs
        if left is None or base is None:
            return left, None  # deleted by both, or added by one
        if left.same(base):
            return None, None
        return left, _clash(left.key, base=base, mine=mine, theirs=theirs)
    if base is not None and mine.same(base):
        return theirs, None
    if mine.same(theirs):
        return theirs, None
    if base is not None and theirs.same(base):
        return (replace(theirs, text=mine.text) if mine.editable and theirs.editable else mine), None
    if mine.editable and theirs.editable:
        before = common_text(mine.text, theirs.text) if base is None else base.text if base.editable else ""
        text = merge_text(base=before, mine=mine.text, theirs=theirs.text)
        if text is not None:
            return replace(theirs, text=text), None
    return theirs, _clash(mine.key, base=base, mine=mine, theirs=theirs)


def _clash(key: str, *, base: Cell | None, mine: Cell | None, theirs: Cell | None) -> Conflict:
    return Conflict(id=f"cell:{key}", base=base, mine=mine, theirs=theirs, part=Part(cell=key))


def _merge_order(cells: Mapping[str, Cell], *, base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The order of the merged keys: cells that nobody moved stay; a moved cell follows the neighbour it was put after.

    A cell that both sides moved goes where I moved it; the review shows that move before it is sent.
    """
    moved_by_me, moved_by_them = moved_keys(base, mine), moved_keys(base, theirs)
    fixed = [key for key in base if key in cells and key not in moved_by_me and key not in moved_by_them]
    old = set(base)
    of_mine = _places(mine, fixed, [key for key in mine if key in cells and (key in moved_by_me or key not in old)])
    of_theirs = _places(theirs, fixed, [key for key in theirs if key in cells and (key in moved_by_them or key not in old)])
    for key in of_mine.keys() & of_theirs.keys():
        if key in old and of_mine[key] != of_theirs[key]:
            del of_theirs[key]
        else:
            of_mine[key] = of_theirs[key] = min(of_mine[key], of_theirs[key])
    at_mine, at_theirs = _by_place(of_mine), _by_place(of_theirs)
    order: list[str] = []
    for place in range(len(fixed) + 1):
        order += fixed[place - 1 : place] if place else []
        order += _weave(at_mine.get(place, []), at_theirs.get(place, []), cells)
    return order


def _by_place(places: Mapping[str, int]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for key, place in places.items():
        groups.setdefault(place, []).append(key)
    return groups


def _places(order: Sequence[str], fixed: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    """For each wanted key, the number of fixed keys before it in ``order``."""
    numbers = {key: number for number, key in enumerate(fixed, 1)}
    asked = set(wanted)
    places: dict[str, int] = {}
    place = 0
    for key in order:
        place = numbers.get(key, place)
        if key in asked:
            places[key] = place
    return places


def _weave(one: list[str], other: list[str], cells: Mapping[str, Cell]) -> list[str]:
    """Join two groups of cells in the same place, each in its own order. Between common cells the texts decide which comes first."""
    common = [key for key in one if key in other]
    if common != [key for key in other if key in one]:
        common = []
    woven: list[str] = []
    for joint in (*common, None):
        cut_one = one.index(joint) if joint is not None else len(one)
        cut_other = other.index(joint) if joint is not None else len(other)
        first, second = sorted((one[:cut_one], other[:cut_other]), key=lambda keys: [cells[key].text for key in keys])
        woven += [*first, *second] + ([joint] if joint is not None else [])
        one, other = one[cut_one + 1 :], other[cut_other + 1 :]
    return list(dict.fromkeys(woven))
