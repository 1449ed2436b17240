"""Reads everything Opsgenie has on an incident and its postmortem, unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pmtui.backends.answer import Json, not_understood
from pmtui.backends.archive import Archive, Missing, Record, TimelineEntry, fingerprint_of
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.client import segment
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.history import lists
from pmtui.backends.opsgenie.history.timeline import timeline_of
from pmtui.backends.trouble import NO_SERVICE, PASSING
from pmtui.formats.adf.values import attributes, children, kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem

_FACTS = (
    "description",
    "tags",
    "impactStartDate",
    "impactDetectDate",
    "impactEndDate",
    "createdAt",
    "updatedAt",
    "extraProperties",
    "actions",
)
_LISTS: Mapping[str, Callable[[Api], Awaitable[list[Json]]]] = {
    "users": lambda api: lists.account_rows(api, "/v2/users", "users"),
    "teams": lists.teams,
    "services": lambda api: lists.account_rows(api, "/v1/services", "services"),
}


class History:
    """Reads timelines and archives of one account. Names of people, teams and services are read once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._names: dict[str, str] = {}

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """Entries, notes and logs, oldest first. Raises BackendError, because an incomplete timeline would look complete."""
        notes, logs, entries = await asyncio.gather(
            lists.items(self._api, incident.id, "notes"),
            lists.items(self._api, incident.id, "logs"),
            lists.entries(self._api, incident.id),
        )
        return timeline_of({"notes": notes, "logs": logs, "timeline": entries})

    async def archive(self, postmortem: Postmortem) -> Archive:
        """The postmortem as read, and everything that belongs to its incident. Raises BackendError for troubles in ``NO_SERVICE``."""
        incident = postmortem.incident.id
        parts: dict[str, Callable[[], Awaitable[Any]]] = {
            "incident": partial(self._incident, incident),
            "notes": partial(lists.items, self._api, incident, "notes"),
            "logs": partial(lists.items, self._api, incident, "logs"),
            "timeline": partial(lists.entries, self._api, incident),
            "associated-alert-ids": partial(lists.alert_ids, self._api, incident, "associated-alert-ids"),
            "responder-alert-ids": partial(lists.alert_ids, self._api, incident, "responder-alert-ids"),
        }
        record = await _gathered(parts)
        raw = {**({"postmortem": postmortem.origin} if postmortem.id else {}), **record.raw}
        pictures, hidden = _pictures(postmortem.origin if postmortem.id else None)
        return Archive(raw, self._facts(raw), timeline_of(raw), pictures, hidden, record.missing, fingerprint_of(raw))

    async def directory(self) -> Record:
        """Users, teams and services. Even reading them needs the right "Configuration access"."""
        record = await _gathered({name: partial(read, self._api) for name, read in _LISTS.items()})
        for rows in record.raw.values():
            self._names |= dict(_named(rows))
        return record

    async def _incident(self, incident: str) -> Json:
        tried = "read the incident"
        answer = (await self._api.call("GET", f"/v1/incidents/{segment(incident)}", tried=tried)).data
        found = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            raise not_understood(tried, "data is not an object")
        return found

    def _facts(self, raw: Mapping[str, Any]) -> Json:
        incident = raw.get("incident")
        if not isinstance(incident, dict):
            return {}
        facts: Json = {name: incident[name] for name in _FACTS if name in incident}
        facts["responders"] = [
            {**each, "name": self._name(each.get("id"))} for each in incident.get("responders") or () if isinstance(each, dict)
        ]
        facts["services"] = [{"id": each, "name": self._name(each)} for each in incident.get("impactedServices") or ()]
        for name in ("associated-alert-ids", "responder-alert-ids"):
            facts[name] = raw.get(name)
        return facts

    def _name(self, identifier: object) -> str:
        return self._names.get(identifier, "") if isinstance(identifier, str) else ""


async def _asked(read: Callable[[], Awaitable[Any]]) -> Any:
    """Read something, with one retry for an answer that was truncated or garbled. Raises BackendError."""
    try:
        return await read()
    except BackendError as error:
        if error.trouble is not Trouble.ANSWER:
            raise
        return await read()


async def _gathered(parts: Mapping[str, Callable[[], Awaitable[Any]]]) -> Record:
    """Read these parts; the record says why some are missing. Raises BackendError for troubles in ``NO_SERVICE``."""
    found = await asyncio.gather(*map(_asked, parts.values()), return_exceptions=True)
    raw: dict[str, Any] = {}
    missing: list[Missing] = []
    for name, each in zip(parts, found, strict=True):
        if isinstance(each, BackendError) and each.trouble not in NO_SERVICE:
            missing.append(Missing(name, _said(each), each.trouble in PASSING))
        elif isinstance(each, BaseException):
            raise each
        else:
            raw[name] = each
    return Record(raw, tuple(missing))


def _said(error: BackendError) -> str:
    """The reason in words that stay the same: without the request id."""
    return f"{error.said} ({error.status})" if error.status else error.said


def _named(rows: object) -> Iterator[tuple[str, str]]:
    for each in rows if isinstance(rows, list) else ():
        name = each.get("fullName") or each.get("name") or each.get("username") if isinstance(each, dict) else ""
        if isinstance(name, str) and name and isinstance(each.get("id"), str):
            yield each["id"], name


def _pictures(origin: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of pictures and files in both documents, and the names of those that have only an id."""
    waiting = [origin.get("executiveSummary"), origin.get("content")] if isinstance(origin, dict) else []
    addresses: dict[str, None] = {}
    hidden: dict[str, None] = {}
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if kind(node) in ("media", "mediaInline"):
            told = attributes(node)
            address = told.get("url")
            if isinstance(address, str) and address:
                addresses[address] = None
            else:
                hidden[f"{told.get('alt') or told.get('id') or 'without a name'}"] = None
    return tuple(addresses), tuple(hidden)
