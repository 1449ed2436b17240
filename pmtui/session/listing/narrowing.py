"""Filters the loaded rows while a filter is typed, as far as they have the data; the server does the rest. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from pmtui.backends.page import Page
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import POSTMORTEM, SHOWN, Query, day, parse

LONGEST = 300
"""The longest part of a title, in characters, that is searched for misspelt words."""
SHORTEST = 3
"""From this many letters a word also matches with letters left out; from one more, with one typing error."""

_UNTOLD = ("service", "team", "tag")
"""Facets that no row tells."""
_SEVERITY = re.compile(r"(?:sev(?:erity)?|p|s)?[- ]?(\d+)", re.IGNORECASE)
_THERE = frozenset(Existence) - {Existence.NONE, Existence.UNKNOWN}
_POSTMORTEM: dict[str, frozenset[Existence]] = {
    "yes": _THERE,
    "none": frozenset({Existence.NONE}),
    "draft": frozenset({Existence.DRAFT, Existence.YES}),
    "in-review": frozenset({Existence.IN_REVIEW, Existence.YES}),
    "published": frozenset({Existence.PUBLISHED, Existence.YES}),
}
"""A wanted state → the states of rows that match. A row that only says that there is a postmortem may match."""


def narrowed(rows: Sequence[Incident], query: Query) -> list[Incident]:
    """The rows that match, as far as they have the data. Words that occur in no row also match with gaps and typing errors."""
    owners = any(row.owner for row in rows)
    found = [row for row in rows if all(_holds(name, values, row, owners) for name, values in query.facets.items())]
    for term in map(folded, query.terms):
        exact = [row for row in found if term in _words(row)]
        found = exact or [row for row in found if _alike(term, _words(row))]
    return found


def called_first(rows: Sequence[Incident], query: Query) -> list[Incident]:
    """The rows in their order, but the incident whose reference was asked for first: ``#3`` before ``#30``."""
    asked = folded(query.text)
    return sorted(rows, key=lambda row: folded(row.reference) != asked) if asked else list(rows)


def not_told(rows: Sequence[Incident], query: Query) -> list[str]:
    """The names (``team:``) of the filters that the rows tell nothing of, so that ``narrowed`` leaves them out."""
    owners = any(row.owner for row in rows)
    return [
        f"{SHOWN[name]}:" for name, values in query.facets.items() if name in _UNTOLD or (name == "owner" and not _told(values, owners))
    ]


def outdated(rows: Sequence[Incident], query: Query) -> int:
    """How many rows of an answer no longer match, because their postmortem has another state by now: published, say."""
    wanted = query.facets.get("postmortem", ())
    return sum(not _holds("postmortem", wanted, row, owners=False) for row in rows) if wanted else 0


def folded(text: str) -> str:
    """The text for comparing: lower case, without accents."""
    if text.isascii():
        return text.lower()
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))


def _words(row: Incident) -> str:
    return folded(f"{row.reference} {row.title} {row.owner}")


def _holds(facet: str, wanted: Sequence[str], row: Incident, owners: bool) -> bool:
    """Whether one of the values may match; true when the row does not have the data."""
    match facet:
        case "status":
            return any(row.status.casefold().startswith(each.casefold()) for each in wanted)
        case "severity":
            return any(is_severity(each, row.severity) for each in wanted)
        case "owner":
            return not _told(wanted, owners) or any(folded(each) in folded(row.owner) for each in wanted)
        case "postmortem":
            return row.postmortem is Existence.UNKNOWN or any(row.postmortem in _asked(each) for each in wanted)
        case "after":
            return all(_compares(row, each, lambda began, moment: began >= moment) for each in wanted)
        case "before":
            return all(_compares(row, each, lambda began, moment: began < moment) for each in wanted)
    return True


def _told(wanted: Sequence[str], owners: bool) -> bool:
    """Whether the owners that rows show, if any, tell who is wanted: they are names, not addresses."""
    return owners and not any("@" in each or each.casefold() == "me" for each in wanted)


def is_severity(wanted: str, severity: str) -> bool:
    """``1`` matches SEV-1, sev1 and P1, not SEV-10; without a number it matches the beginning of a word."""
    number, has = _SEVERITY.fullmatch(wanted), _SEVERITY.fullmatch(severity.strip())
    if number is not None and has is not None:
        return number[1].lstrip("0") == has[1].lstrip("0")
    return severity.casefold().startswith(wanted.casefold())


def _asked(value: str) -> frozenset[Existence]:
    """The states for a value that may be incomplete; all of them for an unknown value."""
    typed = value.casefold()
    found = [_POSTMORTEM[meant] for name, meant in POSTMORTEM.items() if name.startswith(typed)]
    return frozenset().union(*found) if found else frozenset(Existence)


def _compares(row: Incident, text: str, fits: Callable[[datetime, datetime], bool]) -> bool:
    """Whether the incident's date matches; true for an incomplete date, and for an incident without a date."""
    moment = day(text)
    return moment is None or row.created is None or fits(row.created, moment)


def _alike(term: str, words: str) -> bool:
    """Whether the term matches a word with letters left out, or with one typing error."""
    if len(term) < SHORTEST:
        return False
    return any(_with_gaps(term, word) or _with_slip(term, word) for word in words[:LONGEST].split() if word[0] == term[0])


def _with_gaps(term: str, word: str) -> bool:
    letters = iter(word)
    return all(letter in letters for letter in term)


def _with_slip(term: str, word: str) -> bool:
    """Whether the word begins with the term, except for one wrong, missing or extra letter, or two swapped ones."""
    if len(term) <= SHORTEST:
        return False
    return any(_one_apart(term, word[:size]) for size in (len(term) - 1, len(term), len(term) + 1))


def _one_apart(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or (len(one) == len(other) == 2 and one == other[::-1])


async def or_alike(asked: str, page: Page, read: Callable[[Query], Awaitable[Page]]) -> tuple[Page, bool]:
    """The page that was found; when that is empty, the incidents whose words are alike, and True.

    They are of what the server has without the words, and not of the rows that happen to be here: the same filter finds the
    same, whatever was asked before.
    """
    query = parse(asked)
    if page.incidents or page.unreadable or not query.text:
        return page, False
    others = await read(replace(query, text="", phrases=()))
    alike = tuple(narrowed(others.incidents, replace(query, facets={})))
    return (Page(alike, notices=page.notices), True) if alike else (page, False)


def is_behind(here: Incident | None, rows: Sequence[Incident], pages: Sequence[Page]) -> bool:
    """Whether the row of the cursor is on a page still to come: a reload reads on until it has that row."""
    read = {incident.id for page in pages for incident in page.incidents}
    return here is not None and here.id not in read and len(read) < len(rows)
