"""Reads a file of an exported folder back as its vendor's postmortem: with ids, addresses of people, and what Markdown does not say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pmtui.backends.archive import addresses_in
from pmtui.backends.base import BackendError, Trouble
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, opaque_of, read, target
from pmtui.model.fields import DOCUMENT_TITLE, TITLE
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person, Value
from pmtui.session.export.layout import ACCOUNT, path_of, read_manifest
from pmtui.session.export.manifest import RAW, NotAManifest
from pmtui.store.bases import FOLDER, Bases
from pmtui.store.files import Files

_DATE = "date"
"""The key with the day of the incident, which no vendor's form has."""


@dataclass(frozen=True, slots=True)
class Original:
    """The postmortem that a file is the export of, with the file's edits; ``vendor`` and ``place`` say of which account."""

    postmortem: Postmortem
    vendor: str
    place: str


class Exports:
    """The exported folders of a copy. ``state`` is the state directory, which has the bases of pulled files."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._files = files or Files()
        self._bases = Bases(state, self._files)
        self._addresses: dict[Path, Mapping[str, str]] = {}
        self._names: dict[Path, Mapping[str, str]] = {}

    def original(self, path: Path, shown: Postmortem) -> Original | None:
        """The original of a file, None when it is no export, or what it was written from is lost.

        ``shown`` is the file as a postmortem of its folder: it has the fields that people added. Raises BackendError, OSError.
        """
        try:
            file = read(self._files.read(path).decode("utf-8"))
            base = self._bases.find(file.source.base, path)
            if base is None or not file.source.vendor:
                return None
            told = target(file, _of(base, file), opaque_of(base))
        except (UnicodeDecodeError, FrontMatterError) as error:
            raise BackendError(Trouble.ANSWER, f"read {path.name}", str(error), "mend it in an editor") from None
        told = _with_added(_named(told), shown, base)
        return Original(_with_addresses(told, self._known(path.parent)), file.source.vendor, file.source.place)

    def impacts(self, folder: Path, document: str) -> Sequence[Any]:
        """The impacts of the incident of this postmortem in its vendor's JSON, as the export kept them; () where it has none, or where
        what it kept is missing or damaged for good. Raises OSError: another reading may succeed."""
        try:
            raw = json.loads(self._files.read(path_of(folder, RAW, self._file_of(folder, document))))
            found = raw["impacts"]
        except (FileNotFoundError, KeyError, TypeError, ValueError, RecursionError):
            return ()
        return found if isinstance(found, list) else ()

    def _file_of(self, folder: Path, document: str) -> str:
        """The name under which a postmortem was exported: people may have renamed its file since. Raises KeyError, OSError."""
        if folder not in self._names:
            try:
                documents = read_manifest(folder, self._files).documents
            except NotAManifest:
                documents = ()
            self._names[folder] = {each.id: each.file for each in documents}
        return self._names[folder][document]

    def _known(self, folder: Path) -> Mapping[str, str]:
        """The e-mail addresses of people by id, as the vendor listed them during the export."""
        if folder not in self._addresses:
            try:
                listed = json.loads(self._files.read(folder / FOLDER / "raw" / ACCOUNT))
            except (OSError, ValueError, RecursionError):
                listed = None
            self._addresses[folder] = addresses_in(listed)
        return self._addresses[folder]


def _of(base: Postmortem, file: PostmortemFile) -> Postmortem:
    """The base as this file's: two postmortems with the same fields and cells have one base."""
    told = file.source
    if (base.id, base.incident.id) == (told.document, told.incident):
        return base
    about = replace(base.incident, id=told.incident, reference=told.reference)
    return replace(base, id=told.document, url=told.url, incident=about)


def _named(postmortem: Postmortem) -> Postmortem:
    """With the title of its incident, where the file has it: a document with a title of its own leaves ``title`` to the incident."""
    title = postmortem.fields.get(TITLE)
    if isinstance(title, str) and title and any(each.name == DOCUMENT_TITLE for each in postmortem.form):
        return replace(postmortem, incident=replace(postmortem.incident, title=title))
    return postmortem


def _with_added(postmortem: Postmortem, shown: Postmortem, base: Postmortem) -> Postmortem:
    """With the fields that people added to the file."""
    known = {each.name for each in postmortem.form}
    if shown.fields.get(_DATE) == _day(base.incident):
        known.add(_DATE)
    added = [each for each in shown.form if each.name not in known and shown.fields.get(each.name)]
    fields = {**postmortem.fields, **{each.name: shown.fields[each.name] for each in added}}
    return replace(postmortem, form=(*postmortem.form, *added), fields=fields)


def _day(incident: Incident) -> str:
    return incident.created.date().isoformat() if incident.created is not None else ""


def _with_addresses(postmortem: Postmortem, known: Mapping[str, str]) -> Postmortem:
    """With the e-mail addresses of people whom the vendor only names in a postmortem."""
    return replace(postmortem, fields={name: _addressed(value, known) for name, value in postmortem.fields.items()})


def _addressed(value: Value, known: Mapping[str, str]) -> Value:
    if isinstance(value, tuple):
        return tuple(_reached(each, known) if isinstance(each, Person) else each for each in value)  # type: ignore[return-value]
    return _reached(value, known) if isinstance(value, Person) else value


def _reached(person: Person, known: Mapping[str, str]) -> Person:
    return person if person.email else replace(person, email=known.get(person.id, ""))
