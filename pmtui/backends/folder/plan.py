"""The write of a save: one file, once, whatever changed in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pmtui.backends.base import Step
from pmtui.backends.folder.read import path_of
from pmtui.formats.document.body import FileCell
from pmtui.formats.document.edit import FileEdits
from pmtui.formats.document.front_matter import Entry
from pmtui.formats.document.values import Known, to_entry
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.diff import patch
from pmtui.model.postmortem import Cell, Postmortem

STEP = "file"


def steps(server: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
    """One step for all changes, none for none."""
    if not changes or not server.id:
        return ()
    return (Step(STEP, "Write the file", f"write {path_of(server)}", tuple(changes)),)


def edits(server: Postmortem, changes: Sequence[Change]) -> FileEdits:
    """What the changes of a step do to the file. What was not changed is not mentioned."""
    entries: dict[str, Entry] = {}
    known: dict[str, Known] = {}
    for change in changes:
        if isinstance(change, FieldChanged):
            entries[change.name], hidden = to_entry(change.after or None)
            known |= {change.name: hidden} if hidden else {}
    text = any(not isinstance(change, FieldChanged) for change in changes)
    before = {cell.key: cell for cell in server.cells}
    cells = tuple(_file_cell(cell, before.get(cell.key)) for cell in patch(server, changes).cells)
    return FileEdits(entries, known, cells=cells if text else None)


def _file_cell(cell: Cell, before: Cell | None) -> FileCell:
    """A cell that was edited is without the blank lines at its ends, which the file has between cells anyway.

    Its line ends are the file's. What was not edited stays as it was read.
    """
    if not cell.editable:
        return FileCell(cell.text, cell.source)
    if before is not None and before.text == cell.text:
        return FileCell(cell.text)
    return FileCell(cell.text.replace("\r\n", "\n").strip("\n"))
