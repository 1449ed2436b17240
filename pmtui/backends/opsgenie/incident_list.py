"""The list of incidents: pages, windows beyond the vendor's limit, and which incidents have a postmortem.

An incident does not say whether it has a postmortem, the search knows: so a page of incidents is followed by a search
for each ``postmortemStatus`` over the same query and the page's span of time, which finds only incidents of that page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from pmtui.backends.base import BackendError, Page, Trouble
from pmtui.backends.opsgenie import incidents as to_model
from pmtui.backends.opsgenie import query as search
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.wire import Json, WireIncident, incident, mapping, milliseconds, rows, text
from pmtui.model.postmortem import Existence
from pmtui.model.query import Query

PATH = "/v1/incidents"
LIMIT = 100  # the largest page
WINDOW = 20_000
"""``offset + limit`` may not go beyond (seen by others' clients, recorded 2026-02); older incidents need a new window."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins. ``until`` closes a later window (milliseconds since 1970, 0 for the first window);
    ``seen`` are incidents of its first millisecond that were shown already."""

    offset: int = 0
    until: int = 0
    seen: tuple[str, ...] = ()

    @classmethod
    def read(cls, written: str | None) -> Cursor:
        """The inverse of ``str``; the beginning for None. Raises BackendError for what ``str`` never wrote."""
        if written is None:
            return cls()
        try:
            offset, until, seen = json.loads(written)
            return cls(int(offset), int(until), tuple(map(str, seen)))
        except (ValueError, TypeError):
            raise BackendError(
                Trouble.LOCAL, "read more incidents", f"{written!r:.40} is no place in this list", "read the list again"
            ) from None

    def __str__(self) -> str:
        return json.dumps([self.offset, self.until, self.seen])


async def page(api: Api, query: Query, cursor: str | None) -> tuple[Page, tuple[WireIncident, ...]]:
    """A page of incidents, newest first, and the same as they are on the wire."""
    at = Cursor.read(cursor)
    asked = search.search_text(query)
    windowed = search.together((search.in_parentheses(asked), f"createdAt<={at.until}")) if at.until else asked
    answer = await _read(api, windowed, at.offset, "read the incidents")
    wires = tuple(each for row in rows(answer.get("data")) if (each := incident(row)).id)
    new = tuple(each for each in wires if each.id not in at.seen)
    following = _following(api.client.host, answer, at, wires)
    states, troubles = await _states(api, query, asked, new)
    shown = tuple(to_model.incident(each, _existence(each, states)) for each in new)
    total = answer.get("totalCount")
    return (
        Page(
            shown,
            None if following is None else str(following),
            total if isinstance(total, int) and not at.until else None,
            (*search.notices(query), *troubles),
        ),
        new,
    )


async def _read(api: Api, query: str, offset: int, tried: str) -> Json:
    params: dict[str, str | int] = {"query": query, "sort": "createdAt", "order": "desc", "limit": LIMIT, "offset": offset}
    answer = mapping((await api.call("GET", PATH, tried=tried, params=params)).data)
    if not isinstance(answer.get("data"), list):  # "no incidents" would be a guess
        said = "the answer holds no list of incidents"
        raise BackendError(Trouble.ANSWER, tried, said, "try again; if it stays, check proxies in between")
    return answer


def _following(host: str, answer: Json, at: Cursor, wires: Sequence[WireIncident]) -> Cursor | None:
    """Where the next page begins, None after the last one. A next page at another host is not followed but worked out."""
    paging = answer.get("paging")
    link = text(mapping(paging).get("next"))
    if not wires or not (link or (paging is None and _more(answer, at, wires))):
        return None
    named = _offset(link, host)
    offset = named if named is not None and named > at.offset else at.offset + len(wires)
    if offset + LIMIT <= WINDOW:
        return replace(at, offset=offset)
    oldest = wires[-1].created
    if oldest is None or milliseconds(oldest) == at.until:
        return None  # without a time there is no next window, and one that does not move would never end
    return Cursor(
        until=milliseconds(oldest),
        seen=tuple(each.id for each in wires if each.created and milliseconds(each.created) == milliseconds(oldest)),
    )


def _more(answer: Json, at: Cursor, wires: Sequence[WireIncident]) -> bool:
    """Whether there is a page after one that does not say so: by the count, which tells also of pages that the server caps."""
    total = answer.get("totalCount")
    return at.offset + len(wires) < total if isinstance(total, int) else len(wires) >= LIMIT


def _offset(link: str, host: str) -> int | None:
    try:
        parts = urlsplit(link)
        offset = dict(parse_qsl(parts.query)).get("offset", "")
    except ValueError:
        return None
    return int(offset) if parts.netloc in ("", host) and offset.isdecimal() else None


async def _states(api: Api, query: Query, asked: str, wires: Sequence[WireIncident]) -> tuple[Mapping[str, Existence], tuple[str, ...]]:
    """The state of the postmortem by incident id, and what went wrong in words: a list without states is still a list."""
    possible = [state for state in search.STATES if state in search.states_asked(query)]
    if not wires:
        return {}, ()
    if len(possible) == 1:
        return dict.fromkeys((each.id for each in wires), search.STATES[possible[0]]), ()
    times = [each.created for each in wires if each.created]
    if not times:
        return {}, ("which postmortems there are is not known: no incident has a readable time",)
    span = search.together((search.in_parentheses(asked), search.created_between(min(times), max(times))))
    found = await asyncio.gather(*(_with_state(api, span, state) for state in possible), return_exceptions=True)
    states: dict[str, Existence] = {}
    troubles: list[str] = []
    for state, ids in zip(possible, found, strict=True):
        if isinstance(ids, BackendError):
            troubles.append(f"which postmortems are {state.replace('-', ' ')} is not known: {ids.said}")
        elif isinstance(ids, BaseException):
            raise ids
        else:
            states.update(dict.fromkeys(ids, search.STATES[state]))
    return states, tuple(troubles)


async def _with_state(api: Api, span: str, state: str) -> tuple[str, ...]:
    answer = await _read(api, search.together((span, search.postmortem_in((state,)))), 0, "read which incidents have a postmortem")
    return tuple(incident(row).id for row in rows(answer.get("data")))


def _existence(wire: WireIncident, states: Mapping[str, Existence]) -> Existence:
    """What the search says; else that there is one when the incident names one; never "none" as a guess."""
    return states.get(wire.id, Existence.YES if wire.postmortem_id else Existence.UNKNOWN)


async def existence(api: Api, incident_id: str, tried: str) -> Existence:
    """Whether this incident has a postmortem: NONE, YES, or UNKNOWN when neither search finds it (it may not be indexed yet)."""
    one = f"id:{search.value(incident_id)}"
    none, some = (search.postmortem_in(states) for states in (("no-postmortem",), search.EXISTING))
    without, having = await asyncio.gather(*(_read(api, search.together((one, term)), 0, tried) for term in (none, some)))
    if any(incident(row).id == incident_id for row in rows(having.get("data"))):
        return Existence.YES
    return Existence.NONE if any(incident(row).id == incident_id for row in rows(without.get("data"))) else Existence.UNKNOWN
