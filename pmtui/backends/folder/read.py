"""Reads a file as a postmortem. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pmtui.backends.base import NONE_YET, BackendError, Trouble
from pmtui.backends.folder.disk import FileRead
from pmtui.backends.folder.errors import in_front_matter, not_understood
from pmtui.backends.folder.fields import Vocabulary, read_fields
from pmtui.backends.folder.incidents import FileRow, incident_of, row_of_file, title_of
from pmtui.formats.document.body import FileCell
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, read
from pmtui.model.fields import SEVERITY, STATUS, TITLE, Field, Kind, LockedBy
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem

LOCKED = "this cannot be written: the permissions of the file or its folder let you read only"


@dataclass(frozen=True, slots=True)
class Understood:
    """A parsed file with its row of the index."""

    row: FileRow
    text: str
    file: PostmortemFile
    digest: str


def understand(path: str, found: FileRead) -> Understood:
    """Parse a file. Raises BackendError (ANSWER) with line and key."""
    try:
        text = found.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_understood(path, f"this is not UTF-8, at byte {error.start}") from None
    try:
        file = read(text)
    except FrontMatterError as error:
        raise not_understood(path, in_front_matter(error)) from None
    return Understood(row_of_file(path, file, found.stamp.modified), text, file, hashlib.sha256(found.data).hexdigest())


def postmortem(found: Understood, identity: str, vocabulary: Vocabulary, read_at: datetime, *, writable: bool) -> Postmortem:
    """A parsed file as a postmortem."""
    locked = "" if writable else LOCKED
    fields = read_fields(found.file, title_of(found.row.path, found.file), vocabulary, locked)
    return Postmortem(
        incident=incident_of(found.row, identity),
        id=identity,
        form=fields.form,
        fields=fields.values,
        cells=tuple(_cell(number, cell) for number, cell in enumerate(found.file.cells)),
        text_locked=locked,
        text_locked_by=LockedBy.RIGHTS if locked else LockedBy.NO_POSTMORTEM,
        unread=fields.unread,
        read_at=read_at,
        origin={"path": found.row.path, "digest": found.digest},
    )


def without_postmortem(incident: Incident, read_at: datetime) -> Postmortem:
    """An incident without a file, as a postmortem."""
    named = ((TITLE, Kind.TEXT, "Title"), (SEVERITY, Kind.CHOICE, "Severity"), (STATUS, Kind.CHOICE, "Status"))
    form = tuple(Field(name, kind, label, locked=NONE_YET, locked_by=LockedBy.NO_POSTMORTEM) for name, kind, label in named)
    values = {TITLE: incident.title, SEVERITY: incident.severity, STATUS: incident.status}
    about = replace(incident, postmortem=Existence.NONE)
    return Postmortem(about, form=form, fields=values, text_locked=NONE_YET, read_at=read_at)


def begun(bare: Postmortem) -> Postmortem:
    """An incident as it will be with a file: with every field that a file can have."""
    fields = read_fields(read(""), bare.incident.title, Vocabulary(), "")
    return replace(bare, form=fields.form, fields={}, text_locked="")


def path_of(postmortem: Postmortem) -> str:
    """The path of the file that a postmortem was read from, "" when that is not known."""
    return str(postmortem.origin.get("path", "")) if isinstance(postmortem.origin, dict) else ""


def digest_of(postmortem: Postmortem) -> str:
    """A digest of the file's bytes when it was read, "" when that is not known."""
    return str(postmortem.origin.get("digest", "")) if isinstance(postmortem.origin, dict) else ""


def gone(incident: Incident, unreadable: Sequence[str]) -> BackendError:
    """The error for a missing file; ``unreadable`` are files that could be it."""
    tried = f"read the postmortem of {incident.reference}"
    if unreadable:
        return BackendError(
            Trouble.ANSWER, tried, f"it may be this file, which cannot be read: {unreadable[0]}", "correct that file in an editor"
        )
    return BackendError(Trouble.MISSING, tried, "its file is no longer in the folder", "it may have been moved, deleted or renamed")


def _cell(number: int, cell: FileCell) -> Cell:
    """A cell of the file. An opaque cell is a line that says what it is; its source is the key of its JSON."""
    if cell.key:
        return Cell(f"c{number}", cell.text, CellKind.OPAQUE, cell.key)
    return Cell(f"c{number}", cell.text)
