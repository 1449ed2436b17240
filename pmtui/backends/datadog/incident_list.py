"""Lists incidents: with search, which is fast and sorted; where it is refused, with the plain list, read from its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field, replace

from pmtui.backends.answer import Json, Rows, understand_rows
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.api import PAGE, Api
from pmtui.backends.datadog.incidents import commander_of, incident_of
from pmtui.backends.datadog.query import bounds, in_dates, matches, search_text, wants_postmortem
from pmtui.backends.datadog.wire import incidents as wire
from pmtui.backends.datadog.wire.incidents import ATTACHMENTS, USERS, Attachment, SearchRow, User
from pmtui.backends.datadog.wire.values import leaf, side_loaded
from pmtui.backends.page import Page
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import Query

_FROM_LIST = "list:"
_MOST_PAGES = 10  # pages read by one call, when dates filter most incidents out
_MOST_WALKED = 20  # pages searched for one incident
_SCOPES: Mapping[Trouble, str] = {Trouble.RIGHTS: "the key may not search", Trouble.MISSING: "search is not offered here"}


@dataclass(frozen=True, slots=True)
class Found:
    """An incident of a list: the value, its resource, side-loaded attachments by id, and all names of its commander."""

    incident: Incident
    resource: wire.Incident
    attachments: Mapping[str, Attachment]
    commander: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A page of a search or of the plain list. ``rows`` counts all rows, ``unreadable`` has a line for each that is not in ``found``.

    Only a search has ``total`` and ``facets`` (counts by value).
    """

    found: tuple[Found, ...]
    unreadable: tuple[str, ...]
    total: int | None = None
    facets: Json = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.found) + len(self.unreadable)

    def missing(self, offset: int) -> int:
        """How many incidents a search counted and did not send, if this page, which begins at ``offset``, is the last one."""
        return max(0, (self.total or 0) - offset - self.rows) if self.rows < PAGE else 0


def refused(error: BackendError) -> bool:
    """Whether the error means that search is not available, with this key or at all."""
    return error.trouble in _SCOPES or error.status == 405


class Listing:
    """Lists and searches the incidents of one profile."""

    def __init__(self, api: Api, site: Site, catalogue: Catalogue) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue

    async def incidents(self, query: Query, cursor: str | None) -> Page:
        """A page, newest first. Raises BackendError."""
        query, notices = await self._with_handles(query)
        if cursor is not None and cursor.startswith(_FROM_LIST):
            return await self._from_list(query, int(cursor.removeprefix(_FROM_LIST)), notices)
        try:
            return await self._from_search(query, int(cursor or 0), notices)
        except BackendError as error:
            if not refused(error):
                raise
            why = _SCOPES.get(error.trouble, "search is refused")
        return await self._from_list(query, await self._count(), (*notices, f"{why}: filtered here, from the plain list"))

    async def every(self, cursor: str | None) -> Page:
        """A page of the plain list, oldest first. A search would miss new incidents, tests, and unknown states."""
        start = int(cursor or 0)
        page = await self._page(start, start + PAGE)
        following = None if page.rows < PAGE else str(start + PAGE)
        return Page(tuple(each.incident for each in page.found), following, unreadable=page.unreadable)

    async def search(self, words: str, offset: int = 0) -> Results:
        """A page of the incidents that match a query in Datadog's syntax, newest first. Raises BackendError."""
        answer = await self._api.search(words, offset, PAGE)
        found = answer.data.attributes
        self._catalogue.note_search(found.facets)
        attachments = side_loaded(Attachment, answer.included, ATTACHMENTS)
        rows = understand_rows(SearchRow, found.incidents, at="data.attributes.incidents")
        incidents = [each.data for each in rows.understood]
        self._catalogue.note_users(inlined.data for each in incidents if (inlined := each.attributes.commander) and inlined.data)
        return Results(self._found(incidents, {}, attachments), rows.unreadable, found.total, found.facets)

    async def _page(self, start: int, end: int) -> Results:
        """Incidents ``start`` to ``end`` of the plain list, which is oldest first, reversed to newest first."""
        answer = await self._api.incidents(start, end - start)
        rows: Rows[wire.Incident] = understand_rows(wire.Incident, answer.data, at="data")
        users = side_loaded(User, answer.included, USERS)
        self._catalogue.note_users(users.values())
        attachments = side_loaded(Attachment, answer.included, ATTACHMENTS)
        return Results(self._found(reversed(rows.understood), users, attachments), rows.unreadable)

    def _found(
        self, incidents: Iterable[wire.Incident], users: Mapping[str, User], attachments: Mapping[str, Attachment]
    ) -> tuple[Found, ...]:
        return tuple(
            Found(incident_of(each, self._site, users, attachments), each, attachments, self._commander(each, users)) for each in incidents
        )

    async def _from_search(self, query: Query, offset: int, notices: tuple[str, ...]) -> Page:
        after, _ = bounds(query)
        missing = 0
        words = search_text(query, self._catalogue.definitions.states())
        shown: list[Incident] = []
        unreadable: list[str] = []
        for _ in range(_MOST_PAGES):
            page = await self.search(words, offset)
            missing = page.missing(offset)
            offset += page.rows
            shown += [_told(each.incident, page.facets, query) for each in page.found if in_dates(query, each.incident)]
            unreadable += page.unreadable
            # A short page is the last one, although it has a next_offset (recorded).
            oldest = page.found[-1].resource.created if page.found else None
            ended = page.rows < PAGE or (after is not None and oldest is not None and oldest < after)
            if shown or ended:
                break
        if page.rows < PAGE and page.total is not None and page.total != offset:
            notices = (*notices, f"Datadog counts {page.total} incidents, and sent {offset}")
        known = page.total if bounds(query) == (None, None) else None
        return Page(tuple(shown), None if ended else str(offset), known, notices, tuple(unreadable), missing=missing)

    async def _from_list(self, query: Query, end: int, notices: tuple[str, ...]) -> Page:
        """The page before offset ``end``, because the list is oldest first and cannot be sorted."""
        shown: list[Incident] = []
        unreadable: list[str] = []
        missing = 0
        for _ in range(_MOST_PAGES):
            if not end:
                break
            start = max(0, end - PAGE)
            page = await self._page(start, end)
            shown += [each.incident for each in page.found if in_dates(query, each.incident) and fits(query, each)]
            unreadable += page.unreadable
            if page.rows < end - start:
                missing += end - start - page.rows
                notices = (*notices, f"Datadog sent {page.rows} of {end - start} incidents")
            end = start
            if shown:
                break
        return Page(tuple(shown), f"{_FROM_LIST}{end}" if end else None, None, notices, tuple(unreadable), missing=missing)

    def _commander(self, resource: wire.Incident, users: Mapping[str, User]) -> tuple[str, ...]:
        """All names of the commander."""
        person = commander_of(resource, users)
        return (person.id, person.name, person.email, self._catalogue.handle(person)) if person else ()

    async def walk(self) -> AsyncIterator[Results]:
        """The latest pages of the plain list, newest first, at most ``_MOST_WALKED``; used where search is refused."""
        end = await self._count()
        for _ in range(_MOST_WALKED):
            start = max(0, end - PAGE)
            if not end:
                return
            yield await self._page(start, end)
            end = start

    async def _count(self) -> int:
        """The number of incidents. The list has no total, so its end is searched for."""
        low, high = 0, 100
        while await self._is_there(high - 1):
            low, high = high, high * 4
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if await self._is_there(middle) else (low, middle)
        return low

    async def _is_there(self, offset: int) -> bool:
        return bool((await self._api.incidents(offset, 1)).data)

    async def _with_handles(self, query: Query) -> tuple[Query, tuple[str, ...]]:
        """The query with commanders as handles: see ``Catalogue.handles``."""
        owners = query.facets.get("owner")
        if not owners:
            return query, ()
        handles = [handle for owner in owners for handle in await self._catalogue.handles(owner)]
        return replace(query, facets={**query.facets, "owner": tuple(dict.fromkeys(handles))}), ()


def fits(query: Query, found: Found) -> bool:
    """Whether an incident of the plain list matches the query."""
    return matches(query, found.incident, found.resource, found.commander)


def _told(incident: Incident, facets: Json, query: Query) -> Incident:
    """The incident, with its existence of a postmortem taken from the search's facets if its attachments do not say."""
    if incident.postmortem is not Existence.UNKNOWN:
        return incident
    wanted = wants_postmortem(query)
    return replace(incident, postmortem=wanted if wanted is not Existence.UNKNOWN else _counted(facets))


def _counted(facets: Json) -> Existence:
    """YES or NONE if the facet's counts say that all found incidents have a postmortem, or none; else UNKNOWN."""
    counted = facets.get("postmortem")
    counts = {leaf(each, "name"): leaf(each, "count") for each in counted} if isinstance(counted, list) else {}
    if counts.keys() != {"Yes", "No"}:
        return Existence.UNKNOWN
    if counts["Yes"] == "0":
        return Existence.NONE
    return Existence.YES if counts["No"] == "0" else Existence.UNKNOWN
