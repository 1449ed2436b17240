"""What a session needs besides backend and draft: callbacks and the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pmtui.model.postmortem import Postmortem
from pmtui.session.report import Report


async def nothing_to_log(postmortem: Postmortem, report: Report) -> str:
    """An ``audit`` that keeps no log."""
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The callbacks of a session: ``keep`` caches a reading, ``audit`` logs what was written, ``now`` is the clock, UTC.

    ``audit`` returns a notice, "" for none. ``last_resorts`` are directories for a text that cannot be written elsewhere.
    """

    keep: Callable[[Postmortem], None] = lambda postmortem: None
    audit: Callable[[Postmortem, Report], Awaitable[str]] = nothing_to_log
    last_resorts: tuple[Path, ...] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
