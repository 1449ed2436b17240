"""Finds the postmortems through the list of all incidents, and reports what that list leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pmtui.backends.base import Backend, BackendError, Trouble
from pmtui.backends.page import Page
from pmtui.backends.trouble import REFUSALS
from pmtui.model.incident import Existence, Incident

TRIES = 3
"""Attempts for each page, besides the client's own retries: all further pages depend on it."""
FINAL = REFUSALS | {Trouble.CREDENTIALS, Trouble.ENDED, Trouble.LOCAL, Trouble.UNABLE}
"""Troubles that are the same the next time."""


@dataclass(frozen=True, slots=True)
class Survey:
    """The incidents that have, or may have, a postmortem, and how many incidents were listed.

    ``unreadable`` has a line for each incident that could not be understood. ``missing`` is how many more incidents the
    vendor counts than it sent. ``stopped`` is why the list ended early, None when it did not.
    """

    incidents: tuple[Incident, ...] = ()
    listed: int = 0
    unreadable: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    missing: int = 0
    stopped: BackendError | None = None

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the list leaves out, a sentence each."""
        return (
            *(f"an incident could not be read: {each}" for each in self.unreadable),
            *([f"{self.missing} incidents are in the server's count and were not sent"] if self.missing else []),
            *([f"the list of incidents ended early: {self.stopped.message}"] if self.stopped is not None else []),
        )


async def survey(backend: Backend, tell: Callable[[int], None]) -> Survey:
    """Every incident of the account, once. ``tell`` is called with the number listed so far."""
    found: dict[str, Incident] = {}
    unreadable: list[str] = []
    notices: dict[str, None] = {}
    listed, missing = 0, 0
    cursor: str | None = None
    stopped: BackendError | None = None
    while True:
        try:
            page = await _page(backend, cursor)
        except BackendError as error:
            stopped = error
            break
        listed += len(page.incidents)
        found |= {each.id: each for each in page.incidents if each.postmortem is not Existence.NONE}
        unreadable += page.unreadable
        notices |= dict.fromkeys(page.notices)
        missing += page.missing
        tell(listed)
        cursor = page.cursor
        if cursor is None:
            break
    return Survey(tuple(found.values()), listed, tuple(unreadable), tuple(notices), missing, stopped)


async def _page(backend: Backend, cursor: str | None) -> Page:
    for left in reversed(range(TRIES)):
        try:
            return await backend.every_incident(cursor)
        except BackendError as error:
            if not left or error.trouble in FINAL:
                raise
    raise AssertionError("the last attempt returns or raises")
