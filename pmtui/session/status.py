"""The state of an open postmortem in words, for the last line but one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
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


def _time(at: datetime | None, form: str) -> str:
    return at.astimezone().strftime(form) if at else ""
