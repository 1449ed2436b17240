"""Copies postmortems: finds the target, plans the copy, carries it out. Each creation is noted before and after.

An interrupted copy continues when it is started again: what it had created is found, and nothing is created twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from pmtui.backends.base import BackendError, RequestPreview, SeveralDocuments, Step, Template, Trouble
from pmtui.model.changes import Change
from pmtui.model.diff import diff, patch
from pmtui.model.incident import Incident
from pmtui.model.part import called, part_of, unread
from pmtui.model.postmortem import Postmortem
from pmtui.model.text_merge import Whose
from pmtui.model.validation import problems
from pmtui.session.copy.carried import beginnings, blank
from pmtui.session.copy.cells import beside, has_lines, resembles
from pmtui.session.copy.exported import Exports
from pmtui.session.copy.finding import ImportForm, alike, check_imports, is_same
from pmtui.session.copy.impacts import Impacts
from pmtui.session.copy.lookups import Lookups
from pmtui.session.copy.loss import LossReport
from pmtui.session.copy.mapping import FieldMap
from pmtui.session.copy.merging import Merged, onto, without_base
from pmtui.session.copy.places import CopySource, Target, Telling
from pmtui.session.copy.saving import KEPT, check_both, check_draft, check_read, put_back, refused_values, refuses_opaque, saved
from pmtui.session.copy.section import is_noted, key_of
from pmtui.session.rehearsal import rehearse_creation, rehearse_import, rehearse_steps
from pmtui.session.report import Report
from pmtui.session.review import with_keys_of
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store.copies import NONE_REFUSED, Copied, Copies, CopyStage, Refused
from pmtui.store.drafts import DraftBusy


class Way(StrEnum):
    """How the target of a copy was found."""

    GIVEN = "given"
    COPIED = "copied before"
    SAME = "same reference and title"
    ALIKE = "looks the same"  # one or more have the same title and time: the user must confirm
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a copy goes. ``incident`` is None when it is to be created, or when the user must choose from ``alike`` first."""

    way: Way
    incident: Incident | None = None
    alike: tuple[Incident, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A planned copy: nothing was sent yet. ``steps`` are its writes to an existing postmortem."""

    source: CopySource
    goal: Goal
    target: Target
    merged: Merged
    steps: tuple[Step, ...] = ()

    @property
    def report(self) -> LossReport:
        """The fate of each part, what becomes of the target's own text, and its warnings about what it would store."""
        warnings = tuple(dict.fromkeys(warning for step in self.steps for warning in step.warnings))
        return replace(self.merged.report, warnings=(*beside(self.target, self.merged.postmortem.cells), *warnings))

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that the target needs."""
        return diff(self.target.postmortem, self.merged.postmortem)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A copy that was carried out. ``report`` is the save's, None when there was nothing to save."""

    postmortem: Postmortem
    losses: LossReport
    report: Report | None

    @property
    def verified(self) -> bool:
        """Whether the target was read back and has everything."""
        return self.report is None or self.report.verified


@dataclass(frozen=True, slots=True)
class Choice:
    """The user's decisions in advance: whose side wins a conflict, None to stop at one; and whether a write
    may send more than what is copied."""

    whose: Whose | None = None
    consents: bool = False


class Copier:
    """``source`` is only read. ``telling`` says whom a copy may notify."""

    def __init__(
        self,
        source: Workspace,
        target: Workspace,
        copies: Copies,
        exports: Exports,
        mapping: FieldMap,
        telling: Telling,
        choice: Choice,
    ) -> None:
        self._source = source.backend
        self._workspace = target
        self._target = target.backend
        self._copies = copies
        self._exports = exports
        self._documents: dict[tuple[str, str, str], str] = {}  # the postmortem of each source's incident that goes to its target
        self._mapping = mapping
        self._telling = telling
        self._whose = choice.whose
        self._consents = choice.consents
        self._import_form = ImportForm(target.backend)
        self._lookups = Lookups(source.backend, target.backend)
        self._impacts = Impacts(source.backend, target, exports)

    # ---- the target ---------------------------------------------------------------------------------------------
    async def read(self, postmortem: Postmortem) -> CopySource:
        """This postmortem as the source of a copy. An exported file is read as the postmortem that it was exported from.

        Raises BackendError, OSError.
        """
        here, there = self._source, self._target
        path = here.path_of(postmortem)
        original = await asyncio.to_thread(self._exports.original, path, postmortem) if path is not None else None
        if path is None or original is None:
            return CopySource(postmortem, here.identity.vendor, here.rich_text, here.identity.place)
        rich = there.rich_text if original.vendor == there.identity.vendor else here.rich_text
        return CopySource(original.postmortem, original.vendor, rich, original.place, path.parent)

    async def goal(self, source: CopySource, ref: str = "", *, known: bool = True) -> Goal:
        """The target for this source: the one given, else that of an earlier copy, else one that looks the same, else a new incident.

        With ``known=False`` incidents that look the same are ignored. Raises BackendError.
        """
        first = self._documents.setdefault((source.vendor, source.place, source.postmortem.incident.id), key_of(source.postmortem))
        if ref:
            return Goal(Way.GIVEN, await self._target.find(ref))
        copied = await self._copied(source)
        if copied is not None:
            return Goal(Way.COPIED, copied)
        about = source.postmortem.incident
        found = await alike(self._target, self._import_form, source)
        if self._target.identity == self._source.identity or not known:  # the source itself is not its target
            found = [each for each in found if each.id != about.id]
        if source.is_of(self._target.identity) and (itself := next((each for each in found if each.id == about.id), None)) is not None:
            return Goal(Way.SAME, itself)  # a file of this account
        if known and first != key_of(source.postmortem):
            said = "the incident that is its target takes one postmortem, and gets another one of this incident"
            advice = "copy this one by itself: --new imports another incident for it, or name one"
            raise BackendError(Trouble.CONFLICT, f"copy a further postmortem of {about.reference}", said, advice)
        for each in found:
            there = await self._target.postmortem(each)
            if is_noted(there, source.postmortem) or (known and self._is_copy(there, source)):
                return Goal(Way.COPIED, each)
        if known and (same := next((each for each in found if is_same(each, about)), None)) is not None:
            return Goal(Way.SAME, same)
        if found and known:
            return Goal(Way.ALIKE, alike=tuple(found))
        if self._target.begins_incidents:
            return Goal(Way.NEW, self._begun(source.postmortem))
        await check_imports(self._import_form, about)
        return Goal(Way.NEW)

    def _begun(self, source: Postmortem) -> Incident:
        """A new incident with the source's reference and start, in a target where creating the postmortem creates it."""
        about = source.incident
        incident = self._target.begin(about.title, about.reference)
        return replace(incident, created=next(iter(beginnings(source)), incident.created))

    async def _copied(self, source: CopySource) -> Incident | None:
        """The incident of an earlier copy from this computer, if the target confirms it."""
        known = self._known(source)
        if known is None:
            return None
        if known.stage is CopyStage.IMPORTING:
            _, merged = await self._new(source)
            return await self._target.imported(merged.postmortem)
        try:
            return await self._target.find(known.incident)
        except BackendError as error:
            if error.trouble is not Trouble.MISSING:
                raise
            return None

    def _is_copy(self, there: Postmortem, source: CopySource) -> bool:
        """Whether a postmortem is an earlier copy: it has the note of one, or the source's title and a section of it. An account of
        the same vendor gets the text as it is, mostly without a note."""
        if is_noted(there, source.postmortem):
            return True
        alike = source.vendor == self._target.identity.vendor and there.incident.title == source.postmortem.incident.title
        return bool(there.id) and alike and resembles(there, source)

    # ---- the plan -----------------------------------------------------------------------------------------------
    async def prepare(self, source: CopySource, goal: Goal) -> Prepared:
        """Plan a copy: what would be sent, and what would be lost. Sends nothing. Raises BackendError, SeveralDocuments."""
        if goal.incident is None:
            target, merged = await self._new(source)
            return Prepared(source, goal, target, merged)
        server = await self._target.complete(await self._there(source, goal.incident))
        check_read(server, source)
        target, merged = await self._merged(source, server, goal)
        itself = source.is_of(self._target.identity) and source.postmortem.id == server.id
        if itself and (merged.conflicts or diff(server, merged.postmortem)):
            said, advice = "this file is of that very postmortem, and was edited", "`pmtui push` sends what was edited"
            raise BackendError(Trouble.LOCAL, f"copy to {server.incident.reference}", said, advice)
        steps = self._target.plan(server, merged.postmortem, self._wanted(server, merged.postmortem)) if server.id else ()
        return Prepared(source, goal, target, merged, steps)

    async def _there(self, source: CopySource, incident: Incident) -> Postmortem:
        """The postmortem of the target; of several the source itself, which a file may be copied back to."""
        try:
            return await self._target.postmortem(incident)
        except SeveralDocuments as several:
            if source.postmortem.id not in {each.id for each in several.documents}:
                raise
            return await self._target.postmortem(incident, source.postmortem.id)

    async def rehearse(self, prepared: Prepared) -> tuple[RequestPreview, ...]:
        """The requests of a copy, up to the first one whose answer the others depend on. The backend must refuse writes."""
        source, wanted = prepared.source, prepared.merged.postmortem
        if prepared.goal.incident is None:
            return (await rehearse_import(self._target, wanted),)
        if not prepared.target.postmortem.id:
            return (await rehearse_creation(self._target, prepared.goal.incident, self._beginning(source, wanted)),)
        return await rehearse_steps(self._target, prepared.target.postmortem, wanted, prepared.steps)

    async def _new(self, source: CopySource) -> tuple[Target, Merged]:
        """The target that an import would create, and the source merged into it."""
        bare = self._target.begun(blank(source.postmortem, await self._import_form.read()))
        return await self._filled(source, self._at(await self._impacts.expected(source, bare), self._telling), None)

    async def _merged(
        self, source: CopySource, server: Postmortem, goal: Goal, *, opaque: bool = True, refused: Refused = NONE_REFUSED
    ) -> tuple[Target, Merged]:
        telling = max(self._telling, Telling.RULES) if goal.way is Way.GIVEN else self._telling
        if not server.id and self._is_unfinished(source, goal.way, server.incident):
            server = await self._impacts.expected(source, server)
        target = self._at(server if server.id else self._target.begun(server), telling)
        known = self._known(source)
        here = known if known is not None and known.incident == server.incident.id else None
        if not opaque or has_lines((here.base if here is not None and here.base is not None else server).cells, source):
            target = replace(target, opaque=False)  # it was refused before
        target = replace(target, refused={**(here.refused if here is not None else {}), **refused})
        if here is not None and here.base is not None and here.document == server.id:
            return await self._filled(source, replace(target, ours=here.ours), here.base)
        noted = self._is_copy(server, source)
        if noted and here is not None and here.stage is CopyStage.CREATING:  # created, then interrupted before the creation was noted
            return await self._filled(source, replace(target, ours=frozenset(cell.key for cell in server.cells)), server)
        if noted:
            target = replace(target, found=await self._lookups.found(source.postmortem, target, self._mapping))
            return target, without_base(source, target, self._mapping, self._whose)
        return await self._filled(source, target, None)

    async def _filled(self, source: CopySource, target: Target, base: Postmortem | None) -> tuple[Target, Merged]:
        target = replace(target, found=await self._lookups.found(source.postmortem, target, self._mapping))
        return target, onto(source, target, base, self._mapping, self._whose)

    def _at(self, postmortem: Postmortem, telling: Telling) -> Target:
        if self._target.free_choices:
            postmortem = replace(postmortem, form=tuple(replace(each, choices=()) for each in postmortem.form))
        return Target(postmortem, self._target.identity.vendor, self._target.rich_text, telling=telling)

    def _wanted(self, server: Postmortem, wanted: Postmortem) -> tuple[Change, ...]:
        """The changes to send, without those in parts that could not be read."""
        return tuple(change for change in diff(server, wanted) if unread(server, part_of(change)) is None)

    # ---- the copy -----------------------------------------------------------------------------------------------
    async def carry_out(self, prepared: Prepared) -> Outcome:
        """Create what is missing, save, and read back. Raises BackendError, BothEdited, Locked, DraftBusy, SeveralDocuments."""
        source, goal = prepared.source, prepared.goal
        incident, there = goal.incident, prepared.target.postmortem
        check_both(there, prepared.merged.conflicts)
        if there.id and not prepared.changes and not self._workspace.has_draft(there):
            self._note_written(source, there, prepared.merged, prepared.target.refused)
            return Outcome(there, prepared.merged.report, None)
        if incident is None:
            self._note(source, Copied(CopyStage.IMPORTING))
            incident = await self._workspace.import_incident(prepared.merged.postmortem)
            self._note(source, Copied(CopyStage.IMPORTED, incident.id))
        if self._is_unfinished(source, goal.way, incident):
            refused = await self._impacts.add(source, incident)
            self._note(source, Copied(CopyStage.IMPORTED, incident.id, refused=refused))
        if not there.id:
            session = await self._create(source, incident, prepared.merged.postmortem)
        else:
            session = await self._open(incident, there.id)
        try:
            return await self._write(source, replace(goal, incident=incident), session)
        finally:
            session.close()

    async def _create(self, source: CopySource, incident: Incident, wanted: Postmortem) -> Session:
        """Create the postmortem with the copied text, so that the note by which a copy is found is in it from the start."""
        known = self._known(source)
        refused = known.refused if known is not None and known.incident == incident.id else NONE_REFUSED
        self._note(source, Copied(CopyStage.CREATING, incident.id, refused=refused))
        session = await self._workspace.create(incident, self._beginning(source, wanted))
        made, incident = session.base, session.base.incident
        if self._is_copy(made, source):
            keys = frozenset(cell.key for cell in made.cells)
            self._note(source, Copied(CopyStage.WRITTEN, incident.id, made.id, made, keys, refused))
        return session

    def _beginning(self, source: CopySource, wanted: Postmortem) -> Template | None:
        """The copied text as a template for the new postmortem. Rich text follows in the save after it."""
        if source.vendor == self._target.identity.vendor and (source.elsewhere or self._target.rich_text):
            return Template("", "the same document", document=source.elsewhere) if source.elsewhere else None
        texts = (cell.text.strip("\n") for cell in wanted.cells if cell.editable and not cell.pinned and cell.text.strip())
        return Template("", "copy", "\n\n".join(texts))

    async def _open(self, incident: Incident, document: str) -> Session:
        """Open a session, also past the lock of a dead process, whose draft is kept."""
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

    async def _write(
        self, source: CopySource, goal: Goal, session: Session, *, opaque: bool = True, refused: Refused = NONE_REFUSED
    ) -> Outcome:
        await session.complete()
        before = session.mine
        server = with_keys_of(base=session.base, server=session.server, mine=before)
        check_read(server, source)
        target, merged = await self._merged(source, server, goal, opaque=opaque, refused=refused)
        check_both(server, merged.conflicts)
        changes = self._wanted(server, merged.postmortem)
        check_draft(session, merged.postmortem, changes)
        if not changes:
            self._note_written(source, session.base, merged, target.refused)
            return Outcome(server, merged.report, None)
        had_draft = bool(session.changes)
        session.become(patch(before, changes))
        if wrong := problems(before, session.mine):
            put_back(session, before, had_draft=had_draft)
            said = "; ".join(f"{called(server, name)}: {why}" for name, why in wrong.items())
            raise BackendError(Trouble.INVALID, f"copy to {server.incident.reference}", said, "map the field elsewhere, or leave it out")
        try:
            report = await saved(session, frozenset(part_of(change) for change in changes), self._consents)
        except BackendError as error:
            if not error.unknown:
                put_back(session, before, had_draft=had_draft)
            raise
        if report.verified:
            self._note_written(source, session.base, merged, target.refused)
        elif not any(outcome.state in KEPT for outcome in report.outcomes):
            put_back(session, before, had_draft=had_draft)
            more = dict(refused_values(report).items() - refused.items())
            if more or (opaque and refuses_opaque(report)):  # a vendor may refuse cells of a kind that it returns itself
                opaque = opaque and not refuses_opaque(report)
                return await self._write(source, goal, session, opaque=opaque, refused={**refused, **more})
        return Outcome(session.base, merged.report, report)

    # ---- the memory --------------------------------------------------------------------------------------------
    def _known(self, source: CopySource) -> Copied | None:
        return self._copies.find(self._key(source), self._workspace.profile_name)

    def _is_unfinished(self, source: CopySource, way: Way, incident: Incident) -> bool:
        """Whether this copy imported the incident, and may not have added its impacts yet."""
        known = self._known(source)
        if known is None or known.stage is not CopyStage.IMPORTING:
            return known is not None and known.stage is CopyStage.IMPORTED and known.incident == incident.id
        return way is Way.COPIED

    def _note(self, source: CopySource, copied: Copied) -> None:
        self._copies.keep(self._key(source), self._workspace.profile_name, copied)

    def _note_written(self, source: CopySource, there: Postmortem, merged: Merged, refused: Refused) -> None:
        """Note what this copy brought as the base of the next one, which others' edits are then compared with."""
        brought = merged.brought
        base = replace(brought.postmortem, form=(), origin=None)
        self._note(source, Copied(CopyStage.WRITTEN, there.incident.id, there.id, base, brought.ours, refused))

    def _key(self, source: CopySource) -> str:
        return f"{source.vendor} {source.place} {key_of(source.postmortem)}"
