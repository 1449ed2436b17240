"""The state of an open postmortem in words: what the status line says, and what can be truly said of the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pmtui.session.draft import Draft
from pmtui.store.timeouts import STUCK

NOT_ON_DISK = "NOT on disk"
SILENT = 1.0
"""Seconds without an answer after which it is said that the disk does not answer."""


class State(StrEnum):
    """How the text that is here stands to the disk and to the server."""

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
                return f"saved · verified {_time(self.at, '%H:%M')}".rstrip()
            case State.NOT_SAVED:
                return f"not saved: {self.detail}"


def why_not_yet(draft: Draft) -> str:
    """Why what was typed is not on disk, "" while that is no more than the time that a disk takes."""
    state = draft.journal.state
    if state.problem:
        return f"not on disk: {state.problem}"
    return f"not on disk yet: {STUCK}" if state.waiting > SILENT else ""


def missing(draft: Draft, *, durable: bool) -> str:
    """After the last attempt to write: ``NOT on disk: disk full``, "" when the disk has everything."""
    return "" if durable else f"{NOT_ON_DISK}: {draft.lost or draft.journal.state.problem or STUCK}"


def last_words(draft: Draft, *, durable: bool) -> str:
    """Where what was typed is, as the last words of a program that ends: never the name of a file that is not there."""
    at = draft.journal.state.synced_at
    until = f"{at.astimezone():%H:%M:%S}" if at is not None else ""
    whose, path = f"the draft of {draft.mine.incident.reference} is", draft.journal.path
    if durable:
        return f"{whose} on disk up to {until}: {path}" if until else f"{whose} on disk: {path}"
    kept = f"; what was typed until {until} is in {path}" if until else ""
    return f"{whose} {missing(draft, durable=False)}{kept}"


def _time(at: datetime | None, form: str) -> str:
    return at.astimezone().strftime(form) if at else ""
