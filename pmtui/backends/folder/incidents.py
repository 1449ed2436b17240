"""A file as a row of the index, and as an incident."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from pmtui.formats.document.front_matter import Entry, FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, read, read_head
from pmtui.formats.document.values import from_entry
from pmtui.model import fields
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Cell
from pmtui.model.values import Person

_DATED: Final = re.compile(r"(?:.*/)?(\d{4}-\d{2}-\d{2})(?!\d)")
_DIRECTORY_DATE: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2})/")
_LONGEST: Final = 500  # characters of a text in the index
_MOST: Final = 50  # items of a list in the index
_EXISTENCE: Final[Mapping[str, Existence]] = {
    "draft": Existence.DRAFT,
    "in-review": Existence.IN_REVIEW,
    "in review": Existence.IN_REVIEW,
    "review": Existence.IN_REVIEW,
    "published": Existence.PUBLISHED,
}


class FileRow(NamedTuple):
    """The index entry of one file. Every value is a string (lists are ``joined``), so that thousands load fast.

    ``named`` is the file's own name for its incident, "" for none. ``created`` is ISO 8601 in UTC, so that it sorts as text.
    ``people`` are name and e-mail address, separated by a tab. ``problem`` says why the file could not be read, with line
    and key, "" when it was.
    """

    path: str
    named: str = ""
    reference: str = ""
    title: str = ""
    severity: str = ""
    status: str = ""
    owner: str = ""
    created: str = ""
    people: str = ""
    roles: str = ""
    teams: str = ""
    services: str = ""
    tags: str = ""
    problem: str = ""

    @property
    def existence(self) -> Existence:
        """The state of the postmortem, by its status."""
        return _EXISTENCE.get(self.status.casefold(), Existence.YES)


def joined(items: Iterable[str]) -> str:
    """A list as one string, each item once."""
    return "\n".join(dict.fromkeys(each for each in items if each))


def items(text: str) -> tuple[str, ...]:
    """The inverse of ``joined``."""
    return tuple(text.split("\n")) if text else ()


def row_of(path: str, text: str, modified: int) -> FileRow:
    """The row of a file with this text; ``modified`` is in nanoseconds."""
    try:
        head = read_head(text)
        return row_of_file(path, head if head.entries.get(fields.TITLE) else read(text), modified)
    except FrontMatterError as error:
        return FileRow(path, created=_created(path, {}, modified), problem=str(error))


def row_of_file(path: str, file: PostmortemFile, modified: int) -> FileRow:
    """The row of a parsed file."""
    entries = file.entries
    reference = file.source.reference or _text(entries, "reference") or _text(entries, "incident")
    owner = _people(entries.get(fields.OWNER))
    people = (*owner, *_people(entries.get(fields.RESPONDERS)))
    return FileRow(
        path,
        file.source.incident or reference,
        reference or PurePosixPath(path).stem,
        " ".join(title_of(path, file).split())[:_LONGEST],
        _text(entries, fields.SEVERITY),
        _text(entries, fields.STATUS),
        owner[0].label if owner else "",
        _created(path, entries, modified),
        joined(f"{each.name}\t{each.email}" for each in people),
        joined(each.role for each in people),
        joined(_words(entries, fields.RESPONDER_TEAMS)),
        joined((*_words(entries, fields.AFFECTED_SERVICES), *_words(entries, "services"))),
        joined(_words(entries, "tags")),
    )


def title_of(path: str, file: PostmortemFile) -> str:
    """The title of a file: its ``title`` key, else its first heading, else its name."""
    written = _text(file.entries, fields.TITLE)
    heading = next((cell.text for cell in file.cells if not cell.key and cell.text.lstrip().startswith("#")), "")
    return written or (Cell("", heading).title if heading else "") or PurePosixPath(path).stem


def incident_of(row: FileRow, identity: str) -> Incident:
    """A row as an incident. ``identity`` is unique in the folder."""
    created = datetime.fromisoformat(row.created) if row.created else None
    return Incident(identity, row.reference, row.title, row.severity, row.status, row.owner, created, row.existence)


def identities(rows: Iterable[FileRow]) -> dict[str, FileRow]:
    """The rows by identity: the file's own name for its incident if no other file has it, else its path."""
    rows = list(rows)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.named] = counts.get(row.named, 0) + 1
    paths = {row.path for row in rows}
    return {row.named if row.named and counts[row.named] == 1 and row.named not in paths else row.path: row for row in rows}


def moment(text: str) -> datetime | None:
    """Parse a time, in UTC without an offset; None when it is not a time."""
    try:
        read_ = datetime.fromisoformat(text.strip())
        return (read_ if read_.tzinfo else read_.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _created(path: str, entries: Mapping[str, Entry], modified: int) -> str:
    """The incident's date: from its keys, else from the name of the file or its folders, else the file's modification time."""
    folder = _DIRECTORY_DATE.search(path)
    dated = _DATED.match(path)
    named = dated[1] if dated else "-".join(folder.groups()) if folder else ""
    told = (_text(entries, "started"), _text(entries, "date"), named)
    found = next((when for each in told if each and (when := moment(each)) is not None), None)
    when = found or datetime.fromtimestamp(modified / 1e9, UTC)
    return when.isoformat(timespec="seconds")


def _text(entries: Mapping[str, Entry], name: str) -> str:
    entry = entries.get(name)
    return " ".join(entry.split())[:_LONGEST] if isinstance(entry, str) else ""


def _words(entries: Mapping[str, Entry], name: str) -> list[str]:
    return _texts(entries.get(name))


def _texts(entry: Entry) -> list[str]:
    """The strings of a list, or one string, each in one line."""
    listed = [entry] if isinstance(entry, str) else entry if isinstance(entry, list) else []
    return [" ".join(each.split())[:_LONGEST] for each in listed[:_MOST] if isinstance(each, str)]


def _people(entry: Entry) -> tuple[Person, ...]:
    found = from_entry(Kind.PEOPLE, [*filter(None, _texts(entry))], {})
    return tuple(each for each in found if isinstance(each, Person)) if isinstance(found, tuple) else ()
