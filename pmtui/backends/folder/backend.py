"""The folder backend: the parts of this package, put together for one profile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pmtui.backends.base import Backend, BackendError, Check, Creation, Identity, Step, Template, Trouble
from pmtui.backends.folder import create, doctor, find, incident_list, plan, read, send, suggest
from pmtui.backends.folder.disk import OURS, Disk, RefusingDisk
from pmtui.backends.folder.errors import explained
from pmtui.backends.folder.incidents import incident_of
from pmtui.backends.folder.index import Index, Listing
from pmtui.backends.folder.read import Understood, gone, path_of, understand
from pmtui.backends.page import Page
from pmtui.model.changes import Change
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import EVERY_FILTER, Query
from pmtui.model.values import Item
from pmtui.store.files import System

T = TypeVar("T")


class FolderBackend(Backend):
    """One folder of Markdown files. ``place`` is its name for people; ``index_file`` is its index, None to keep none."""

    begins_incidents = True
    rich_text = True
    free_choices = True

    def __init__(
        self,
        root: Path,
        place: str,
        index_file: Path | None = None,
        *,
        actor: str = "",
        read_only: bool = False,
        system: System | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._disk = RefusingDisk(root, system) if read_only else Disk(root, system)
        self.refuses_writes = read_only
        self._index = Index(self._disk, index_file)
        self._listed: Listing | None = None  # the listing that later pages belong to
        self._now = now
        self.identity = Identity("Folder", place, actor, it="the folder", on_it="in the folder")

    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of the files, newest first. Later pages show the folder as it was at the first page."""
        if cursor is None or self._listed is None:
            self._listed = await self._listing("list the postmortems", fresh=True)
        return incident_list.page(self._listed, query, cursor)

    async def find(self, ref: str) -> Incident:
        """Find a file by reference, name, path, or a part of these that only one file has."""
        listing = await self._listing(f"find {ref.strip()[:60]!r}", fresh=True)
        identity, row = find.find(listing, ref, self._disk.root)
        return incident_of(row, identity)

    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        """Read the file. An incident that was only begun has none yet."""
        tried = f"read the postmortem of {incident.reference}"
        path = await self._path(incident, tried)
        if path:
            return await self._read(path, incident, tried)
        if document or incident.postmortem is not Existence.NONE:
            raise gone(incident, (await self._listing(tried)).unreadable)
        return read.without_postmortem(incident, self._now())

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """Read the file again. ``base`` is not used: it may be what was just sent."""
        if not base.id:
            return await self.postmortem(base.incident)
        tried = f"read the postmortem of {base.incident.reference} again"
        return await self._postmortem(await self._understood(base, tried), base.incident, tried)

    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        return plan.steps(server, changes)

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> None:
        """Replace the file, unless another program has changed it since ``server`` was read."""
        tried = f"write {path_of(server)}"
        found = await self._understood(server, tried)
        await _in_thread(lambda: send.write(self._disk, found, server, step.changes))

    def filters(self) -> Mapping[str, tuple[str, ...]]:
        return EVERY_FILTER

    def begin(self, title: str, reference: str = "") -> Incident:
        return create.begin(title, reference, self._now())

    def begun(self, bare: Postmortem) -> Postmortem:
        """A file can have every field."""
        return read.begun(bare)

    async def creation(self, incident: Incident) -> Creation:
        if not self._disk.writable():
            return Creation(impossible=read.LOCKED)
        listing = await self._listing(f"create a postmortem for {incident.reference}", fresh=True)
        return await _in_thread(lambda: create.creation(self._disk, listing, incident))

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        """Create the file and read it."""
        tried = f"create a postmortem for {incident.reference}"
        listing = await self._listing(tried, fresh=True)
        path = await _in_thread(lambda: create.create(self._disk, listing, incident, template))
        return await self._read(path, incident, tried)

    def removal(self, postmortem: Postmortem) -> str:
        where = f"{OURS}/trash in the folder, where it can be taken back from"
        return f"the file of {postmortem.incident.reference}, {path_of(postmortem)}, is moved to {where}"

    async def remove(self, postmortem: Postmortem) -> tuple[str, ...]:
        """Move the file to the folder's trash."""
        tried = f"delete the postmortem of {postmortem.incident.reference}"
        if not postmortem.id:
            raise BackendError(Trouble.LOCAL, tried, "there is none")
        path = await self._path(postmortem.incident, tried, path_of(postmortem))
        if not path:
            raise gone(postmortem.incident, ())

        def put_away() -> str:
            with explained(tried):
                return self._disk.put_away(path)

        return (f"the file is {await _in_thread(put_away)}",)

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        listing = await self._listing("look for what the files name")
        return suggest.suggest(listing, kind, text, postmortem.incident.id)

    def path_of(self, postmortem: Postmortem) -> Path | None:
        path = path_of(postmortem)
        return self._disk.root / path if path else None

    async def checks(self) -> Sequence[Check]:
        return await _in_thread(lambda: doctor.checks(self._disk, self._index))

    async def aclose(self) -> None:
        self._index.stop()

    async def _listing(self, tried: str, *, fresh: bool = False) -> Listing:
        def look() -> Listing:
            with explained(tried):
                return self._index.refresh() if fresh else self._index.known()

        return await _in_thread(look)

    async def _path(self, incident: Incident, tried: str, hint: str = "") -> str:
        """The path of an incident's file, "" when there is none. It may have been renamed since it was listed."""
        for fresh in (False, True):
            listing = await self._listing(tried, fresh=fresh)
            row = listing.row(incident.id)
            if row is not None and self._disk.exists(row.path):
                return row.path
        return hint if hint and self._disk.exists(hint) else ""

    async def _understood(self, base: Postmortem, tried: str) -> Understood:
        path = await self._path(base.incident, tried, path_of(base))
        if not path:
            raise gone(base.incident, (await self._listing(tried)).unreadable)
        return await self._file(path, tried)

    async def _file(self, path: str, tried: str) -> Understood:
        def get() -> Understood:
            with explained(tried):
                found = self._disk.read(path)
            return understand(path, found)

        return await _in_thread(get)

    async def _read(self, path: str, incident: Incident, tried: str) -> Postmortem:
        return await self._postmortem(await self._file(path, tried), incident, tried)

    async def _postmortem(self, found: Understood, incident: Incident, tried: str) -> Postmortem:
        vocabulary = (await self._listing(tried)).vocabulary
        return read.postmortem(found, incident.id, vocabulary, self._now(), writable=self._disk.writable(found.row.path))


async def _in_thread(call: Callable[[], T]) -> T:
    """Run a call in a thread, because a disk may hang."""
    return await asyncio.to_thread(call)
