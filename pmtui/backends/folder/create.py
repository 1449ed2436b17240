"""Creates files: from a template of the folder, or from the built-in outline."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from pmtui.backends.base import BackendError, Creation, Template, Trouble
from pmtui.backends.folder.disk import TEMPLATES, Disk
from pmtui.backends.folder.errors import explained, in_front_matter
from pmtui.backends.folder.fields import DATE
from pmtui.backends.folder.index import Listing
from pmtui.formats.document.edit import FileEdits, edited
from pmtui.formats.document.file_name import file_name
from pmtui.formats.document.front_matter import Entry, FrontMatterError
from pmtui.formats.document.postmortem_file import read
from pmtui.model import fields
from pmtui.model.incident import Existence, Incident

SUFFIX: Final = ".md"
DRAFT: Final = "draft"
OUTLINE: Final = """\
## Summary

In a few sentences: what happened, whom it hit, what was done.

## Impact

## Timeline

## Root cause

## What went well

## What went badly

## Action items
"""
_PLAIN: Final = Template("", "Outline", OUTLINE, "built in")


def begin(title: str, reference: str, now: datetime) -> Incident:
    """An incident without a file yet. It is called by its reference, else by the name that the file will have."""
    about = Incident(reference.strip(), reference.strip(), " ".join(title.split()), created=now, postmortem=Existence.NONE)
    if about.reference:
        return about
    name = file_name(about)
    return Incident(name, name.removesuffix(SUFFIX), about.title, created=now, postmortem=Existence.NONE)


def creation(disk: Disk, listing: Listing, incident: Incident) -> Creation:
    """The templates, or why no file can be created."""
    if there := present(listing, incident):
        return Creation(impossible=f"{incident.reference} has a postmortem already: {there}")
    found = tuple(_template(disk, path) for path in _paths(disk))
    plain = Template(_PLAIN.id, _PLAIN.name, _PLAIN.preview, _PLAIN.location, default=not found)
    return Creation((*found, plain) if found else (), ())


def present(listing: Listing, incident: Incident) -> str:
    """The path of this incident's existing file, "" when there is none."""
    row = listing.row(incident.id)
    if row is None:
        reference = incident.reference.casefold()
        row = next((each for each in listing.rows.values() if each.reference.casefold() == reference), None)
    return row.path if row is not None else ""


def create(disk: Disk, listing: Listing, incident: Incident, template: Template | None) -> str:
    """Create the file. Returns its path. Raises BackendError."""
    tried = f"create a postmortem for {incident.reference}"
    if there := present(listing, incident):
        raise BackendError(Trouble.CONFLICT, tried, f"there is one already: {there}", "open that one")
    path = incident.id if incident.id == incident.reference + SUFFIX else file_name(incident)
    text = _filled(_text(disk, template, tried), incident, path, tried)
    with explained(tried):
        disk.add(path, text.encode("utf-8"))
    return path


def _paths(disk: Disk) -> list[str]:
    with explained(f"list the templates in {TEMPLATES}"):
        return list(disk.templates())


def _template(disk: Disk, path: str) -> Template:
    """A template of the folder. If it cannot be read, its preview says why."""
    try:
        preview = _read(disk, path)
    except BackendError as error:
        preview = error.message
    name = PurePosixPath(path).stem
    return Template(path, name, preview, path, default=name.casefold() in ("default", "postmortem", "template"))


def _text(disk: Disk, template: Template | None, tried: str) -> str:
    """The text of the new file: of the template, else of the folder's default template, else the outline."""
    if template is not None and not template.id:
        return template.preview or OUTLINE
    if template is not None:
        if template.id not in _paths(disk):
            raise BackendError(Trouble.MISSING, tried, f"the folder has no template {template.id}", "choose an existing one")
        return _read(disk, template.id)
    found = [_template(disk, path) for path in _paths(disk)]
    chosen = next((each for each in found if each.default), found[0] if len(found) == 1 else None)
    return _read(disk, chosen.id) if chosen is not None else OUTLINE


def _read(disk: Disk, path: str) -> str:
    with explained(f"read {path}"):
        data = disk.read(path).data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BackendError(Trouble.ANSWER, f"read {path}", f"this is not UTF-8, at byte {error.start}", "mend the template") from None


def _filled(text: str, incident: Incident, path: str, tried: str) -> str:
    """The template with the incident's known values filled in; the rest is unchanged."""
    try:
        here = read(text).entries
        entries: dict[str, Entry] = {fields.TITLE: incident.title or incident.reference}
        entries |= {DATE: incident.created.date().isoformat()} if incident.created else {}
        entries |= {} if here.get(fields.STATUS) else {fields.STATUS: incident.status or DRAFT}
        entries |= {fields.SEVERITY: incident.severity} if incident.severity else {}
        named = {} if PurePosixPath(path).stem == incident.reference else {"reference": incident.reference}
        return edited(text, FileEdits(entries, ours=named))
    except FrontMatterError as error:
        raise BackendError(
            Trouble.ANSWER, tried, f"the template: {in_front_matter(error)}", "correct the template; no file was created"
        ) from None
