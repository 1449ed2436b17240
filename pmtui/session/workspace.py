"""One profile in use: its backend, drafts, cache and audit log. Every reading is cached for when the network is down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pmtui.backends.base import Backend, BackendError, Template, Trouble
from pmtui.backends.page import Page
from pmtui.backends.trouble import NotApplied, answer_or_known
from pmtui.display import count
from pmtui.model.fields import Kind
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Link, Value
from pmtui.session.listing.recent import Recent
from pmtui.session.listing.unsent import OnDisk, Unsent
from pmtui.session.opening.known import UNREACHED, Known
from pmtui.store.audit import Audit
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftBusy, DraftInfo, Drafts, DraftUnreadable
from pmtui.store.journal import Journal
from pmtui.threads import in_thread

if TYPE_CHECKING:
    from pmtui.session.draft import Draft
    from pmtui.session.opening.first_answer import FirstAnswer
    from pmtui.session.recovery import FoundDraft
    from pmtui.session.report import Result
    from pmtui.session.session import Session
    from pmtui.store.lock import Owner


class Workspace:
    """``profile_name`` keeps drafts of different accounts apart. ``read_only`` says why nothing may be edited, "" when it may.

    ``last_resorts`` are directories for the text when the program ends and the state directory cannot be written.
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
        self._recent = Recent()
        self._last_resorts = last_resorts
        self._unsent = Unsent(drafts, profile_name)
        self._known = Known(profile_name, drafts, cache)

    # ---- the list -----------------------------------------------------------------------------------------------
    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents from the server. Raises BackendError."""
        asked_at = self._recent.now()
        page = await self.backend.incidents(query, cursor)
        page = replace(page, incidents=self._recent.page(page.incidents, asked_at=asked_at))
        if query.empty and cursor is None:
            self._cache.keep_incidents(page.incidents, page.cursor, page.total)
        return page

    @property
    def read_only(self) -> str:
        """Why nothing may be edited, "" when it may."""
        return self._read_only

    def up_to_date(self, rows: Sequence[Incident]) -> tuple[Incident, ...]:
        """These rows of the list, updated with what was read, saved, created and deleted here since."""
        return self._recent.up_to_date(rows)

    def links_seen(self) -> list[Link]:
        """The links of all postmortems in the cache: they tell where issues are. Reads files."""
        from pmtui.formats.typed_link import links_in

        return links_in(*self._cache.postmortems())

    async def filters(self) -> tuple[str, ...]:
        """The filter lines that were used here, the latest last. Waits for the disk."""
        return await self._cache.filters()

    def used_filter(self, line: str) -> None:
        """Remember a filter line."""
        self._cache.keep_filter(line)

    async def ending(self) -> str:
        """Once a day, for a vendor that is being shut down: how many days are left, and how to export. Else "". Waits for the disk."""
        who = self.backend.identity
        if who.days_left is None or not await self._cache.first_on(date.today(), "ending"):
            return ""
        if not who.days_left:
            return f"{who.vendor} has ended · pmtui export --all DIR writes what is still here"
        return f"{who.vendor} is switched off in {count(who.days_left, 'day')} · pmtui export --all DIR"

    async def aclose(self) -> None:
        """Close the connections; what was read is in the cache afterwards, if its disk answers."""
        await self.backend.aclose()
        await self._cache.finished()

    async def not_kept(self) -> str:
        """Why what was read here will not be there without the network, "" when the cache has it. Waits for the disk."""
        await self._cache.finished()
        return f"nothing is kept for later: {self._cache.problem}" if self._cache.problem else ""

    async def find(self, ref: str, *, patience: float | None = None) -> Incident:
        """Find the incident of ``ref``, in drafts and cache when the server cannot be reached. Raises BackendError.

        After ``patience`` seconds without an answer, drafts and cache are used.
        """

        async def seen(trouble: Trouble) -> Incident | None:
            return await in_thread(partial(self._known.incident, ref)) if trouble in UNREACHED else None

        return (await answer_or_known(self.backend.find(ref), f"find {ref!r}", patience, seen))[0]

    def unsent(self) -> OnDisk:
        """The drafts of this profile, and of the others. Raises OSError."""
        return self._unsent.on_disk()

    def kept_here(self) -> Iterator[tuple[Postmortem, str]]:
        """Postmortems from drafts and cache, for a vendor that is gone; each with a phrase that says where it is from. Raises OSError."""
        from pmtui.session.export.kept_here import kept_here

        return kept_here(self.unsent().here, self._drafts, self._cache)

    def has_draft(self, postmortem: Postmortem) -> bool:
        """Whether this postmortem has a draft. Raises OSError."""
        return self._drafts.find(self.profile_name, postmortem.incident.id, postmortem.id) is not None

    def has_many_drafts(self) -> bool:
        """Whether looking at all of them takes a while."""
        return self._drafts.are_many

    def incident_of(self, info: DraftInfo) -> Incident | None:
        """The incident that a draft is about, as it was when the draft was begun; None for one that is damaged. Raises OSError."""
        try:
            return self._drafts.read(info).base.incident
        except DraftUnreadable:
            return None

    def leave_to(self, owner: Owner, postmortem: Postmortem) -> None:
        """Leave the draft of this postmortem, which is closed again, to the process from which it was taken over. Raises OSError."""
        self._drafts.leave_to(owner, self.profile_name, postmortem.incident.id, postmortem.id)

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """Type-ahead suggestions. Raises BackendError."""
        return await self.backend.suggest(kind, text, postmortem)

    # ---- one postmortem -----------------------------------------------------------------------------------------
    async def open(self, incident: Incident, document: str = "", *, take_over: bool = False, patience: float | None = None) -> Session:
        """Open a postmortem for editing, with its draft if there is one.

        When the server cannot be reached, the session has the last reading or the draft's base, and says so in ``session.offline``.
        With ``patience`` it has the last reading at once, a draft's base after so many seconds; ``session.first_answer`` is then awaited.
        Raises BackendError, SeveralDocuments, DraftBusy (with ``take_over`` only when the owner lives), DraftUnreadable.
        """
        if self._read_only:
            return await self.look(incident, document, self._read_only, patience=patience)
        from pmtui.session.draft import drafted

        server, offline, answer = await self._read(incident, document, patience)
        found_for = partial(drafted, self._drafts, self.profile_name, server, take_over=take_over)
        look = partial(found_for, others=not offline, asked_for=bool(document))
        try:
            draft, found = await in_thread(look, lambda late: late[0].close())
        except BaseException:
            answer.stop()
            raise
        return self._session(draft, offline=offline, answer=answer, found=found)

    async def read(self, incident: Incident, document: str = "") -> Postmortem:
        """Read the whole postmortem from the server, and cache it. Raises as ``open`` does."""
        server = await self.backend.complete(await self.backend.postmortem(incident, document))
        await self._keep(server)
        return server

    def last_seen(self, ref: str, document: str = "") -> Postmortem | None:
        """The cached reading for ``ref``, None when there is none. Sends nothing."""
        incident = self._known.incident(ref)
        return self._cache.postmortem(incident.id, document) if incident is not None else self._cache.find(ref)

    def last_seen_of(self, incident: Incident) -> Postmortem | None:
        """The latest reading of this incident's postmortem that this computer remembers; None when it has none. Sends nothing."""
        return self._cache.postmortem(incident.id)

    async def look(self, incident: Incident, document: str = "", why: str = "read-only", *, patience: float | None = None) -> Session:
        """Open the postmortem read-only, without its draft; ``why`` is the reason. Raises as ``open`` does."""
        from pmtui.session.draft import Draft
        from pmtui.session.opening.no_journal import NoJournal

        server, offline, answer = await self._read(incident, document, patience)
        draft = Draft(server, NoJournal(), NoJournal)
        return self._session(draft, offline=offline, answer=answer, read_only=why)

    def _session(
        self, draft: Draft, *, offline: str = "", answer: FirstAnswer | None = None, read_only: str = "", found: FoundDraft | None = None
    ) -> Session:
        from pmtui.session.report import written_down
        from pmtui.session.session import Session
        from pmtui.session.surroundings import Surroundings

        told = partial(written_down, self._audit, self.backend)
        around = Surroundings(keep=self._noted, audit=told, last_resorts=self._last_resorts)
        return Session(self.backend, draft, around, offline=offline, answer=answer, read_only=read_only, found=found)

    async def create(self, incident: Incident, template: Template | None = None) -> Session:
        """Create the incident's postmortem and open it, with the edits made before it existed.

        Raises BackendError, DraftBusy: nothing is created while another process has the incident's draft open.
        """
        from pmtui.session.draft import Draft, carried
        from pmtui.session.report import Result

        before = self._claim(incident.id)
        try:
            server = await self.backend.create(incident, template)
        except BackendError as error:
            await self._note(incident, "postmortem created", _ended(error), request_id=error.request_id)
            raise
        finally:
            before.close()
        self._noted(server)
        if self.backend.begins_incidents:
            self._recent.began(server.incident)
        await self._note(incident, "postmortem created", Result.DONE, after=_text(server))
        reopen = partial(self._drafts.open, self.profile_name, incident.id, server.id)
        draft = Draft(server, reopen(), reopen)
        found = await in_thread(partial(carried, self._drafts, self.profile_name, draft))
        return self._session(draft, found=found)

    async def import_incident(self, wanted: Postmortem) -> Incident:
        """Create a past incident, which notifies nobody: see ``Backend.import_incident``. Raises BackendError."""
        from pmtui.session.report import Result

        try:
            incident = await self.backend.import_incident(wanted)
        except BackendError as error:
            await self._note(wanted.incident, "incident imported", _ended(error), after=wanted.incident.title, request_id=error.request_id)
            raise
        await self._note(incident, "incident imported", Result.DONE, after=incident.title)
        return incident

    async def add_impacts(self, incident: Incident, wanted: Sequence[Any]) -> str:
        """Add impacts to an imported incident: see ``Backend.add_impacts``. Raises BackendError."""
        from pmtui.session.report import Result

        try:
            refused = await self.backend.add_impacts(incident, wanted)
        except BackendError as error:
            await self._note(incident, "impacts added", _ended(error), request_id=error.request_id)
            raise
        await self._note(
            incident, "impacts added", Result.REFUSED if refused else Result.DONE, after=refused or count(len(wanted), "impact")
        )
        return refused

    def _claim(self, incident_id: str, document_id: str = "") -> Journal:
        """Lock a draft and return its journal. The lock of an ended process on this machine is taken over. Raises DraftBusy."""
        try:
            return self._drafts.open(self.profile_name, incident_id, document_id)
        except DraftBusy as busy:
            if busy.owner.alive is not False:
                raise
            return self._drafts.open(self.profile_name, incident_id, document_id, take_over=True)

    async def remove(self, session: Session) -> tuple[str, ...]:
        """Delete the open postmortem, or unlink it (see ``Backend.removal``), and read back that it is gone.

        The session holds the lock of its draft, which stays for the caller to discard. Returns notices.
        Raises BackendError, Locked.
        """
        from pmtui.session.report import Result

        session.check_writable()
        postmortem = session.server
        try:
            notices = await self._remove(postmortem)
        except BackendError as error:
            await self._note(postmortem.incident, "postmortem deleted", _ended(error), request_id=error.request_id)
            raise
        await self._note(postmortem.incident, "postmortem deleted", Result.DONE, before=_text(postmortem))
        await self._look_after(postmortem.incident)
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
            raise BackendError(error.trouble, tried, said, "check whether it is gone", status=error.status, unknown=True) from error
        raise refused or NotApplied(Trouble.ANSWER, tried, "accepted, but the server still has it", "read it again, then try again")

    async def _look_after(self, incident: Incident) -> None:
        """Read what became of the incident whose postmortem was deleted, for its row in the list: it may have another one."""
        try:
            self._listed(await self.backend.find(incident.id))
        except BackendError as error:
            if error.trouble is Trouble.MISSING:  # the file was all there was
                self._recent.lost(incident.id)
                self._cache.forget_incident(incident.id)
            else:
                self._listed(replace(incident, postmortem=Existence.UNKNOWN))

    def _noted(self, server: Postmortem) -> None:
        """Remember what a save left, also for the row that its incident has in the list."""
        self._cache.keep_saved(server)
        self._listed(server.incident)

    def _listed(self, incident: Incident) -> None:
        self._recent.saw(incident)
        self._cache.keep_incident(incident)

    async def _note(
        self, incident: Incident, what: str, outcome: Result, *, before: Value = None, after: Value = None, request_id: str = ""
    ) -> None:
        """Write a line about a whole postmortem to the audit log."""
        who = self.backend.identity
        write = partial(self._audit.write, actor=who.actor, vendor=who.vendor, incident=incident.reference, what=what, outcome=outcome)
        await in_thread(partial(write, before=before, after=after, request_id=request_id))

    async def _read(self, incident: Incident, document: str, patience: float | None) -> tuple[Postmortem, str, FirstAnswer]:
        """The postmortem, why it is not fresh ("" when it is, or is being read), and the answer that is still awaited."""
        import asyncio  # these a start that opens nothing does without

        from pmtui.session.opening.first_answer import FirstAnswer, not_fresh

        asked = asyncio.ensure_future(self._answer(incident, document))
        try:
            at_once = partial(self._known.at_once, incident, document, self.backend.is_only_one)
            known = await in_thread(at_once) if patience is not None else None
            if known is not None:
                return known, "", FirstAnswer(asked)
            instead = partial(self._known.instead, incident, document)
            tried = f"read {incident.reference}"
            server, error = await answer_or_known(asked, tried, patience, lambda trouble: in_thread(partial(instead, trouble)))
        except BaseException:
            asked.cancel()
            raise
        if error is not None:
            has_failed = asked.done() and asked.exception() is error
            return server, not_fresh(error, server), FirstAnswer(None if has_failed else asked)
        return server, "", FirstAnswer()

    async def _answer(self, incident: Incident, document: str) -> Postmortem:
        """Read the postmortem, without what is skipped to be quick, and cache it."""
        server = await self.backend.postmortem(incident, document)
        await self._keep(server)
        return server

    async def _keep(self, server: Postmortem) -> None:
        """Cache a reading. A text that cannot be read this time does not replace a cached one."""
        no_text = (server.text_locked or server.why_unread(TEXT)) and not server.cells
        seen = await in_thread(partial(self._cache.postmortem, server.incident.id, server.id)) if no_text else None
        if seen is None or not seen.cells:
            self._cache.keep_postmortem(server)
        self._listed(server.incident)


def _ended(error: BackendError) -> Result:
    from pmtui.session.report import Result

    return Result.UNKNOWN if error.unknown else Result.REFUSED


def _text(postmortem: Postmortem) -> str:
    return "\n\n".join(cell.text for cell in postmortem.cells)
