"""Three-way merging of postmortems. No side wins silently: what cannot be joined is a conflict.

The cells of all three sides must have the base's keys; ``align`` gives a server's cells these keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pmtui.model.conflicts import Conflict
from pmtui.model.diff import names_in_order
from pmtui.model.equality import keyed, same_item, same_value
from pmtui.model.fields import Kind
from pmtui.model.merge_cells import merge_cells
from pmtui.model.part import Part
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import merge_text
from pmtui.model.values import Item, Task, Value

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
    cells, of_cells = merge_cells(base=base.cells, mine=mine.cells, theirs=theirs.cells)
    return Merged(replace(theirs, fields=fields, cells=cells), (*conflicts, *of_cells))


def _merge_field(name: str, kind: Kind, *, base: Value, mine: Value, theirs: Value) -> tuple[Value, list[Conflict]]:
    if same_value(base, theirs):
        return mine, []
    if same_value(mine, theirs):
        return theirs, []
    if kind.is_list or any(isinstance(side, tuple) for side in (base, mine, theirs)):
        return _merge_list(name, base=_items(base), mine=_items(mine), theirs=_items(theirs))
    if kind is Kind.PROSE and isinstance(mine, str) and isinstance(theirs, str):
        merged = merge_text(base=base if isinstance(base, str) else "", mine=mine, theirs=theirs)
        if merged is not None:
            return merged, []
    return theirs, [Conflict(id=name, base=base, mine=mine, theirs=theirs, part=Part(field=name))]


Items = Mapping[tuple[str, int], Item | str]


def _items(value: Value) -> Items:
    if isinstance(value, tuple):
        return keyed(value)
    if not value:
        return {}
    return {("" if isinstance(value, str) else value.key, 0): value}


def _merge_list(name: str, *, base: Items, mine: Items, theirs: Items) -> tuple[Value, list[Conflict]]:
    """Merge as sets with a base: their items in their order, then my additional items in my order."""
    base, mine = _with_ids(base, theirs), _with_ids(mine, theirs)
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


def _with_ids(items: Items, theirs: Items) -> Items:
    """The items, with the ids that the vendor has since given to new tasks; tasks are matched by text."""
    named = {item.text: (key, item.id) for key, item in theirs.items() if isinstance(item, Task) and item.id and key not in items}
    found: dict[tuple[str, int], Item | str] = {}
    for key, item in items.items():
        if isinstance(item, Task) and not item.id and item.text in named:
            key, new_id = named[item.text]
            item = replace(item, id=new_id)
        found[key] = item
    return found
