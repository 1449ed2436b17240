"""The contents of one exported document: the Markdown text, the vendor's JSON, a summary of the incident. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pmtui.backends.archive import Archive, TimelineEntry
from pmtui.backends.base import Identity, Trouble
from pmtui.formats.document.file_name import file_name
from pmtui.formats.document.postmortem_file import Source, digest, file_of, read, update, write
from pmtui.formats.typed_time import stamp
from pmtui.model.fields import STATUS
from pmtui.model.incident import Incident
from pmtui.model.part import called
from pmtui.model.postmortem import Postmortem
from pmtui.session.export.manifest import Attachment, ManifestEntry, NotFound
from pmtui.session.transfer.pull_push import joined
from pmtui.session.transfer.source import source_of


@dataclass(frozen=True, slots=True)
class Text:
    """The text of the Markdown file, and the text without edits that are not on the server.

    ``conflicts`` names the parts edited in both; then the file does not change.
    """

    text: str
    of_server: str
    base: str
    read: str
    conflicts: tuple[str, ...] = ()


def text_of(server: Postmortem, identity: Identity, before: str, now: datetime, *, base: Postmortem | None, edited: bool) -> Text:
    """The new text of a file: the server's version, merged with edits made in the file (``edited``: there are some).

    ``before`` is its present text, ``base`` the version it was written from. Raises NoBase, FrontMatterError.
    """
    here = read(before).source if before else Source()
    wanted = server
    if edited and before:
        both = joined(read(before), base=base, server=server)
        if both.conflicts:
            return Text(before, "", here.base, here.read, both.conflicts)
        wanted = both.postmortem
    name = digest(server)
    read_at = here.read if here.base == name and here.read else stamp(now)
    source = source_of(server, identity, read_at, name)
    made = file_of(wanted, source)
    text = update(before, made) if before else write(made)
    return Text(text, text if digest(wanted) == name else write(file_of(server, source)), name, read_at)


def incident_json(postmortem: Postmortem, archive: Archive) -> dict[str, Any]:
    """What is known about the incident besides its postmortem. It is kept out of the text, so that no push sends it."""
    about = postmortem.incident
    return {
        "id": about.id,
        "reference": about.reference,
        "title": about.title,
        "severity": about.severity,
        "status": about.status,
        "created": stamp(about.created) if about.created else None,
        "url": about.url,
        "facts": dict(archive.facts),
        "timeline": [entry_json(each) for each in archive.timeline],
    }


def entry_of(server: Postmortem, archive: Archive, file: str, text: Text, hashes: Mapping[str, str], origin: str) -> ManifestEntry:
    """The manifest's entry for a document."""
    about = server.incident
    return ManifestEntry(
        id=server.id,
        incident=about.id,
        reference=about.reference,
        title=about.title,
        state=state_of(server),
        created=stamp(about.created) if about.created else "",
        url=server.url,
        incident_url=about.url,
        file=file,
        hashes=hashes,
        base=text.base,
        fingerprint=archive.fingerprint,
        read=text.read,
        missing=missing_of(server, archive),
        attachments=attachments_of(archive),
        origin=origin,
    )


def entry_json(entry: TimelineEntry) -> dict[str, Any]:
    """An entry of a timeline as JSON."""
    at = stamp(entry.at) if entry.at else None
    return {"at": at, "author": entry.author, "text": entry.text, "important": entry.important, "source": entry.source}


def state_of(postmortem: Postmortem) -> str:
    """The postmortem's state (draft, published, …), else the one that its incident gives."""
    told = postmortem.incident.postmortem.value
    found = postmortem.fields.get(STATUS)
    return found if told in ("yes", "unknown") and isinstance(found, str) and found else told


def not_found_of(server: Postmortem) -> NotFound:
    """The record of a postmortem that is known to exist and was not found."""
    about = server.incident
    why = server.text_locked or "it could not be found"
    return NotFound(about.id, about.reference, about.title, state_of(server), about.url, why)


def newly_unread(postmortem: Postmortem, kept: ManifestEntry) -> str:
    """Why parts are unread that were not when ``kept`` was exported, "" when there are none."""
    names = [(called(postmortem, each.part), each.why) for each in postmortem.unread]
    return "; ".join(f"{name}: {why}" for name, why in names if not any(known.startswith(f"{name}: ") for known in kept.missing))


def passing(postmortem: Postmortem, archive: Archive) -> bool:
    """Whether something is missing that another attempt may get."""
    return any(each.passing for each in archive.missing) or any(each.trouble == Trouble.SERVER for each in postmortem.unread)


def attachments_of(archive: Archive) -> tuple[Attachment, ...]:
    """Pictures and files by address. Nobody has tried to load them yet."""
    found = [Attachment(each, why="not loaded: its host is not the API's") for each in archive.addresses]
    return (*found, *(Attachment("", why=f"{each}: the API does not give its address") for each in archive.unaddressed))


def as_loaded(found: Iterable[Attachment], earlier: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """These attachments, as far as an earlier export has looked for them as it left them."""
    known = {each.address: each for each in earlier if each.address}
    return tuple(known.get(each.address, each) for each in found)


def missing_of(postmortem: Postmortem, archive: Archive) -> tuple[str, ...]:
    """Sentences about what is missing from the export."""
    unread = [f"{called(postmortem, each.part)}: {each.why}" for each in postmortem.unread]
    return tuple(dict.fromkeys((*unread, *(f"{each.part}: {each.why}" for each in archive.missing))))


def free_name(incident: Incident, document: str, taken: Collection[str]) -> str:
    """The name of a new file, with part of the document's id if the name is taken. Case is ignored."""
    wanted = file_name(incident)
    if wanted.casefold() not in taken:
        return wanted
    stem, short = wanted.removesuffix(".md"), re.sub(r"[^A-Za-z0-9]+", "-", document)[:60].strip("-")
    names = (f"{stem}-{part}.md" for part in (short[:8], short, *range(2, 10_000)) if part)
    return next(name for name in names if name.casefold() not in taken)


def dumped(data: Any) -> bytes:
    """Indented JSON, keys in their original order."""
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate survives as an escape
        return (json.dumps(data, indent=1) + "\n").encode("ascii")


def hash_of(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
