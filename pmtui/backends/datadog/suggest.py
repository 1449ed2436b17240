"""Type-ahead for people, teams, services and incidents; without the scope for a list, those already seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pmtui.backends.answer import not_understood
from pmtui.backends.base import BackendError, Some, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.fields import TEAMS
from pmtui.backends.datadog.incident_list import Listing
from pmtui.formats.typed_name import best_first
from pmtui.model.fields import AFFECTED_SERVICES, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Named, Person

T = TypeVar("T")
MOST = 20
_MOST_SERVICE_PAGES = 10
_USERS_PAGE, _MOST_USER_PAGES = 100, 5
_DEGRADES = (Trouble.RIGHTS, Trouble.MISSING)


class Suggester:
    """Type-ahead of one profile. Services are read once."""

    def __init__(self, api: Api, catalogue: Catalogue, listing: Listing) -> None:
        self._api = api
        self._catalogue = catalogue
        self._listing = listing
        self._services: list[str] | None = None

    async def suggest(self, kind: Kind, words: str, postmortem: Postmortem) -> Sequence[Item]:
        """About twenty items at most, best first. Raises BackendError, except for a missing scope: then items already seen are offered."""
        match kind:
            case Kind.PERSON | Kind.PEOPLE | Kind.TASKS:
                return await self._people(words, postmortem)
            case Kind.TEAMS:
                return await self._teams(words, postmortem)
            case Kind.SERVICES:
                return await self._service_names(words, postmortem)
            case Kind.INCIDENTS:
                page = await self._listing.incidents(Query(words), None)
                if page.unreadable and not page.incidents:
                    raise not_understood("look for incidents", page.unreadable[0])
                return [Named(each.id, f"{each.reference} {each.title}") for each in page.incidents[:MOST]]
        return ()

    async def _people(self, words: str, postmortem: Postmortem) -> Sequence[Item]:
        try:
            found = await self._users(words)
        except BackendError as error:
            if error.trouble not in _DEGRADES:
                raise
            found = Some()
        seen = [] if found else [*_seen(postmortem), *self._catalogue.people]
        return _as_many_as(found, best_first([*found, *seen], words)[:MOST])

    async def _users(self, words: str) -> list[Person]:
        """The users that the words mean, best first. The vendor's filter takes one text, and finds it in the domain of an address, too."""
        asked = max(words.split(), key=len, default="")
        found: list[Person] = []
        for number in range(_MOST_USER_PAGES):
            users = await self._api.users(asked, _USERS_PAGE, number)
            self._catalogue.note_users(users)
            found = best_first([*found, *(user.person for user in users)], words)
            if len(users) < _USERS_PAGE:
                return found
            if len(found) >= MOST:
                break
        return Some(found)

    async def _teams(self, words: str, postmortem: Postmortem) -> Sequence[Item]:
        try:
            read = [each.label for each in await self._api.teams(words, MOST)]
            found = Some(read) if len(read) == MOST else read
        except BackendError as error:
            if error.trouble not in _DEGRADES:
                raise
            found = Some([*_values(postmortem, TEAMS), *self._catalogue.definitions.facets.get("teams", ())])
        return _as_many_as(found, best_first([Named(each, each) for each in dict.fromkeys(found) if each], words)[:MOST])

    async def _service_names(self, words: str, postmortem: Postmortem) -> Sequence[Item]:
        if self._services is None:
            self._services = await self._read_services()
        seen = [*_values(postmortem, AFFECTED_SERVICES), *self._catalogue.definitions.facets.get("services", ())]
        names = [Named(each, each) for each in dict.fromkeys([*self._services, *seen])]
        return _as_many_as(self._services, best_first(names, words)[:MOST])

    async def _read_services(self) -> list[str]:
        """Read all services once: the endpoint has no filter."""
        found: list[str] = []
        for page in range(_MOST_SERVICE_PAGES):
            try:
                read = await self._api.services(page)
            except BackendError as error:
                if error.trouble not in _DEGRADES:
                    raise
                break
            if read.unreadable and not read.understood:
                raise not_understood("read the services", read.unreadable[0])
            found = _as_many_as(Some() if read.unreadable else found, [*found, *(each.attributes.service.name for each in read.understood)])
            if len(read) < 100:
                return found
        return Some(found)


def _as_many_as(found: Sequence[object], items: list[T]) -> list[T]:
    """These items: ``Some``, if what was found was not all there is."""
    return Some(items) if isinstance(found, Some) else items


def _seen(postmortem: Postmortem) -> list[Person]:
    values = postmortem.fields.values()
    listed = [each for value in values if isinstance(value, tuple) for each in value if isinstance(each, Person)]
    return [*(value for value in values if isinstance(value, Person)), *listed]


def _values(postmortem: Postmortem, name: str) -> list[str]:
    value = postmortem.fields.get(name)
    return [each.id for each in value if isinstance(each, Named)] if isinstance(value, tuple) else []
