"""What this computer has of postmortems: unsent drafts, and what was last read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from pmtui.model.postmortem import Postmortem
from pmtui.session.recovery import replayed
from pmtui.store.cache import Cache
from pmtui.store.drafts import DraftInfo, Drafts, DraftUnreadable


def kept_here(infos: Iterable[DraftInfo], drafts: Drafts, cache: Cache) -> Iterator[tuple[Postmortem, str]]:
    """Each postmortem once, with a phrase that says where it is from. Raises OSError."""
    drafted: set[str] = set()
    for info in infos:
        with suppress(DraftUnreadable):
            draft = replayed(drafts.read(info))
            drafted.add(draft.mine.id)
            of = f"an unsent draft of {info.updated:%Y-%m-%d}" if info.changes else "a draft without changes"
            yield draft.mine, f"{of}, made of what was read on {draft.base.read_at:%Y-%m-%d}"
    for seen in cache.postmortems():
        if seen.id and seen.id not in drafted:
            yield seen, f"as it was last read here, on {seen.read_at:%Y-%m-%d}"
