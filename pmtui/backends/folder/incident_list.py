"""The list of incidents: the rows of the index, filtered and in pages."""

from __future__ import annotations

from typing import Final

from pmtui.backends.folder.incidents import incident_of
from pmtui.backends.folder.index import Listing
from pmtui.backends.folder.query import ignored, matches
from pmtui.backends.page import Page
from pmtui.model.query import Query

PAGE: Final = 100
_NAMED: Final = 3  # links named in a line


def page(listing: Listing, query: Query, cursor: str | None) -> Page:
    """A page, newest first. The first page reports what could not be read."""
    rows = [(identity, row) for identity, row in listing.rows.items() if matches(query, row)]
    start = int(cursor or 0)
    end = start + PAGE
    return Page(
        tuple(incident_of(row, identity) for identity, row in rows[start:end]),
        str(end) if end < len(rows) else None,
        len(rows),
        notices=_links(listing) if cursor is None else (),
        unreadable=listing.unreadable if cursor is None else (),
        ignored=ignored(query),
    )


def _links(listing: Listing) -> tuple[str, ...]:
    if not listing.links:
        return ()
    more = f" and {len(listing.links) - _NAMED} more" if len(listing.links) > _NAMED else ""
    return (f"links are not followed: {', '.join(listing.links[:_NAMED])}{more}",)
