"""Which postmortems there are to copy."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pmtui.backends.base import Backend, Page
from pmtui.model.postmortem import Existence, Incident
from pmtui.model.query import Query


async def pages(backend: Backend) -> AsyncIterator[Page]:
    """The whole list of incidents, page by page. Raises BackendError."""
    cursor: str | None = None
    while True:
        page = await backend.incidents(Query(), cursor)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


async def with_postmortems(backend: Backend) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """The incidents that have a postmortem or may have one, oldest first; and what of the list could not be read."""
    found: dict[str, Incident] = {}
    unread: list[str] = []
    async for page in pages(backend):
        found.update({each.id: each for each in page.incidents if each.postmortem is not Existence.NONE})
        unread += page.unreadable
        unread += [f"{page.missing} incidents are counted there and were not sent"] if page.missing else []
    return tuple(reversed(found.values())), tuple(unread)
