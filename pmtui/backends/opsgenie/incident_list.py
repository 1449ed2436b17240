"""The list of incidents: pages, windows beyond the vendor's limit, and which incidents have a postmortem.

An incident does not say whether it has a postmortem, but the search does. So each page of incidents is followed by a search
for each ``postmortemStatus``, with the same query and the page's span of time, which finds only incidents of that page.

The search finds words by their beginning. So the newest incidents are also read without the words, which are looked for here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pmtui.backends.answer import Rows, not_understood, understand, understand_rows
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie import incidents as to_model
from pmtui.backends.opsgenie import query as search
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.wire import Incidents, WireIncident, milliseconds
from pmtui.backends.page import Page
from pmtui.model.incident import Existence
from pmtui.model.query import Query

PATH = "/v1/incidents"
LIMIT = 100  # the largest page
WINDOW = 20_000
"""The limit of ``offset + limit`` (seen by other clients, recorded 2026-02); older incidents need a new window."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins. ``until`` is the end of a later window (milliseconds since 1970, 0 for the first window);
    ``seen`` are incidents of its first millisecond that were already shown."""

    offset: int = 0
    until: int = 0
    seen: tuple[str, ...] = ()

    @classmethod
    def read(cls, written: str | None) -> Cursor:
        """The inverse of ``str``; the beginning for None. Raises BackendError for anything else."""
        if written is None:
            return cls()
        try:
            offset, until, seen = json.loads(written)
            return cls(int(offset), int(until), tuple(map(str, seen)))
        except (ValueError, TypeError):
            raise BackendError(
                Trouble.LOCAL, "read more incidents", f"{written!r:.40} is not a place in this list", "read the list again"
            ) from None

    def __str__(self) -> str:
        return json.dumps([self.offset, self.until, self.seen])


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer of the list: its rows, the address of the next page ("" for none), and the total, None if not given.

    ``linked``: whether the answer mentions pages at all.
    """

    rows: Rows[WireIncident]
    next: str
    total: int | None
    linked: bool


async def page(api: Api, query: Query, cursor: str | None) -> tuple[Page, tuple[WireIncident, ...]]:
    """A page of incidents, newest first, and their wire models."""
    at = Cursor.read(cursor)
    asked = search.search_text(query)
    windowed = search.together((search.in_parentheses(asked), f"createdAt<={at.until}")) if at.until else asked
    answer, newest = await asyncio.gather(_read(api, windowed, at.offset, "read the incidents"), _newest(api, query, cursor))
    new = tuple(each for each in answer.rows.understood if each.id not in at.seen)
    following = _following(answer, at)
    inside = () if newest is None else _with_words_inside(query, newest, new, following)
    (states, troubles), (more_states, more_troubles) = await asyncio.gather(
        _states(api, query, asked, new), _states(api, query, search.search_text(search.without_words(query)), inside)
    )
    found = tuple(sorted((*new, *inside), key=_time, reverse=True)) if inside else new
    return (
        Page(
            tuple(to_model.incident(each, _existence(each, {**states, **more_states})) for each in found),
            None if following is None else str(following),
            answer.total + len(inside) if answer.total is not None and not at.until else None,
            (*troubles, *more_troubles, *_not_looked_into(newest), *(_missing(answer, at) if following is None else ())),
            answer.rows.unreadable,
            search.ignored(query),
            max(0, (answer.total or 0) - at.offset - len(answer.rows)) if following is None else 0,
        ),
        found,
    )


async def _newest(api: Api, query: Query, cursor: str | None) -> _Answer | None:
    """The newest incidents, whatever their words; None when there are no words, or they were read for the first page."""
    if cursor is not None or not query.text:
        return None
    return await _read(api, search.search_text(search.without_words(query)), 0, "read the incidents")


def _with_words_inside(query: Query, newest: _Answer, found: Sequence[WireIncident], following: Cursor | None) -> tuple[WireIncident, ...]:
    """Of the newest incidents those that have the words and were not found; if pages follow, only of the time of this page."""
    known = {each.id for each in found}
    oldest = min(map(_time, found), default=0) if following is not None else 0
    return tuple(
        each for each in newest.rows.understood if each.id not in known and _time(each) >= oldest and search.holds_words(query, each)
    )


def _time(wire: WireIncident) -> int:
    return milliseconds(wire.created) if wire.created else 0


def _not_looked_into(newest: _Answer | None) -> tuple[str, ...]:
    if newest is None or not (newest.next or (newest.total or 0) > len(newest.rows)):
        return ()
    return (f"Opsgenie finds words by their beginning: inside of words only the newest {len(newest.rows)} were looked at",)


async def _read(api: Api, query: str, offset: int, tried: str) -> _Answer:
    params: dict[str, str | int] = {"query": query, "sort": "createdAt", "order": "desc", "limit": LIMIT, "offset": offset}
    answer = understand(Incidents, (await api.call("GET", PATH, tried=tried, params=params)).data, tried)
    rows = understand_rows(WireIncident, answer.data, at="data")
    return _Answer(rows, answer.paging.next if answer.paging else "", answer.total_count, answer.paging is not None)


def _following(answer: _Answer, at: Cursor) -> Cursor | None:
    """Where the next page begins, None after the last one. The address in the answer is not followed: it may lead anywhere."""
    count = len(answer.rows)
    if not count or not (answer.next or _more(answer, at)):
        return None
    if at.offset + count + LIMIT <= WINDOW:
        return replace(at, offset=at.offset + count)
    times = {each.id: milliseconds(each.created) for each in answer.rows.understood if each.created}
    oldest = min(times.values(), default=at.until)
    if oldest == at.until:
        return None  # without a time there is no next window, and a window that does not move would never end
    return Cursor(until=oldest, seen=tuple(key for key, time in times.items() if time == oldest))


def _more(answer: _Answer, at: Cursor) -> bool:
    """Whether there is a next page when the answer names none, by the total: the server may cap its pages."""
    count = len(answer.rows)
    if answer.total is not None:
        return at.offset + count < answer.total
    return not answer.linked and count >= LIMIT


def _missing(answer: _Answer, at: Cursor) -> tuple[str, ...]:
    """A notice for the last page if Opsgenie sent fewer or more incidents than it counts."""
    count = at.offset + len(answer.rows)
    if answer.total in (None, count):
        return ()
    return (f"Opsgenie counts {answer.total} incidents here and sent {count}: read the list again",)


async def _states(api: Api, query: Query, asked: str, wires: Sequence[WireIncident]) -> tuple[Mapping[str, Existence], tuple[str, ...]]:
    """The state of the postmortem by incident id, and notices about failures: a list without states is still useful."""
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
    """The ids of incidents in this span whose postmortem is in this state. Raises BackendError, even for one bad row."""
    return await _ids(api, search.together((span, search.postmortem_in((state,)))), "read which incidents have a postmortem")


async def _ids(api: Api, query: str, tried: str) -> tuple[str, ...]:
    rows = (await _read(api, query, 0, tried)).rows
    if rows.unreadable:
        raise not_understood(tried, rows.unreadable[0])
    return tuple(row.id for row in rows.understood)


def _existence(wire: WireIncident, states: Mapping[str, Existence]) -> Existence:
    """The state by the search; else YES if the incident names a postmortem; never NONE as a guess."""
    return states.get(wire.id, Existence.YES if wire.postmortem_id else Existence.UNKNOWN)


async def existence(api: Api, incident_id: str, tried: str) -> Existence:
    """Whether this incident has a postmortem: NONE, YES, or UNKNOWN when neither search finds it (it may not be indexed yet)."""
    one = f"id:{search.value(incident_id)}"
    none, some = (search.postmortem_in(states) for states in (("no-postmortem",), search.EXISTING))
    without, having = await asyncio.gather(*(_ids(api, search.together((one, term)), tried) for term in (none, some)))
    if incident_id in having:
        return Existence.YES
    return Existence.NONE if incident_id in without else Existence.UNKNOWN
