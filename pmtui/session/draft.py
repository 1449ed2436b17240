"""A draft in memory and on disk: base, edits, undo history and the save under way. Every change is journalled first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from pmtui.backends.base import Step
from pmtui.model.changes import Change, FieldChanged, change_id
from pmtui.model.diff import diff
from pmtui.model.fields import STATUS
from pmtui.model.part import Part, same_part
from pmtui.model.postmortem import Postmortem, characters
from pmtui.session.answers.decided import Decided, decided_to_json
from pmtui.session.answers.written import Record, Written, written_to_json
from pmtui.session.edits import Edit, edit_to_json, edited_part, edits_between
from pmtui.session.history import History, UndoStep
from pmtui.session.plan import Plan, step_to_json
from pmtui.session.rebase import rebase
from pmtui.session.recovery import NOT_UNDERSTOOD, FoundDraft, Replay
from pmtui.session.report import Result, Stage
from pmtui.session.review import with_keys_of
from pmtui.store.drafts import DraftBusy, Drafts, DraftUnreadable, base_record
from pmtui.store.journal import JournalState
from pmtui.threads import worked_out

T = TypeVar("T")
GONE = "of a postmortem that is not there any more"
BEFORE = "from before there was a postmortem"


class Journal(Protocol):
    """The part of ``store.journal.Journal`` that a draft uses."""

    records: list[Record]
    damage: str

    @property
    def ours(self) -> bool:
        """Whether the file has no record that this journal does not know."""

    @property
    def durable(self) -> bool:
        """Whether there are records, and all of them are on disk."""

    @property
    def path(self) -> Path:
        """The file; it may not exist yet."""

    @property
    def state(self) -> JournalState:
        """How far writing has come, and what went wrong."""

    def append(self, record: Record) -> None:
        """Queue a record, which must not change any more; returns at once."""

    def compact(self, records: Sequence[Record | Callable[[], Record]]) -> None:
        """Queue these records as a replacement of the whole file; returns at once. Those that take a while are made later."""

    def caught_up(self, timeout: float) -> bool:
        """Whether all records are written to the system, after waiting at most ``timeout`` seconds."""

    def flush(self) -> bool:
        """Write everything to disk now. Returns whether it is there."""

    def finish(self) -> None:
        """Remove the file and the lock. Raises OSError."""

    def put_aside(self) -> None:
        """Rename the file, so that it is kept, and release the lock. Raises OSError."""

    def close(self) -> bool:
        """Keep the file and release the lock. Returns whether everything is on disk."""


class Draft(Replay):
    """The state that the journal's records build up, and the journal.

    ``server`` is the latest reading. The base is older for parts in conflict, and in a draft that was found on disk.
    ``reopen`` opens a new journal after the draft has ended; it raises DraftBusy.
    """

    def __init__(self, server: Postmortem, journal: Journal, reopen: Callable[[], Journal]) -> None:
        super().__init__(base=server, mine=server)
        self._reopen = reopen
        self.journal = journal
        self.server = server
        self.lost = ""  # why the draft can no longer be written
        self.whole = True  # whether this process read the base whole from the server
        self._known: tuple[Postmortem, Postmortem, tuple[Change, ...]] = (server, server, ())
        self._begun = False
        if self.journal.records:
            self._replay(self.journal.records)
        self.damage = self._damage()
        if self._begun and self.empty:  # everything in it was undone, or could not be read
            self._start_over(server)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences from the base, computed once per edit."""
        base, mine, found = self._known
        if base is not self.base or mine is not self.mine:
            found = diff(self.base, self.mine)
            self._known = (self.base, self.mine, found)
        return found

    @property
    def empty(self) -> bool:
        """Whether the draft holds nothing that the server does not have."""
        return not self.changes and self.plan is None and not self.owed

    # ---- editing ------------------------------------------------------------------------------------------------
    def do(self, edit: Edit, at: float) -> None:
        """Make an edit at this time, in seconds since the epoch, and journal it."""
        if self.make(edit, at):
            self._append({"do": edit_to_json(edit), "t": at, "changes": len(self.changes)})

    def do_together(self, edits: Sequence[Edit], at: float) -> None:
        """Make edits at this time that one undo takes back together. A single one may go on with a burst of typing."""
        if len(edits) == 1:
            self.do(edits[0], at)
            return
        self.history.seal()
        joined = False
        for edit in edits:
            if (self.make_joined if joined else self.make)(edit, at):
                self._append({"do": edit_to_json(edit), "t": at, "joined": joined, "changes": len(self.changes)})
                joined = True

    def redo_all(self, edits: Sequence[Edit]) -> None:
        """Repeat edits that were made on another base."""
        for edit in edits:
            self.do(edit, self.touched_at)

    def retract(self, inverse: Edit, at: float) -> Part:
        """Take back an edit by its inverse, at this time, without a trace in the undo history. Returns its part."""
        self.take_out(inverse, at)
        self._append({"do": edit_to_json(inverse), "retracts": True, "t": at, "changes": len(self.changes)})
        return edited_part(inverse)

    def undo(self, at: float) -> Part | None:
        """Undo the latest entry, at this time. Returns its part, None when there is none."""
        return self._step_back(self.history.undo, "undo", at)

    def redo(self, at: float) -> Part | None:
        """Redo the entry undone last, at this time. Returns its part, None when there is none."""
        return self._step_back(self.history.redo, "redo", at)

    def _step_back(self, stack: list[UndoStep], verb: str, at: float) -> Part | None:
        if not stack:
            return None
        entry = stack[-1]
        self.take_back(verb, entry.edits, at)
        self._append({verb: [edit_to_json(edit) for edit in entry.edits], "t": at, "changes": len(self.changes)})
        return entry.part

    def answer(self, conflict: str, written: Written) -> None:
        """Keep a text written as the answer to the conflict with this id, until a save has used it."""
        record = written_to_json(conflict, self.answers.get(conflict, Written()), written)
        self.answers[conflict] = written
        self._append(record)

    def decide(self, conflict: str, decided: Decided) -> None:
        """Keep the decision about the conflict with this id, until a save has used it."""
        self.decided[conflict] = decided
        self._append(decided_to_json(conflict, decided))

    # ---- saving -------------------------------------------------------------------------------------------------
    def rebase(self, *, base: Postmortem, mine: Postmortem, server: Postmortem) -> None:
        """Take a new base with my edits on it, after the server was read. Without edits the draft ends."""
        before = self.mine
        self.base, self.mine, self.server = base, mine, server
        self.history.keep(lambda part: same_part(before, mine, part))
        if self.empty:
            self.finish()
        else:
            self._compact()

    def begin(self, target: Postmortem, steps: tuple[Step, ...]) -> None:
        """Begin a save that turns the base into ``target``. After a crash the plan says what to look for."""
        self.plan = Plan(self.base, target, steps)
        self.queued = False
        sent = [change_id(change) for change in self.plan.changes]
        self._append({"plan": [step_to_json(step) for step in steps], "sent": sent})

    def mark(self, step: Step, state: Stage | Result) -> None:
        """Record how far a step has come: a ``Stage``, then a ``Result``."""
        if self.plan is not None:
            self.plan.states[step.id] = state
            self.server = self.plan.with_status(self.server)
            owes = {} if all(each.changes for each in self.plan.steps) else {"owes": self.owes}
            self._append({"step": step.id, "state": state, **owes})

    def owed_on(self, server: Postmortem) -> tuple[Step, ...]:
        """The steps that an earlier save still owes: none when the server has its guard again, or I changed the status myself."""
        mine_to_set = any(isinstance(change, FieldChanged) and change.name == STATUS for change in self.changes)
        return () if server.guard or mine_to_set else self.owed

    def end(self, *, base: Postmortem, mine: Postmortem, server: Postmortem) -> None:
        """End a save whose outcome is known: take the new base, my remaining edits on it, and the steps still owed."""
        self.owed, self.plan = self.still_owed(), None
        self.rebase(base=base, mine=mine, server=server)

    def queue(self) -> None:
        """Mark the draft as waiting to be saved."""
        self.queued = True
        self._append({"queued": True})

    # ---- the journal --------------------------------------------------------------------------------------------
    def finish(self) -> None:
        """Remove the draft, because the server has everything. The next edit begins a new one."""
        if self._begun:
            self._begun, self.damage, self.answers, self.decided, self.carried_from = False, "", {}, {}, ""
            self._remove()
            try:
                self.journal = self._reopen()
            except DraftBusy as busy:  # another process opened it in between
                self.lost = str(busy)

    def _remove(self) -> None:
        try:
            self.journal.finish()
        except OSError:  # harmless: merged with the server, the file that stays has no changes
            self.journal.close()

    def discard(self, server: Postmortem) -> None:
        """Forget all edits. Steps that an interrupted save still owes are kept, and with them the draft."""
        self.base = self.mine = self.server = server
        self.history, self.owed, self.plan, self.queued = History(), self.still_owed(), None, False
        self.answers, self.decided, self.carried_from = {}, {}, ""
        if self.owed:
            self._compact()
        else:
            self.finish()

    def abandon(self, server: Postmortem) -> None:
        """Forget all edits, and the steps that are owed."""
        self.owed, self.plan = (), None
        self.discard(server)

    def carry(self, old: Draft, why: str) -> None:
        """Carry over the edits of another draft of the incident. Its file is removed once this one is on disk.

        ``why`` says what it was a draft of; the user is asked about it until ``take_up_carried``.
        If it has text that this one does not, its file is renamed instead and marked as carried.
        """
        server = with_keys_of(base=old.base, server=self.server, mine=old.mine)
        self.touched_at, self.answers, self.decided = old.touched_at, dict(old.answers), dict(old.decided)
        base, mine = rebase(base=old.base, mine=old.mine, server=server)
        self.carried_from = why
        self.rebase(base=base, mine=mine, server=server)
        if not self.empty and not self.journal.flush():
            old.journal.close()
            return
        with suppress(OSError):  # harmless: it is offered and merged again, with the same result
            if {cell.text for cell in old.mine.cells} <= {cell.text for cell in self.mine.cells}:
                old.journal.finish()
            else:
                old.journal.append({"carried": server.id or server.incident.id, "changes": 0})
                old.journal.flush()
                old.journal.put_aside()

    def take_up_carried(self) -> None:
        """Note that the user goes on with what was carried over."""
        if self.carried_from:
            self.carried_from = ""
            self._append({"carried_from": ""})

    def close(self) -> bool:
        """Close the journal; a draft with changes stays on disk. Returns whether all of it is there."""
        if not self.empty:
            return self.journal.close()
        if self.journal.ours:
            self._remove()
        else:  # a file that cannot be read is not ours to remove
            self.journal.close()
        return True

    def _damage(self) -> str:
        """What is wrong with the draft that was found, and what to do; "" when nothing is."""
        if not self.journal.damage:
            return ""
        name = self.journal.path.name
        left = "nothing of it could be read" if self.empty else "what could be read of it is here"
        if self.unplaced:
            left += f", but {len(self.unplaced)} later edits have no place without what is missing"
        return f"the draft {name} {self.journal.damage}: {left}; the file is kept, and put aside when you type (`pmtui recover {name}`)"

    def _start_over(self, server: Postmortem) -> None:
        """Ignore the draft that was found, because it has no edit. A damaged file is not touched until something is typed."""
        self.whole = True
        if self.journal.ours:
            self.discard(server)
        else:
            self.base = self.mine = self.server = server
            self.history, self._begun = History(), False

    def _append(self, record: Record) -> None:
        if not self._begun:
            self._begun = True
            self.journal.compact([partial(base_record, self.base)])  # this puts aside a file without a base
        self.journal.append(record)

    def _compact(self) -> None:
        records: list[Record] = [{"do": edit_to_json(edit), "t": self.touched_at} for edit in edits_between(self.base, self.mine)]
        if self.owed:
            records.append({"owed": [step_to_json(step) for step in self.owed], "owes": self.owes})
        if self.queued:
            records.append({"queued": True})
        if self.carried_from:
            records.append({"carried_from": self.carried_from})
        records += [written_to_json(conflict, Written(), written) for conflict, written in self.answers.items()]
        records += [decided_to_json(conflict, decided) for conflict, decided in self.decided.items()]
        if records:
            records[-1]["changes"] = len(self.changes)
        self._begun = True
        self.journal.compact([partial(base_record, self.base), *records])

    # ---- what was found on disk ---------------------------------------------------------------------------------
    def _replay(self, records: Sequence[Record]) -> None:
        """Replay the records. Raises DraftUnreadable when another version wrote them; a damaged file without a base is put aside."""
        if not any("base" in record for record in records):
            return
        self._begun, self.whole = True, False
        try:
            for record in records:
                self.take_up(record)
        except NOT_UNDERSTOOD as error:
            self.journal.close()
            raise DraftUnreadable(f"{self.journal.path}: the draft was written by another version of pmtui: {error!r}") from None

    def take_up(self, record: Record) -> None:
        """As ``Replay.take_up``; a base without an ``origin`` gets that of the present reading (see ``base_record``)."""
        super().take_up(record)
        if "base" in record and self.base.origin is None:
            self.base = self.mine = replace(self.base, origin=self.server.origin)


def drafted(
    drafts: Drafts, profile: str, server: Postmortem, *, take_over: bool, others: bool, asked_for: bool
) -> tuple[Draft, FoundDraft | None]:
    """The draft of this reading, with what was found on disk. A long one takes a while. Raises DraftBusy, DraftUnreadable.

    ``others``: a draft of another postmortem of the incident is taken up, too. ``asked_for``: the user chose this one of several.
    """
    incident_id = server.incident.id
    info = drafts.find(profile, incident_id, server.id)
    reopen = partial(drafts.open, profile, incident_id, server.id)
    draft = Draft(server, reopen(take_over=take_over), reopen)
    if info is not None:
        return draft, replace(FoundDraft.of(info), carried=draft.carried_from)
    return draft, carried(drafts, profile, draft, asked_for=asked_for) if others else None


def carried(drafts: Drafts, profile: str, draft: Draft, *, asked_for: bool = False) -> FoundDraft | None:
    """Carry over a draft whose postmortem is not the incident's present one: it was deleted, recreated, or created only since.

    ``asked_for``: the user chose this postmortem of several, so the others may still exist.
    """
    server = draft.server
    try:
        others = drafts.others(profile, server.incident.id, server.id)
        info = next((each for each in others if not (asked_for and each.document_id)), None)
        if info is None:
            return None
        reopen = partial(drafts.open, profile, info.incident_id, info.document_id)
        draft.carry(Draft(server, reopen(take_over=True), reopen), GONE if info.document_id else BEFORE)  # its process has ended
    except (DraftBusy, DraftUnreadable, OSError):  # in use or unreadable: it stays, and the list of drafts shows it
        return None
    return replace(FoundDraft.of(info), carried=GONE if info.document_id else BEFORE)


async def worked_out_on(draft: Draft, work: Callable[[Postmortem, Postmortem], T]) -> T:
    """The result of pure ``work`` on the draft's base and my version; again, when these changed meanwhile: what is typed wins."""
    while True:
        base, mine = draft.base, draft.mine
        found = await worked_out(partial(work, base, mine), characters(mine.cells))
        if base is draft.base and mine is draft.mine:
            return found
