"""What can be truly said of the disk: whether it has all that was typed, until when, and why not."""

from __future__ import annotations

from pmtui.session.draft import Draft
from pmtui.store.timeouts import STUCK

NOT_ON_DISK = "NOT on disk"
SILENT = 1.0
"""Seconds without an answer after which it is said that the disk does not answer."""


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
    """Where what was typed is, for who leaves now: never the name of a file that is not there."""
    at = draft.journal.state.synced_at
    until = f"{at.astimezone():%H:%M:%S}" if at is not None else ""
    whose, path = f"the draft of {draft.mine.incident.reference} is", draft.journal.path
    if durable:
        return f"{whose} on disk up to {until}: {path}" if until else f"{whose} on disk: {path}"
    kept = f"; what was typed until {until} is in {path}" if until else ""
    return f"{whose} {missing(draft, durable=False)}{kept}"
