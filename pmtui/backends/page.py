"""A page of the incident list. On its own, because the list shows a kept page before it loads the backends."""

from __future__ import annotations

from dataclasses import dataclass

from pmtui.model.incident import Incident


@dataclass(frozen=True, slots=True)
class Page:
    """One page of incidents, newest first. ``cursor`` gets the next page, None at the end. ``total`` is None if the vendor gives none.

    ``unreadable`` has one line for each incident of the page that could not be understood, with the path in the answer.
    ``ignored`` names each filter that has no effect here, and why, without a full stop: the command line refuses these, the screens
    add that it was left out. ``notices`` are further remarks, none of them also in ``ignored``. ``missing`` is how many more
    incidents the vendor counts than it has sent by the last page; a notice says so, too.
    """

    incidents: tuple[Incident, ...]
    cursor: str | None = None
    total: int | None = None
    notices: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: int = 0
