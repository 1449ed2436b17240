"""Finds an incident by UUID, ``IR-123``, ``#123``, or the address of an incident or notebook."""

from __future__ import annotations

import re

from pmtui.backends.answer import not_understood
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Ref, Site, notebook_of, read_ref
from pmtui.backends.datadog.api import PAGE, SEARCH, Api
from pmtui.backends.datadog.incident_list import Found, Listing, Results, refused
from pmtui.backends.datadog.incidents import incident_of
from pmtui.backends.datadog.query import one_of
from pmtui.backends.datadog.wire.incidents import newest_first
from pmtui.model.incident import Incident

_MOST_PAGES = 20  # pages of a search for one incident
_MOST_ASKED = 30  # incidents whose attachments are read one by one, if a list did not send them
_SLUG = re.compile(r"\b(?:[A-Z][A-Z0-9_]*-\d+|[A-Z]{2,}\d{4,})\b")


class Finder:
    """Finds incidents. Takes one or two requests where search is available."""

    def __init__(self, api: Api, site: Site, catalogue: Catalogue, listing: Listing) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._listing = listing

    async def find(self, words: str) -> Incident:
        """Find an incident. Raises BackendError: MISSING, or LOCAL for an invalid reference."""
        ref = read_ref(words)
        if ref is None:
            said = "it is not a Datadog reference"
            raise BackendError(
                Trouble.LOCAL, f"find {words!r}", said, "write IR-123, #123, a UUID, or the address of an incident or notebook"
            )
        if "://" in words and not self._site.knows(words):
            said = f"the address is not on {self._site.site}"
            raise BackendError(Trouble.LOCAL, f"find {words!r}", said, "choose the profile of that site, or set DD_SITE")
        if ref.uuid:
            return await self._by_uuid(ref.uuid)
        found = await self._found(ref)
        if found is None:
            advice = "an incident of the last seconds may not be in the search yet: give its UUID or address"
            raise BackendError(Trouble.MISSING, f"find {words!r}", "there is no such incident, or the key may not see it", advice)
        return found

    async def _found(self, ref: Ref) -> Incident | None:
        """Find by search, with one or two requests; where search is refused, in the plain list."""
        try:
            return await (self._by_notebook(ref.notebook) if ref.notebook else self._by_number(ref))
        except BackendError as error:
            if not (refused(error) and error.tried == SEARCH):
                raise
        asking, unseen = _Asking(self._api), _Unseen()
        async for page in self._listing.walk():
            for each in page.found:
                if await asking.has(each, ref.notebook) if ref.notebook else _is_called(each.incident, ref):
                    return each.incident
            unseen.note(page)
            if page.found and 0 < _public_id(page.found[-1].incident) < ref.number:
                break
        unseen.check()
        return None

    async def _by_uuid(self, identifier: str) -> Incident:
        answer = await self._api.incident(identifier)
        return incident_of(answer.data, self._site, answer.users, answer.side_loaded_attachments)

    async def _by_number(self, ref: Ref) -> Incident | None:
        """Find by slug: the API does not accept public ids, and the organisation chooses the prefix of slugs."""
        slugs = [ref.slug] if ref.slug else [f"IR-{ref.number}"]
        found = await self._by_slug(slugs)
        if found is None and not ref.slug:
            others = [f"{prefix}-{ref.number}" for prefix in await self._catalogue.prefixes() if prefix != "IR"]
            found = await self._by_slug(others) if others else None
        return found or (await self._by_public_id(ref) if ref.number else None)

    async def _by_slug(self, slugs: list[str]) -> Incident | None:
        page = await self._listing.search(one_of("slug", slugs))
        wanted = {slug.lower() for slug in slugs}
        found = next((each.incident for each in page.found if each.incident.reference.lower() in wanted), None)
        if found is None:
            unseen = _Unseen()
            unseen.note(page)
            unseen.check()
        return found

    async def _by_public_id(self, ref: Ref) -> Incident | None:
        """Find an incident without a slug (those of 2022): newest first, until the numbers are lower."""
        words = one_of("state", self._catalogue.definitions.states())
        offset, unseen = 0, _Unseen()
        for _ in range(_MOST_PAGES):
            page = await self._listing.search(words, offset)
            for each in page.found:
                if _is_called(each.incident, ref):
                    return each.incident
            unseen.note(page, offset)
            if page.rows < PAGE or (page.found and _public_id(page.found[-1].incident) < ref.number):
                break
            offset += page.rows
        unseen.check()
        return None

    async def _by_notebook(self, notebook: str) -> Incident | None:
        """Find the incident of a postmortem's notebook: the notebook's name mostly has its reference, and the attachments prove it."""
        try:
            name = (await self._api.notebook(notebook)).attributes.name
        except BackendError as error:
            if error.trouble not in (Trouble.RIGHTS, Trouble.INVALID, Trouble.ANSWER):
                raise
            name = ""
        slugs = _SLUG.findall(name)
        queries = [one_of("slug", slugs)] if slugs else []
        for query in [*queries, "postmortem:Yes"]:
            found = await self._with_notebook(query, notebook)
            if found is not None:
                return found
        return None

    async def _with_notebook(self, query: str, notebook: str) -> Incident | None:
        asking, unseen = _Asking(self._api), _Unseen()
        offset = 0
        for _ in range(_MOST_PAGES):
            page = await self._listing.search(query, offset)
            for each in page.found:
                if await asking.has(each, notebook):
                    return each.incident
            unseen.note(page, offset)
            if page.rows < PAGE:
                break
            offset += page.rows
        unseen.check()
        return None


class _Unseen:
    """Incidents that might have matched: rows that were not understood, or were counted and not sent."""

    def __init__(self) -> None:
        self._rows: tuple[str, ...] = ()

    def note(self, page: Results, offset: int = 0) -> None:
        """Add those of a page that begins at this offset of a search."""
        self._rows += page.unreadable
        if page.missing(offset):
            self._rows += (f"data.attributes.total is {page.total}, and {offset + page.rows} incidents were sent",)

    def check(self) -> None:
        """Raises BackendError (ANSWER) if there are such incidents: then "no such incident" would be a guess."""
        if self._rows:
            raise not_understood(SEARCH, self._rows[0])


class _Asking:
    """Checks attachments: side-loaded ones, and a limited number that must be read."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left = _MOST_ASKED

    async def has(self, found: Found, notebook: str) -> bool:
        """Whether one of the incident's attachments points to this notebook."""
        documents = newest_first(found.resource, found.attachments)
        linked = found.resource.relationships.attachments
        whole = linked is not None and len(documents) == len(linked)
        if not whole and self._left:
            self._left -= 1
            documents = await self._api.attachments(found.incident.id)
        return any(notebook_of(document.url) == notebook for document in documents)


def _is_called(incident: Incident, ref: Ref) -> bool:
    """Whether this incident has this slug, or, without a slug, this number."""
    if ref.slug and incident.reference.lower() == ref.slug.lower():
        return True
    unnamed = not ref.slug or incident.reference == f"IR-{ref.number}"
    return bool(ref.number) and _public_id(incident) == ref.number and unnamed


def _public_id(incident: Incident) -> int:
    number = incident.url.rpartition("/")[2]
    return int(number) if number.isdigit() else 0
