"""Plans a save: one write of the file for all changes. Pure."""

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
    """One step for all changes; no step without changes."""
    if not changes or not server.id:
        return ()
    return (Step(STEP, "Write the file", f"write {path_of(server)}", tuple(changes)),)


def edits(server: Postmortem, changes: Sequence[Change]) -> FileEdits:
    """The edits of the file for the changes of a step. Unchanged parts are left out."""
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
    """A cell for the file. An edited cell loses blank lines at its ends, because the file has them between cells anyway.

    It gets the file's line ends. A cell that was not edited stays as it was read.
    """
    if not cell.editable:
        return FileCell(cell.text, cell.source)
    if before is not None and before.text == cell.text:
        return FileCell(cell.text)
    return FileCell(cell.text.replace("\r\n", "\n").strip("\n"))
