"""The drafts that are not on the server: those of one profile, and those of the others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pmtui.store.drafts import DraftInfo, Drafts


class Unsent:
    """The drafts on disk, seen from this profile. Without those whose edits were carried over. All raise OSError."""

    def __init__(self, drafts: Drafts, profile: str) -> None:
        self._drafts = drafts
        self._profile = profile
        self._waits: dict[Path, tuple[datetime, bool]] = {}  # whether a draft waits to be saved, and of when it was read

    def here(self) -> list[DraftInfo]:
        """The drafts of this profile, latest first, and those too damaged to say whose they are."""
        return [info for info in self._drafts.list(self._profile) if not info.carried]

    def elsewhere(self) -> list[DraftInfo]:
        """The drafts of other profiles, latest first."""
        return [info for info in self._drafts.list() if info.profile not in ("", self._profile) and not info.carried]

    def queued(self) -> list[DraftInfo]:
        """The drafts of this profile whose save waits for the server."""
        from pmtui.session.plan import waits

        for info in (here := [info for info in self.here() if not info.damaged]):
            if self._waits.get(info.path, (None,))[0] != info.updated:
                self._waits[info.path] = info.updated, waits(self._drafts.read(info).records)
        return [info for info in here if self._waits[info.path][1]]
