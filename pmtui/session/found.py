"""A draft that was found on disk, in words: from when, where it was written, whether somebody has it open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pmtui.store.drafts import DraftInfo


@dataclass(frozen=True, slots=True)
class FoundDraft:
    """``updated`` is the time of its last edit. ``open_in`` is the process that it was open in, 0 when it was closed in order.

    ``carried`` says what it was a draft of, when that is not what is open now.
    ``alive`` tells whether that process still runs, None when nobody can know from here: it is on another host.
    """

    updated: datetime
    host: str = ""
    open_in: int = 0
    alive: bool | None = False
    carried: str = ""

    @classmethod
    def of(cls, info: DraftInfo) -> FoundDraft:
        return cls(info.updated, info.host, info.pid, info.alive)

    def words(self) -> str:
        """``draft from 02:47 UTC on host jump1 (that process is gone)``. The host is foreign text."""
        at = self.updated.astimezone(UTC)
        day = "" if at.date() == datetime.now(UTC).date() else f"{at:%Y-%m-%d} "
        on = f" on host {self.host}" if self.host else ""
        of = f" {self.carried}" if self.carried else ""
        return f"draft from {day}{at:%H:%M} UTC{on}{of}{self._process()}"

    def _process(self) -> str:
        if not self.open_in:
            return ""
        gone = {True: "is still running", False: "is gone", None: "may still be running"}[self.alive]
        return f" (that process {gone})"
