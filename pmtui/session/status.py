"""The status of an open postmortem as text: the status line, and whether the draft is on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pmtui.model.fields import STATUS
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import label_of
from pmtui.session.draft import Draft
from pmtui.session.report import VERIFIED, Report, Result
from pmtui.store.timeouts import STUCK

NOT_ON_DISK = "NOT on disk"
SILENT = 1.0
"""A disk that does not answer for this many seconds is reported."""


class State(StrEnum):
    """Whether there are edits, and whether the disk and the server have them."""

    UNCHANGED = "unchanged"
    EDITED = "edited"  # not on disk yet
    DRAFT = "draft"  # edited, and on disk
    SAVING = "saving"
    SAVED = "saved"
    NOT_SAVED = "not saved"


@dataclass(frozen=True, slots=True)
class Status:
    """``at`` is when the state was reached. ``detail`` is the reason, "" for none; it may be foreign text."""

    state: State
    at: datetime | None = None
    detail: str = ""

    def words(self) -> str:
        """One line; times are in the local time zone."""
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
                return f"{VERIFIED} {_time(self.at, '%H:%M')}".rstrip() + (f" · {self.detail}" if self.detail else "")
            case State.NOT_SAVED:
                return f"not saved: {self.detail}"


def status_of(draft: Draft) -> Status:
    """The status of a draft: edited or not, on disk or not, waiting to be saved."""
    if not draft.changes:
        return Status(State.UNCHANGED, draft.base.read_at)
    wrong = why_not_yet(draft)
    if wrong or not draft.journal.caught_up(0):
        return Status(State.EDITED, None, wrong)
    return Status(State.DRAFT, datetime.fromtimestamp(draft.touched_at, UTC), "not sent yet" if draft.queued else "")


def verdict(report: Report, mine: Postmortem, *, left: bool, at: datetime) -> Status | None:
    """The status after a save. ``left``: the draft still has changes. None when everything was left out."""
    if not report.verified:
        wrong = report.words(mine)
        return Status(State.NOT_SAVED, at, report.status_words(mine)) if wrong else None  # everything was left out
    if left:
        return Status(State.DRAFT, at, " · ".join(filter(None, (f"the rest is {VERIFIED}", report.news_words))))
    around = any(outcome.change is None and outcome.state is Result.DONE for outcome in report.outcomes)  # set back, and then …
    again = f"{label_of(mine.fields.get(STATUS))} again" if around else ""
    return Status(State.SAVED, at, " · ".join(filter(None, (again, report.news_words))))


def why_not_yet(draft: Draft) -> str:
    """Why the latest edits are not on disk, "" while the delay is normal."""
    state = draft.journal.state
    if state.problem:
        return f"not on disk: {state.problem}"
    return f"not on disk yet: {STUCK}" if state.waiting > SILENT else ""


def missing(draft: Draft, *, durable: bool) -> str:
    """After the last attempt to write: ``NOT on disk: disk full``, "" when the disk has everything."""
    return "" if durable else f"{NOT_ON_DISK}: {draft.lost or draft.journal.state.problem or STUCK}"


def rescued(draft: Draft, last_resort: Callable[[], Path | None]) -> str:
    """Write everything to disk now, and say where it is: in the state directory, else in a last resort.

    If the disk already refuses or hangs, the last resort is written first: there may be no time afterwards.
    """
    elsewhere = last_resort() if why_not_yet(draft) else None
    if draft.journal.flush():
        return last_words(draft, durable=True)
    elsewhere = elsewhere or last_resort()
    return last_words(draft, durable=False) + (f"; the text is in {elsewhere}" if elsewhere is not None else "")


def last_words(draft: Draft, *, durable: bool) -> str:
    """Where the draft is, for the end of the program. It never names a file that does not exist."""
    at = draft.journal.state.synced_at
    until = f"{at.astimezone():%H:%M:%S}" if at is not None else ""
    whose, path = f"the draft of {draft.mine.incident.reference} is", draft.journal.path
    if durable:
        return f"{whose} on disk up to {until}: {path}" if until else f"{whose} on disk: {path}"
    kept = f"; what was typed until {until} is in {path}" if until else ""
    return f"{whose} {missing(draft, durable=False)}{kept}"


def _time(at: datetime | None, form: str) -> str:
    return at.astimezone().strftime(form) if at else ""
