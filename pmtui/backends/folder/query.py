"""Applies the filter line to the rows of a folder. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from pmtui.backends.folder.incidents import FileRow, items, moment
from pmtui.model.incident import Existence
from pmtui.model.query import POSTMORTEM, Query, day

_SEVERITY = re.compile(r"(?:sev(?:erity)?|p|s)?[- ]?(\d+)", re.IGNORECASE)
_STATES = {
    "yes": frozenset(Existence) - {Existence.NONE},
    "none": frozenset({Existence.NONE}),
    "draft": frozenset({Existence.DRAFT}),
    "in-review": frozenset({Existence.IN_REVIEW}),
    "published": frozenset({Existence.PUBLISHED}),
}


def matches(query: Query, row: FileRow) -> bool:
    """Whether a file matches: all words are in its reference, title, path or tags, and one value of each facet matches."""
    if query.empty:
        return True
    words = " ".join((row.reference, row.title, row.path, row.tags)).casefold()
    return all(term.casefold() in words for term in query.terms) and all(_holds(facet, query.facets[facet], row) for facet in query.facets)


def ignored(query: Query) -> tuple[str, ...]:
    """The filters that have no effect here, a sentence each."""
    dates = [f"{each!r} is not a date such as 2026-11-30" for name in ("after", "before") for each in _values(query, name) if not day(each)]
    states = [
        f"{each!r} is not a state of a postmortem: there are draft, in-review, published, yes and none"
        for each in _values(query, "postmortem")
        if each.casefold() not in POSTMORTEM
    ]
    return (*dates, *states)


def _values(query: Query, facet: str) -> tuple[str, ...]:
    return query.facets.get(facet, ())


def _holds(facet: str, wanted: tuple[str, ...], row: FileRow) -> bool:
    match facet:
        case "status":
            return _one_of(wanted, (row.status,))
        case "severity":
            return bool({_severity(each) for each in wanted} & {_severity(row.severity)})
        case "owner":
            return _part_of(wanted, _owner(row))
        case "service":
            return _part_of(wanted, items(row.services))
        case "team":
            return _part_of(wanted, items(row.teams))
        case "tag":
            return _part_of(wanted, items(row.tags))
        case "postmortem":
            known = [_STATES[POSTMORTEM[each.casefold()]] for each in wanted if each.casefold() in POSTMORTEM]
            return not known or any(row.existence in states for states in known)
        case "after":
            return all(at is None or moment(row.created) is None or _at(row) >= at for at in map(day, wanted))
        case "before":
            return all(at is None or moment(row.created) is None or _at(row) < at for at in map(day, wanted))
    return True


def _one_of(wanted: Iterable[str], has: Iterable[str]) -> bool:
    return bool({each.casefold() for each in wanted} & {each.casefold() for each in has})


def _part_of(wanted: Iterable[str], has: Iterable[str]) -> bool:
    texts = [each.casefold() for each in has if each]
    return any(each.casefold() in text for each in wanted for text in texts)


def _owner(row: FileRow) -> tuple[str, ...]:
    pairs = (each.partition("\t") for each in items(row.people))
    return (row.owner, *(email for name, _, email in pairs if row.owner and row.owner in (name, email)))


def _severity(text: str) -> str:
    """``1`` for SEV-1, sev1, P1 and 1; without a number the text in lower case."""
    number = _SEVERITY.fullmatch(text.strip())
    return str(int(number[1][:9])) if number else text.strip().casefold()


def _at(row: FileRow) -> datetime:
    return moment(row.created) or datetime.min.replace(tzinfo=UTC)
