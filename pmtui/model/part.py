"""A part of a postmortem: one field or one cell. Compares and replaces parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.model.diff import insert_after
from pmtui.model.equality import same_value
from pmtui.model.postmortem import TEXT, Cell, Postmortem, Unread


@dataclass(frozen=True, slots=True)
class Part:
    """A field by its name, or a cell by its key; the other is ""."""

    field: str = ""
    cell: str = ""

    @property
    def name(self) -> str:
        """The field's name or the cell's key."""
        return self.field or self.cell


def part_of(change: Change) -> Part:
    """The field or cell that a change is about."""
    if isinstance(change, FieldChanged):
        return Part(field=change.name)
    return Part(cell=change_id(change).partition(":")[2])


def called(postmortem: Postmortem, name: str) -> str:
    """The label of a part: a field's label, a cell's title, "the text" for all cells."""
    if name == TEXT:
        return "the text"
    labels = {field.name: field.label for field in postmortem.form}
    return labels.get(name) or next((cell.title for cell in postmortem.cells if cell.key == name), name)


def same_part(one: Postmortem, other: Postmortem, part: Part) -> bool:
    """Whether both have the same value of this part. A cell that neither has is the same."""
    if not part.cell:
        return same_value(one.fields.get(part.field), other.fields.get(part.field))
    here, there = (next((cell for cell in each.cells if cell.key == part.cell), None) for each in (one, other))
    return here is there or (here is not None and there is not None and here.same(there))


def unread(postmortem: Postmortem, part: Part) -> Unread | None:
    """Why this part could not be read, None when it was. Cells are read all together or not at all."""
    name = TEXT if part.cell else part.field
    return next((each for each in postmortem.unread if each.part == name), None)


def with_unread_from(reading: Postmortem, earlier: Postmortem) -> Postmortem:
    """The reading, with the earlier values of parts that could not be read, so that these do not look changed."""
    for each in reading.unread:
        field = each.part != TEXT
        reading = with_part(reading, earlier, Part(field=each.part)) if field else reading.with_cells(earlier.cells)
    return reading


def with_part(postmortem: Postmortem, source: Postmortem, part: Part) -> Postmortem:
    """The postmortem with this part taken from ``source``; a part missing there is removed."""
    if part.cell:
        return postmortem.with_cells(_with_cell(postmortem.cells, source.cells, part.cell))
    return postmortem.with_field(part.field, source.fields.get(part.field))


def _with_cell(cells: Sequence[Cell], source: Sequence[Cell], key: str) -> tuple[Cell, ...]:
    wanted = next((cell for cell in source if cell.key == key), None)
    if wanted is None:
        return tuple(cell for cell in cells if cell.key != key)
    if any(cell.key == key for cell in cells):
        return tuple(wanted if cell.key == key else cell for cell in cells)
    return insert_after(cells, source, wanted)
