"""What a filter line may ask of a backend, in words: what is refused, what is offered, what is not known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pmtui.model.incident import Incident
from pmtui.model.query import NAMES, POSTMORTEM, SHOWN, day, misread, parse, without_value
from pmtui.session.listing.narrowing import is_severity

Filters = Mapping[str, Sequence[str]]
"""Facets, each with its known values, as ``Backend.filters`` gives them."""

DATES = frozenset({"after", "before"})
A_DAY = "2026-11-30"
A_NAME = "a name, or a part of it"
A_TAG = "a tag, or its beginning"
WORDS_MEAN = "in incidents (title, description), not in postmortems"
"""What words without a name are compared with. No vendor can search postmortems."""
_OPEN = ("status", "severity")
"""Facets whose values a vendor may add to: an unknown one is asked for, and only explained when nothing was found."""
_CALLED = {"status": "state", "severity": "severity"}


def refusals(line: str, filters: Filters, vendor: str) -> tuple[str, ...]:
    """Why this line is not asked for: names, dates and states of postmortems that cannot be filtered by. A sentence each."""
    unknown = misread(line, filters)
    said = [f"{unknown}; in quotes it is text"] if unknown else []
    said += [_asks_for_value(facet, filters) if facet in filters else _cannot(facet, filters, vendor) for facet in without_value(line)]
    for facet, values in parse(line).facets.items():
        if facet not in filters:
            said.append(_cannot(facet, filters, vendor))
        elif facet in DATES:
            said += [f"{each!r} is not a date: write {SHOWN[facet]}:{A_DAY}" for each in values if each and day(each) is None]
        elif facet == "postmortem" and filters[facet]:
            wrong = (each for each in values if POSTMORTEM.get(each.casefold()) not in filters[facet])
            said += [f"no such state of a postmortem: {each}; there are {', '.join(filters[facet])}" for each in wrong]
    return tuple(dict.fromkeys(said))


def _cannot(facet: str, filters: Filters, vendor: str) -> str:
    return f"{vendor} cannot search incidents by {facet}; there are {names_of(filters) or 'words only'}"


def _asks_for_value(facet: str, filters: Filters) -> str:
    """``state: what? there are open, closed``."""
    there = f"there are {', '.join(filters[facet])}" if filters[facet] else f"a day, such as {A_DAY}" if facet in DATES else _any(facet)
    return f"{SHOWN[facet]}: what? {there}"


def _any(facet: str) -> str:
    return A_TAG if facet == "tag" else A_NAME


def unknown_values(line: str, filters: Filters) -> tuple[str, ...]:
    """What may be wrong with a line that finds nothing: ``no such state: finished; there are open, closed``."""
    said = []
    for facet, values in parse(line).facets.items():
        known = filters.get(facet, ())
        if facet in _OPEN and known:
            wrong = (each for each in values if not any(_is(facet, each, value) for value in known))
            said += [f"no such {_CALLED[facet]}: {each}; there are {', '.join(known)}" for each in wrong]
    return tuple(said)


def hint(line: str, filters: Filters, vendor: str) -> str:
    """What may follow the name being typed: ``state: open, resolved, closed``, or that it cannot be asked for; "" for no hint."""
    last = line.rpartition(" ")[2]
    name, colon, typed = last.partition(":")
    facet = NAMES.get(name.lower(), "")
    if not colon or not facet or line.endswith(" "):
        return ""
    if facet not in filters:
        return _cannot(facet, filters, vendor)
    if facet in DATES:
        return "" if day(typed) else f"{name}: a day, such as {A_DAY}"
    known = filters[facet]
    value = typed.rpartition(",")[2].casefold()
    fitting = [each for each in known if each.casefold().startswith(value)] or [each for each in known if _is(facet, value, each)]
    if not known or any(_is(facet, value, each) for each in fitting):
        return ""
    return f"{name}: {', '.join(fitting)}" if fitting else f"no such {_CALLED.get(facet, 'value')}: {value}; there are {', '.join(known)}"


def with_values_of(rows: Iterable[Incident], filters: Filters) -> Filters:
    """The filters with the states and severities that occur in these rows."""
    rows = tuple(rows)
    seen = {"status": [row.status for row in rows], "severity": sorted({row.severity for row in rows})}
    return {
        facet: tuple(dict.fromkeys(each for each in (*values, *seen.get(facet, ())) if each)) if facet in seen else tuple(values)
        for facet, values in filters.items()
    }


def names_of(filters: Filters) -> str:
    """``state: sev: pm:``."""
    return " ".join(f"{shown}:" for facet, shown in SHOWN.items() if facet in filters)


def example(filters: Filters) -> str:
    """A line to learn from, of what there is."""
    state = next(iter(filters.get("status", ())), "")
    parts = (f"state:{state}" if state else "", "sev:1,2" if "severity" in filters else "", "owner:jane" if "owner" in filters else "")
    return " ".join([*filter(None, parts), "checkout"])


def explained(filters: Filters) -> list[tuple[str, str]]:
    """Each name with what may stand behind it, for help; those behind which any word may stand share a line."""
    listed = [(f"{shown}:", ", ".join(filters[facet])) for facet, shown in SHOWN.items() if filters.get(facet)]
    words = [f"{shown}:" for facet, shown in SHOWN.items() if facet in filters and not filters[facet] and facet not in (*DATES, "tag")]
    days = [f"{shown}:" for facet, shown in SHOWN.items() if facet in filters and facet in DATES]
    listed += [(" ".join(words), A_NAME)] if words else []
    listed += [("tag:", A_TAG)] if "tag" in filters else []
    listed = [("words", WORDS_MEAN), *listed]
    return [*listed, *([(" ".join(days), f"a day, {A_DAY}")] if days else [])]


def _is(facet: str, typed: str, known: str) -> bool:
    """Whether a typed value means this known one."""
    if facet == "severity":
        return bool(typed) and is_severity(typed, known)
    meant = POSTMORTEM.get(typed.casefold(), typed) if facet == "postmortem" else typed
    return meant.casefold() == known.casefold()
