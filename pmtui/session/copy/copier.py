"""One copy after another: where each goes, what it would do, and doing it. Whatever is made is noted before and after.

A copy that was stopped anywhere goes on when it is asked for again: what an earlier one made is found, and nothing is
made twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pmtui.backends.base import BackendError, RequestPreview, Step, Template, Trouble
from pmtui.model.changes import Change, change_id
from pmtui.model.diff import diff, patch
from pmtui.model.part import Part, called, part_of, same_part, unread
from pmtui.model.postmortem import TEXT, Incident, Postmortem
from pmtui.model.text_merge import Whose
from pmtui.session.copy.carried import beginnings, blank
from pmtui.session.copy.lookups import Lookups
from pmtui.session.copy.loss import LossReport
from pmtui.session.copy.mapping import FieldMap
from pmtui.session.copy.merging import Merged, onto, without_base
from pmtui.session.copy.places import Source, Target, Telling
from pmtui.session.copy.section import is_noted, key_of
from pmtui.session.locks import Locked
from pmtui.session.rehearsal import rehearse_creation, rehearse_import, rehearse_steps
from pmtui.session.report import Report, Result
from pmtui.session.review import NotReviewed, with_keys_of
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.copies import Copied, Copies, Stage
from pmtui.store.drafts import DraftBusy

_KEPT = (Result.UNKNOWN, Result.NOT_APPLIED, Result.ALTERED)
"""Outcomes that keep the draft: the server may have the change, or something else than it had."""
_LASTING = frozenset({Trouble.RIGHTS.value, Trouble.MISSING.value, Trouble.PLAN.value, Trouble.LOCAL.value})
"""Troubles that the next reading would meet, too: such a part is left as it is."""


class Clash(Exception):
    """The source and somebody at the target changed the same, or a draft has something else. Nothing was sent."""

    def __init__(self, target: Incident, names: Sequence[str], why: str) -> None:
        self.target = target
        self.names = tuple(names)
        super().__init__(f"{target.reference}: {why}: {', '.join(names)}")


class Way(StrEnum):
    """How the target of a copy was found."""

    GIVEN = "given"
    COPIED = "copied before"
    ALIKE = "looks the same"  # one or more have the title and the time: somebody must say so
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a copy goes. ``incident`` is None when it is to be made, or when ``alike`` ones must be asked about first."""

    way: Way
    incident: Incident | None = None
    alike: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """What a copy would do, before anything is sent. ``steps`` are its writes to a postmortem that is there already."""

    source: Source
    goal: Goal
    target: Target
    merged: Merged
    steps: tuple[Step, ...] = ()

    @property
    def report(self) -> LossReport:
        """What becomes of each part, with what the target says of what it would store."""
        warnings = tuple(dict.fromkeys(warning for step in self.steps for warning in step.warnings))
        return replace(self.merged.report, warnings=warnings)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the target does not have yet."""
        return diff(self.target.postmortem, self.merged.postmortem)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A copy that was made. ``report`` is that of the save, None when there was nothing to save."""

    postmortem: Postmortem
    losses: LossReport
    report: Report | None

    @property
    def verified(self) -> bool:
        """Whether the target was read back, and has everything."""
        return self.report is None or self.report.verified


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided beforehand: whose side is taken where both changed the same, None to stop there; and whether a write
    may send more than what is copied."""

    whose: Whose | None = None
    consents: bool = False


class Copier:
    """``source`` is only read. ``telling`` says whom copies may tell."""

    def __init__(self, source: Workspace, target: Workspace, copies: Copies, mapping: FieldMap, telling: Telling, choice: Choice) -> None:
        self._source = source.backend
        self._workspace = target
        self._target = target.backend
        self._copies = copies
        self._mapping = mapping
        self._telling = telling
        self._whose = choice.whose
        self._consents = choice.consents
        self._lookups = Lookups(source.backend, target.backend)

    # ---- where it goes ------------------------------------------------------------------------------------------
    def read(self, postmortem: Postmortem) -> Source:
        """The postmortem as the source of a copy."""
        return Source(postmortem, self._source.identity.vendor, self._source.rich_text)

    async def goal(self, source: Source, ref: str = "", *, known: bool = True) -> Goal:
        """Where this goes: to what is given; to what an earlier copy made; to what looks the same; else to a new incident.

        Without ``known`` what looks the same does not count. Raises BackendError.
        """
        if ref:
            return Goal(Way.GIVEN, await self._target.find(ref))
        copied = await self._copied(source)
        if copied is not None:
            return Goal(Way.COPIED, copied)
        about = source.postmortem.incident
        found = [each for began in beginnings(source.postmortem) for each in await self._target.namesakes(about.title, began)]
        alike = list({each.id: each for each in found}.values())
        if self._target.identity == self._source.identity:  # it is no copy of itself
            alike = [each for each in alike if each.id != about.id]
        for each in alike:
            if await self._is_noted(each, source):
                return Goal(Way.COPIED, each)
        return Goal(Way.ALIKE, alike=tuple(alike)) if alike and known else Goal(Way.NEW)

    async def _copied(self, source: Source) -> Incident | None:
        """The incident that an earlier copy went to, as far as this computer knows and the target confirms."""
        known = self._known(source)
        if known is None:
            return None
        if known.stage is Stage.IMPORTING:
            _, merged = await self._new(source)
            return await self._target.imported(merged.postmortem)
        try:
            return await self._target.find(known.incident)
        except BackendError as error:
            if error.trouble is not Trouble.MISSING:
                raise
            return None

    async def _is_noted(self, incident: Incident, source: Source) -> bool:
        return is_noted(await self._target.postmortem(incident), source.postmortem)

    # ---- what it would do ---------------------------------------------------------------------------------------
    async def prepare(self, source: Source, goal: Goal, document: str = "") -> Prepared:
        """Everything that a copy would send, and what would be lost. Sends nothing. Raises BackendError, SeveralDocuments."""
        if goal.incident is None:
            target, merged = await self._new(source)
            return Prepared(source, goal, target, merged)
        server = await self._target.complete(await self._target.postmortem(goal.incident, document))
        _check_read(server)
        target, merged = await self._merged(source, server, goal)
        steps = self._target.plan(server, merged.postmortem, self._wanted(server, merged.postmortem)) if server.id else ()
        return Prepared(source, goal, target, merged, steps)

    async def rehearse(self, prepared: Prepared) -> tuple[RequestPreview, ...]:
        """The requests of a copy on a backend that refuses to write, up to the first whose answer the others depend on."""
        source, wanted = prepared.source, prepared.merged.postmortem
        if prepared.goal.incident is None:
            return (await rehearse_import(self._target, wanted),)
        if not prepared.target.postmortem.id:
            return (await rehearse_creation(self._target, prepared.goal.incident, self._beginning(source, wanted)),)
        return await rehearse_steps(self._target, prepared.target.postmortem, wanted, prepared.steps)

    async def _new(self, source: Source) -> tuple[Target, Merged]:
        """What an import would make of it."""
        bare = self._target.begun(blank(source.postmortem, await self._target.import_form()))
        return await self._filled(source, self._at(bare, self._telling), None)

    async def _merged(self, source: Source, server: Postmortem, goal: Goal) -> tuple[Target, Merged]:
        telling = max(self._telling, Telling.RULES) if goal.way is Way.GIVEN else self._telling
        target = self._at(server if server.id else self._target.begun(server), telling)
        known = self._known(source)
        here = known if known is not None and known.incident == server.incident.id else None
        if here is not None and here.base is not None and here.document == server.id:
            return await self._filled(source, replace(target, ours=here.ours), here.base)
        noted = is_noted(server, source.postmortem)
        if noted and here is not None and here.stage is Stage.CREATING:  # it was made, and stopped before that was written down
            return await self._filled(source, replace(target, ours=frozenset(cell.key for cell in server.cells)), server)
        if noted:
            target = replace(target, found=await self._lookups.found(source.postmortem, target, self._mapping))
            return target, without_base(source, target, self._mapping, self._whose)
        return await self._filled(source, target, None)

    async def _filled(self, source: Source, target: Target, base: Postmortem | None) -> tuple[Target, Merged]:
        target = replace(target, found=await self._lookups.found(source.postmortem, target, self._mapping))
        return target, onto(source, target, base, self._mapping, self._whose)

    def _at(self, postmortem: Postmortem, telling: Telling) -> Target:
        return Target(postmortem, self._target.identity.vendor, self._target.rich_text, telling=telling)

    def _wanted(self, server: Postmortem, wanted: Postmortem) -> tuple[Change, ...]:
        """What is to be sent: nothing in a part that could not be read."""
        return tuple(change for change in diff(server, wanted) if unread(server, part_of(change)) is None)

    # ---- doing it -----------------------------------------------------------------------------------------------
    async def carry_out(self, prepared: Prepared, document: str = "") -> Outcome:
        """Make what is missing, save, and read back. Raises BackendError, Clash, Locked, DraftBusy, SeveralDocuments."""
        source, goal = prepared.source, prepared.goal
        if prepared.merged.conflicts:
            raise Clash(prepared.target.postmortem.incident, prepared.merged.conflicts, "changed at the source and at the target")
        incident, there = goal.incident, prepared.target.postmortem
        if there.id and not prepared.changes and not self._workspace.has_draft(there):
            self._note_written(source, there, prepared.merged)
            return Outcome(there, prepared.merged.report, None)
        if incident is None:
            self._note(source, Copied(Stage.IMPORTING))
            incident = await self._workspace.import_incident(prepared.merged.postmortem)
            self._note(source, Copied(Stage.IMPORTED, incident.id))
        if not there.id:
            session = await self._create(source, incident, prepared.merged.postmortem)
        else:
            session = await self._open(incident, document or there.id)
        try:
            return await self._write(source, replace(goal, incident=incident), session)
        finally:
            session.close()

    async def _create(self, source: Source, incident: Incident, wanted: Postmortem) -> Session:
        """Its postmortem, made with the copied text in it: so the note by which it is found again is there from the beginning."""
        self._note(source, Copied(Stage.CREATING, incident.id))
        session = await self._workspace.create(incident, self._beginning(source, wanted))
        made = session.base
        if is_noted(made, source.postmortem):
            keys = frozenset(cell.key for cell in made.cells)
            self._note(source, Copied(Stage.WRITTEN, incident.id, made.id, made, keys))
        return session

    def _beginning(self, source: Source, wanted: Postmortem) -> Template | None:
        """What a new postmortem begins with: the copied text. Rich text goes as what it is, in the save that follows."""
        if source.vendor == self._target.identity.vendor and self._target.rich_text:
            return None
        texts = (cell.text.strip("\n") for cell in wanted.cells if cell.editable and not cell.pinned and cell.text.strip())
        return Template("", "copy", "\n\n".join(texts))

    async def _open(self, incident: Incident, document: str) -> Session:
        """A lock that a dead process left behind is no obstacle: its draft is kept."""
        try:
            session = await self._workspace.open(incident, document)
        except DraftBusy as busy:
            if busy.owner.alive is not False:
                raise
            session = await self._workspace.open(incident, document, take_over=True)
        if session.offline:
            why, _ = session.offline, session.close()
            raise BackendError(Trouble.OFFLINE, f"open the postmortem of {incident.reference}", why, "give the command once more")
        return session

    async def _write(self, source: Source, goal: Goal, session: Session) -> Outcome:
        await session.complete()
        before = session.mine
        server = with_keys_of(base=session.base, server=session.server, mine=before)
        _check_read(server)
        _, merged = await self._merged(source, server, goal)
        if merged.conflicts:
            raise Clash(server.incident, merged.conflicts, "changed at the source and at the target")
        changes = self._wanted(server, merged.postmortem)
        _check_draft(session, merged.postmortem, changes)
        if not changes:
            self._note_written(source, session.base, merged)
            return Outcome(server, merged.report, None)
        had_draft = bool(session.changes)
        session.become(patch(before, changes))
        try:
            report = await _saved(session, frozenset(part_of(change) for change in changes), self._consents)
        except BackendError as error:
            if not error.unknown:
                _put_back(session, before, had_draft=had_draft)
            raise
        if report.verified:
            self._note_written(source, session.base, merged)
        elif not any(outcome.state in _KEPT for outcome in report.outcomes):
            _put_back(session, before, had_draft=had_draft)
        return Outcome(session.base, merged.report, report)

    # ---- what is remembered -------------------------------------------------------------------------------------
    def _known(self, source: Source) -> Copied | None:
        return self._copies.find(self._key(source), self._workspace.profile_name)

    def _note(self, source: Source, copied: Copied) -> None:
        self._copies.keep(self._key(source), self._workspace.profile_name, copied)

    def _note_written(self, source: Source, there: Postmortem, merged: Merged) -> None:
        """What the source brought is there, or was settled against: from now on that is what others' edits are told from."""
        brought = merged.brought
        base = replace(brought.postmortem, form=(), origin=None)
        self._note(source, Copied(Stage.WRITTEN, there.incident.id, there.id, base, brought.ours))

    def _key(self, source: Source) -> str:
        identity = self._source.identity
        return f"{identity.vendor} {identity.place} {key_of(source.postmortem)}"


def _check_read(server: Postmortem) -> None:
    """Raises BackendError when the text of a postmortem cannot be written, or when a part could not be read that may be read
    the next time: what is there cannot be merged with what nobody knows."""
    tried = f"read the postmortem of {server.incident.reference}"
    for each in server.unread:
        if each.part == TEXT or each.trouble not in _LASTING:
            advice = "" if each.trouble in _LASTING else "give the command once more"
            raise BackendError(Trouble(each.trouble), tried, f"{called(server, each.part)}: {each.why}", advice)
    if server.id and server.text_locked:
        raise BackendError(Trouble.LOCAL, tried, server.text_locked, "choose another incident, or unlink that document")


def _check_draft(session: Session, wanted: Postmortem, changes: Sequence[Change]) -> None:
    """Raises Clash when a draft has something else in a part that the copy changes: one of the two would be lost."""
    drafted = {part_of(change) for change in session.changes}
    clash = [part_of(change) for change in changes if part_of(change) in drafted and not same_part(session.mine, wanted, part_of(change))]
    if clash:
        names = list(dict.fromkeys(called(session.mine, part.name) for part in clash))
        raise Clash(session.mine.incident, names, "an unsent draft has something else")


async def _saved(session: Session, parts: frozenset[Part], consents: bool) -> Report:
    """The save of these parts: what else is in the draft stays there, and is not sent."""
    review = await session.review()
    ours = {change_id(change) for change in review.changes if part_of(change) in parts}
    clash = [called(session.mine, conflict.part.name) for conflict in review.conflicts if conflict.part in parts]
    if clash:
        raise Clash(session.mine.incident, clash, "changed at the target meanwhile")
    larger = [step for step in review.steps if step.needs_consent]
    if larger and not consents:
        raise NotReviewed(f"{larger[0].needs_consent}; --yes agrees to that")
    left_out = frozenset(change_id(change) for change in review.changes) - ours | {conflict.id for conflict in review.conflicts}
    return await session.save(review, leave_out=left_out)


def _put_back(session: Session, before: Postmortem, *, had_draft: bool) -> None:
    """What was not sent does not stay behind as a draft: the copy can be given again."""
    try:
        if had_draft:
            session.become(before)
        else:
            session.discard()
    except Locked:  # the server's refusal may have locked it: then the draft says so
        return
