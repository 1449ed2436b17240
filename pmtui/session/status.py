"""The state of an open postmortem in words: the status line, and whether the disk has what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pmtui.model.postmortem import Postmortem
from pmtui.session.draft import Draft
from pmtui.session.report import VERIFIED, Report
from pmtui.store.timeouts import STUCK

NOT_ON_DISK = "NOT on disk"
SILENT = 1.0
"""Seconds without an answer after which it is said that the disk does not answer."""


class State(StrEnum):
    """Whether there are edits, and whether disk and server have them."""

    UNCHANGED = "unchanged"
    EDITED = "edited"  # not on disk yet
    DRAFT = "draft"  # edited, and on disk
    SAVING = "saving"
    SAVED = "saved"
    NOT_SAVED = "not saved"


@dataclass(frozen=True, slots=True)
class Status:
    """``at`` is when the state came to be. ``detail`` says why not, where there is a why; it may be foreign text."""

    state: State
    at: datetime | None = None
    detail: str = ""

    def words(self) -> str:
        """One line. Times are the reader's own."""
        match self.state:
            case State.UNCHANGED:
                return f"unchanged · read {_time(self.at, '%H:%M')}" if self.at else "unchanged"
            case State.EDITED:
                return f"edited · {self.detail}" if self.detail else "edited"
            case State.DRAFT:
                return f"edited · draft on disk {_time(self.at, '%H:%M:%S')}".rstrip() + (f" · {self.detail}" if self.detail else "")
            case State.SAVING:
                return self.detail or "saving…"
            case State.SAVED:
                return f"{VERIFIED} {_time(self.at, '%H:%M')}".rstrip()
            case State.NOT_SAVED:
                return f"not saved: {self.detail}"


def status_of(draft: Draft) -> Status:
    """How a draft stands to the disk, and whether it waits to be saved."""
    if not draft.changes:
        return Status(State.UNCHANGED, draft.base.read_at)
    wrong = why_not_yet(draft)
    if wrong or not draft.journal.caught_up(0):
        return Status(State.EDITED, None, wrong)
    return Status(State.DRAFT, datetime.fromtimestamp(draft.touched_at, UTC), "not sent yet" if draft.queued else "")


def verdict(report: Report, mine: Postmortem, *, left: bool, at: datetime) -> Status | None:
    """What a save came to; ``left``: changes are left in the draft. None when there is nothing to say of it."""
    if not report.verified:
        wrong = report.words(mine)
        return Status(State.NOT_SAVED, at, wrong) if wrong else None  # everything was left out
    return Status(State.DRAFT, at, f"the rest is {VERIFIED}") if left else Status(State.SAVED, at)


def why_not_yet(draft: Draft) -> str:
    """Why what was typed is not on disk, "" while that is no more than the time that a disk takes."""
    state = draft.journal.state
    if state.problem:
        return f"not on disk: {state.problem}"
    return f"not on disk yet: {STUCK}" if state.waiting > SILENT else ""


def missing(draft: Draft, *, durable: bool) -> str:
    """After the last attempt to write: ``NOT on disk: disk full``, "" when the disk has everything."""
    return "" if durable else f"{NOT_ON_DISK}: {draft.lost or draft.journal.state.problem or STUCK}"


def rescued(draft: Draft, last_resort: Callable[[], Path | None]) -> str:
    """Put everything on disk now, and say where it is: in the state directory, else in a last resort.

    The last resort comes first where the disk refuses or hangs already: that may leave no time afterwards.
    """
    elsewhere = last_resort() if why_not_yet(draft) else None
    if draft.journal.flush():
        return last_words(draft, durable=True)
    elsewhere = elsewhere or last_resort()
    return last_words(draft, durable=False) + (f"; the text is in {elsewhere}" if elsewhere is not None else "")


def last_words(draft: Draft, *, durable: bool) -> str:
    """Where the draft is, said when the program ends. A file that does not exist is never named."""
    at = draft.journal.state.synced_at
    until = f"{at.astimezone():%H:%M:%S}" if at is not None else ""
    whose, path = f"the draft of {draft.mine.incident.reference} is", draft.journal.path
    if durable:
        return f"{whose} on disk up to {until}: {path}" if until else f"{whose} on disk: {path}"
    kept = f"; what was typed until {until} is in {path}" if until else ""
    return f"{whose} {missing(draft, durable=False)}{kept}"


def _time(at: datetime | None, form: str) -> str:
    return at.astimezone().strftime(form) if at else ""
