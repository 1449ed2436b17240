"""The list of incidents: search, which is quick and sorted; where it is refused, the plain list read from its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from pmtui.backends.base import BackendError, Page, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.api import PAGE, Api
from pmtui.backends.datadog.incidents import commander_of, incident_of
from pmtui.backends.datadog.query import bounds, in_dates, matches, not_understood, search_text, wants_postmortem
from pmtui.backends.datadog.wire import Json, dig, included, record, records, text
from pmtui.model.postmortem import Existence, Incident
from pmtui.model.query import Query

_FROM_LIST = "list:"
_MOST_PAGES = 10  # pages that one call reads when dates filter most of them out
_MOST_WALKED = 20  # pages in which one incident is looked for
_SCOPES: Mapping[Trouble, str] = {Trouble.RIGHTS: "the key may not search", Trouble.MISSING: "search is not offered here"}


@dataclass(frozen=True, slots=True)
class Found:
    """An incident of a list, the resource it was made of, and the attachments that came along, by id."""

    incident: Incident
    resource: Json
    attachments: Mapping[str, Json]


def refused(error: BackendError) -> bool:
    """Whether search is not to be had here, with this key or at all."""
    return error.trouble in _SCOPES or error.status == 405


class Listing:
    def __init__(self, api: Api, site: Site, catalogue: Catalogue) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue

    async def incidents(self, query: Query, cursor: str | None) -> Page:
        """A page, newest first. Raises BackendError."""
        query, notices = await self._with_handles(query)
        notices += not_understood(query)
        if cursor is not None and cursor.startswith(_FROM_LIST):
            return await self._from_list(query, int(cursor.removeprefix(_FROM_LIST)), notices)
        try:
            return await self._from_search(query, int(cursor or 0), notices)
        except BackendError as error:
            if not refused(error):
                raise
            why = _SCOPES.get(error.trouble, "search is refused")
        return await self._from_list(query, await self._count(), (*notices, f"{why}: filtered here, from the plain list"))

    async def find(self, words: str, offset: int = 0) -> tuple[list[Incident], Json]:
        """The incidents that a query in Datadog's language finds, with the raw answer."""
        answer = await self._api.search(words, offset, PAGE)
        self._catalogue.note_search(answer)
        attachments = included(answer, "incident_attachments")
        found = [record(each, "data") for each in records(answer, "data", "attributes", "incidents")]
        self._catalogue.note_users(inlined for each in found if (inlined := record(each, "attributes", "commander", "data")))
        return [incident_of(each, self._site, {}, attachments) for each in found if text(each, "id")], answer

    async def _from_search(self, query: Query, offset: int, notices: tuple[str, ...]) -> Page:
        after, _ = bounds(query)
        words = search_text(query, self._catalogue.definitions.states())
        shown: list[Incident] = []
        for _ in range(_MOST_PAGES):
            found, answer = await self.find(words, offset)
            offset += len(found)
            shown += [_told(each, answer, query) for each in found if in_dates(query, each)]
            # A short page is the last one: next_offset is sent there, too (recorded).
            oldest = found[-1].created if found else None
            ended = len(found) < PAGE or (after is not None and oldest is not None and oldest < after)
            if shown or ended:
                break
        total = dig(answer, "data", "attributes", "total")
        known = total if isinstance(total, int) and bounds(query) == (None, None) else None
        return Page(tuple(shown), None if ended else str(offset), known, notices)

    async def _from_list(self, query: Query, end: int, notices: tuple[str, ...]) -> Page:
        """The page before offset ``end``: the list is oldest first and cannot be sorted."""
        shown: list[Incident] = []
        for _ in range(_MOST_PAGES):
            start = max(0, end - PAGE)
            answer = await self._api.incidents(start, end - start) if end else {}
            users = included(answer, "users")
            page = [(each.incident, each.resource, self._commander(each.resource, users)) for each in self._listed(answer)]
            shown += [each for each, raw, commander in page if in_dates(query, each) and matches(query, each, raw, commander)]
            end = start
            if shown or not end:
                break
        return Page(tuple(shown), f"{_FROM_LIST}{end}" if end else None, None, notices)

    def _listed(self, answer: Json) -> list[Found]:
        """The incidents of a page of the plain list, newest first."""
        users, attachments = included(answer, "users"), included(answer, "incident_attachments")
        self._catalogue.note_users(users.values())
        raw = [each for each in reversed(records(answer, "data")) if text(each, "id")]
        return [Found(incident_of(each, self._site, users, attachments), each, attachments) for each in raw]

    def _commander(self, resource: Json, users: Mapping[str, Json]) -> tuple[str, ...]:
        """All that the commander can be called."""
        person = commander_of(resource, users)
        return (person.id, person.name, person.email, self._catalogue.handle(person)) if person else ()

    async def walk(self) -> AsyncIterator[Found]:
        """The latest incidents of the plain list, newest first, where search is refused: as many as ``_MOST_WALKED`` pages hold."""
        end = await self._count()
        for _ in range(_MOST_WALKED):
            start = max(0, end - PAGE)
            if not end:
                return
            for each in self._listed(await self._api.incidents(start, end - start)):
                yield each
            end = start

    async def _count(self) -> int:
        """How many incidents there are: the list tells no total, so its end is looked for."""
        low, high = 0, 100
        while await self._is_there(high - 1):
            low, high = high, high * 4
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if await self._is_there(middle) else (low, middle)
        return low

    async def _is_there(self, offset: int) -> bool:
        return bool(records(await self._api.incidents(offset, 1), "data"))

    async def _with_handles(self, query: Query) -> tuple[Query, tuple[str, ...]]:
        """Commanders are found by their handle: see ``Catalogue.handles``."""
        owners = query.facets.get("owner")
        if not owners:
            return query, ()
        handles = [handle for owner in owners for handle in await self._catalogue.handles(owner)]
        return replace(query, facets={**query.facets, "owner": tuple(dict.fromkeys(handles))}), ()


def _told(incident: Incident, answer: Json, query: Query) -> Incident:
    """The incident with what the search as a whole says of postmortems, where its own attachments do not."""
    if incident.postmortem != Existence.UNKNOWN:
        return incident
    return replace(incident, postmortem=wants_postmortem(query) if wants_postmortem(query) != Existence.UNKNOWN else _counted(answer))


def _counted(answer: Json) -> Existence:
    """All of the found have a postmortem, or none has: the facet's counts say so."""
    counts = {text(each, "name"): dig(each, "count") for each in records(answer, "data", "attributes", "facets", "postmortem")}
    if counts.get("Yes") == 0:
        return Existence.NONE
    return Existence.YES if counts.get("No") == 0 else Existence.UNKNOWN
