"""One profile at work: a backend, and the disk beside it. What is opened here is kept for when the network is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from pmtui.backends.base import Backend, BackendError, Page, Template, Trouble
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.fields import Kind
from pmtui.model.postmortem import TEXT, Incident, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Value
from pmtui.session.carry import carry, lost_draft
from pmtui.session.draft import Draft
from pmtui.session.found import FoundDraft
from pmtui.session.report import Report, Result
from pmtui.session.session import Session, Surroundings
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftBusy, DraftInfo, Drafts
from pmtui.store.journal import Journal, JournalState

UNREACHED = frozenset({Trouble.OFFLINE, Trouble.TIMEOUT, Trouble.ANSWER, Trouble.SERVER, Trouble.LIMITED, Trouble.ENDED})
"""Troubles in which what was last seen is better than nothing."""


class Workspace:
    """``profile_name`` tells drafts of one account from those of another. ``read_only`` says why nothing may be edited."""

    def __init__(self, profile_name: str, backend: Backend, drafts: Drafts, cache: Cache, audit: Audit, *, read_only: str = "") -> None:
        self._read_only = read_only
        self.profile_name = profile_name
        self.backend = backend
        self._drafts = drafts
        self._cache = cache
        self._audit = audit
        self._around = Surroundings(keep=cache.keep_postmortem, audit=partial(_audit, audit, backend))

    # ---- the list -----------------------------------------------------------------------------------------------
    def cached_incidents(self) -> tuple[Page, datetime] | None:
        """The first page of the whole list as last seen, and when; None when it never was."""
        seen = self._cache.incidents()
        return (Page(seen.incidents, seen.cursor, seen.total), seen.seen_at) if seen is not None else None

    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents from the server. Raises BackendError."""
        page = await self.backend.incidents(query, cursor)
        if query.empty and cursor is None:
            self._cache.keep_incidents(page.incidents, page.cursor, page.total)
        return page

    async def find(self, ref: str) -> Incident:
        """The incident that is called so; one seen before when the server cannot be reached. Raises BackendError."""
        try:
            return await self.backend.find(ref)
        except BackendError as error:
            known = self._seen_before(ref) if error.trouble in UNREACHED else None
            if known is None:
                raise
            return known

    def _seen_before(self, ref: str) -> Incident | None:
        """From the drafts and the list last seen."""
        wanted = ref.casefold().lstrip("#")
        seen = self._cache.incidents()
        drafted = [self._drafts.read(info).base.incident for info in self.drafts_here() if not info.damaged]
        known = (*drafted, *(seen.incidents if seen is not None else ()))
        return next((each for each in known if wanted in (each.id.casefold(), each.reference.casefold().lstrip("#"))), None)

    def drafts_here(self) -> list[DraftInfo]:
        """This profile's drafts, the latest first. Raises OSError."""
        return self._drafts.list(self.profile_name)

    def queued(self) -> list[DraftInfo]:
        """Those drafts whose save waits for the server. Raises OSError."""
        return [info for info in self.drafts_here() if not info.damaged and _waits(self._drafts.read(info).records)]

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """Type-ahead. Raises BackendError."""
        return await self.backend.suggest(kind, text, postmortem)

    # ---- one postmortem -----------------------------------------------------------------------------------------
    async def open(self, incident: Incident, document: str = "", *, take_over: bool = False) -> Session:
        """The postmortem with the draft that was found, to be edited.

        When the server cannot be reached it is what was last seen, or what the draft was based on: ``session.offline``.
        Raises BackendError, SeveralDocuments, DraftBusy (with ``take_over`` only when the owner lives), DraftUnreadable.
        """
        if self._read_only:
            return await self.look(incident, document, self._read_only)
        server, offline = await self._read(incident, document)
        info = self._drafts.find(self.profile_name, incident.id, server.id)
        reopen = partial(self._drafts.open, self.profile_name, incident.id, server.id)
        draft = Draft(server, reopen(take_over=take_over), reopen)
        found = FoundDraft.of(info) if info is not None else None
        if found is None and not offline:
            found = self._carried(draft, asked_for=bool(document))
        return Session(self.backend, draft, self._around, offline=offline, found=found)

    def _carried(self, draft: Draft, *, asked_for: bool = False) -> FoundDraft | None:
        """Take up a draft whose postmortem is gone, if there is one. Raises OSError."""
        info = lost_draft(self._drafts, self.profile_name, draft.server, asked_for=asked_for)
        return carry(self._drafts, self.profile_name, info, draft) if info is not None else None

    async def look(self, incident: Incident, document: str = "", why: str = "opened to look at") -> Session:
        """The postmortem as the server has it, not to be edited, and ``why``. Raises as ``open``."""
        server, offline = await self._read(incident, document)
        return Session(self.backend, Draft(server, _NoJournal(), _NoJournal), self._around, offline=offline, read_only=why)

    async def create(self, incident: Incident, template: Template | None = None) -> Session:
        """Create the incident's postmortem and open it, with what was edited before there was one.

        Raises BackendError, DraftBusy: nothing is created while another process has the incident's draft open.
        """
        before = self._claim(incident.id)
        try:
            server = await self.backend.create(incident, template)
        except BackendError as error:
            self._note(incident, "postmortem created", _ended(error), request_id=error.request_id)
            raise
        finally:
            before.close()
        self._cache.keep_postmortem(server)
        self._note(incident, "postmortem created", Result.DONE, after=_text(server))
        reopen = partial(self._drafts.open, self.profile_name, incident.id, server.id)
        draft = Draft(server, reopen(), reopen)
        return Session(self.backend, draft, self._around, found=self._carried(draft))

    def _claim(self, incident_id: str, document_id: str = "") -> Journal:
        """The journal of a draft, and with it its lock, also from a process of this machine that is gone. Raises DraftBusy."""
        try:
            return self._drafts.open(self.profile_name, incident_id, document_id)
        except DraftBusy as busy:
            if busy.owner.alive is not False:
                raise
            return self._drafts.open(self.profile_name, incident_id, document_id, take_over=True)

    async def remove(self, session: Session) -> tuple[str, ...]:
        """Delete the postmortem that is open, or unlink it: see ``Backend.removal``. Done is only what a reading confirms.

        It is open, and so nobody else has its draft; the draft stays, for the caller to discard. Returns notices.
        Raises BackendError, Locked.
        """
        session.check_writable()
        postmortem = session.server
        try:
            notices = await self._remove(postmortem)
        except BackendError as error:
            self._note(postmortem.incident, "postmortem deleted", _ended(error), request_id=error.request_id)
            raise
        self._note(postmortem.incident, "postmortem deleted", Result.DONE, before=_text(postmortem))
        return notices

    async def _remove(self, postmortem: Postmortem) -> tuple[str, ...]:
        refused: BackendError | None = None
        notices: tuple[str, ...] | None = None
        try:
            notices = await self.backend.remove(postmortem)
        except BackendError as error:
            if not (error.unknown or error.trouble is Trouble.MISSING):
                raise
            refused = error
        tried = f"delete the postmortem of {postmortem.incident.reference}"
        try:
            await self.backend.postmortem(postmortem.incident, postmortem.id)
        except BackendError as error:
            if error.trouble is Trouble.MISSING:
                return notices or ()
            if refused is not None:
                raise refused from error
            said = f"accepted, but not read back: {error.said}"
            raise BackendError(error.trouble, tried, said, "look whether it is gone", status=error.status, unknown=True) from error
        raise refused or BackendError(Trouble.ANSWER, tried, "accepted, but the server still has it", "read it again, then try again")

    def _note(
        self, incident: Incident, what: str, outcome: Result, *, before: Value = None, after: Value = None, request_id: str = ""
    ) -> None:
        """A line in the audit log about a postmortem as a whole."""
        who = self.backend.identity
        self._audit.write(
            actor=who.actor,
            vendor=who.vendor,
            incident=incident.reference,
            what=what,
            outcome=outcome,
            before=before,
            after=after,
            request_id=request_id,
        )

    async def _read(self, incident: Incident, document: str) -> tuple[Postmortem, str]:
        """The postmortem, and why it is not fresh, "" when it is."""
        try:
            server = await self.backend.postmortem(incident, document)
        except BackendError as error:
            known = self._last_seen(incident, document, error)
            if known is None:
                raise
            return known, f"{error.message} · this is what was read on {known.read_at.astimezone():%Y-%m-%d %H:%M}"
        no_text = (server.text_locked or server.why_unread(TEXT)) and not server.cells
        seen = self._cache.postmortem(incident.id, server.id) if no_text else None
        if seen is None or not seen.cells:  # what was last seen of a text is not forgotten because it cannot be read now
            self._cache.keep_postmortem(server)
        return server, ""

    def _last_seen(self, incident: Incident, document: str, error: BackendError) -> Postmortem | None:
        """What the draft was based on, whatever the trouble: its text must be reachable. Without a draft, the cache."""
        for info in self.drafts_here():
            if info.incident_id == incident.id and document in ("", info.document_id) and not info.damaged:
                return self._drafts.read(info).base
        return self._cache.postmortem(incident.id, document) if error.trouble in UNREACHED else None


class _NoJournal:
    """The journal of what is only looked at."""

    def __init__(self) -> None:
        self.records: list[dict[str, object]] = []
        self.damage = ""
        self.ours = self.durable = True
        self.path = Path()
        self.state = JournalState(0, None, "")

    def append(self, record: dict[str, object]) -> None:
        raise AssertionError("edits are locked")

    def compact(self, records: Sequence[dict[str, object]]) -> None:
        raise AssertionError("edits are locked")

    def settled(self, timeout: float) -> bool:
        return True

    def flush(self) -> bool:
        return True

    def finish(self) -> None:
        """Nothing is kept."""

    def put_aside(self) -> None:
        """Nothing is kept."""

    def close(self) -> bool:
        return True


def _waits(records: Sequence[dict[str, object]]) -> bool:
    queued = max((n for n, record in enumerate(records) if record.get("queued")), default=-1)
    sent = max((n for n, record in enumerate(records) if "plan" in record), default=-1)
    return queued > sent


def _ended(error: BackendError) -> Result:
    return Result.UNKNOWN if error.unknown else Result.REFUSED


def _text(postmortem: Postmortem) -> str:
    return "\n\n".join(cell.text for cell in postmortem.cells)


def _audit(audit: Audit, backend: Backend, before: Postmortem, report: Report) -> None:
    """One line for each change that was sent."""
    for outcome in report.outcomes:
        if outcome.step is None:
            continue
        old, new = _values(outcome.change) if outcome.change is not None else (None, None)
        audit.write(
            actor=backend.identity.actor,
            vendor=backend.identity.vendor,
            incident=before.incident.reference,
            what=outcome.id,
            outcome=outcome.state,
            before=old,
            after=new,
            request_id=outcome.request_id,
        )


def _values(change: Change) -> tuple[Value, Value]:
    if isinstance(change, FieldChanged):
        return change.before, change.after
    if isinstance(change, CellEdited):
        return change.before.text, change.after.text
    if isinstance(change, CellAdded):
        return None, change.cell.text
    if isinstance(change, CellDeleted):
        return change.cell.text, None
    assert isinstance(change, CellMoved)
    return change.cell.text, change.cell.text
