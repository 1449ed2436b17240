"""The rows that the list has read so far: one or more pages, each incident once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.model.incident import Incident


SHARE = 16
"""Rows are taken in when they are one in so many of those before: so reading n rows costs n, not n for each page."""


class Loaded(NamedTuple):
    """Rows. ``cursor`` gets the next page, None at the last one; ``total`` is the vendor's count, None when it gives none."""

    rows: tuple[Incident, ...] = ()
    unreadable: tuple[str, ...] = ()
    cursor: str | None = None
    total: int | None = None
    read_at: datetime | None = None
    last: int = 0
    """How many rows the last page had."""

    def with_pages(self, pages: Sequence[Page], read_at: datetime) -> Loaded:
        """These pages appended."""
        rows = {incident.id: incident for incident in self.rows}
        unreadable = list(self.unreadable)
        for page in pages:
            for incident in page.incidents:
                rows.setdefault(incident.id, incident)
            unreadable += page.unreadable
        return Loaded(tuple(rows.values()), tuple(unreadable), pages[-1].cursor, pages[-1].total, read_at, len(pages[-1].incidents))

    def is_end_near(self, below: int) -> bool:
        """Whether a row with so many rows below it is of the page that was read last, and there is a further one."""
        return self.cursor is not None and below < self.last

    def count_with(self, pages: Sequence[Page]) -> int:
        """How many rows there are with these pages, at most: one that stands in two pages counts twice."""
        return len(self.rows) + sum(len(page.incidents) for page in pages)

    def is_due(self, pages: Sequence[Page]) -> bool:
        """Whether these pages are worth taking in now: more may be read before the rows are ordered and drawn again."""
        return self.count_with(pages) >= len(self.rows) * (1 + 1 / SHARE) or pages[-1].cursor is None
