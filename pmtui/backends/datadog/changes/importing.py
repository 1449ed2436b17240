"""Imports past incidents with the import endpoint, which keeps their times, runs no rules and notifies nobody.

The call that declares an incident is never used, because it pages people (vendor's OpenAPI, 2026-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pmtui.backends.answer import Json, not_understood
from pmtui.backends.base import BackendError
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site
from pmtui.backends.datadog.api import PAGE, SEARCH, Api
from pmtui.backends.datadog.fields import ATTRIBUTES, DETECTED, LOCKED_TIMES, form_of, wire_name
from pmtui.backends.datadog.incident_list import Found, Listing, refused
from pmtui.backends.datadog.incidents import incident_of
from pmtui.backends.datadog.origin import Origin
from pmtui.backends.datadog.query import quoted
from pmtui.backends.datadog.wire.incidents import IncidentAnswer
from pmtui.backends.datadog.wire.values import stamp_of
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.fields import ACTION_ITEMS, DOCUMENT_TITLE, IMPACTS, LINKED_ISSUES, OWNER, RESPONDERS, SEVERITY, STATUS, TITLE, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Named, Person, Value

LONGEST_TITLE = 1024  # characters (vendor's OpenAPI)
ENDED = frozenset({"resolved", "completed"})
"""The states for which the import accepts a time of resolution."""
_TIMES = ("declared", DETECTED, "resolved")
_TAKEN = frozenset({TITLE, SEVERITY, STATUS, OWNER, *_TIMES})
_APART = frozenset({RESPONDERS, LINKED_ISSUES, ACTION_ITEMS})
_NO_INCIDENT = "00000000-0000-0000-0000-000000000000"
_MOST_PAGES = 3  # pages of namesakes, and pages at the end of the list that may have a new incident
_LOOKS = 3
_BETWEEN_LOOKS = 1.0  # seconds; an import without an answer may still be running
_SAME = timedelta(seconds=1)  # searches have whole seconds


class Importer:
    """Imports incidents for one profile, and finds imported ones."""

    def __init__(self, api: Api, site: Site, catalogue: Catalogue, listing: Listing) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._listing = listing
        self._type: str | None = None

    async def form(self) -> tuple[Field, ...]:
        """The form of an incident of the default type."""
        self._catalogue.prefetch()
        attributes = {"public_id": 0, "title": "", "incident_type_uuid": await self._default_type(), "fields": {}}
        data = {"id": _NO_INCIDENT, "type": "incidents", "attributes": attributes}
        await self._catalogue.ready()
        origin = Origin(IncidentAnswer.model_validate({"data": data, "included": []}))
        return tuple(_as_taken(each) for each in form_of(origin, self._catalogue.definitions))

    async def _default_type(self) -> str:
        """The id of the default incident type, "" when types cannot be read."""
        if self._type is None:
            try:
                rows = (await self._api.types()).understood
            except BackendError:
                rows = ()
            self._type = next((each.id for each in rows if each.attributes.is_default), "")
        return self._type

    async def make(self, wanted: Postmortem) -> Incident:
        """Import an incident. Raises BackendError; after an unknown outcome only if the incident cannot be found."""
        try:
            identifier = await self._api.import_incident(_data(wanted))
        except BackendError as error:
            if not error.unknown:
                raise
            failure = error
        else:
            return await self._read(identifier, wanted)
        for look in range(_LOOKS):
            await LIMITER.rest(_BETWEEN_LOOKS if look else 0)
            try:
                found = await self.made(wanted)
            except BackendError:
                raise failure from None
            if found is not None:
                return found
        raise failure

    async def _read(self, identifier: str, wanted: Postmortem) -> Incident:
        """Read the new incident. If that fails, return what is known: it exists."""
        try:
            answer = await self._api.incident(identifier, "read the imported incident")
        except BackendError:
            return replace(wanted.incident, id=identifier, reference=wanted.incident.reference or identifier)
        return incident_of(answer.data, self._site, answer.users, answer.side_loaded_attachments)

    async def made(self, wanted: Postmortem) -> Incident | None:
        """The incident that an import of ``wanted`` made. The search may not have it yet, but the end of the plain list does."""
        began = wanted.incident.created
        if began is None:
            return None
        pages = 0
        async for page in self._listing.walk():
            if page.unreadable:
                raise not_understood("look for the imported incident", page.unreadable[0])
            found = [each for each in page.found if _is_same(each, wanted.incident.title, began)]
            if found:
                return found[0].incident
            pages += 1
            if pages == _MOST_PAGES:
                break
        return next(iter(await self.namesakes(wanted.incident.title, began)), None)

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        """The incidents with this title and start. Raises BackendError, also when a row that may match was not understood."""
        found: list[Incident] = []
        try:
            for number in range(_MOST_PAGES):
                page = await self._listing.search(quoted(title), number * PAGE)
                if page.unreadable:
                    raise not_understood(SEARCH, page.unreadable[0])
                found += [each.incident for each in page.found if _is_same(each, title, began)]
                if page.rows < PAGE:
                    return found
        except BackendError as error:
            if not refused(error):
                raise
            async for page in self._listing.walk():
                found += [each.incident for each in page.found if _is_same(each, title, began)]
        return found


def _is_same(found: Found, title: str, began: datetime) -> bool:
    declared = found.incident.created
    return found.incident.title == title[:LONGEST_TITLE] and declared is not None and abs(declared - began) < _SAME


def _as_taken(field: Field) -> Field:
    """A field without the locks that do not apply to an import."""
    taken = field.name in _TAKEN or (field.kind.is_list and field.name not in _APART)
    return replace(field, locked="", consequence="") if taken else field


def _data(wanted: Postmortem) -> Json:
    """The body of the import. Its field values have no type."""
    values = wanted.fields
    ended = values.get(STATUS) in ENDED
    attributes: Json = {
        "title": wanted.incident.title[:LONGEST_TITLE],
        "visibility": "private" if wanted.incident.private else "organization",
    }
    began = wanted.incident.created or datetime.now(UTC)  # it is found again by this time
    times = {"declared": began.isoformat(), **{name: values.get(name) for name in _TIMES[1:]}}
    times[DETECTED] = times[DETECTED] or times["declared"]
    for name, value in times.items():
        if isinstance(value, str) and value and (ended or name != "resolved"):
            attributes[name] = stamp_of(value)
    attributes["fields"] = {
        wire_name(each.name): {"value": _value(each, values.get(each.name))} for each in wanted.form if _is_sent(each, wanted)
    }
    data: Json = {"type": "incidents", "attributes": attributes}
    owner = values.get(OWNER)
    if isinstance(owner, Person) and owner.id:
        data["relationships"] = {"commander_user": {"data": {"id": owner.id, "type": "users"}}}
    return data


def _is_sent(field: Field, wanted: Postmortem) -> bool:
    """Whether a field goes into the import's ``fields``: it has a value and is one of the incident's own fields.

    No source says that the import accepts numbers and times. An update after it sets them, which may be refused alone.
    """
    if field.kind in (Kind.NUMBER, Kind.TIME):
        return False
    elsewhere = {TITLE, OWNER, DOCUMENT_TITLE, IMPACTS, *ATTRIBUTES, *LOCKED_TIMES, *_APART}
    return field.name not in elsewhere and not field.locked and bool(wanted.fields.get(field.name))


def _value(field: Field, value: Value) -> Any:
    if isinstance(value, tuple):
        return [each.id or each.name if isinstance(each, Named) else each for each in value]
    return [value] if field.kind.is_list and value else value
