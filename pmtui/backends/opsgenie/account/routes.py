"""The routes (method and path) that update the fields of a postmortem, as data.

The vendor documents the bodies of these updates, not their methods and paths. A third-party client uses ``PUT …/content``,
and ``PUT …/executive-summary`` was seen to be answered; the rest follow their pattern (PUT, the path in kebab-case) and
have further candidates. A candidate that worked is remembered for its host; the configuration overrides all. A refusal
is believed for an hour, because a 404 may come from a proxy; then the field's own routes are tried again. A POST is a
candidate only if the configuration names it: on an undocumented path it is the least certain to only set a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pmtui.backends.base import BackendError, RouteLine, Trouble
from pmtui.backends.http.client import segment
from pmtui.backends.opsgenie.account.index import REFUSED_ROUTES, ROUTE, Index

RESOURCE = "/v2/postmortem/{id}"
FULL = "full"
"""The update that sets all fields at once: the last resort for fields without a working route of their own."""
FULL_UPDATE = " (full update)"
"""The suffix of a full update in ``Step.request``."""
UPDATES = (
    "title",
    "severity",
    "status",
    "owner",
    "responder-users",
    "responder-teams",
    "jira-issues",
    "related-incidents",
    "affected-services",
    "executive-summary",
    "content",
    FULL,
)
_OF_FIELDS = frozenset(UPDATES) - {"executive-summary", "content", FULL}
"""The updates that the full update includes."""
_ALIASES = {"responders": "responder-users", "linked-issues": "jira-issues"}
BELIEVED = timedelta(hours=1)
"""How long a refused route counts as missing on its host."""
_PARAMETER = re.compile(r"\{\w+\}|:\w+")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path in which ``{id}`` stands for the postmortem's id."""

    method: str
    path: str

    @classmethod
    def read(cls, written: str) -> Route:
        """Parse ``PUT /v2/postmortem/{id}/title``; ``:id`` and other parameter names are accepted. Raises ValueError."""
        match = re.fullmatch(r"\s*(PUT|PATCH|POST)\s+(/\S+)\s*", written)
        if match is None or len(_PARAMETER.findall(match[2])) != 1:
            raise ValueError(f"{written!r} is not a route: write METHOD PATH, for example 'PUT {RESOURCE}/title'")
        return cls(match[1], _PARAMETER.sub("{id}", match[2]))

    def path_for(self, postmortem_id: str) -> str:
        return self.path.replace("{id}", segment(postmortem_id))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def candidates(update: str) -> tuple[Route, ...]:
    """Every possible route of an update, the likeliest first: kebab-case, then camelCase."""
    paths = [""] if update == FULL else [f"/{path}" for path in dict.fromkeys((update, _camel(update)))]
    return tuple(Route(method, RESOURCE + path) for path in paths for method in ("PUT", "PATCH", "POST"))


def _camel(path: str) -> str:
    first, *others = path.split("-")
    return first + "".join(word.capitalize() for word in others)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A refused candidate, its status, and when (ISO 8601, "" if unknown). ``METHOD PATH: STATUS at TIME`` in the index."""

    route: str
    status: str
    at: str = ""

    @classmethod
    def read(cls, written: str) -> _Refusal:
        answer, _, at = written.partition(" at ")
        route, _, status = answer.partition(": ")
        return cls(route, status, at)

    def believed(self, now: datetime) -> bool:
        """Whether it is recent enough to be believed; not if its time is in the future or unreadable."""
        try:
            return timedelta() <= now - datetime.fromisoformat(self.at) < BELIEVED
        except (ValueError, TypeError):
            return False

    def __str__(self) -> str:
        return f"{self.route}: {self.status} at {self.at}"


class Routes:
    """The routes of one host: overridden, remembered, or assumed."""

    def __init__(
        self, host: str, index: Index, overrides: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._host = host
        self._index = index
        self._now = now
        self._overrides = dict(_override(name, written) for name, written in overrides.items())

    def to_try(self, update: str) -> tuple[Route, ...]:
        """The routes to try for an update, in order: the overriding one alone, else the remembered one first.

        A POST is among them only if it was configured or has worked before (see ``wanting``).
        """
        if update in self._overrides:
            return (self._overrides[update],)
        known = self._remembered(update)
        others = (route for route in candidates(update) if route != known and route.method != "POST")
        return (known, *others) if known else tuple(others)

    def wanting(self, update: str) -> tuple[Route, ...]:
        """The candidates that are sent only if the configuration names them."""
        if update in self._overrides:
            return ()
        known = self._remembered(update)
        return tuple(route for route in candidates(update) if route.method == "POST" and route != known)

    def call(self, update: str) -> str:
        """The route that would be tried first, as text: ``PUT /v2/postmortem/{id}/title``."""
        return str(self.to_try(update)[0])

    def lost(self, update: str) -> bool:
        """Whether this host has recently refused every route to try.

        A configured route is never lost, because the user chose it.
        """
        return update not in self._overrides and not self._left(update)

    def instead(self, update: str) -> str:
        """The full update as text if a field's own update is lost, "" if it is not, or the full update is lost, too."""
        return f"{self.call(FULL)}{FULL_UPDATE}" if update in _OF_FIELDS and self.lost(update) and not self.lost(FULL) else ""

    def worked(self, update: str, route: Route) -> None:
        """Remember the route that an update was accepted on."""
        if update not in self._overrides and self._remembered(update) != route:
            self._index.put(ROUTE, self._key(update), str(route))
            self._put(update, [note for note in self._refusals(update) if note.route != str(route)])

    def refused(self, update: str, route: Route, status: int) -> None:
        """Remember that this host refused the route, and when; forget that it worked."""
        if self._remembered(update) == route:
            self._index.put(ROUTE, self._key(update), "")
        others = [note for note in self._refusals(update) if note.route != str(route)]
        self._put(update, [*others, _Refusal(str(route), str(status), self._now().isoformat())])

    def table(self) -> tuple[RouteLine, ...]:
        """One line per update, for ``pmtui doctor --routes``."""
        return tuple(self._line(update) for update in UPDATES)

    def _line(self, update: str) -> RouteLine:
        refused = ", ".join(f"{note.route}: {note.status}" for note in self._refusals(update))
        wants = "" if self._left(update) else ", ".join(map(str, self.wanting(update)))
        return RouteLine(update, self.call(update), self._source(update), refused, wants, self.instead(update))

    def _left(self, update: str) -> list[Route]:
        """The routes to try that were not refused within the last hour."""
        now = self._now()
        lately = {note.route for note in self._refusals(update) if note.believed(now)}
        return [route for route in self.to_try(update) if str(route) not in lately]

    def _refusals(self, update: str) -> list[_Refusal]:
        """The refused candidates."""
        written = self._index.get(REFUSED_ROUTES, self._key(update))
        return [_Refusal.read(note) for note in written.split(", ")] if written else []

    def _put(self, update: str, refusals: list[_Refusal]) -> None:
        self._index.put(REFUSED_ROUTES, self._key(update), ", ".join(map(str, refusals)))

    def _source(self, update: str) -> str:
        if update in self._overrides:
            return "configuration"
        return "remembered" if self._remembered(update) else "assumed"

    def _remembered(self, update: str) -> Route | None:
        written = self._index.get(ROUTE, self._key(update))
        if not written:
            return None
        try:
            return Route.read(written)
        except ValueError:
            return None  # of another version, or damaged: ignored, the candidates remain

    def _key(self, update: str) -> str:
        return f"{self._host} {update}"


def _override(name: str, written: str) -> tuple[str, Route]:
    update = name.replace("_", "-")
    update = _ALIASES.get(update, update)
    tried = f"use the route that the configuration gives for {name!r}"
    if update not in UPDATES:
        raise BackendError(Trouble.LOCAL, tried, "there is no such update", f"the updates are {', '.join(UPDATES)}")
    try:
        return update, Route.read(written)
    except ValueError as error:
        raise BackendError(Trouble.LOCAL, tried, str(error)) from None
