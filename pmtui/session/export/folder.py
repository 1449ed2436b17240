"""An exported folder on disk: its documents, each landing as a whole, and a journal that survives a crash.

A document's files are written first, each atomically, then its line is appended to the journal; at the end the journal
becomes part of the manifest. After a crash in between, the document is written again under the same names.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any

from pmtui.backends.archive import Archive
from pmtui.backends.base import Identity
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import read
from pmtui.formats.typed_time import stamp
from pmtui.model.postmortem import Postmortem
from pmtui.session.export.document import (
    Text,
    as_loaded,
    dumped,
    entry_of,
    free_name,
    hash_of,
    incident_json,
    text_of,
)
from pmtui.session.export.layout import ACCOUNT, FOLDERS, JOURNAL, LOCK, MANIFEST, NOT_FOUND_PAGE, path_of, read_manifest
from pmtui.session.export.manifest import (
    ATTACHED,
    INCIDENT,
    MARKDOWN,
    RAW,
    Attachment,
    Manifest,
    ManifestEntry,
    NotFound,
    check_files,
    entry_from_json,
    entry_to_json,
    moment,
    not_found_from_json,
    to_json,
)
from pmtui.session.transfer.pull_push import NoBase
from pmtui.store.bases import FOLDER, Bases
from pmtui.store.files import Files
from pmtui.store.lock import Lock, acquire
from pmtui.store.records import decode, encode

CONTINUED = timedelta(hours=12)
"""An interrupted export is resumed within this time; later everything is read again."""
_LEFT_OVER = re.compile(r"\..+\.\d+\.\d+\.tmp")


class Elsewhere(Exception):
    """The folder holds the export of another account. The message is for the user."""


class Landed(Enum):
    """The result of landing a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Landing:
    """A landed document: result, file, what is missing, why there is a conflict, and whether the file has edits that stay."""

    landed: Landed
    file: str
    missing: tuple[str, ...] = ()
    why: str = ""
    edited: bool = False


class ExportFolder:
    """A folder during an export; a context manager that holds its lock. Raises OSError, Busy, NotAManifest, Elsewhere.

    ``state`` is the state directory, which has the bases of pulled files; ``now`` is the time of this run.
    """

    def __init__(self, root: Path, state: Path, identity: Identity, now: datetime, files: Files | None = None) -> None:
        self.root = root
        self.identity = identity
        self.now = now
        self._files = files or Files()
        self._inner = root / FOLDER
        self._bases = Bases(state, self._files)
        self._lock: Lock | None = None
        self.manifest = Manifest()
        self.entries: dict[str, ManifestEntry] = {}
        self.not_found: dict[str, NotFound] = {}
        self.done: set[str] = set()
        self.resumed = False
        self._names: set[str] = set()
        self._chosen: dict[str, str] = {}

    def __enter__(self) -> ExportFolder:
        self.root.mkdir(parents=True, exist_ok=True)
        for path in (self._inner, *(self._inner / name for name in (*FOLDERS.values(), "base"))):
            self._files.directory(path)
        self._lock = acquire(self._inner / LOCK, self._files, take_over=True)
        try:
            self._load()
            self._sweep()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._lock is not None:
            self._lock.release()

    def land(self, server: Postmortem, archive: Archive, key: str = "", *, origin: str = "") -> Landing:
        """Write one document, then its line in the journal, under ``key``. Raises OSError.

        A document with missing parts is read again when the run is resumed.
        """
        earlier = self.entries.get(server.id)
        name = self.name_of(server)
        try:
            before = self._text(name)
        except UnicodeDecodeError as error:
            return self._kept(server, archive, key, origin, f"{name} was edited, and is no longer UTF-8, at byte {error.start}")
        edited = before != "" and (earlier is None or hash_of(before.encode("utf-8")) != earlier.hashes.get(MARKDOWN))
        base = self._bases.find(read_base(before), self.root / name) if edited else None
        try:
            read_at = server.read_at if origin else self.now
            text = text_of(server, self.identity, before, read_at, base=base, edited=edited)
        except (NoBase, FrontMatterError) as error:
            why = str(error) or "the version that it was written from is lost"
            return self._kept(server, archive, key, origin, f"{name} was edited, and cannot be merged: {why}")
        if text.conflicts:
            return self._kept(server, archive, key, origin, f"changed in {name} and on the server: {', '.join(text.conflicts)}")
        entry, contents = self._made(server, archive, name, text, earlier, origin)
        key = "" if entry.missing else key
        changed = self._write(name, contents, server=server, base=text.base)
        self._enter(entry, key)
        self.not_found.pop(server.incident.id, None)
        if earlier is not None and earlier.base not in ("", entry.base):
            self._forget_base(earlier.base)
        edited = text.text != text.of_server
        if earlier is None:
            return Landing(Landed.NEW, name, entry.missing, edited=edited)
        # What is only missing this time is no change: its data stays as it was.
        changed = changed or replace(entry, missing=earlier.missing, fingerprint=earlier.fingerprint) != earlier
        return Landing(Landed.CHANGED if changed else Landed.UNCHANGED, name, entry.missing, edited=edited)

    def mark_gone(self, entry: ManifestEntry, key: str = "") -> bool:
        """Note that the server no longer has a document; its files stay. Returns whether this is new."""
        if entry.gone:
            return False
        self.entries[entry.id] = replace(entry, gone=stamp(self.now))
        self._append({"entry": entry_to_json(self.entries[entry.id]), "key": key})
        return True

    def mark_not_found(self, record: NotFound, key: str = "") -> None:
        """Note a postmortem that exists and was not found."""
        self.not_found[record.incident] = record
        self._append({"not_found": asdict(record), "key": key})

    def begin(self) -> None:
        """Begin a journal, or continue that of an interrupted run."""
        if not self.resumed:
            self._append({"begun": stamp(self.now)})

    def keep_account(self, raw: dict[str, Any]) -> None:
        """Write people, teams and services. Kinds that could not be read this time keep their earlier data."""
        path = self._inner / "raw" / ACCOUNT
        try:
            known = json.loads(self._files.read(path))
        except (OSError, ValueError, RecursionError):
            known = {}
        merged = {**(known if isinstance(known, dict) else {}), **raw}
        if merged:
            self._put(path, dumped(merged))

    def put(self, name: str, data: bytes) -> bool:
        """Write a file into the folder, creating subfolders. Returns whether any byte changed."""
        path = self.root / name
        if path.parent != self.root:
            self._files.directory(path.parent)
        return self._put(path, data)

    def has(self, name: str) -> bool:
        """Whether the folder has this file."""
        return self._files.exists(self.root / name)

    def keep_file(self, data: bytes, suffix: str) -> str:
        """Write a picture or file under the name of its hash; that name."""
        name = f"{ATTACHED}{hash_of(data)[:40]}{suffix}"
        self.put(name, data)
        return name

    def attach(self, identifier: str, attachments: tuple[Attachment, ...]) -> None:
        """Note what came of a document's pictures and files."""
        self.entries[identifier] = replace(self.entries[identifier], attachments=attachments)
        self._append({"entry": entry_to_json(self.entries[identifier]), "key": ""})

    def finish(self, manifest: Manifest, page: bytes, *, whole: bool) -> None:
        """Write the manifest, and the page of what was not found. ``whole``: nothing is left for the next run to resume."""
        path = self._inner / NOT_FOUND_PAGE
        if page:
            self._put(path, page)
        elif self._files.exists(path):
            self._files.remove(path)
        self._put(self._inner / MANIFEST, dumped(to_json(manifest)))
        if whole:
            self._files.remove(self._inner / JOURNAL)

    def _load(self) -> None:
        known = read_manifest(self.root, self._files)
        if known.vendor and (known.vendor, known.place) != (self.identity.vendor, self.identity.place):
            here = f"{self.identity.vendor} {self.identity.place}"
            raise Elsewhere(
                f"{self.root} holds the export of {known.vendor} {known.place}, and this profile is {here}: give another folder"
            )
        self.manifest = replace(known, documents=())  # a second copy of thousands would stay in memory
        self.entries = {each.id: each for each in known.documents}
        self.not_found = {each.incident: each for each in known.not_found}
        for record in self._journal():
            if "begun" in record:
                begun = moment(str(record["begun"]))
                self.resumed = begun is not None and self.now - begun < CONTINUED
                self.done.clear()
            if "entry" in record:
                entry = entry_from_json(record["entry"])
                self.entries[entry.id] = entry
                self.not_found.pop(entry.incident, None)
            if "not_found" in record:
                found = not_found_from_json(record["not_found"])
                self.not_found[found.incident] = found
            if isinstance(record.get("key"), str) and record["key"]:
                self.done.add(record["key"])
        check_files(self.entries.values())
        if not self.resumed:
            self.done.clear()
            self._files.remove(self._inner / JOURNAL)
            if self.entries:
                kept = replace(self.manifest, documents=tuple(self.entries.values()), not_found=tuple(self.not_found.values()))
                self._put(self._inner / MANIFEST, dumped(to_json(kept)))
        self._names = {entry.file.casefold() for entry in self.entries.values()}

    def _journal(self) -> list[dict[str, Any]]:
        try:
            return decode(self._files.read(self._inner / JOURNAL)).records
        except FileNotFoundError:
            return []

    def _sweep(self) -> None:
        """Remove temporary files of killed processes: the lock says that nobody else is writing here."""
        for directory in (self.root, self._inner, *(self._inner / name for name in (*FOLDERS.values(), "base"))):
            for path in directory.glob(".*.tmp"):
                if _LEFT_OVER.fullmatch(path.name):
                    self._files.remove(path)

    def name_of(self, server: Postmortem) -> str:
        """The file name of a document: from the manifest, else of a file whose front matter names the document, else a new one."""
        if (earlier := self.entries.get(server.id)) is not None:
            return earlier.file
        if server.id in self._chosen:
            return self._chosen[server.id]
        wanted = free_name(server.incident, server.id, self._names)
        while not self._is_free(wanted, server):
            self._names.add(wanted.casefold())
            wanted = free_name(server.incident, server.id, self._names)
        self._names.add(wanted.casefold())
        self._chosen[server.id] = wanted
        return wanted

    def _is_free(self, name: str, server: Postmortem) -> bool:
        """Whether no file has this name, or one whose front matter names this document."""
        try:
            text = self._text(name)
            return not text or read(text).source.document == server.id
        except (UnicodeDecodeError, FrontMatterError):
            return False

    def _text(self, name: str) -> str:
        """The text of the file, "" when there is none. Raises UnicodeDecodeError, OSError."""
        try:
            return self._files.read(self.root / name).decode("utf-8")
        except FileNotFoundError:
            return ""

    # ---- writing -------------------------------------------------------------------------------------------------
    def _made(
        self, server: Postmortem, archive: Archive, name: str, text: Text, earlier: ManifestEntry | None, origin: str
    ) -> tuple[ManifestEntry, dict[str, bytes]]:
        """The entry and the contents of its files, by kind. Data that is unchanged, or could not be read this time, is kept."""
        contents = {MARKDOWN: text.text.encode("utf-8", "replace")}
        hashes = {MARKDOWN: hash_of(text.of_server.encode("utf-8", "replace"))}
        same = earlier is not None and earlier.fingerprint == archive.fingerprint
        before = self._raw(name) if earlier is not None and archive.missing else {}
        kept = {each.part: before[each.part] for each in archive.missing if each.part in before and each.part not in archive.raw}
        raw = {**archive.raw, **kept}
        raw = {part: raw[part] for part in (*before, *raw) if part in raw}  # in the order of the file
        for kind, data in ((RAW, raw), (INCIDENT, incident_json(server, archive))):
            as_before = same or (kind == INCIDENT and bool(kept))
            if as_before and earlier is not None and self._hash(kind, name) == earlier.hashes.get(kind):
                hashes[kind] = earlier.hashes[kind]
                continue
            contents[kind] = dumped(data)
            hashes[kind] = hash_of(contents[kind])
        entry = entry_of(server, archive, name, text, hashes, origin)
        known = earlier.attachments if earlier is not None else ()
        return replace(entry, attachments=as_loaded(entry.attachments, known)), contents

    def _raw(self, name: str) -> dict[str, Any]:
        """The vendor's JSON from the earlier export, {} when it cannot be read."""
        try:
            found = json.loads(self._files.read(path_of(self.root, RAW, name)))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, contents: dict[str, bytes], *, server: Postmortem, base: str) -> bool:
        """Write the files of a document, the Markdown last. Returns whether any byte changed."""
        changed = False
        for kind in (RAW, INCIDENT):
            if kind in contents:
                changed = self._put(path_of(self.root, kind, name), contents[kind]) or changed
        if self._bases.find(base, self.root / name) is None:
            self._bases.keep(server, self.root / name)
            changed = True
        return self._put(self.root / name, contents[MARKDOWN]) or changed

    def _kept(self, server: Postmortem, archive: Archive, key: str, origin: str, why: str) -> Landing:
        """Leave a Markdown file as people edited it. The vendor's JSON beside it is brought up to date."""
        earlier, name = self.entries.get(server.id), self.name_of(server)
        if earlier is None:
            if key:
                self._append({"key": key})
            return Landing(Landed.CONFLICT, name, why=why)
        entry, contents = self._made(server, archive, name, Text("", "", earlier.base, earlier.read), earlier, origin)
        for kind in (RAW, INCIDENT):
            if kind in contents:
                self._put(path_of(self.root, kind, name), contents[kind])
        hashes = {**entry.hashes, MARKDOWN: earlier.hashes.get(MARKDOWN, "")}
        self._enter(replace(entry, hashes=hashes), "" if entry.missing else key)
        return Landing(Landed.CONFLICT, name, entry.missing, f"{why}; it stays, .pmtui/raw has the server's; moved away, it is made anew")

    def _enter(self, entry: ManifestEntry, key: str) -> None:
        """Note a document in the journal, and with ``key`` that it is done."""
        if entry != self.entries.get(entry.id):
            self._append({"entry": entry_to_json(entry), "key": key})
            self.entries[entry.id] = entry
        elif key:
            self._append({"key": key})

    def _put(self, path: Path, data: bytes) -> bool:
        """Write a file unless it has these bytes already."""
        with suppress(FileNotFoundError):
            if self._files.read(path) == data:
                return False
        self._files.write(path, data)
        return True

    def _hash(self, kind: str, name: str) -> str:
        try:
            return hash_of(self._files.read(path_of(self.root, kind, name)))
        except OSError:
            return ""

    def _forget_base(self, base: str) -> None:
        """Remove a base that no document needs."""
        if all(entry.base != base for entry in self.entries.values()):
            self._files.remove(self._inner / "base" / f"{base}.json")

    def _append(self, record: dict[str, Any]) -> None:
        self._files.append(self._inner / JOURNAL, encode(record))


def read_base(text: str) -> str:
    """The base named in a file's front matter, "" when there is none."""
    try:
        return read(text).source.base if text else ""
    except FrontMatterError:
        return ""
