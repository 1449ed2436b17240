"""Reads a draft from its records: replays them, collects the texts of a damaged one, says where it comes from. Pure.

Records, one JSON object each (the journal's first record is the base):
``{"base": postmortem}``, ``{"do": edit, "t": seconds}``, ``{"undo": [edits], "t": …}``, ``{"redo": [edits], "t": …}``,
``{"plan": [steps], "sent": [ids of changes]}``, ``{"step": id, "state": …}``, ``{"owed": [steps]}``, ``{"queued": true}``,
``{"answer": id of a conflict, "at": …, "cut": …, "put": …}``: a splice of the text written as the answer to the conflict,
with ``mine`` and ``theirs``, the texts that it combines, when they differ from before;
``{"decided": id of a conflict, "whose": side or null, "text": written by hand, "sides": …}``: the user's decision about it;
``{"carried_from": what it was a draft of, in words}``: it was carried over, and the user has not said what to do with it; "" for has;
``{"carried": id}``: the edits continue in the draft of this document, or of this incident when it has none.
Records that change the text also have ``changes``, the number of changes after them, and those of a save that sets a postmortem
back have ``owes``, what it is then (see ``Replay``): both are for lists of drafts.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pmtui.backends.base import Step
from pmtui.model.changes import change_id
from pmtui.model.codec import postmortem_from_json
from pmtui.model.diff import diff, revert
from pmtui.model.postmortem import Postmortem
from pmtui.session.answers.decided import Decided, decided_from_json
from pmtui.session.answers.written import Record, Written, written_from_json
from pmtui.session.edits import Edit, Splice, apply, edit_from_json, joined
from pmtui.session.history import History
from pmtui.session.plan import Plan, state_from_json, step_from_json
from pmtui.session.report import Result
from pmtui.store.drafts import DraftInfo, Recovered

NOT_UNDERSTOOD = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a record raises when another version of pmtui wrote it."""


@dataclass(kw_only=True)
class Replay:
    """The state of a draft, built up by its records. ``touched_at`` is the time of the last edit in seconds since the epoch, 0 for none.

    ``unplaced`` are edits that could not be applied, because an earlier record is missing.
    """

    base: Postmortem
    mine: Postmortem
    history: History = field(default_factory=History)
    plan: Plan | None = None
    owed: tuple[Step, ...] = ()
    queued: bool = False
    answers: dict[str, Written] = field(default_factory=dict)
    decided: dict[str, Decided] = field(default_factory=dict)
    carried_from: str = ""
    touched_at: float = 0.0
    unplaced: list[Edit] = field(default_factory=list)

    def make(self, edit: Edit, at: float) -> bool:
        """Apply an edit made at this time. Returns whether it changed anything."""
        self.mine, inverse = apply(self.mine, edit)
        if inverse is None:
            return False
        self.touched_at = at
        self.history.done(edit, inverse, at)
        return True

    def make_joined(self, edit: Edit, at: float) -> bool:
        """As ``make``; one undo takes it back together with the edit before it."""
        self.mine, inverse = apply(self.mine, edit)
        if inverse is None:
            return False
        self.touched_at = at
        self.history.joined(inverse, at)
        return True

    def take_back(self, verb: str, edits: tuple[Edit, ...], at: float) -> None:
        """Apply the edits of an undo or redo made at this time."""
        moved = self.history.undone if verb == "undo" else self.history.redone
        moved(edits, self.apply_all(edits))
        self.touched_at = at

    def apply_all(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Apply edits in order. Returns the edits that undo them, in the order to apply."""
        inverses: tuple[Edit, ...] = ()
        for edit in joined(edits):
            self.mine, inverse = apply(self.mine, edit)
            inverses = inverses if inverse is None else (inverse, *inverses)
        return inverses

    @property
    def place(self) -> tuple[str, int] | None:
        """Where the latest edit of a cell was: its key, and the characters before the end of that edit. None when it was no such edit."""
        back = self.history.undo[-1].edits[0] if self.history.undo else None  # what takes it back
        return (back.cell, back.at + back.cut) if isinstance(back, Splice) else None

    def still_owed(self) -> tuple[Step, ...]:
        """The steps that interrupted saves have not done ("publish again")."""
        planned = self.plan.owed() if self.plan is not None else ()
        states = self.plan.states if self.plan is not None else {}
        return tuple({step.id: step for step in (*self.owed, *planned) if states.get(step.id) != Result.DONE}.values())

    @property
    def owes(self) -> str:
        """What the postmortem is as long as an interrupted save is not finished, "" for nothing: "is set back to draft and …"."""
        said = dict.fromkeys(step.undone or f"is not finished, because “{step.label}” was not sent" for step in self.still_owed())
        known = bool(self.owed) or self.plan is None or self.plan.is_half_way
        return " and ".join(each if known else f"perhaps {each}" for each in said)

    @property
    def unfinished(self) -> str:
        """What an interrupted save has not done, in words; "" for nothing. The next save finishes it."""
        if owes := self.owes:
            return f"{self.base.incident.reference} {owes}: a save of it was interrupted. Save to finish it."
        return "a save was interrupted; the next one first finds out how far it came" if self.plan is not None else ""

    def take_up(self, record: Record) -> None:
        """Replay a record. Raises one of ``NOT_UNDERSTOOD`` when another version of pmtui wrote it."""
        if "base" in record:
            self.base = self.mine = postmortem_from_json(record["base"])
            self.history, self.plan, self.owed, self.answers, self.decided = History(), None, (), {}, {}
            self.carried_from = ""
        elif "do" in record:
            edit = edit_from_json(record["do"])
            if record.get("joined") is False:
                self.history.seal()
            make = self.make_joined if record.get("joined") else self.make
            if not make(edit, record["t"]):
                self.unplaced.append(edit)
        elif "undo" in record or "redo" in record:
            verb = "undo" if "undo" in record else "redo"
            self.take_back(verb, tuple(edit_from_json(edit) for edit in record[verb]), float(record.get("t", self.touched_at)))
        elif "plan" in record:
            self.plan = self._planned(record["plan"], set(record["sent"]))
        elif "step" in record and self.plan is not None:
            self.plan.states[record["step"]] = state_from_json(record["state"])
        elif "owed" in record:
            self.owed = tuple(step_from_json(step, ()) for step in record["owed"])
        elif "answer" in record:
            name = record["answer"]
            self.answers[name] = written_from_json(record, self.answers.get(name, Written()))
        elif "carried_from" in record:
            self.carried_from = str(record["carried_from"])
        elif "decided" in record:
            self.decided[record["decided"]] = decided_from_json(record)
        self.queued = bool(record.get("queued", self.queued)) and "plan" not in record

    def _planned(self, steps: Sequence[Record], sent: set[str]) -> Plan:
        changes = diff(self.base, self.mine)
        target = revert(self.mine, self.base, [change for change in changes if change_id(change) not in sent])
        going = [change for change in changes if change_id(change) in sent]
        return Plan(self.base, target, tuple(step_from_json(step, going) for step in steps))


def replayed(found: Recovered) -> Replay:
    """The draft as it was last edited. Records that cannot be understood are skipped."""
    replay = Replay(base=found.base, mine=found.base)
    for record in found.records:
        try:
            replay.take_up(record)
        except NOT_UNDERSTOOD:
            continue
    return replay


def fragments(records: Sequence[Record]) -> list[str]:
    """Every text in the records of a draft whose base is missing, in order. Continuous typing is one text."""
    found: list[str] = []
    run: Splice | None = None  # typing in one place so far
    for record in records:
        edits = [record["do"]] if "do" in record else record.get("undo") or record.get("redo") or [record]
        for data in edits:
            splice = _splice(data)
            joined = _joined(run, splice) if run is not None and splice is not None else None
            if joined is None and run is not None:
                found.append(run.put)
            run = joined or splice
            if splice is None:
                found += _texts(data)
    found += [run.put] if run is not None else []
    return list(dict.fromkeys(text for text in found if text.strip())) or ([json.dumps(records, indent=2)] if records else [])


def _splice(data: object) -> Splice | None:
    try:
        edit = edit_from_json(data) if isinstance(data, dict) else None
    except NOT_UNDERSTOOD:
        return None
    return edit if isinstance(edit, Splice) else None


def _joined(run: Splice, splice: Splice) -> Splice | None:
    """Both splices as one; None unless the second is within, or at an end of, the text of the first."""
    at = splice.at - run.at
    if splice.cell != run.cell or at < 0 or at + splice.cut > len(run.put):
        return None
    return Splice(run.cell, run.at, run.cut, run.put[:at] + splice.put + run.put[at + splice.cut :])


def _texts(data: object) -> Iterable[str]:
    """The texts of cells and fields, at any depth of a record."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in ("text", "put", "value") and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


@dataclass(frozen=True, slots=True)
class FoundDraft:
    """A draft found on disk. ``updated`` is the time of its last edit. ``open_in`` is the process that had it open, 0 if it was closed.

    ``carried`` says what it was a draft of, when that is not the postmortem that is open.
    ``alive``: whether that process still runs, None when unknown, because it is on another host.
    ``place`` is where the last edit was: a cell's key, and the characters of its text before the end of that edit.
    """

    updated: datetime
    host: str = ""
    open_in: int = 0
    alive: bool | None = False
    carried: str = ""
    place: tuple[str, int] | None = None

    @property
    def is_own(self) -> bool:
        """Whether it was left in order on this host, and is of what is open now: there is nothing to ask."""
        return not self.open_in and not self.carried and self.host in ("", socket.gethostname())

    @classmethod
    def of(cls, info: DraftInfo) -> FoundDraft:
        """The found draft for an entry of the list of drafts. That it is open in this process itself is no news."""
        here = info.alive is True and info.pid == os.getpid()
        return cls(info.updated, info.host, 0 if here else info.pid, info.alive)

    def words(self) -> str:
        """``draft from 02:47 UTC on host jump1 (pmtui was cut off)``. The host is foreign text."""
        at = self.updated.astimezone(UTC)
        day = "" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d} "
        on = f" on host {self.host}" if self.host else ""
        of = f" {self.carried}" if self.carried else ""
        return f"draft from {day}{at:%H:%M} UTC{on}{of}{self._process()}"

    def _process(self) -> str:
        if not self.open_in:
            return ""
        became = {True: "is still running", False: "was cut off", None: "may still be running"}[self.alive]
        return f" (pmtui {became})"


def last_edited(found: FoundDraft | None, draft: Replay) -> FoundDraft:
    """The found draft with time and place of its last edit, or the file's time when nothing was typed and only a step is owed."""
    edited = datetime.fromtimestamp(draft.touched_at, UTC)
    if found is None:
        return FoundDraft(edited, place=draft.place)
    return replace(found, updated=edited, place=draft.place) if draft.touched_at else found
