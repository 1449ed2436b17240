"""Compares an exported folder with its manifest and with the vendor. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pmtui.backends.base import Backend, BackendError, SeveralDocuments
from pmtui.backends.trouble import NO_SERVICE
from pmtui.model.cell_alignment import align
from pmtui.model.diff import diff
from pmtui.model.incident import Existence
from pmtui.model.part import called, part_of, unread
from pmtui.model.postmortem import Postmortem
from pmtui.session.change_text import DiffLine, change_lines, change_title
from pmtui.session.export.discover import Survey, survey
from pmtui.session.export.document import hash_of, not_found_of
from pmtui.session.export.export import ABSENT, AT_ONCE
from pmtui.session.export.layout import JOURNAL, path_of
from pmtui.session.export.manifest import INCIDENT, MARKDOWN, RAW, Manifest, ManifestEntry, NotFound
from pmtui.session.export.progress import Progress
from pmtui.store.bases import FOLDER, Bases
from pmtui.store.files import Files, in_words

_CALLED = {MARKDOWN: "the Markdown file", RAW: "the vendor's JSON", INCIDENT: "the incident's file"}


class Where(StrEnum):
    """What a difference is about."""

    FOLDER = "directory"  # the folder has changed since the export
    SERVER = "server"  # the server has changed since the export


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference from the export. ``file`` is the document's, "" for what is not in the folder.

    ``lines`` are the lines of the diff of what changed on the server.
    """

    where: Where
    file: str
    what: str
    lines: tuple[DiffLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """The result. ``unknown`` are sentences about what could not be compared.

    ``not_found`` are postmortems that are known to exist and are not in the folder; ``missing`` are sentences about what the
    export could not read.
    """

    documents: int = 0
    differences: tuple[Difference, ...] = ()
    unknown: tuple[str, ...] = ()
    not_found: tuple[NotFound, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs, and nothing that is known to exist is missing."""
        return not (self.differences or self.not_found or self.missing)

    @property
    def incomplete(self) -> bool:
        """Whether something is missing, or could not be compared."""
        return bool(self.unknown or self.not_found or self.missing)

    def __add__(self, other: Verified) -> Verified:
        return Verified(
            max(self.documents, other.documents),
            (*self.differences, *other.differences),
            (*self.unknown, *other.unknown),
            (*self.not_found, *other.not_found),
            (*self.missing, *other.missing),
        )


def in_folder(root: Path, manifest: Manifest, files: Files, bases: Bases) -> Verified:
    """Compare the folder with its manifest: files that are missing, changed, or not from an export."""
    found = [each for entry in manifest.documents for each in _of_entry(root, entry, files, bases)]
    if files.exists(root / FOLDER / JOURNAL):
        found.append(Difference(Where.FOLDER, "", "an export was interrupted: give the same command again to continue"))
    known = {entry.file for entry in manifest.documents}
    try:
        strays = [path.name for path in files.matching(root, ".md") if path.name not in known and path.name != "README.md"]
    except OSError as error:
        return Verified(len(manifest.documents), tuple(found), (in_words(error),))
    found += [Difference(Where.FOLDER, name, "no export wrote this file") for name in strays]
    return Verified(len(manifest.documents), tuple(found))


def known_missing(manifest: Manifest) -> Verified:
    """What the export itself knew to be missing, as the manifest remembers it."""
    parts = (f"{entry.file}: {sentence}" for entry in manifest.documents for sentence in entry.missing)
    failed = (f"the postmortem of {each.reference} could not be exported: {each.why}" for each in manifest.failed)
    return Verified(0, not_found=manifest.not_found, missing=(*manifest.missing, *failed, *parts))


def _of_entry(root: Path, entry: ManifestEntry, files: Files, bases: Bases) -> Iterable[Difference]:
    for kind, expected in entry.hashes.items():
        if kind not in _CALLED:
            continue
        try:
            same = hash_of(files.read(path_of(root, kind, entry.file))) == expected
        except FileNotFoundError:
            yield Difference(Where.FOLDER, entry.file, f"{_CALLED[kind]} is missing")
            continue
        except OSError as error:
            yield Difference(Where.FOLDER, entry.file, f"{_CALLED[kind]} cannot be read: {in_words(error)}")
            continue
        if not same:
            yield Difference(Where.FOLDER, entry.file, f"{_CALLED[kind]} was changed since it was exported")
    for each in entry.attachments:
        try:
            changed = bool(each.file) and hash_of(files.read(root / each.file)) != each.hash
        except OSError:
            yield Difference(Where.FOLDER, entry.file, f"{each.file}, a picture or file of the text, is missing")
            continue
        if changed:
            yield Difference(Where.FOLDER, entry.file, f"{each.file}, a picture or file of the text, was changed since it was exported")
    if entry.base and bases.find(entry.base, root / entry.file) is None:
        yield Difference(Where.FOLDER, entry.file, "the base that edits are merged with is missing or damaged")


async def with_server(
    root: Path, manifest: Manifest, bases: Bases, backend: Backend, tell: Callable[[Progress], None], *, everything: bool
) -> Verified:
    """Compare the manifest with the vendor: what changed, is gone, or is missing, and with ``everything`` what was never exported.

    Raises BackendError when the vendor cannot be asked at all.
    """
    found = await survey(backend, lambda count: tell(Progress(listed=count))) if everything else None
    if found is not None and found.stopped is not None and found.stopped.trouble in NO_SERVICE and not found.listed:
        raise found.stopped
    results: list[Verified] = []
    waiting = iter([each for each in manifest.documents if not each.origin])
    total, done = len(manifest.documents), 0

    async def work() -> None:
        nonlocal done
        for entry in waiting:
            results.append(await _drift(root, entry, bases, backend))
            done += 1
            tell(Progress(done=done, total=total))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    verified = Verified(total)
    for each in results:
        verified += each
    if found is None:
        return known_missing(manifest) + verified
    known = {each.incident for each in manifest.documents} | {each.incident for each in manifest.not_found}
    new = {each.id: await _unexported(backend, each.id) for each in found.incidents if each.id not in known}
    failed = {each.incident for each in manifest.failed}
    for incident, one in new.items():
        verified += one if incident not in failed else Verified()  # what failed is told as missing already
    without = {incident for incident, one in new.items() if one == Verified()}
    return _still_missing(manifest, found, without) + verified + Verified(0, (), found.lacking)


def _still_missing(manifest: Manifest, found: Survey, without: set[str]) -> Verified:
    """What the export knew to be missing, less what is no longer on the server. ``without``: incidents that have no postmortem now."""
    there = None if found.lacking else {"", *(each.id for each in found.incidents)}

    def left(records: tuple[NotFound, ...]) -> tuple[NotFound, ...]:
        return tuple(each for each in records if each.incident not in without and (there is None or each.incident in there))

    return known_missing(replace(manifest, not_found=left(manifest.not_found), failed=left(manifest.failed)))


async def _drift(root: Path, entry: ManifestEntry, bases: Bases, backend: Backend) -> Verified:
    base = bases.find(entry.base, root / entry.file)
    if base is None:
        return Verified(0, (), (f"{entry.file}: without its base it cannot be compared with the server",))
    try:
        server = await backend.complete(await backend.postmortem(entry.about, entry.id))
        archive = await backend.archive(server)
    except BackendError as error:
        if error.trouble in ABSENT:
            gone = Difference(Where.SERVER, entry.file, "it is no longer on the server")
            return Verified(0, () if entry.gone else (gone,))
        return Verified(0, (), (f"{entry.file}: {error.message}",))
    if entry.gone:
        return Verified(0, (Difference(Where.SERVER, entry.file, "it was gone, and is on the server again"),))
    compared = _compared(entry, base=base, server=server)
    if compared == Verified() and archive.fingerprint != entry.fingerprint and not archive.missing:
        return Verified(0, (Difference(Where.SERVER, entry.file, "data of the incident changed there (times, notes, tags, …)"),))
    return compared


def _compared(entry: ManifestEntry, *, base: Postmortem, server: Postmortem) -> Verified:
    changes = [each for each in diff(base, _aligned(base=base, server=server)) if unread(server, part_of(each)) is None]
    hidden = [each for each in server.unread if base.why_unread(each.part) == ""]
    differences = tuple(
        Difference(Where.SERVER, entry.file, f"changed there: {change_title(each, server)}", change_lines(each)) for each in changes
    )
    return Verified(0, differences, tuple(f"{entry.file}: {called(server, each.part)} could not be read: {each.why}" for each in hidden))


def _aligned(*, base: Postmortem, server: Postmortem) -> Postmortem:
    """The reading with the base's keys for equal cells: the vendor may give new keys at each reading."""
    return replace(server, cells=align(base.cells, server.cells))


async def _unexported(backend: Backend, incident: str) -> Verified:
    try:
        about = await backend.find(incident)
        server = await backend.postmortem(about)
    except SeveralDocuments as several:
        return Verified(0, (Difference(Where.SERVER, "", f"{several} that were not exported"),))
    except BackendError as error:
        return Verified(0, (), (error.message,))
    if not server.id:
        return Verified() if server.incident.postmortem is Existence.NONE else Verified(not_found=(not_found_of(server),))
    return Verified(0, (Difference(Where.SERVER, "", f"the postmortem of {about.reference} was not exported"),))
