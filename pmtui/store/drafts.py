"""Drafts: the edits since a postmortem was read, on disk until the server has them.

A draft is a journal in ``STATE/drafts``: a header that names the postmortem, the base (`base_record`), then the session's
records. The lock file beside it says who has it open. Reading needs no lock.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pmtui.formats.strict_json import is_deep
from pmtui.model.codec import postmortem_from_json, postmortem_to_json
from pmtui.model.postmortem import Postmortem
from pmtui.store.filenames import file_stem
from pmtui.store.files import Files, in_words
from pmtui.store.journal import Journal
from pmtui.store.lock import Busy, Lock, Owner, acquire, give_back, owner_of
from pmtui.store.records import Decoded, decode

_SUFFIX = ".journal"
_FORMAT = 1
_MANY = 50
_LONG = 500_000  # bytes of all of them


class DraftBusy(Exception):
    """The draft is open in another process, or was when that process ended: see ``owner.alive``."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        super().__init__(f"the draft is open in {owner}")


class DraftUnreadable(Exception):
    """The draft's base is damaged, or was written by another version of pmtui. The message names the file."""


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """A draft in the list. ``owner`` is None when no process has it open. ``updated`` is the time of the last edit, UTC.

    ``begun_on`` is the host on which the file was created. ``carried`` is the id of the postmortem (or incident) into whose draft the edits
    were carried, "" when they were not. ``damaged``: some or all of it cannot be read. ``queued``: its save waits for the server.
    ``owes``: what the postmortem is on the server because a save stopped half-way, in words, "" for nothing.
    """

    reference: str
    title: str
    profile: str
    incident_id: str
    document_id: str
    updated: datetime
    changes: int
    path: Path
    owner: Owner | None = None
    damaged: bool = False
    begun_on: str = ""
    carried: str = ""
    queued: bool = False
    owes: str = ""

    @property
    def host(self) -> str:
        """The host on which it is open, or was last."""
        return self.owner.host if self.owner else self.begun_on

    @property
    def pid(self) -> int:
        """The process that has it open, 0 for none."""
        return self.owner.pid if self.owner else 0

    @property
    def alive(self) -> bool | None:
        """Whether its owner still runs: False also without an owner, None when that cannot be known from here."""
        return self.owner.alive if self.owner else False


@dataclass(frozen=True, slots=True)
class Recovered:
    """The contents of a draft. ``damaged``: an unreadable record is missing."""

    base: Postmortem
    records: list[dict[str, Any]]
    damaged: bool


def base_record(postmortem: Postmortem) -> dict[str, Any]:
    """The first record of a journal: the base of the edits that follow.

    An ``origin`` nested too deeply for a file is left out: what the user types must not depend on it.
    """
    return {"base": postmortem_to_json(replace(postmortem, origin=None) if is_deep(postmortem.origin) else postmortem)}


class Drafts:
    """All drafts of this user. ``state`` is the state directory."""

    def __init__(self, state: Path, files: Files | None = None) -> None:
        self._state = state
        self._directory = state / "drafts"
        self._files = files or Files()
        self._known: dict[Path, tuple[tuple[int, int, int], DraftInfo]] = {}  # what was read, and the state of the file then

    @property
    def are_many(self) -> bool:
        """Whether reading all of them takes a while: many, or long ones."""
        try:
            sizes = [path.lstat().st_size for path in self._files.matching(self._directory, _SUFFIX)]
        except OSError:
            return False
        return len(sizes) > _MANY or sum(sizes) > _LONG

    def open(self, profile: str, incident_id: str, document_id: str = "", *, take_over: bool = False) -> Journal:
        """Open the journal of one postmortem, with the records that it has. Nothing is written before the first `append`.

        Raises DraftBusy; with ``take_over`` only when the owner is known to run. A dead owner that left no draft is ignored.
        A disk that cannot be written is not an error here: the journal says so in its state.
        """
        path = self._path(profile, incident_id, document_id)
        lock, problem = None, ""
        try:
            lock = self._claim(path, take_over=take_over)
            self._files.sweep(self._directory)
        except Busy as busy:
            if busy.owner.alive is not False or self._files.exists(path):
                raise DraftBusy(busy.owner) from None
            return self.open(profile, incident_id, document_id, take_over=True)  # the dead owner left no draft
        except OSError as error:
            problem = in_words(error)
        found = Decoded([])
        try:
            found = self._found(path)
            damage = "is damaged" if found.damaged else ""
        except OSError as error:
            problem = f"the draft on disk cannot be read: {in_words(error)}"
            damage = f"cannot be read: {in_words(error)}"
        header = {"draft": _FORMAT, "profile": profile, "incident": incident_id, "document": document_id, "host": socket.gethostname()}
        records = [record for record in found.records if "draft" not in record]
        return Journal(path, header, records, self._files, partial(self._claim, path), damage=damage, lock=lock, problem=problem)

    def others(self, profile: str, incident_id: str, document_id: str = "") -> list[DraftInfo]:
        """The undamaged drafts of the incident's other documents that nobody has open, latest first. Raises OSError."""
        found = [info for info in self.list(profile) if info.incident_id == incident_id and info.document_id != document_id]
        here = [info for info in found if info.path == self._path(profile, incident_id, info.document_id)]  # without those put aside
        return [info for info in here if not info.damaged and info.alive is False]

    def list(self, profile: str | None = None) -> list[DraftInfo]:
        """The drafts of a profile, or of all, latest first; and those too damaged to say whose they are.

        Raises OSError when the directory cannot be read.
        """
        infos = [self._info(path) for path in self._files.matching(self._directory, _SUFFIX)]
        return sorted(
            (info for info in infos if profile is None or info.profile in ("", profile)), key=lambda info: info.updated, reverse=True
        )

    def find(self, profile: str, incident_id: str, document_id: str = "") -> DraftInfo | None:
        """The draft of one postmortem, None when there is none. Raises OSError."""
        path = self._path(profile, incident_id, document_id)
        return self._info(path) if self._files.exists(path) else None

    def read(self, info: DraftInfo) -> Recovered:
        """Read a draft. Raises DraftUnreadable, OSError."""
        decoded = decode(self._files.read(info.path))
        return Recovered(
            _base(decoded, info.path), [record for record in decoded.records if not record.keys() & {"draft", "base"}], decoded.damaged
        )

    def leave_to(self, owner: Owner, profile: str, incident_id: str, document_id: str = "") -> None:
        """Leave a draft as it was found: as one that this process, which is gone, had open. Raises OSError."""
        if self._files.exists(path := self._path(profile, incident_id, document_id)):
            give_back(path.with_suffix(".lock"), self._files, owner)

    def discard(self, info: DraftInfo) -> None:
        """Remove a draft, for good. Raises OSError."""
        self._files.remove(info.path)

    def _path(self, profile: str, incident_id: str, document_id: str) -> Path:
        return self._directory / f"{file_stem(profile, incident_id, document_id)}{_SUFFIX}"

    def _claim(self, path: Path, *, take_over: bool = False) -> Lock:
        self._files.directory(self._state)
        self._files.directory(self._directory)
        return acquire(path.with_suffix(".lock"), self._files, take_over=take_over)

    def _found(self, path: Path) -> Decoded:
        return decode(self._files.read(path)) if self._files.exists(path) else Decoded([])

    def _info(self, path: Path) -> DraftInfo:
        """What a draft says; read again only when the file has changed."""
        state = path.lstat()
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        owner = owner_of(path.with_suffix(".lock"), self._files)
        if (known := self._known.get(path)) is not None and known[0] == mark:
            return replace(known[1], owner=owner)
        info = self._read_info(path, datetime.fromtimestamp(state.st_mtime, UTC), owner)
        if not info.damaged:
            self._known[path] = mark, info
        return info

    def _read_info(self, path: Path, updated: datetime, owner: Owner | None) -> DraftInfo:
        decoded = Decoded([])
        try:
            decoded = decode(self._files.read(path))
            base = _base(decoded, path)
        except (OSError, DraftUnreadable):
            header = _header(decoded)
            profile, incident_id, document = (str(header.get(name, "")) for name in ("profile", "incident", "document"))
            title = "(cannot be read)"
            return DraftInfo(path.name, title, profile, incident_id, document, updated, _changes(decoded), path, owner, damaged=True)
        header = _header(decoded)
        incident = base.incident
        return DraftInfo(
            reference=incident.reference,
            title=incident.title,
            profile=str(header.get("profile", "")),
            incident_id=incident.id,
            document_id=str(header.get("document", base.id)),
            updated=_edited(decoded.records) or updated,
            changes=_changes(decoded),
            path=path,
            owner=owner,
            damaged=decoded.damaged,
            begun_on=str(header.get("host", "")),
            carried=next((str(record["carried"]) for record in decoded.records if "carried" in record), ""),
            queued=_queued(decoded.records),
            owes=next((str(record["owes"]) for record in reversed(decoded.records) if "owes" in record), ""),
        )


def _header(decoded: Decoded) -> dict[str, Any]:
    return next((record for record in decoded.records if "draft" in record), {})


def _base(decoded: Decoded, path: Path) -> Postmortem:
    for record in decoded.records:
        if "base" in record:
            try:
                return postmortem_from_json(record["base"])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DraftUnreadable(f"{path}: the draft was written by another version of pmtui: {error!r}") from None
    raise DraftUnreadable(f"{path}: the beginning of the draft is damaged")


def _edited(records: Sequence[dict[str, Any]]) -> datetime | None:
    """When the draft was last edited, as the question about it says; None when no record tells."""
    at = next((record["t"] for record in reversed(records) if "t" in record), None)
    if isinstance(at, bool) or not isinstance(at, int | float) or at <= 0:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _changes(decoded: Decoded) -> int:
    counts = [record["changes"] for record in decoded.records if isinstance(record.get("changes"), int)]
    edits = sum(not record.keys() & {"draft", "base"} for record in decoded.records)
    return counts[-1] if counts else edits


def _queued(records: Sequence[dict[str, Any]]) -> bool:
    """Whether a save waits for the server: it was queued, and not sent since."""
    queued = max((n for n, record in enumerate(records) if record.get("queued")), default=-1)
    sent = max((n for n, record in enumerate(records) if "plan" in record), default=-1)
    return queued > sent
