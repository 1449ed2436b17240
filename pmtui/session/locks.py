"""Checks which parts of an open postmortem may be edited. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pmtui.model.changes import CellDeleted, Change
from pmtui.model.fields import LockedBy
from pmtui.model.part import Part, called, part_of, unread
from pmtui.model.postmortem import TEXT, Cell, Postmortem


class Locked(Exception):
    """This cannot be edited here. The message says why; ``by`` is the kind of reason."""

    def __init__(self, why: str, by: LockedBy) -> None:
        self.by = by
        super().__init__(why)


def check_field(postmortem: Postmortem, name: str) -> None:
    """Raises KeyError when there is no such field, Locked when it cannot be edited."""
    field = postmortem.field(name)
    _check(postmortem, Part(field=name), field.locked, field.locked_by)


def check_text(postmortem: Postmortem) -> None:
    """Raises Locked when cells can be neither edited nor added, moved or deleted."""
    _check(postmortem, Part(cell=TEXT), postmortem.text_locked, postmortem.text_locked_by)


def check_part(postmortem: Postmortem, part: Part) -> None:
    """Raises KeyError when there is no such field, Locked when this field, or the text, cannot be edited."""
    if part.field:
        check_field(postmortem, part.field)
    else:
        check_text(postmortem)


def check_changes(postmortem: Postmortem, changes: Iterable[Change]) -> None:
    """Raises Locked when one of these changes cannot be made here."""
    for change in changes:
        check_part(postmortem, part_of(change))
        if isinstance(change, CellDeleted) and change.cell.pinned:
            raise Locked(f"{change.cell.title}: this cell cannot be deleted", LockedBy.PINNED)


def cell_to_place(postmortem: Postmortem, key: str) -> Cell:
    """The cell to move or delete. Raises KeyError, and Locked for a locked text."""
    check_text(postmortem)
    return postmortem.cell(key)


def cell_to_edit(postmortem: Postmortem, key: str) -> Cell:
    """The cell whose text is to be edited. Raises KeyError, and Locked for a locked text or an opaque cell."""
    cell = cell_to_place(postmortem, key)
    if not cell.editable:
        raise Locked("this cell is read-only here, kept as it is", LockedBy.OPAQUE)
    return cell


def _check(postmortem: Postmortem, part: Part, locked: str, by: LockedBy) -> None:
    hidden = unread(postmortem, part)
    name = f"{called(postmortem, part.name)}: " if part.field else ""
    if hidden is not None and by is not LockedBy.IDENTITY:
        raise Locked(name + (locked or f"could not be read: {hidden.why}"), LockedBy.UNREAD)
    if locked:
        raise Locked(f"{name}{locked}", by)
