"""One profile in use: its backend and its files. What is read is also cached, for when the network is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from pmtui.backends.base import Backend, BackendError, Page, Template, Trouble
from pmtui.display import count
from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, Change, FieldChanged
from pmtui.model.fields import Kind
from pmtui.model.postmortem import TEXT, Incident, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Value
from pmtui.session.draft import Draft, NoJournal
from pmtui.session.recovery import FoundDraft, replayed
from pmtui.session.report import Report, Result
from pmtui.session.session import Session
from pmtui.session.surroundings import Surroundings
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftBusy, DraftInfo, Drafts, DraftUnreadable
from pmtui.store.journal import Journal

T = TypeVar("T")
GONE = "of a postmortem that is not there any more"
BEFORE = "from before there was a postmortem"
UNREACHED = frozenset({Trouble.OFFLINE, Trouble.TIMEOUT, Trouble.ANSWER, Trouble.SERVER, Trouble.LIMITED, Trouble.ENDED, Trouble.DISK})
"""Troubles in which what was last seen is better than nothing."""


class NotApplied(BackendError):
    """The server accepted a write, and does not show it when it is read back."""


class Workspace:
    """``profile_name`` tells drafts of one account from those of another. ``read_only`` says why nothing may be edited.

    ``last_resorts`` are directories where a text goes when the state directory cannot be written and the program ends.
    ``issue_site`` is where linked issues are when no link tells it, "" where that is not known.
    """

    def __init__(
        self,
        profile_name: str,
        backend: Backend,
        drafts: Drafts,
        cache: Cache,
        audit: Audit,
        *,
        read_only: str = "",
        last_resorts: tuple[Path, ...] = (),
        issue_site: str = "",
    ) -> None:
        self._read_only = read_only
        self.issue_site = issue_site
        self.profile_name = profile_name
        self.backend = backend
        self._drafts = drafts
        self._cache = cache
        self._audit = audit
        self._around = Surroundings(keep=cache.keep_postmortem, audit=partial(_audit, audit, backend), last_resorts=last_resorts)

    # ---- the list -----------------------------------------------------------------------------------------------
    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents from the server. Raises BackendError."""
        page = await self.backend.incidents(query, cursor)
        if query.empty and cursor is None:
            self._cache.keep_incidents(page.incidents, page.cursor, page.total)
        return page

    def ending(self) -> str:
        """What to say of a vendor that ends, once a day: how long it is still there, and how to take everything along. Else ""."""
        who = self.backend.identity
        if who.days_left is None or not self._cache.first_on(date.today(), "ending"):
            return ""
        if not who.days_left:
            return f"{who.vendor} has ended · pmtui export --all DIR writes what is still here"
        return f"{who.vendor} is switched off in {count(who.days_left, 'day')} · pmtui export --all DIR"

    async def find(self, ref: str, *, patience: float | None = None) -> Incident:
        """The incident that ``ref`` names; from drafts and cache when the server cannot be reached. Raises BackendError.

        ``patience``: seconds after which what is known here will do.
        """
        known = self._seen_before(ref) if patience is not None else None
        try:
            return await _within(patience if known else None, self.backend.find(ref), f"find {ref!r}")
        except BackendError as error:
            known = self._seen_before(ref) if error.trouble in UNREACHED else None
            if known is None:
                raise
            return known

    def _seen_before(self, ref: str) -> Incident | None:
        """The incident from a draft, or from the cached list; None when neither has it."""
        wanted = ref.casefold().lstrip("#")
        seen = self._cache.incidents()
        known = (*(base.incident for _, base in self._bases()), *(seen.incidents if seen is not None else ()))
        return next((each for each in known if wanted in (each.id.casefold(), each.reference.casefold().lstrip("#"))), None)

    def drafts_here(self) -> list[DraftInfo]:
        """What this profile has not sent, the latest first; also what is too damaged to tell whose it is. Raises OSError."""
        return [info for info in self._drafts.list(self.profile_name) if not info.carried]

    def _bases(self) -> Iterator[tuple[DraftInfo, Postmortem]]:
        """The base of each readable draft. None when the disk cannot be read: opening must not depend on it."""
        with suppress(OSError):
            for info in self.drafts_here():
                with suppress(DraftUnreadable):
                    yield info, self._drafts.read(info).base

    def kept_here(self) -> Iterator[tuple[Postmortem, str]]:
        """What this computer has of postmortems when the vendor has nothing any more, each with what it is. Raises OSError."""
        drafted: set[str] = set()
        for info in self.drafts_here():
            with suppress(DraftUnreadable):
                draft = replayed(self._drafts.read(info))
                drafted.add(draft.mine.id)
                of = f"an unsent draft of {info.updated:%Y-%m-%d}" if info.changes else "a draft without changes"
                yield draft.mine, f"{of}, made of what was read on {draft.base.read_at:%Y-%m-%d}"
        for seen in self._cache.postmortems():
            if seen.id and seen.id not in drafted:
                yield seen, f"as it was last read here, on {seen.read_at:%Y-%m-%d}"

    def has_draft(self, postmortem: Postmortem) -> bool:
        """Whether there is anything of this postmortem that was not sent. Raises OSError."""
        return self._drafts.find(self.profile_name, postmortem.incident.id, postmortem.id) is not None

    def queued(self) -> list[DraftInfo]:
        """Those drafts whose save waits for the server. Raises OSError."""
        return [info for info in self.drafts_here() if not info.damaged and _waits(self._drafts.read(info).records)]

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """Type-ahead. Raises BackendError."""
        return await self.backend.suggest(kind, text, postmortem)

    # ---- one postmortem -----------------------------------------------------------------------------------------
    async def open(self, incident: Incident, document: str = "", *, take_over: bool = False, patience: float | None = None) -> Session:
        """The postmortem with the draft that was found, to be edited.

        When the server cannot be reached it is what was last seen, or what the draft was based on: ``session.offline``.
        So it is after ``patience`` seconds without an answer, where there is something that was seen.
        Raises BackendError, SeveralDocuments, DraftBusy (with ``take_over`` only when the owner lives), DraftUnreadable.
        """
        if self._read_only:
            return await self.look(incident, document, self._read_only, patience=patience)
        server, offline, trouble = await self._read(incident, document, patience)
        info = self._drafts.find(self.profile_name, incident.id, server.id)
        reopen = partial(self._drafts.open, self.profile_name, incident.id, server.id)
        draft = Draft(server, reopen(take_over=take_over), reopen)
        found = FoundDraft.of(info) if info is not None else None
        if found is None and not offline:
            found = self._carried(draft, asked_for=bool(document))
        return Session(self.backend, draft, self._around, offline=offline, trouble=trouble, found=found)

    async def read(self, incident: Incident, document: str = "") -> Postmortem:
        """The postmortem as the server has it now, whole; it is remembered for when the network is gone. Raises as ``open``."""
        server = await self.backend.complete(await self.backend.postmortem(incident, document))
        self._keep(server)
        return server

    def last_seen(self, ref: str, document: str = "") -> Postmortem | None:
        """The latest reading of the incident that ``ref`` names, as this computer remembers it; None when it has none. Sends nothing."""
        incident = self._seen_before(ref)
        return self._cache.postmortem(incident.id, document) if incident is not None else self._cache.find(ref)

    def _carried(self, draft: Draft, *, asked_for: bool = False) -> FoundDraft | None:
        """Go on with a draft whose postmortem is not the one that the incident has now: deleted, made anew, or only made since.

        ``asked_for`` tells that the user chose this one of several: then the others may still be there.
        """
        server = draft.server
        try:
            others = self._drafts.others(self.profile_name, server.incident.id, server.id)
            info = next((each for each in others if not (asked_for and each.document_id)), None)
            if info is None:
                return None
            reopen = partial(self._drafts.open, self.profile_name, info.incident_id, info.document_id)
            draft.carry(Draft(server, reopen(take_over=True), reopen))  # of a process that is gone
        except (DraftBusy, DraftUnreadable, OSError):  # in use by now, or not readable: it stays, and the list of drafts says so
            return None
        return replace(FoundDraft.of(info), carried=GONE if info.document_id else BEFORE)

    async def look(self, incident: Incident, document: str = "", why: str = "read-only", *, patience: float | None = None) -> Session:
        """The postmortem as the server has it, not to be edited, and ``why``. Raises as ``open``."""
        server, offline, trouble = await self._read(incident, document, patience)
        draft = Draft(server, NoJournal(), NoJournal)
        return Session(self.backend, draft, self._around, offline=offline, trouble=trouble, read_only=why)

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

    async def import_incident(self, wanted: Postmortem) -> Incident:
        """Make an incident of the past, which tells nobody: see ``Backend.import_incident``. Raises BackendError."""
        try:
            incident = await self.backend.import_incident(wanted)
        except BackendError as error:
            self._note(wanted.incident, "incident imported", _ended(error), after=wanted.incident.title, request_id=error.request_id)
            raise
        self._note(incident, "incident imported", Result.DONE, after=incident.title)
        return incident

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
        return (*notices, *filter(None, [self._audit.news()]))

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
        raise refused or NotApplied(Trouble.ANSWER, tried, "accepted, but the server still has it", "read it again, then try again")

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

    async def _read(self, incident: Incident, document: str, patience: float | None) -> tuple[Postmortem, str, Trouble | None]:
        """The postmortem, why it is not fresh, and of what sort that is; "" and None when it is fresh."""
        if patience is not None and self._last_seen(incident, document, Trouble.TIMEOUT) is None:
            patience = None
        try:
            server = await _within(patience, self.backend.postmortem(incident, document), f"read {incident.reference}")
        except BackendError as error:
            known = self._last_seen(incident, document, error.trouble)
            if known is None:
                raise
            return known, f"{error.message} · this is what was read on {known.read_at.astimezone():%Y-%m-%d %H:%M}", error.trouble
        self._keep(server)
        return server, "", None

    def _keep(self, server: Postmortem) -> None:
        """Remember a reading. What was last seen of a text is not forgotten because it cannot be read now."""
        no_text = (server.text_locked or server.why_unread(TEXT)) and not server.cells
        seen = self._cache.postmortem(server.incident.id, server.id) if no_text else None
        if seen is None or not seen.cells:
            self._cache.keep_postmortem(server)

    def _last_seen(self, incident: Incident, document: str, trouble: Trouble) -> Postmortem | None:
        """The base of the incident's draft, whatever the trouble, so that its text can be reached; without a draft, the cached reading."""
        for info, base in self._bases():
            if info.incident_id == incident.id and document in ("", info.document_id):
                return base
        return self._cache.postmortem(incident.id, document) if trouble in UNREACHED else None


async def _within(seconds: float | None, answer: Awaitable[T], tried: str) -> T:
    """The answer, if it comes within so many seconds; None waits for as long as the backend does. Raises BackendError (TIMEOUT)."""
    if seconds is None:
        return await answer
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise BackendError(Trouble.TIMEOUT, tried, f"no answer within {seconds:.0f} s") from None


def _waits(records: Sequence[dict[str, object]]) -> bool:
    queued = max((n for n, record in enumerate(records) if record.get("queued")), default=-1)
    sent = max((n for n, record in enumerate(records) if "plan" in record), default=-1)
    return queued > sent


def _ended(error: BackendError) -> Result:
    return Result.UNKNOWN if error.unknown else Result.REFUSED


def _text(postmortem: Postmortem) -> str:
    return "\n\n".join(cell.text for cell in postmortem.cells)


def _audit(audit: Audit, backend: Backend, before: Postmortem, report: Report) -> str:
    """One line for each change that was sent. Why that cannot be written, once, "" when it can."""
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
    return audit.news()


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
