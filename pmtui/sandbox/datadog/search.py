"""Search: an index that lags behind, with facets. The legacy back end.

    state:(active OR stable) AND -severity:SEV-5 AND team* AND "exact words"

A facet is matched as a whole, words anywhere in the text; `*` stands for anything. What is not a facet matches nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from pmtui.sandbox import search_query
from pmtui.sandbox.datadog import catalogue
from pmtui.sandbox.datadog.answers import Answer, Refusal
from pmtui.sandbox.datadog.call import Call, Route
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.state import Record, Result, State
from pmtui.sandbox.search_query import Predicate, QueryError, Row

PEOPLE = ("commander", "created_by", "declared_by", "last_modified_by")
MOST = 100  # values of a facet
TIME_RANGE = re.compile(r"(^|[?&])(from_ts|to_ts)(=|$)")  # in the browser's address, but not in the language

Values = Callable[[Row, str], list[str]]
TIMES = ("time_to_detect", "time_to_repair", "time_to_resolve")
NOT_FACETS = ("severity", "state", "summary", "root_cause")  # of the fields: own facets, or long text


class _Language:
    """The language of incident search. `values` gives the values of a facet; facet "" is the searchable text."""

    field = re.compile(r"([\w.@-]+)(:)")
    negations: tuple[str, ...] = ("NOT", "-")
    operators: tuple[str, ...] = (":",)

    def __init__(self, values: Values) -> None:
        self._values = values

    def check(self, name: str, operator: str) -> None:
        """Any facet is allowed."""

    def term(self, name: str, operator: str, value: str) -> Predicate:
        """Whether a facet equals the value, or the text contains it."""
        if TIME_RANGE.search(name) or TIME_RANGE.search(value):
            raise QueryError(f"invalid query: {name or value} is not supported")
        values, pattern = self._values, value.casefold()
        if "*" in pattern:
            glob = (pattern if name else f"*{pattern}*").replace("[", "[[]")
            return lambda row: any(fnmatchcase(one.casefold(), glob) for one in values(row, name))
        if not name:
            return lambda row: any(pattern in one.casefold() for one in values(row, ""))
        return lambda row: any(pattern == one.casefold() for one in values(row, name))


def parse(text: str, values: Values) -> Predicate:
    """A predicate for records. Raises QueryError, also for an empty text."""
    if not text.strip():
        raise QueryError("query cannot be empty")
    return search_query.parse(text, _Language(values))


def search(state: State, call: Call) -> Answer:
    """A page of the incidents that match `query`, the facets of all of them, and the incidents once more (recorded 2026-02)."""
    size, offset = call.page()
    sort = call.request.param("sort", "created")
    if sort not in ("created", "-created"):
        raise Refusal(400, f"Invalid sort: {sort}")
    found, facets = _found(state, call.request.param("query"), sort, offset)
    page = found[offset : offset + size]
    shown = [rendering.found(state, record) for record in page]
    attributes = {"total": len(found), "facets": facets, "incidents": [{"data": one} for one in shown]}
    relations = {"incidents_relationship": {"data": [{"type": "incidents", "id": record["id"]} for record in page]}}
    pagination = {"offset": offset, "next_offset": offset + len(page), "size": len(page)}
    return 200, {
        "data": {"type": "incidents_search_results", "attributes": attributes, "relationships": relations},
        "included": [*shown, *rendering.included(state, page, call.includes())],
        "meta": {"pagination": pagination},
    }


def _found(state: State, query: str, sort: str, offset: int) -> Result:
    """The incidents that match, in order, and their facets: for a later page those of the page before, while nothing is written."""
    asked = (query, sort)
    if offset and state.last_search is not None and state.last_search[0] == asked:
        return state.last_search[1]
    try:
        test = parse(query, _values(state))
    except QueryError as error:
        raise Refusal(400, str(error)) from None
    matching = [record for record in state.indexed() if test(record)]
    matching.sort(key=lambda record: str(record["created"]), reverse=sort == "-created")
    result = matching, _facets(state, matching)
    state.last_search = None if state.index_is_behind else (asked, result)
    return result


def _values(state: State) -> Values:
    """The values of a facet; people are matched by handle only (vendor's OpenAPI)."""

    def person(identifier: str | None) -> list[str]:
        if identifier is None:
            return []
        return [str(state.users[identifier]["attributes"]["handle"])]

    def values(record: Row, facet: str) -> list[str]:
        if facet == "":
            fields = record["fields"]
            return [record["title"], str(fields["slug"]["value"]), str(fields.get("summary", {}).get("value") or "")]
        if facet in PEOPLE:
            return person(record[facet])
        if facet == "responder":
            return [value for one in record["responders"] for value in person(one["user"])]
        return _plain(state, record, facet.removeprefix("fields."))

    return values


def _plain(state: State, record: Row, facet: str) -> list[str]:
    """Severity, state and the fields; then the service's other facets."""
    if facet in record["fields"]:
        value = record["fields"][facet]["value"]
        return [] if value is None else [str(item) for item in value] if isinstance(value, list) else [str(value)]
    match facet:
        case "postmortem":
            return ["Yes" if _has_postmortem(record) else "No"]
        case "customer_impacted" | "is_test":
            return [str(record[facet]).lower()]
        case "visibility":
            return [str(record["visibility"])]
        case "impact":
            return ["customer"] if record["impacts"] else ["none"]
        case "incident_type":
            return (
                [record["type"], state.types[record["type"]]["attributes"]["name"]] if record["type"] in state.types else [record["type"]]
            )
        case "public_id":
            return [str(record["public_id"])]
        case "title":
            return [str(record["title"])]
    return [str(record["times"][facet])] if facet in TIMES else []


def _has_postmortem(record: Row) -> bool:
    return any(item["attachment_type"] == "postmortem" for item in record["attachments"])


def _counted(values: Iterable[Any], known: Iterable[Any] = ()) -> list[dict[str, Any]]:
    counts = Counter(values)
    for value in known:
        counts.setdefault(value, 0)
    return [{"name": name, "count": count} for name, count in counts.most_common(MOST)]


def _facets(state: State, found: list[Record]) -> dict[str, Any]:
    fields = {name: field for kind in state.types for name, field in catalogue.known_kinds(state.fields, kind).items()}
    types = Counter(record["type"] for record in found)
    return {
        "severity": _counted((record["fields"]["severity"]["value"] for record in found), catalogue.SEVERITIES),
        "state": _counted((record["fields"]["state"]["value"] for record in found), catalogue.STATES),
        "postmortem": _counted(("Yes" if _has_postmortem(record) else "No" for record in found), ("No", "Yes")),
        # False is counted under the number 0, true under true (recorded 2026-02).
        "is_test": [{"name": 0, "count": len(found)}, {"name": True, "count": 0}],
        "customer_impacted": [
            {"name": 0, "count": sum(not record["customer_impacted"] for record in found)},
            {"name": True, "count": sum(record["customer_impacted"] for record in found)},
        ],
        "visibility": _counted(record["visibility"] for record in found),
        "impact": _counted("customer" if record["impacts"] else "none" for record in found),
        "responder": _people(state, (one["user"] for record in found for one in record["responders"])),
        **{name: _people(state, (record[name] for record in found)) for name in PEOPLE},
        "incident_type": [
            {"name": state.types[name]["attributes"]["name"] if name in state.types else name, "count": count, "id": name}
            for name, count in types.most_common()
        ],
        "fields": [
            {"name": name, "facets": _counted(_field_values(found, name), [one["value"] for one in field["valid_values"] or []])}
            for name, field in sorted(fields.items())
            if name not in NOT_FACETS
        ],
        **{name: [{"name": name, "aggregates": _range(found, name)}] for name in TIMES},
    }


def _field_values(found: list[Record], name: str) -> Iterator[str]:
    for record in found:
        value = record["fields"].get(name, {}).get("value")
        if isinstance(value, list):
            yield from value
        elif value is not None:
            yield str(value)


def _people(state: State, identifiers: Iterable[str | None]) -> list[dict[str, Any]]:
    counts = Counter(name for name in identifiers if name is not None)
    rows = [(state.users[name]["attributes"], name, count) for name, count in counts.most_common()]
    return [
        {"name": user["name"] or user["email"], "count": count, "handle": user["handle"], "uuid": name, "email": user["email"]}
        for user, name, count in rows
    ]


def _range(found: list[Record], name: str) -> dict[str, int | None]:
    times = [record["times"][name] for record in found if record["times"][name]]
    return {"min": min(times, default=None), "max": max(times, default=None)}


ROUTES = (Route("GET", "/api/v2/incidents/search", search, "incident_read", bucket="incidents_search"),)
