"""Reads the lists of an incident and of the account to their ends, unchanged."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from pmtui.backends.answer import Json, not_understood, understand
from pmtui.backends.http.client import segment
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.wire import Data, Listed, Model

ITEMS, ENTRIES, ALERTS, ROWS = 100, 20, 25, 100
"""The largest page sizes that the documentation allows."""
MOST = 1000
"""The most pages of one list: a server that always names a next page would never end."""


def _offset(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


class Page(Model):
    """A page of the timeline. ``next_offset`` is "" after the last one."""

    entries: list[Any]
    next_offset: Annotated[str, BeforeValidator(_offset)] = ""


async def items(api: Api, incident: str, name: str) -> list[Json]:
    """The ``notes`` or ``logs`` of an incident, oldest first. Each page begins after the ``offset`` of an item."""
    path, tried = f"/v1/incidents/{segment(incident)}/{name}", f"read the {name} of the incident"
    params: dict[str, str | int] = {"limit": ITEMS, "order": "asc"}
    found: list[Json] = []
    for _ in range(MOST):
        page = understand(Listed, (await api.call("GET", path, tried=tried, params=params)).data, tried).data
        found += page
        last = _offset(page[-1].get("offset")) if page and isinstance(page[-1], dict) else ""
        if len(page) < ITEMS:
            return found
        if not last or last == params.get("offset"):
            raise not_understood(tried, f"data[{len(page) - 1}].offset is missing, after which the next page begins")
        params = {**params, "direction": "next", "offset": last}
    raise _endless(tried)


async def entries(api: Api, incident: str) -> list[Json]:
    """The timeline of an incident, oldest first, including hidden entries."""
    path, tried = f"/v2/incident-timelines/{segment(incident)}/entries", "read the timeline of the incident"
    params: dict[str, str | int] = {"limit": ENTRIES, "order": "asc"}
    found: list[Json] = []
    for _ in range(MOST):
        page = understand(Data[Page], (await api.call("GET", path, tried=tried, params=params)).data, tried).data
        found += page.entries
        if not page.next_offset or page.next_offset == params.get("offset"):
            return found
        params = {**params, "offset": page.next_offset}
    raise _endless(tried)


async def alert_ids(api: Api, incident: str, name: str) -> list[str]:
    """The ids that ``associated-alert-ids`` or ``responder-alert-ids`` lists."""
    return await _rows(api, f"/v1/incidents/{segment(incident)}/{name}", f"read the {name.replace('-', ' ')} of the incident", ALERTS)


async def account_rows(api: Api, path: str, what: str) -> list[Json]:
    """All users or services of the account."""
    return await _rows(api, path, f"read the {what}", ROWS)


async def teams(api: Api) -> list[Json]:
    """All teams: this list has no pages."""
    tried = "read the teams"
    return understand(Listed, (await api.call("GET", "/v2/teams", tried=tried)).data, tried).data


async def _rows(api: Api, path: str, tried: str, size: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(MOST):
        params: dict[str, str | int] = {"limit": size, "offset": len(found)}
        page = understand(Listed, (await api.call("GET", path, tried=tried, params=params)).data, tried).data
        found += page
        if len(page) < size:
            return found
    raise _endless(tried)


def _endless(tried: str) -> Exception:
    return not_understood(tried, f"there are more than {MOST} pages")
