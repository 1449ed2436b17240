"""Edits: the smallest things a user does to a postmortem, with an inverse and a JSON form. Pure and total."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pmtui.model.changes import CellAdded, CellDeleted, CellMoved, FieldChanged
from pmtui.model.codec import cell_from_json, cell_to_json, value_from_json, value_to_json
from pmtui.model.diff import diff
from pmtui.model.matching import common_end, common_start
from pmtui.model.part import Part
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Value


@dataclass(frozen=True, slots=True)
class SetField:
    """Set a field to this value, None for not set."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace ``cut`` characters of a cell's text, from character ``at`` on, by ``put``.

    ``of`` is the length of the text that it was made for, -1 when unknown: in another text it would cut in the wrong place.
    """

    cell: str
    at: int
    cut: int
    put: str
    of: int = -1


@dataclass(frozen=True, slots=True)
class PutCell:
    """Replace the cell with this key by this one, including the vendor's source."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class AddCell:
    """Insert this cell at this index, from 0."""

    cell: Cell
    index: int


@dataclass(frozen=True, slots=True)
class DeleteCell:
    """Remove the cell with this key."""

    key: str


@dataclass(frozen=True, slots=True)
class MoveCell:
    """Move the cell with this key to ``index``, from 0, among the other cells."""

    key: str
    index: int


Edit: TypeAlias = SetField | Splice | PutCell | AddCell | DeleteCell | MoveCell


def apply(postmortem: Postmortem, edit: Edit) -> tuple[Postmortem, Edit | None]:
    """Apply an edit. Returns the postmortem and the inverse edit, None when nothing changed.

    It never raises, because a damaged journal may lack a record: text for a missing cell becomes a cell at the end, and a
    splice that was made for another text is ignored.
    """
    if isinstance(edit, SetField):
        return postmortem.with_field(edit.name, edit.value), SetField(edit.name, postmortem.fields.get(edit.name))
    cells = list(postmortem.cells)
    key = edit.cell if isinstance(edit, Splice) else edit.key if isinstance(edit, DeleteCell | MoveCell) else edit.cell.key
    place = next((n for n, cell in enumerate(cells) if cell.key == key), None)
    if place is None:
        inverse = _make(cells, edit)
    elif isinstance(edit, AddCell):
        cells[place], inverse = edit.cell, PutCell(cells[place])
    else:
        inverse = _change(cells, place, edit)
    return (postmortem if inverse is None else postmortem.with_cells(tuple(cells))), inverse


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits that do the same at once: splices that touch become one, because each copies the whole text."""
    found: list[Edit] = []
    for edit in edits:
        last = found[-1] if found else None
        both = _touching(last, edit) if isinstance(last, Splice) and isinstance(edit, Splice) else None
        if both is None:
            found.append(edit)
        else:
            found[-1] = both
    return tuple(found)


def _touching(one: Splice, other: Splice) -> Splice | None:
    """The splice that does both, None when ``other`` was made for another text or touches nothing that ``one`` wrote."""
    grown, end = len(one.put) - one.cut, one.at + len(one.put)
    fits = one.cell == other.cell and 0 <= one.at + one.cut <= one.of and other.of == one.of + grown
    if not fits or other.at > end or other.at + other.cut < one.at:
        return None
    before, behind = max(0, one.at - other.at), max(0, other.at + other.cut - end)
    put = one.put[: max(0, other.at - one.at)] + other.put + one.put[max(0, other.at + other.cut - one.at) :]
    return Splice(one.cell, one.at - before, before + one.cut + behind, put, one.of)


def edited_part(edit: Edit) -> Part:
    """The field or cell that an edit changes."""
    if isinstance(edit, SetField):
        return Part(field=edit.name)
    if isinstance(edit, Splice):
        return Part(cell=edit.cell)
    return Part(cell=edit.key if isinstance(edit, DeleteCell | MoveCell) else edit.cell.key)


def new_key(known: Collection[str]) -> str:
    """A key for a cell that is added here, different from the known ones: ``n7``."""
    number = len(known) + 1
    while f"n{number}" in known:
        number += 1
    return f"n{number}"


def below(cells: Sequence[Cell], key: str | None) -> int:
    """The index of a new cell below the one with this key; without one, below the pinned cells."""
    return next((n for n, cell in enumerate(cells, 1) if cell.key == key), sum(cell.pinned for cell in cells))


def splice_at(cell: Cell, start: int, removed: str, inserted: str) -> Splice:
    """The splice that replaces ``removed`` at character ``start``. Raises ValueError when that is not there."""
    if start < 0 or cell.text[start : start + len(removed)] != removed:
        raise ValueError(f"{removed[:40]!r} does not stand at character {start} of cell {cell.key}")
    return Splice(cell.key, start, len(removed), inserted, len(cell.text))


def splice_between(key: str, *, before: str, after: str) -> Splice:
    """The one splice that turns ``before`` into ``after``."""
    start = common_start(before, after)
    end = common_end(before, after, start)
    return Splice(key, start, len(before) - start - end, after[start : len(after) - end], len(before))


def edits_between(before: Postmortem, after: Postmortem) -> Iterator[Edit]:
    """The edits that turn ``before`` into ``after``."""
    placed: list[Edit] = []
    for change in diff(before, after):
        if isinstance(change, FieldChanged):
            yield SetField(change.name, change.after)
        elif isinstance(change, CellDeleted):
            yield DeleteCell(change.cell.key)
        elif isinstance(change, CellAdded):
            placed.append(AddCell(change.cell, change.index))
        elif isinstance(change, CellMoved):
            yield MoveCell(change.cell.key, len(before.cells))  # to the end, so that the indexes below do not count it
            placed.append(MoveCell(change.cell.key, change.index))
        elif change.before.editable and change.after.editable:
            yield splice_between(change.after.key, before=change.before.text, after=change.after.text)
        else:
            yield PutCell(change.after)
    yield from placed


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """An edit as JSON, for the journal."""
    match edit:
        case SetField(name, value):
            return {"op": "set", "field": name, "value": value_to_json(value)}
        case Splice(cell, at, cut, put, of):
            return {"op": "splice", "cell": cell, "at": at, "cut": cut, "put": put, **({"of": of} if of >= 0 else {})}
        case PutCell(cell):
            return {"op": "put", "cell": cell_to_json(cell)}
        case AddCell(cell, index):
            return {"op": "add", "cell": cell_to_json(cell), "index": index}
        case DeleteCell(key):
            return {"op": "delete", "cell": key}
        case MoveCell(key, index):
            return {"op": "move", "cell": key, "index": index}


def edit_from_json(data: dict[str, Any]) -> Edit:
    """The inverse of ``edit_to_json``. Raises KeyError, TypeError or ValueError for anything else."""
    match data["op"]:
        case "set":
            return SetField(data["field"], value_from_json(data["value"]))
        case "splice":
            return Splice(data["cell"], data["at"], data["cut"], data["put"], data.get("of", -1))
        case "put":
            return PutCell(cell_from_json(data["cell"]))
        case "add":
            return AddCell(cell_from_json(data["cell"]), data["index"])
        case "delete":
            return DeleteCell(data["cell"])
        case "move":
            return MoveCell(data["cell"], data["index"])
    raise ValueError(f"not an edit: {data['op']!r}")


def _make(cells: list[Cell], edit: Edit) -> Edit | None:
    """Apply an edit of a missing cell: create the cell, unless the edit only removes text."""
    if isinstance(edit, AddCell):
        cells.insert(edit.index, edit.cell)
        return DeleteCell(edit.cell.key)
    if isinstance(edit, Splice) and edit.put:
        cells.append(Cell(edit.cell, edit.put))
        return DeleteCell(edit.cell)
    if isinstance(edit, PutCell):
        cells.append(edit.cell)
        return DeleteCell(edit.cell.key)
    return None


def _change(cells: list[Cell], place: int, edit: Edit) -> Edit | None:
    cell = cells[place]
    if isinstance(edit, Splice):
        if edit.of not in (-1, len(cell.text)):
            return None
        at = min(edit.at, len(cell.text))
        cells[place] = replace(cell, text=cell.text[:at] + edit.put + cell.text[at + edit.cut :])
        return Splice(cell.key, at, len(edit.put), cell.text[at : at + edit.cut], len(cells[place].text))
    if isinstance(edit, PutCell):
        cells[place] = edit.cell
        return PutCell(cell)
    del cells[place]
    if isinstance(edit, MoveCell):
        cells.insert(edit.index, cell)
        return MoveCell(cell.key, place)
    return AddCell(cell, place)
