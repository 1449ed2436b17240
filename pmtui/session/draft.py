"""The draft in memory and on disk: base, edits, undo history and the save under way. Every change of it is journalled first.

Records, one JSON object each (the journal's first record is the base):
``{"base": postmortem}``, ``{"do": edit, "t": seconds}``, ``{"undo": [edits]}``, ``{"redo": [edits]}``,
``{"plan": [steps], "sent": [ids of changes]}``, ``{"step": id, "state": …}``, ``{"owed": [steps]}``, ``{"queued": true}``,
``{"answer": id of a conflict, "at": …, "cut": …, "put": …}``: a splice of the text that is written to settle it,
with ``mine`` and ``theirs``, the texts that it takes in, when they are others than before.
Those that change the text also carry ``changes``, the number of changes after them, which lists of drafts show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pmtui.backends.base import Step
from pmtui.model.changes import Change, change_id
from pmtui.model.codec import postmortem_from_json
from pmtui.model.diff import diff, revert
from pmtui.model.part import Part, same_part
from pmtui.model.postmortem import Postmortem
from pmtui.session import answers
from pmtui.session.answers import Written
from pmtui.session.edits import Edit, apply, edit_from_json, edit_to_json, edits_between
from pmtui.session.history import Entry, History
from pmtui.session.plan import Plan, step_from_json, step_to_json
from pmtui.session.report import Result
from pmtui.store.drafts import DraftBusy, DraftUnreadable, base_record

if TYPE_CHECKING:
    from pmtui.store.journal import JournalState

Record = dict[str, Any]


class Journal(Protocol):
    """What the draft needs of ``store.journal.Journal``."""

    records: list[Record]
    damage: str

    @property
    def ours(self) -> bool: ...
    @property
    def durable(self) -> bool: ...
    @property
    def path(self) -> Path: ...
    @property
    def state(self) -> JournalState: ...
    def append(self, record: Record) -> None: ...
    def compact(self, records: Sequence[Record]) -> None: ...
    def settled(self, timeout: float) -> bool: ...
    def flush(self) -> bool: ...
    def finish(self) -> None: ...
    def put_aside(self) -> None: ...
    def close(self) -> bool: ...


class Draft:
    """``server`` is the latest reading; base lags behind it in what is in conflict, and in a draft that was found.

    ``reopen`` opens the journal anew after a draft has ended; it raises DraftBusy.
    """

    def __init__(self, server: Postmortem, journal: Journal, reopen: Callable[[], Journal]) -> None:
        self._reopen = reopen
        self.journal = journal
        self.base = self.mine = self.server = server
        self.history = History()
        self.plan: Plan | None = None
        self.owed: tuple[Step, ...] = ()
        self.queued = False
        self.answers: dict[str, Written] = {}
        self.lost = ""  # why nothing can be written any more
        self.touched_at = 0.0
        self._unplaced = 0  # edits that were found and do not fit, because something before them is missing
        self._known: tuple[Postmortem, Postmortem, tuple[Change, ...]] = (server, server, ())
        self._begun = False
        if self.journal.records:
            self._replay(self.journal.records)
        self.damage = self._damage()
        if self._begun and self.empty:  # everything in it was taken back, or what it had cannot be read
            self._start_over(server)

    @property
    def found(self) -> bool:
        """Whether the journal holds a draft."""
        return self._begun

    @property
    def changes(self) -> tuple[Change, ...]:
        base, mine, found = self._known
        if base is not self.base or mine is not self.mine:
            found = diff(self.base, self.mine)
            self._known = (self.base, self.mine, found)
        return found

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that the server does not have."""
        return not self.changes and self.plan is None and not self.owed

    # ---- editing ------------------------------------------------------------------------------------------------
    def do(self, edit: Edit, at: float) -> None:
        """Make an edit at this time, in seconds since the epoch."""
        if self._do(edit, at):
            self._append({"do": edit_to_json(edit), "t": at, "changes": len(self.changes)})

    def redo_all(self, edits: Sequence[Edit]) -> None:
        """Make edits again that were made on another base."""
        for edit in edits:
            self.do(edit, self.touched_at)

    def undo(self) -> Part | None:
        """Take back the latest entry; None when there is none."""
        return self._step_back(self.history.undo, "undo", self.history.undone)

    def redo(self) -> Part | None:
        """Do the latest entry that was taken back again; None when there is none."""
        return self._step_back(self.history.redo, "redo", self.history.redone)

    def _do(self, edit: Edit, at: float) -> bool:
        self.mine, inverse = apply(self.mine, edit)
        if inverse is None:
            return False
        self.touched_at = at
        self.history.done(edit, inverse, at)
        return True

    def _step_back(self, stack: list[Entry], verb: str, moved: Callable[[tuple[Edit, ...], tuple[Edit, ...]], None]) -> Part | None:
        if not stack:
            return None
        entry = stack[-1]
        moved(entry.edits, self._apply_all(entry.edits))
        self._append({verb: [edit_to_json(edit) for edit in entry.edits], "changes": len(self.changes)})
        return entry.part

    def _apply_all(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Apply edits in order; what takes them back, in the order to apply it."""
        inverses: tuple[Edit, ...] = ()
        for edit in edits:
            self.mine, inverse = apply(self.mine, edit)
            inverses = inverses if inverse is None else (inverse, *inverses)
        return inverses

    def answer(self, conflict: str, written: Written) -> None:
        """Keep what is written to settle the conflict with this id, until a save takes it in."""
        record = answers.to_json(conflict, self.answers.get(conflict, Written()), written)
        self.answers[conflict] = written
        self._append(record)

    # ---- saving -------------------------------------------------------------------------------------------------
    def rebase(self, base: Postmortem, mine: Postmortem, server: Postmortem) -> None:
        """The server was read: another base, and my edits on it. Written anew, atomically; nothing left ends the draft."""
        before = self.mine
        self.base, self.mine, self.server = base, mine, server
        self.history.keep(lambda part: same_part(before, mine, part))
        if self.empty:
            self.finish()
        else:
            self._compact()

    def begin(self, target: Postmortem, steps: tuple[Step, ...]) -> None:
        """A save begins that makes ``target`` of the base: from here on a crash leaves a plan to settle."""
        self.plan = Plan(self.base, target, steps)
        self.queued = False
        sent = [change_id(change) for change in self.plan.changes]
        self._append({"plan": [step_to_json(step) for step in steps], "sent": sent})

    def mark(self, step: Step, state: str) -> None:
        """How far a step has come: "sending", then a ``Result``."""
        if self.plan is not None:
            self.plan.states[step.id] = state
            self._append({"step": step.id, "state": state})

    def end(self, base: Postmortem, mine: Postmortem, server: Postmortem) -> None:
        """The save is settled: the new base, what is left on it, and what is still owed to the server."""
        if self.plan is not None:
            owed = {step.id: step for step in (*self.owed, *self.plan.owed()) if self.plan.states.get(step.id) != Result.DONE}
            self.owed, self.plan = tuple(owed.values()), None
        self.rebase(base, mine, server)

    def queue(self) -> None:
        """Mark the draft as waiting to be saved."""
        self.queued = True
        self._append({"queued": True})

    # ---- the journal --------------------------------------------------------------------------------------------
    def finish(self) -> None:
        """Nothing is left that the server does not have: remove the draft. Editing may go on in a new one."""
        if self._begun:
            self._begun, self.damage, self.answers = False, "", {}
            self._remove()
            try:
                self.journal = self._reopen()
            except DraftBusy as busy:  # another process opened it in this instant
                self.lost = str(busy)

    def _remove(self) -> None:
        try:
            self.journal.finish()
        except OSError:  # what stays on disk says nothing new: merged with the server it is empty
            self.journal.close()

    def discard(self, server: Postmortem) -> None:
        """Forget all edits."""
        self.base = self.mine = self.server = server
        self.history, self.plan, self.owed, self.queued, self.answers = History(), None, (), False, {}
        self.finish()

    def close(self) -> bool:
        """Keep on disk what the server does not have, and drop the lock; whether the disk has all of it."""
        if not self.empty or not self.journal.ours:  # what is there and cannot be read is not ours to remove
            return self.journal.close()
        self._remove()
        return True

    def _damage(self) -> str:
        """What is wrong with the draft that was found, in words, "" when nothing is."""
        if not self.journal.damage:
            return ""
        name = self.journal.path.name
        left = "nothing of it could be taken up" if self.empty else "what could be read of it is here"
        if self._unplaced:
            left += f", but {self._unplaced} later edits have no place without what is missing"
        return f"the draft {name} {self.journal.damage}: {left}; the file is kept, and put aside when you type (`pmtui recover {name}`)"

    def _start_over(self, server: Postmortem) -> None:
        """Nothing was found that counts. A file that is damaged stays as it is until something is typed."""
        if self.journal.ours:
            self.discard(server)
        else:
            self.base = self.mine = self.server = server
            self.history, self._begun = History(), False

    def _append(self, record: Record) -> None:
        if not self._begun:
            self._begun = True
            self.journal.compact([base_record(self.base)])  # whatever stood there without a base is put aside
        self.journal.append(record)

    def _compact(self) -> None:
        edits = [{"do": edit_to_json(edit), "t": self.touched_at} for edit in edits_between(self.base, self.mine)]
        records: list[Record] = [base_record(self.base), *edits]
        if self.owed:
            records.append({"owed": [step_to_json(step) for step in self.owed]})
        if self.queued:
            records.append({"queued": True})
        records += [answers.to_json(conflict, Written(), written) for conflict, written in self.answers.items()]
        records[-1]["changes"] = len(self.changes)
        self._begun = True
        self.journal.compact(records)

    # ---- what was found on disk ---------------------------------------------------------------------------------
    def _replay(self, records: Sequence[Record]) -> None:
        """Take up the draft. Raises DraftUnreadable when another pmtui wrote it; a damaged one without base is put aside."""
        if not any("base" in record for record in records):
            return
        self._begun = True
        try:
            for record in records:
                self._take_up(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.journal.close()
            raise DraftUnreadable(f"{self.journal.path}: the draft was written by another version of pmtui: {error!r}") from None

    def _take_up(self, record: Record) -> None:
        if "base" in record:
            self.base = self.mine = postmortem_from_json(record["base"])
            self.history, self.plan, self.owed, self.answers = History(), None, (), {}
        elif "do" in record:
            self._unplaced += not self._do(edit_from_json(record["do"]), record["t"])
        elif "undo" in record or "redo" in record:
            verb = "undo" if "undo" in record else "redo"
            edits = tuple(edit_from_json(edit) for edit in record[verb])
            moved = self.history.undone if verb == "undo" else self.history.redone
            moved(edits, self._apply_all(edits))
        elif "plan" in record:
            self.plan = self._planned(record["plan"], set(record["sent"]))
        elif "step" in record and self.plan is not None:
            self.plan.states[record["step"]] = record["state"]
        elif "owed" in record:
            self.owed = tuple(step_from_json(step, ()) for step in record["owed"])
        elif "answer" in record:
            self.answers[record["answer"]] = answers.from_json(record, self.answers.get(record["answer"], Written()))
        self.queued = bool(record.get("queued", self.queued)) and "plan" not in record

    def _planned(self, steps: Sequence[Record], sent: set[str]) -> Plan:
        changes = diff(self.base, self.mine)
        target = revert(self.mine, self.base, [change for change in changes if change_id(change) not in sent])
        going = [change for change in changes if change_id(change) in sent]
        return Plan(self.base, target, tuple(step_from_json(step, going) for step in steps))
