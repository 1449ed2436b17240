"""Remembers incidents that were read since they were listed: the list, and the next one for a while, may be older."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from pmtui.model.incident import Incident

LAG = 20.0
"""Seconds by which a new list may be behind: a vendor's search index is updated with a delay."""
MOST = 1000
"""The most incidents that are remembered; the oldest are dropped."""


class Recent:
    """The incidents that were read one by one, those that were created here, and those that are gone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Incident]] = {}
        self._begun: dict[str, float] = {}
        self._gone: dict[str, float] = {}

    def saw(self, incident: Incident) -> None:
        """Note that this incident was just read."""
        self._gone.pop(incident.id, None)
        _, known = self._known.pop(incident.id, (0.0, incident))
        self._known[incident.id] = self._clock(), known if incident.older_than(known) else incident
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def began(self, incident: Incident) -> None:
        """Note that this incident was created here, and read."""
        self.saw(incident)
        self._begun[incident.id] = self._clock()

    def lost(self, incident_id: str) -> None:
        """Note that this incident no longer exists."""
        self._known.pop(incident_id, None)
        self._begun.pop(incident_id, None)
        self._gone[incident_id] = self._clock()

    def now(self) -> float:
        """The time, for ``page``."""
        return self._clock()

    def page(self, rows: Iterable[Incident], *, asked_at: float | None = None) -> tuple[Incident, ...]:
        """A page that was asked for then, just now by default, with newer readings put in.

        Readings that the page must already have are dropped.
        """
        end = (self._clock() if asked_at is None else asked_at) - LAG
        self._known = {key: each for key, each in self._known.items() if each[0] > end}
        self._begun = {key: at for key, at in self._begun.items() if at > end}
        self._gone = {key: at for key, at in self._gone.items() if at > end}
        return self._latest(rows)

    def up_to_date(self, rows: Iterable[Incident]) -> tuple[Incident, ...]:
        """Rows that were listed some time ago, updated. Incidents created here come first."""
        rows = tuple(rows)
        listed = {row.id for row in rows}
        return self._latest([self._known[key][1] for key in reversed(self._begun) if key in self._known and key not in listed] + [*rows])

    def _latest(self, rows: Iterable[Incident]) -> tuple[Incident, ...]:
        rows = tuple(row for row in rows if row.id not in self._gone)
        owners = any(row.owner for row in rows)
        return tuple(self._row(row, owners) for row in rows)

    def _row(self, row: Incident, owners: bool) -> Incident:
        """A row, updated. ``owners``: whether the list has owners; otherwise a single name would suggest that other rows have none."""
        if row.id not in self._known:
            return row
        _, known = self._known[row.id]
        if known.older_than(row):
            return row
        return known if owners else replace(known, owner="")
