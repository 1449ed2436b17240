"""The export: finds the documents in every possible way, and writes them into the folder one by one."""

from __future__ import annotations

import asyncio
import errno
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pmtui.backends.archive import Archive, fingerprint_of
from pmtui.backends.base import Backend, BackendError, SeveralDocuments, Trouble, Waiting
from pmtui.backends.trouble import NO_SERVICE
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem
from pmtui.session.export.attachments import Loaded
from pmtui.session.export.discover import Survey, survey
from pmtui.session.export.document import newly_unread, not_found_of, passing
from pmtui.session.export.folder import ExportFolder, Landed, Landing
from pmtui.session.export.look_in import Looked
from pmtui.session.export.manifest import Manifest, ManifestEntry, NotFound
from pmtui.session.export.not_found_page import not_found_page
from pmtui.session.export.progress import Progress
from pmtui.session.export.renditions import Rendition, path_of, rendered
from pmtui.store.files import in_words

AT_ONCE = 4
"""Documents exported at the same time. The backend limits the requests."""
AGAIN = 2
"""Further attempts, at the end, for what failed: many troubles are over by then."""
IN_A_ROW = 8
"""The export stops after this many failures in a row for the same reason: then the documents are not the cause."""
_EVERYWHERE = NO_SERVICE | {Trouble.PLAN}
FOR_ALL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Disk errors that every further document would have, too."""
ABSENT = frozenset({Trouble.MISSING, Trouble.INVALID})
"""Troubles of an id that leads to no postmortem, or to another incident's."""


@dataclass(frozen=True, slots=True)
class Target:
    """A document to export: the incident, and the document's id, "" for its only one. ``entry`` is of an earlier export."""

    incident: Incident
    document: str = ""
    entry: ManifestEntry | None = None

    @property
    def key(self) -> str:
        """Its key in the journal."""
        return f"{self.incident.id}/{self.document}"


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be exported: ``what`` names it. ``error`` is the backend's, None for a disk error."""

    what: str
    why: str
    incident: str = ""
    error: BackendError | None = None


@dataclass
class Summary:
    """The result of an export. ``resumed`` counts documents that an interrupted run had written shortly before.

    ``edited`` are files with edits that the server does not have. ``here`` has the files written from data on this computer,
    and which data that was.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    resumed: int = 0
    incomplete: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    edited: set[str] = field(default_factory=set)
    gone: list[ManifestEntry] = field(default_factory=list)
    not_found: list[NotFound] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)
    survey: Survey = field(default_factory=Survey)
    looked: Looked = field(default_factory=Looked)
    account: tuple[str, ...] = ()
    here: dict[str, str] = field(default_factory=dict)
    attachments: Loaded = field(default_factory=Loaded)
    stopped: BackendError | None = None
    others: list[str] = field(default_factory=list)
    """What stood in the folder before its first export, is not of it, and stays as it is."""

    @property
    def whole(self) -> bool:
        """Whether everything that is known to exist and was asked for is in the folder."""
        listed = self.survey
        lacking = self.incomplete or self.not_found or self.failed or self.account or self.stopped or self.attachments.failed
        return not (lacking or listed.unreadable or listed.missing or listed.stopped or self.looked.refused)


class Export:
    """One run of the export. ``tell`` is called with its progress; ``forms`` are written beside the Markdown.

    It may be cancelled between any two documents: see ``close``.
    """

    def __init__(self, backend: Backend, folder: ExportFolder, tell: Callable[[Progress], None], forms: tuple[Rendition, ...] = ()) -> None:
        self._backend = backend
        self._folder = folder
        self._tell = tell
        self._forms = forms
        self._progress = Progress()
        self._started = time.monotonic()
        self._reached: set[str] = set()
        self._same: tuple[Trouble | None, int] = (None, 0)
        self._everything = self._offline = self._full = False
        self.summary = Summary()
        backend.on_waiting(self._waiting)

    async def everything(self, named: Iterable[str] = ()) -> None:
        """Export every postmortem that can be found: through the list of incidents, the earlier export, the index on this
        computer, and ``named``, ids from other texts. Raises BackendError when the vendor cannot be asked at all."""
        self._everything = True
        await self._begin()
        self.summary.survey = found = await survey(self._backend, self._listed)
        if found.stopped is not None and found.stopped.trouble in NO_SERVICE and not found.listed:
            raise found.stopped
        await self._all([Target(each) for each in found.incidents])
        before = [each for each in self._folder.entries.values() if each.id not in self._reached]
        await self._all([Target(each.about, each.id, each) for each in before])
        await self._named((*named, *self._backend.known_postmortem_ids()))

    async def these(self, incidents: Iterable[Incident], named: Iterable[str] = ()) -> None:
        """Export the postmortems of these incidents, and those with ``named`` ids."""
        await self._begin()
        await self._all([Target(each) for each in incidents])
        await self._named(named)

    def what_is_here(self, kept: Iterable[tuple[Postmortem, str]], error: BackendError) -> None:
        """Export postmortems kept on this computer, because the vendor refuses everything (``error``); each with its origin.

        Documents exported from the vendor before are not replaced. A run that the vendor had begun to answer can go on later.
        """
        self.summary.stopped, self._offline = error, not self.summary.survey.listed
        for postmortem, origin in kept:
            earlier = self._folder.entries.get(postmortem.id)
            if not postmortem.id or (earlier is not None and not earlier.origin):
                continue
            raw = {"postmortem": postmortem.origin}
            try:
                landing = self._land(postmortem, Archive(raw, fingerprint=fingerprint_of(raw)), origin=origin)
            except OSError as trouble:
                self.summary.failed.append(Failed(postmortem.incident.reference, in_words(trouble), postmortem.incident.id))
                continue
            self._note(postmortem, landing)
            self.summary.here[landing.file] = origin

    def close(self, *, interrupted: bool = False) -> None:
        """Write the manifest, and the page of links to postmortems that were not found. Raises OSError."""
        folder, summary = self._folder, self.summary
        stopped = interrupted or (summary.stopped is not None and not self._offline) or (folder.resumed and not self._everything)
        if self._everything and not stopped and not self._offline:
            kept = {each.incident for each in summary.not_found} | self._unsure()
            folder.not_found = {key: each for key, each in folder.not_found.items() if key in kept}
        identity = self._backend.identity
        manifest = Manifest(
            identity.vendor,
            identity.place,
            tuple(folder.entries.values()),
            tuple(folder.not_found.values()),
            self._backend.not_carried,
            (*summary.account, *summary.survey.lacking) if self._everything and not self._offline else folder.manifest.missing,
            self._not_read(),
        )
        page = not_found_page(identity.vendor, tuple(folder.not_found.values())) if folder.not_found else b""
        folder.finish(manifest, page, whole=not stopped)

    def _not_read(self) -> tuple[NotFound, ...]:
        """What failed, in this run or in one that nothing was read of since, without what an earlier export has."""
        here = {entry.incident for entry in self._folder.entries.values()}
        before = () if self._everything and not self._offline else self._folder.manifest.failed
        known = {each.key: each for each in before}
        known |= {each.key: each for each in (NotFound(one.incident, one.what, "", "", "", one.why) for one in self.summary.failed)}
        return tuple(each for each in known.values() if each.incident not in here)

    def _unsure(self) -> set[str]:
        """Incidents that this run learned nothing new about: they failed, or an interrupted run had read them."""
        return {key.partition("/")[0] for key in self._folder.done} | {each.incident for each in self.summary.failed}

    # ---- the stages ----------------------------------------------------------------------------------------------
    async def _begin(self) -> None:
        if self._everything:
            self._folder.begin()
        else:
            self._folder.done.clear()
        try:
            record = await self._backend.directory()
        except BackendError as error:
            self.summary.account = (error.said,)
            return
        self._folder.keep_account(dict(record.raw))
        self.summary.account = tuple(f"{each.part}: {each.why}" for each in record.missing)

    async def _all(self, targets: list[Target]) -> None:
        """Export these documents, then retry those that failed."""
        left = [each for each in targets if each.key not in self._folder.done]
        for each in targets:
            if each.key in self._folder.done:
                self._skip(each)
        self._step(total=self._progress.total + len(left))
        earlier = len(self.summary.failed)
        left = await self._round(left)
        for _ in range(AGAIN):
            if not left or self.summary.stopped is not None:
                return
            del self.summary.failed[earlier:]
            self._step(done=self._progress.done - len(left), failed=len(self.summary.failed))
            left = await self._round(left)

    def _skip(self, target: Target) -> None:
        """Reuse the result of an interrupted run for a document."""
        for entry in self._entries_of(target):
            self.summary.resumed += 1
            self._reach(entry.id, entry.url)
            if entry.missing:
                self.summary.incomplete[entry.reference] = entry.missing
        if (record := self._folder.not_found.get(target.incident.id)) is not None:
            self.summary.not_found.append(record)

    def _reach(self, identifier: str, url: str) -> None:
        """Note that a document was reached, by its id and by the id in its address."""
        self._reached |= {identifier, *self._backend.postmortem_ids_in(f"{url}\n")}

    def _entries_of(self, target: Target) -> list[ManifestEntry]:
        same = (each for each in self._folder.entries.values() if each.incident == target.incident.id)
        return [each for each in same if target.document in ("", each.id)]

    async def _round(self, targets: list[Target]) -> list[Target]:
        """Export each of these once. Returns those that failed."""
        waiting, again = iter(targets), list[Target]()

        async def work() -> None:
            for target in waiting:
                if self.summary.stopped is not None or self._full:
                    return
                try:
                    whole = await self._one(target)
                except OSError:
                    self._full = True
                    raise
                if not whole:
                    again.append(target)
                self._step(done=self._progress.done + 1, failed=len(self.summary.failed), not_found=len(self.summary.not_found))

        # All workers end before an error is raised: none goes on writing, or is cut off in a request.
        for result in await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True):
            if result is not None:
                raise result
        return again

    async def _one(self, target: Target) -> bool:
        """Export one document, or all of its incident. Returns whether no further attempt is needed."""
        try:
            whole = await self._export(target)
        except SeveralDocuments as several:
            documents = [replace(target, document=each.id) for each in several.documents]
            for each in documents:
                if each.key in self._folder.done:
                    self._skip(each)
            return all([await self._one(each) for each in documents if each.key not in self._folder.done])
        except BackendError as error:
            if target.entry is not None and error.trouble in ABSENT:
                self._reached.add(target.document)
                if self._folder.mark_gone(target.entry, target.key):
                    self.summary.gone.append(self._folder.entries[target.entry.id])
                return True
            return self._failed(target, error.message, error)
        except OSError as error:
            if error.errno in FOR_ALL:
                raise
            return self._failed(target, in_words(error), None)
        self._same = (None, 0)
        return whole

    def _failed(self, target: Target, why: str, error: BackendError | None) -> bool:
        self.summary.failed.append(Failed(target.incident.reference, why, target.incident.id, error))
        trouble = error.trouble if error is not None else None
        self._reached |= {entry.id for entry in self._entries_of(target)}
        count = self._same[1] + 1 if trouble == self._same[0] else 1
        self._same = (trouble, count)
        if error is not None and trouble in _EVERYWHERE and count >= IN_A_ROW:
            self.summary.stopped = error
        return False

    async def _export(self, target: Target) -> bool:
        """Export one document. Returns False when parts are missing that another attempt may get."""
        incident = target.incident if target.entry is None else await self._now(target.incident)
        server = await self._backend.complete(await self._backend.postmortem(incident, target.document))
        if not server.id and server.incident.postmortem is Existence.NONE:
            return True
        archive = await self._backend.archive(server)
        if not server.id:
            found = await self._named_in(archive, target.incident)
            if found is None:
                record = not_found_of(server)
                self._folder.mark_not_found(record, target.key)
                self.summary.not_found = [*(each for each in self.summary.not_found if each.incident != record.incident), record]
                self._reached |= {entry.id for entry in self._entries_of(target)}
                return not passing(server, archive)
            server, archive = found
        self._reach(server.id, server.url)
        if (kept := self._folder.entries.get(server.id)) is not None and (lost := newly_unread(server, kept)):
            raise BackendError(Trouble.ANSWER, f"read {kept.reference}", f"{lost}; what was exported before stays")
        self._note(server, self._land(server, archive, target.key))
        return not passing(server, archive)

    async def _now(self, incident: Incident) -> Incident:
        """Read an incident of the manifest again; returns the manifest's version when it no longer exists."""
        try:
            return await self._backend.find(incident.id)
        except BackendError as error:
            if error.trouble not in ABSENT:
                raise
            return incident

    async def _named_in(self, archive: Archive, incident: Incident) -> tuple[Postmortem, Archive] | None:
        """The postmortem that the incident's own texts link to, None when they link to none."""
        for identifier in self._backend.postmortem_ids_in(json.dumps(dict(archive.raw), ensure_ascii=False) + "\n"):
            try:
                server = await self._backend.complete(await self._backend.postmortem(incident, identifier))
            except BackendError as error:
                if error.trouble not in ABSENT:
                    raise
                continue
            return server, await self._backend.archive(server)
        return None

    async def _named(self, identifiers: Iterable[str]) -> None:
        """Export postmortems by id, from other texts and the index, unless they were reached already."""
        done = {key.rpartition("/")[2] for key in self._folder.done}
        wanted = [each for each in dict.fromkeys(identifiers) if each not in self._reached and each not in done]
        targets: list[Target] = []
        for identifier in wanted:
            if self.summary.stopped is not None:
                return
            try:
                targets.append(Target(await self._incident_of(identifier), identifier))
            except BackendError as error:
                if error.trouble in (*ABSENT, Trouble.LOCAL, Trouble.UNABLE):
                    self.summary.nowhere.append(identifier)
                    continue
                self._failed(Target(Incident("", identifier, "")), error.message, error)
        named = {each.incident.id for each in targets}
        self.summary.not_found = [each for each in self.summary.not_found if each.incident not in named]
        await self._all(targets)

    async def _incident_of(self, identifier: str) -> Incident:
        for _ in range(AGAIN):
            try:
                return await self._backend.incident_of_postmortem(identifier)
            except BackendError as error:
                if error.trouble is not Trouble.ANSWER:
                    raise
        return await self._backend.incident_of_postmortem(identifier)

    def _land(self, server: Postmortem, archive: Archive, key: str = "", *, origin: str = "") -> Landing:
        """Write a document, its other forms first: a line in the journal means that all its files are there. Raises OSError."""
        for form in self._forms:
            self._folder.put(path_of(form, self._folder.name_of(server)), rendered(server, form))
        return self._folder.land(server, archive, key, origin=origin)

    # ---- progress ------------------------------------------------------------------------------------------------
    def _note(self, server: Postmortem, landing: Landing) -> None:
        summary = self.summary
        if landing.landed is Landed.NEW:
            summary.new.append(landing.file)
        elif landing.file in summary.new or landing.file in summary.changed:
            pass  # written again, now with the missing parts
        elif landing.landed is Landed.CHANGED:
            summary.changed.append(landing.file)
        elif landing.landed is Landed.UNCHANGED:
            summary.unchanged.add(landing.file)
        else:
            summary.conflicts.append(landing.why)
        if landing.edited:
            summary.edited.add(landing.file)
        summary.incomplete.pop(server.incident.reference, None)
        if landing.missing:
            summary.incomplete[server.incident.reference] = landing.missing

    def _listed(self, count: int) -> None:
        self._step(listed=count)

    def _waiting(self, waiting: Waiting) -> None:
        self._tell(replace(self._progress, waiting=waiting.words))

    def _step(self, **changes: int) -> None:
        self._progress = replace(replace(self._progress, seconds=time.monotonic() - self._started), **changes)  # type: ignore[arg-type]
        self._tell(self._progress)
