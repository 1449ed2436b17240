"""Translates the filter line into Opsgenie's search syntax. Pure.

Source: support.atlassian.com "Search syntax for incidents" (recorded 2026-02): ``field: value``, ``< <= > >=`` on numbers,
AND, OR and parentheses; of the same site "Search queries for alerts": ``*`` at the end of a word, not for teams and users.
Typed text is only ever used as a value, quoted unless it is one plain word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.opsgenie.wire import WireIncident, milliseconds, moment
from pmtui.model.incident import Existence
from pmtui.model.query import POSTMORTEM, Query

EVERYTHING = "createdAt>=0"
"""A term that matches every incident: one description of the API says that a query is required."""

STATES: Mapping[str, Existence] = {
    "no-postmortem": Existence.NONE,
    "draft": Existence.DRAFT,
    "in-review": Existence.IN_REVIEW,
    "published": Existence.PUBLISHED,
}
"""The values of ``postmortemStatus`` → their meaning."""

_PLAIN = re.compile(r"[\w.-]+\*?")
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_TINY = re.compile(r"#(\d+)")
_SEVERITY = re.compile(r"(?:p|sev-?)?([1-5])", re.IGNORECASE)
EXISTING = tuple(state for state in STATES if state != "no-postmortem")
_ASKED: Mapping[str, tuple[str, ...]] = {**{state: (state,) for state in EXISTING}, "none": ("no-postmortem",), "yes": EXISTING}


def search_text(query: Query) -> str:
    """The query in the search syntax; ``EVERYTHING`` when it is empty. Raises BackendError (LOCAL)."""
    terms = [_word(word) for word in query.text.split()]
    for facet, values in query.facets.items():
        terms += _FACETS.get(facet, _nothing)(values)
    return together(terms) or EVERYTHING


def ignored(query: Query) -> tuple[str, ...]:
    """The parts of this query that Opsgenie cannot search by, a sentence each."""
    return tuple(f"Opsgenie cannot search incidents by {facet}" for facet in query.facets if facet not in _FACETS)


def states_asked(query: Query) -> frozenset[str]:
    """The values of ``postmortemStatus`` that an incident found by this query can have."""
    asked = query.facets.get("postmortem")
    return frozenset(_states(asked)) if asked else frozenset(STATES)


def together(terms: Iterable[str]) -> str:
    """Join terms with AND; each may contain OR."""
    return " AND ".join(terms)


def in_parentheses(text: str) -> str:
    """A term that can be combined with others."""
    return f"({text})"


def value(text: str) -> str:
    """Typed text as one value: quoted if it could be read as syntax, without quotes and backslashes."""
    if _PLAIN.fullmatch(text) and text.upper() not in _OPERATORS:
        return text
    kept = re.sub(r'[\\"\x00-\x1f]', " ", text).strip()
    return f'"{kept}"' if kept else '""'


def _word(word: str) -> str:
    tiny = _TINY.fullmatch(word)
    if tiny:
        return f"tinyId:{tiny[1]}"
    if value(word) == '""':
        return EVERYTHING
    return begins_in(("message", "description"), word)


def begins_in(fields: Iterable[str], word: str) -> str:
    """The term for a word of these fields that is, or begins with, this."""
    return in_parentheses(" OR ".join(f"{field}:{each}" for field in fields for each in _begun(word)))


def _begun(word: str) -> tuple[str, ...]:
    """A value, and what begins with it where that can be said: Opsgenie finds whole words only."""
    found = value(word)
    return (found, f"{found}*") if found[-1] not in '"*' else (found,)


def without_words(query: Query) -> Query:
    """What is left to ask for without the words."""
    return replace(query, text="", phrases=())


def holds_words(query: Query, incident: WireIncident) -> bool:
    """Whether all words are in the incident, also inside of words, which Opsgenie does not find."""
    texts = f"#{incident.tiny_id} {incident.message} {incident.description}".casefold()
    return all(word.removesuffix("*").casefold() in texts for word in query.text.split())


def _either(field: str, values: Iterable[str], spelt: Callable[[str], tuple[str, ...]] = lambda text: (value(text),)) -> str:
    """Alternatives of one field, each with the field's name: the short form ``field:(a OR b)`` is documented only for texts."""
    terms = [f"{field}:{each}" for text in values for each in spelt(text)]
    return terms[0] if len(terms) == 1 else in_parentheses(" OR ".join(terms))


def _plain_facet(field: str) -> Callable[[tuple[str, ...]], list[str]]:
    return lambda values: [_either(field, values)]


def _severity(values: tuple[str, ...]) -> list[str]:
    return [_either("priority", (f"P{found[1]}" if (found := _SEVERITY.fullmatch(each)) else each for each in values))]


def _states(values: Iterable[str]) -> list[str]:
    asked = ((each.lower(), POSTMORTEM.get(each.lower(), "")) for each in values)
    return list(dict.fromkeys(state for typed, meant in asked for state in _ASKED.get(meant, (typed,))))


def _postmortem(values: tuple[str, ...]) -> list[str]:
    unknown = [each for each in values if each.lower() not in POSTMORTEM]
    if unknown:
        known = ", ".join(("none", "yes", *EXISTING))
        raise BackendError(Trouble.LOCAL, f"search for pm:{unknown[0]}", "there is no such state of a postmortem", f"known: {known}")
    return [postmortem_in(_states(values))]


def postmortem_in(states: Iterable[str]) -> str:
    """The term for incidents whose postmortem is in one of these states."""
    return _either("postmortemStatus", list(states))


def _status(values: tuple[str, ...]) -> list[str]:
    return [_either("status", (each.lower() for each in values))]


def _after(values: tuple[str, ...]) -> list[str]:
    return [f"createdAt>={milliseconds(_date('after', each))}" for each in values]


def _before(values: tuple[str, ...]) -> list[str]:
    return [f"createdAt<{milliseconds(_date('before', each))}" for each in values]


def _date(facet: str, text: str) -> datetime:
    found = moment(text)
    if found is None or found.year < 1971:
        raise BackendError(Trouble.LOCAL, f"search for {facet}:{text}", f"{text!r} is not a date", f"write {facet}:2026-11-22")
    return found


def _nothing(_values: tuple[str, ...]) -> list[str]:
    return []


_FACETS: Mapping[str, Callable[[tuple[str, ...]], list[str]]] = {
    "status": _status,
    "severity": _severity,
    "service": _plain_facet("services"),
    "team": _plain_facet("teams"),
    "tag": lambda values: [_either("tag", values, _begun)],
    "postmortem": _postmortem,
    "after": _after,
    "before": _before,
}


def created_between(oldest: datetime, newest: datetime) -> str:
    """The term for incidents created in this span, both ends included (times on the wire have milliseconds)."""
    return f"createdAt>={milliseconds(oldest)} AND createdAt<={milliseconds(newest + timedelta(milliseconds=1))}"
