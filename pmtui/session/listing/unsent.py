"""The drafts that are not on the server: those of one profile, and those of the others."""

from __future__ import annotations

from typing import NamedTuple

from pmtui.store.drafts import DraftInfo, Drafts


class OnDisk(NamedTuple):
    """Drafts, latest first. ``here`` are those of this profile, and those too damaged to say whose they are."""

    here: tuple[DraftInfo, ...]
    elsewhere: tuple[DraftInfo, ...]

    @property
    def queued(self) -> tuple[DraftInfo, ...]:
        """The drafts of this profile whose save waits for the server."""
        return tuple(info for info in self.here if info.queued and not info.damaged)


class Unsent:
    """The drafts on disk, seen from this profile. Without those whose edits were carried over."""

    def __init__(self, drafts: Drafts, profile: str) -> None:
        self._drafts = drafts
        self._profile = profile

    def on_disk(self) -> OnDisk:
        """All of them. Raises OSError."""
        found = [info for info in self._drafts.list() if not info.carried]
        here = tuple(info for info in found if info.profile in ("", self._profile))
        return OnDisk(here, tuple(info for info in found if info.profile not in ("", self._profile)))
