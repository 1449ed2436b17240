"""Lists the postmortems that can be copied."""

from __future__ import annotations

from collections.abc import Callable

from pmtui.backends.base import Backend
from pmtui.model.incident import Incident
from pmtui.session.export.discover import survey


async def with_postmortems(
    backend: Backend, tell: Callable[[int], None] = lambda listed: None
) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """The incidents that have or may have a postmortem, oldest first; and a line for each part of the list that could not be read.

    ``tell`` is called with the number of incidents listed so far. Raises BackendError when nothing could be listed.
    """
    found = await survey(backend, tell)
    if found.stopped is not None and not found.incidents:
        raise found.stopped
    unread = [*found.unreadable]
    unread += [f"{found.missing} incidents are in the server's count and were not sent"] if found.missing else []
    unread += [f"the list ended early: {found.stopped.message}"] if found.stopped is not None else []
    return tuple(reversed(found.incidents)), tuple(unread)
