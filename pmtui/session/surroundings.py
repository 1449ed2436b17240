"""What a session is given beside backend and draft: whom it tells of its doings, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pmtui.model.postmortem import Postmortem
from pmtui.session.report import Report


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session tells of its doings: ``keep`` a reading for later, ``audit`` what was written, and the clock, UTC.

    ``audit`` returns what is to be said, "" for nothing. ``last_resorts`` are directories for a text that has no other place.
    """

    keep: Callable[[Postmortem], None] = lambda postmortem: None
    audit: Callable[[Postmortem, Report], str] = lambda postmortem, report: ""
    last_resorts: tuple[Path, ...] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
