"""Translates the filter line into Datadog's query syntax (vendor's OpenAPI: facets joined with AND, values with OR). Pure.

It has no dates, so these are compared here. Typed text is quoted, so that it is taken literally.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pmtui.backends.datadog.account.site import read_ref
from pmtui.backends.datadog.wire import incidents as wire
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import POSTMORTEM, Query, day

FACETS: Mapping[str, str] = {
    "status": "state",
    "severity": "severity",
    "owner": "commander",
    "service": "services",
    "team": "teams",
    "postmortem": "postmortem",
}
"""Our facet → Datadog's."""

_BARE = re.compile(r"\w[\w.@-]*")
_NOT_BARE = re.compile(r"[^\w.@-]")
_PARTS = frozenset({"service", "team"})
"""Facets of which a part of a name is enough."""
_OPERATORS = frozenset({"and", "or", "not", "to"})
_SEVERITY = re.compile(r"(?:sev|p)?-?(\d+)", re.IGNORECASE)
_EXISTS = frozenset({"yes", "none"})


def quoted(word: str) -> str:
    """A value that is taken literally. Operators are upper case, so a word like one is written in lower case."""
    if word.lower() in _OPERATORS:
        return f'"{word.lower()}"'
    if _BARE.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def one_of(facet: str, values: Iterable[str]) -> str:
    """``severity:(SEV-1 OR SEV-2)``, ``state:active``."""
    words = [quoted(each) for each in dict.fromkeys(values)]
    return f"{facet}:{words[0]}" if len(words) == 1 else f"{facet}:({' OR '.join(words)})"


def with_part(facet: str, values: Iterable[str]) -> str:
    """``services:(checkout OR *checkout*)``: the value, or one that has it in it. What is not of a plain word may be anything."""
    words = [word for value in dict.fromkeys(values) for word in (quoted(value), f"*{_NOT_BARE.sub('?', value)}*")]
    return f"{facet}:({' OR '.join(words)})"


def search_text(query: Query, states: Sequence[str]) -> str:
    """The query for the search endpoint. It must not be empty, so all incidents are those in any state."""
    parts = [quoted(word) for word in query.terms if word.strip()]
    for name, facet in FACETS.items():
        values = query.facets.get(name)
        if values:
            parts.append((with_part if name in _PARTS else one_of)(facet, (_value(name, each) for each in values)))
    return " AND ".join(parts) or one_of("state", states)


def _value(name: str, value: str) -> str:
    if name == "severity" and (number := _SEVERITY.fullmatch(value)):
        return f"SEV-{number[1]}"
    if name == "severity":
        return value.upper()
    if name == "status":
        return value.lower()
    if name == "postmortem":
        return "No" if POSTMORTEM.get(value.lower()) == "none" else "Yes"
    return value


def named(query: Query) -> str:
    """The query if it is a reference (``#318``, an id or an address), "" if it is words, such as ``redis-7`` and ``318``."""
    if query.facets or len(query.terms) != 1:
        return ""
    (word,) = query.terms
    ref = read_ref(word)
    return word if ref is not None and (word.startswith("#") or ref.uuid or "://" in word) else ""


def wants_postmortem(query: Query) -> Existence:
    """Whether every incident that this query finds has a postmortem, as far as the query says."""
    wanted = {_value("postmortem", each) for each in query.facets.get("postmortem", ())}
    return {frozenset({"Yes"}): Existence.YES, frozenset({"No"}): Existence.NONE}.get(frozenset(wanted), Existence.UNKNOWN)


def in_dates(query: Query, incident: Incident) -> bool:
    """Whether the incident began on or after the day ``after`` and before the day ``before``, in UTC."""
    after, before = bounds(query)
    if incident.created is None:  # unknown: show it rather than hide it
        return True
    return (after is None or incident.created >= after) and (before is None or incident.created < before)


def bounds(query: Query) -> tuple[datetime | None, datetime | None]:
    """The latest ``after`` and the earliest ``before``. Invalid dates are ignored (see ``not_understood``)."""
    after = [moment for each in query.facets.get("after", ()) if (moment := day(each))]
    before = [moment for each in query.facets.get("before", ()) if (moment := day(each))]
    return max(after, default=None), min(before, default=None)


def not_understood(query: Query) -> tuple[str, ...]:
    """The filters that have no effect here, a sentence each."""
    said = [
        f"{each!r} is not a date such as 2026-11-30" for name in ("after", "before") for each in query.facets.get(name, ()) if not day(each)
    ]
    asked = [each for each in query.facets.get("postmortem", ()) if POSTMORTEM.get(each.lower()) not in _EXISTS]
    said += [f"Datadog knows only whether there is a postmortem, not whether it is {each!r}" for each in asked]
    return (*said, "Datadog's incidents have no tags") if "tag" in query.facets else tuple(said)


def matches(query: Query, incident: Incident, resource: wire.Incident, commander: Sequence[str]) -> bool:
    """Whether an incident matches, as in the search endpoint; for the plain list, where search is refused.

    ``commander`` are the names, handles and addresses of its commander.
    """
    words = f"{incident.reference} {incident.title}".lower()
    services, teams = resource.field("services"), resource.field("teams")
    told: Mapping[str, Sequence[str]] = {
        "status": (incident.status,),
        "severity": (incident.severity,),
        "owner": commander,
        "service": services.items if services else (),
        "team": teams.items if teams else (),
    }
    if not all(word.lower() in words for word in query.terms):
        return False
    for name, values in told.items():
        wanted = [_value(name, each).lower() for each in query.facets.get(name, ())]
        has = [value.lower() for value in values]
        parts = name in _PARTS or name == "owner"  # of a person a name that no handle was found for
        if wanted and not any(each in has or (parts and "@" not in each and any(each in value for value in has)) for each in wanted):
            return False
    existence = wants_postmortem(query)
    return existence in (Existence.UNKNOWN, incident.postmortem)
