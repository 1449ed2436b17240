"""Converts a postmortem to one Markdown file, and a file to a postmortem. Pure: the I/O is elsewhere.

The front matter has the fields under their standard names, the date of the incident, and our own keys under ``pmtui:``.
Unknown keys are kept. ``read`` accepts any Markdown file, also one written by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pmtui.formats.document import front_matter
from pmtui.formats.document.body import FileCell, read_body, update_body, write_body
from pmtui.formats.document.front_matter import Entry, FrontMatterError
from pmtui.formats.document.values import Known, from_entry, to_entry
from pmtui.model.cell_alignment import align
from pmtui.model.codec import value_to_json
from pmtui.model.fields import TITLE, Field
from pmtui.model.postmortem import Cell, CellKind, Postmortem
from pmtui.model.values import Value

SCHEMA: Final = "1"
OURS: Final = "pmtui"
FOREIGN: Final = frozenset({"url", "slug", "layout", "type", "draft"})
"""Keys of site generators, which are never fields."""
ORDER: Final = (
    *("title", "date", "severity", "status", "started", "detected", "resolved", "owner", "responders", "responder_teams"),
    *("linked_issues", "related_incidents", "affected_services", "services", "tags", "action_items", "document_title"),
)
"""The order of the keys; further fields follow, and ``pmtui`` is last."""


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a postmortem, from ``pmtui:`` in the front matter. Unknown values are "".

    ``read`` is an ISO time, ``base`` the hash of the postmortem as it was read then (see ``digest``).
    """

    vendor: str = ""
    place: str = ""
    incident: str = ""
    reference: str = ""
    document: str = ""
    url: str = ""
    read: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class PostmortemFile:
    """A parsed file. ``entries`` are its keys except ours; ``known`` has, by field, what the texts of items do not say.

    ``names`` are the fixed titles of the first cells. ``opaque`` has the JSON of opaque cells by key, for the caller to store.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    source: Source = Source()
    known: Mapping[str, Known] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    cells: tuple[FileCell, ...] = ()
    opaque: Mapping[str, str] = field(default_factory=dict)


def file_of(postmortem: Postmortem, source: Source) -> PostmortemFile:
    """A postmortem as a file. A field that is not set has the entry None, which ``write`` leaves out."""
    has_title = any(each.name == TITLE for each in postmortem.form)
    entries: dict[str, Entry] = {} if has_title else {TITLE: postmortem.incident.title}
    if postmortem.incident.created is not None:
        entries["date"] = postmortem.incident.created.date().isoformat()
    known: dict[str, Known] = {}
    for name, value in postmortem.fields.items():
        entries[name], hidden = to_entry(value or None if isinstance(value, tuple) else value)
        known |= {name: hidden} if hidden else {}
    cells = [_file_cell(cell) for cell in postmortem.cells]
    names = tuple(cell.name for cell in postmortem.cells if cell.name)
    ordered = {key: entries[key] for key in (*(key for key in ORDER if key in entries), *entries)}
    return PostmortemFile(ordered, source, known, names, tuple(cells), opaque_of(postmortem))


def write(file: PostmortemFile) -> str:
    """The file as text."""
    return f"---\n{front_matter.write(_with_ours(_set(file.entries), file))}---\n\n{write_body(file.cells)}"


def read(text: str) -> PostmortemFile:
    """Parse a text. Windows line ends and a byte-order mark are ignored. Raises FrontMatterError with line and key."""
    _, body = front_matter.split(text := normal(text))
    return replace(read_head(text), cells=read_body(body))


def read_head(text: str) -> PostmortemFile:
    """Parse only the front matter of a text, without the cells. Raises FrontMatterError."""
    source, _ = front_matter.split(normal(text))
    entries = front_matter.read(source)
    ours = entries.pop(OURS, None)
    if not isinstance(ours, dict):
        ours = {}
    known = {name: _known(table) for name, table in _table(ours.get("known")).items()}
    names = ours.get("names")
    told = {key: value for key, value in ours.items() if isinstance(value, str)}
    return PostmortemFile(
        entries,
        Source(**{key: told[key] for key in Source.__dataclass_fields__ if key in told}),
        known,
        tuple(each for each in names if isinstance(each, str)) if isinstance(names, list) else (),
    )


def update(text: str, file: PostmortemFile) -> str:
    """The text, changed to ``file``. Lines of unchanged parts stay, and so do unknown keys.

    Raises FrontMatterError.
    """
    text = normal(text)
    source, body = front_matter.split(text)
    here = front_matter.read(source)
    kept = {key: entry for key, entry in here.items() if key not in file.entries}
    same = {key: here[key] for key, entry in file.entries.items() if key in here and here[key] in (None, []) and entry is None}
    updated = front_matter.update(source, _with_ours({**kept, **_set(file.entries), **same}, file), ORDER)
    blank = "" if source or body.startswith("\n") else "\n"
    return f"---\n{updated}---\n{blank}{update_body(body, file.cells)}"


def normal(text: str) -> str:
    """The text without a byte-order mark, and with plain line ends if all lines have Windows line ends."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if text.count("\r\n") == text.count("\n") else text


def target(file: PostmortemFile, base: Postmortem, opaque: Mapping[str, str]) -> Postmortem:
    """The postmortem that the file describes: ``base`` with the file's fields and cells.

    A missing key leaves its field alone; a key without a value clears it. ``opaque`` has the JSON by key. Raises
    FrontMatterError for an entry that its field cannot hold, and for an opaque cell whose JSON is missing.
    """
    forms = {each.name: each for each in base.form}
    values = {name: _value(name, forms[name], entry, file.known.get(name, {})) for name, entry in file.entries.items() if name in forms}
    return replace(base, fields={**base.fields, **values}, cells=_cells(file, base.cells, opaque))


def digest(postmortem: Postmortem) -> str:
    """A hash of the fields and cells, sixteen hex digits.

    It is computed from the values, not from their spelling in a file, so that later versions of pmtui find the same bases.
    """
    fields = {name: _unordered(value_to_json(value)) for name, value in sorted(postmortem.fields.items()) if value not in (None, ())}
    cells = [[cell.kind, cell.name, cell.text if cell.editable else cell.source] for cell in postmortem.cells]
    said = json.dumps([fields, cells], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()[:16]


def _unordered(value: Any) -> Any:
    """A list in a fixed order, because servers order lists differently."""
    return sorted(value, key=lambda each: json.dumps(each, sort_keys=True)) if isinstance(value, list) else value


def _value(name: str, form: Field, entry: Entry, known: Known) -> Value:
    try:
        return from_entry(form.kind, entry, known)
    except ValueError as error:
        raise FrontMatterError(0, name, str(error)) from None


def _cells(file: PostmortemFile, base: Sequence[Cell], opaque: Mapping[str, str]) -> tuple[Cell, ...]:
    """The cells of the file with the keys of the matching cells of ``base``, which also give what the file does not have."""
    pinned = {cell.name for cell in base if cell.pinned}
    names = [*file.names, *("" for _ in file.cells[len(file.names) :])]
    read = [_cell(cell, name, opaque) for cell, name in zip(file.cells, names, strict=False)]
    known = {cell.key: cell for cell in base}
    aligned = align(base, [replace(cell, pinned=cell.name in pinned) if cell.name else cell for cell in read])
    return tuple(_with(known.get(cell.key), cell) for cell in aligned)


def _with(known: Cell | None, cell: Cell) -> Cell:
    """A cell with what its file does not have: everything for an opaque cell, everything but the text for another."""
    if known is None:
        return cell
    return replace(known, text=cell.text) if cell.editable and known.text != cell.text else known


def _cell(cell: FileCell, name: str, opaque: Mapping[str, str]) -> Cell:
    if cell.key:
        if cell.key not in opaque:
            raise FrontMatterError(
                0, OURS, f"the JSON of the opaque cell {cell.key} ({cell.text:.40}) is missing: it should be in .pmtui beside the file"
            )
        return Cell("", cell.text, CellKind.OPAQUE, opaque[cell.key])
    heading = f"## {name}\n\n"
    if name and cell.text.startswith(heading.rstrip("\n")):
        return Cell("", cell.text.removeprefix(heading.rstrip("\n")).removeprefix("\n\n"), name=name)
    return Cell("", cell.text)


def _file_cell(cell: Cell) -> FileCell:
    if not cell.editable:
        return FileCell(cell.text, _key(cell))
    if cell.name:
        return FileCell(f"## {cell.name}\n\n{cell.text}" if cell.text else f"## {cell.name}")
    return FileCell(cell.text)


def opaque_of(postmortem: Postmortem) -> dict[str, str]:
    """The JSON of the opaque cells by key."""
    return {_key(cell): cell.source for cell in postmortem.cells if not cell.editable}


def _key(cell: Cell) -> str:
    """The key of an opaque cell: a hash of its JSON, so that equal cells have the same key everywhere."""
    return hashlib.sha256(cell.source.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _set(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {key: entry for key, entry in entries.items() if entry is not None}


def _with_ours(entries: Mapping[str, Entry], file: PostmortemFile) -> dict[str, Entry]:
    """The entries, followed by ours."""
    ours: dict[str, Entry] = {"schema": SCHEMA}
    ours |= {key: value for key in Source.__dataclass_fields__ if (value := getattr(file.source, key))}
    if file.names:
        ours["names"] = list(file.names)
    if file.known:
        ours["known"] = {name: {text: dict(hidden) for text, hidden in table.items()} for name, table in file.known.items()}
    return {**{key: entry for key, entry in entries.items() if key != OURS}, OURS: ours}


def _table(entry: Entry) -> dict[str, Entry]:
    return entry if isinstance(entry, dict) else {}


def _known(entry: Entry) -> Known:
    return {text: _texts(hidden) for text, hidden in _table(entry).items()}


def _texts(entry: Entry) -> dict[str, str]:
    return {key: value or "" for key, value in _table(entry).items() if value is None or isinstance(value, str)}
