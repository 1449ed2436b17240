"""Suggests people, teams, services and incidents; reads the account's roles; finds the actor.

All of these need the right "Configuration access", even for reading (docs.opsgenie.com, recorded 2026-02). Without it only
the suggestions are lost: ids can be typed, and people already in the postmortem are offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pmtui.backends.answer import not_understood
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.client import segment
from pmtui.backends.opsgenie.account.listing import Entry, Listing, permitted
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.errors import CONFIGURATION
from pmtui.backends.opsgenie.fields import incident_label
from pmtui.backends.opsgenie.query import EVERYTHING, begins_in, together
from pmtui.backends.opsgenie.wire import Named as WireNamed
from pmtui.backends.opsgenie.wire import Role, User, WireIncident, data_of, rows_of
from pmtui.formats.typed_name import best_first
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Named, Person, Value

SUGGESTED = 20
MOST_NAMES = 50
"""The most names of one facet in a search: its text has to fit into an address."""
NAMED_IN_FULL = {"team": Kind.TEAMS, "service": Kind.SERVICES}
"""The facets that Opsgenie searches by whole names only."""
ROLES_DEADLINE = 5.0  # seconds: opening a postmortem must not wait long for suggestions
SET_ACTOR = "set PMTUI_ACTOR, or actor in the profile, to your e-mail address or user id in Opsgenie"

_ID_LIKE = re.compile(r"[\w-]{16,}")


class Directory:
    """People, teams, services and roles of one account, read once per process."""

    def __init__(self, api: Api, actor: str) -> None:
        self._api = api
        self.actor = actor.strip()
        self._actor_id = "" if "@" in self.actor else self.actor
        self._roles: tuple[str, ...] | None = None
        self._listings: dict[Kind, Listing[Any]] = {
            Kind.PEOPLE: Listing(api, "/v2/users", "users", User, _person, ("fullName", "username"), sort="fullName", order="asc"),
            Kind.TEAMS: Listing(api, "/v2/teams", "teams", WireNamed, _named),
            Kind.SERVICES: Listing(api, "/v1/services", "services", WireNamed, _named, ("name",), sort="name", order="asc"),
        }

    async def actor_id(self, tried: str) -> str:
        """The user id of the actor, which Opsgenie requires for creating, deleting and changing the status.

        Raises BackendError: LOCAL without an actor, RIGHTS when its e-mail address may not be looked up, MISSING when it is unknown.
        """
        if not self.actor:
            raise BackendError(Trouble.LOCAL, tried, "Opsgenie needs to know who does this, and an API key does not say it", SET_ACTOR)
        if not self._actor_id:
            self._actor_id = await self._look_up(tried)
        return self._actor_id

    async def roles(self) -> tuple[str, ...]:
        """The names of the account's own roles, read once; none if that fails, because they are only suggestions."""
        if self._roles is None:
            try:
                answer = await self._api.call("GET", "/v2/roles", tried="read the roles", deadline=ROLES_DEADLINE, retry=False)
                self._roles = tuple(role.name for role in rows_of(Role, answer.data, "read the roles").understood)
            except BackendError as error:
                if error.trouble is Trouble.OFFLINE:  # not an answer: asked again when there is a network
                    return ()
                self._roles = ()
        return self._roles

    async def suggest(self, kind: Kind, words: str, postmortem: Postmortem) -> list[Item]:
        """Matches for the typed words: first those in the postmortem, then the account's, then the words as an id.

        Raises BackendError; ANSWER also when nothing matches and a row was not understood, because it may have matched.
        """
        if kind is Kind.INCIDENTS:
            return await self._incidents(words, postmortem.incident.id)
        kind = Kind.PEOPLE if kind is Kind.PERSON else kind
        if kind not in self._listings:
            return []
        here = [entry for each in postmortem.fields.values() for entry in _entries(each, kind)]
        listing = self._listings[kind]
        found = best_first([*here, *await listing.search(words.strip())], words)[:SUGGESTED]
        if not found and _ID_LIKE.fullmatch(words.strip()):
            return [Person(words.strip()) if kind is Kind.PEOPLE else Named(words.strip())]
        if not found:
            listing.missed()
        return [*found]

    async def with_names(self, kind: Kind, items: Value) -> Value:
        """A list in which every entry has the name that a write needs; if it is not known, the id."""
        if kind not in self._listings or not isinstance(items, tuple):
            return items
        named: list[Item] = []
        for item in items:
            if isinstance(item, Person | Named):
                named.append(replace(item, name=item.name or await self._listings[kind].name_of(item.id) or item.id))
        return tuple(named)

    async def in_full(self, query: Query) -> tuple[Query, tuple[str, ...]]:
        """The query with the whole names of teams and services, which the search wants, and notices. Raises BackendError."""
        notices: list[str] = []
        facets = dict(query.facets)
        for facet, kind in NAMED_IN_FULL.items():
            if parts := query.facets.get(facet):
                names = [name for part in parts for name in await self._listings[kind].names_with(part)]
                facets[facet] = tuple(dict.fromkeys((*parts, *names[:MOST_NAMES])))
                if len(names) > MOST_NAMES:
                    notices.append(f"of {len(names)} {facet}s whose name has this the first {MOST_NAMES} were asked for")
                elif not names:
                    notices.append(f"no {facet} that this key may read has this in its name: it was asked for as it is")
        return replace(query, facets=facets), tuple(notices)

    async def _incidents(self, words: str, own_id: str) -> list[Item]:
        number = words.strip().lstrip("#")
        query = f"tinyId:{number}" if number.isdigit() else together(begins_in(("message",), word) for word in words.split())
        params: dict[str, str | int] = {"query": query or EVERYTHING, "limit": SUGGESTED, "sort": "createdAt", "order": "desc"}
        tried = "search incidents"
        answer = await permitted(self._api.call("GET", "/v1/incidents", tried=tried, params=params), None)
        if answer is None:
            return []
        rows = rows_of(WireIncident, answer.data, tried)
        if rows.unreadable and not rows.understood:
            raise not_understood(tried, rows.unreadable[0])
        return [Named(row.id, incident_label(row.tiny_id, row.message)) for row in rows.understood if row.id != own_id]

    async def _look_up(self, tried: str) -> str:
        try:
            answer = await self._api.call("GET", f"/v2/users/{segment(self.actor)}", tried=tried)
        except BackendError as error:
            if error.missing_right == CONFIGURATION:
                said = f"this key may not look up the user id of {self.actor}"
                advice = (
                    "set PMTUI_ACTOR to your user id instead (the end of your page's address in Opsgenie), or tick Configuration access"
                )
                raise BackendError(Trouble.RIGHTS, tried, said, advice, status=403, missing_right=CONFIGURATION) from error
            if error.trouble is Trouble.MISSING:
                raise BackendError(Trouble.MISSING, tried, f"Opsgenie has no user {self.actor}", SET_ACTOR, status=404) from error
            raise
        return data_of(User, answer.data, tried).id


def _entries(value: Value, kind: Kind) -> Iterator[Entry]:
    """The people in a field's value; nothing for other kinds, because teams and services are read whole."""
    if kind is not Kind.PEOPLE:
        return
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, Person):
            yield replace(item, role="")


def _person(user: User) -> Person:
    return Person(user.id, user.full_name or user.username, user.username)


def _named(row: WireNamed) -> Named:
    return Named(row.id, row.name)
