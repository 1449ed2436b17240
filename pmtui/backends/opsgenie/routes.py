"""By which method and path each field of a postmortem is updated, as data.

The vendor documents the bodies of these updates, not their methods and paths. ``PUT …/content`` is what a third-party
client uses, ``PUT …/executive-summary`` was seen to be answered; the rest follows their pattern (PUT, the path in
kebab-case) and has further candidates. A candidate that worked is remembered for its host; configuration overrides all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http import segment
from pmtui.backends.opsgenie.index import REFUSED_ROUTES, ROUTE, Index

RESOURCE = "/v2/postmortem/{id}"
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
)
_ALIASES = {"responders": "responder-users", "linked-issues": "jira-issues"}
_PARAMETER = re.compile(r"\{\w+\}|:\w+")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path in which ``{id}`` stands for the postmortem's id."""

    method: str
    path: str

    @classmethod
    def read(cls, written: str) -> Route:
        """``PUT /v2/postmortem/{id}/title`` as a route; ``:id`` and other names of the parameter will do. Raises ValueError."""
        match = re.fullmatch(r"\s*(PUT|PATCH|POST)\s+(/\S+)\s*", written)
        if match is None or len(_PARAMETER.findall(match[2])) != 1:
            raise ValueError(f"{written!r} is no route: write METHOD PATH, for example 'PUT {RESOURCE}/title'")
        return cls(match[1], _PARAMETER.sub("{id}", match[2]))

    def path_for(self, postmortem_id: str) -> str:
        return self.path.replace("{id}", segment(postmortem_id))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class RouteLine:
    """What is known of one update's route. ``source``: configuration, remembered (it worked on this host) or assumed.

    ``refused`` are candidates that this host did not take, with the status it gave.
    """

    update: str
    route: str
    source: str
    refused: str = ""


def candidates(update: str) -> tuple[Route, ...]:
    """What to try, in order. POST comes last: on an unknown route it is the least sure to do nothing else."""
    paths = [update, _camel(update)] if "-" in update else [update]
    routes = [Route(method, f"{RESOURCE}/{path}") for methods in (("PUT", "PATCH"), ("POST",)) for path in paths for method in methods]
    return tuple(routes)


def _camel(path: str) -> str:
    first, *others = path.split("-")
    return first + "".join(word.capitalize() for word in others)


class Routes:
    """The routes of one host: overridden, remembered, or assumed."""

    def __init__(self, host: str, index: Index, overrides: Mapping[str, str]) -> None:
        self._host = host
        self._index = index
        self._overrides = dict(_override(name, written) for name, written in overrides.items())

    def to_try(self, update: str) -> tuple[Route, ...]:
        """The routes to try for an update, in order: the overriding one alone, else the remembered one first."""
        if update in self._overrides:
            return (self._overrides[update],)
        known = self._remembered(update)
        others = (route for route in candidates(update) if route != known)
        return (known, *others) if known else tuple(others)

    def worked(self, update: str, route: Route) -> None:
        """Remember the route that an update was accepted on."""
        if update not in self._overrides and self._remembered(update) != route:
            self._index.put(ROUTE, self._key(update), str(route))

    def refused(self, update: str, route: Route, status: int) -> None:
        """Remember, for the table only, that this host has no such route."""
        before = self._index.get(REFUSED_ROUTES, self._key(update)) or ""
        note = f"{route}: {status}"
        if note not in before.split(", "):
            self._index.put(REFUSED_ROUTES, self._key(update), f"{before}, {note}" if before else note)

    def table(self) -> tuple[RouteLine, ...]:
        """One line an update, for ``pmtui doctor --routes``."""
        return tuple(
            RouteLine(update, str(self.to_try(update)[0]), self._source(update), self._index.get(REFUSED_ROUTES, self._key(update)) or "")
            for update in UPDATES
        )

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
            return None  # another version's, or damaged: as good as none, the candidates are still there

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
