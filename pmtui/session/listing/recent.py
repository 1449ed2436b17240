"""What was read of single incidents since they were listed: their rows are behind it, and so may be the next list for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from pmtui.model.postmortem import Incident

LAG = 20.0
"""Seconds for which a list that is read may be behind: a vendor's search is an index that follows."""
MOST = 1000
"""Incidents that are known at once; the first ones are forgotten."""


class Recent:
    """Knows the incidents that were read one by one, those that were begun here, and those that are gone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Incident]] = {}
        self._begun: dict[str, float] = {}
        self._gone: dict[str, float] = {}

    def saw(self, incident: Incident) -> None:
        """This incident was read just now."""
        self._gone.pop(incident.id, None)
        self._known.pop(incident.id, None)
        self._known[incident.id] = self._clock(), incident
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def began(self, incident: Incident) -> None:
        """This incident was begun here, and read."""
        self.saw(incident)
        self._begun[incident.id] = self._clock()

    def lost(self, incident_id: str) -> None:
        """This incident was there, and is not any more."""
        self._known.pop(incident_id, None)
        self._begun.pop(incident_id, None)
        self._gone[incident_id] = self._clock()

    def page(self, rows: Iterable[Incident]) -> tuple[Incident, ...]:
        """A page that was just read, with what it may be behind of. What it has had time to take in is forgotten."""
        end = self._clock() - LAG
        self._known = {key: each for key, each in self._known.items() if each[0] > end}
        self._begun = {key: at for key, at in self._begun.items() if at > end}
        self._gone = {key: at for key, at in self._gone.items() if at > end}
        return self._latest(rows)

    def up_to_date(self, rows: Iterable[Incident]) -> tuple[Incident, ...]:
        """Rows that were listed some time ago, as they are by now. What was begun here comes first."""
        rows = tuple(rows)
        listed = {row.id for row in rows}
        return self._latest([self._known[key][1] for key in reversed(self._begun) if key in self._known and key not in listed] + [*rows])

    def _latest(self, rows: Iterable[Incident]) -> tuple[Incident, ...]:
        rows = tuple(row for row in rows if row.id not in self._gone)
        owners = any(row.owner for row in rows)
        return tuple(self._row(row, owners) for row in rows)

    def _row(self, row: Incident, owners: bool) -> Incident:
        """``owners``: whether this list tells of owners; where it does not, one name would say that the other rows have none."""
        if row.id not in self._known:
            return row
        _, known = self._known[row.id]
        if known.changed and row.changed and row.changed > known.changed:
            return row
        return known if owners else replace(known, owner="")
