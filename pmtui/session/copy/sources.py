"""Which postmortems there are to copy."""

from __future__ import annotations

from collections.abc import Callable

from pmtui.backends.base import Backend
from pmtui.model.postmortem import Incident
from pmtui.session.export.discover import survey


async def with_postmortems(
    backend: Backend, tell: Callable[[int], None] = lambda listed: None
) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """The incidents that have a postmortem or may have one, oldest first; and what of the list could not be read.

    ``tell`` hears how many incidents were listed so far. Raises BackendError when nothing of the list was read.
    """
    found = await survey(backend, tell)
    if found.stopped is not None and not found.incidents:
        raise found.stopped
    unread = [*found.unreadable]
    unread += [f"{found.missing} incidents are counted there and were not sent"] if found.missing else []
    unread += [f"the list ended early: {found.stopped.message}"] if found.stopped is not None else []
    return tuple(reversed(found.incidents)), tuple(unread)
