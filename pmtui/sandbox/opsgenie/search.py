"""What the searches of incidents, users and services can ask for.

Source: support.atlassian.com "Search syntax for incidents" (recorded 2026-02): ``field: value``, ``< <= > >=``, AND, OR,
NOT, parentheses (``message: (lorem OR ipsum)``), quotes and ``*``. Text fields match whole words in order, without case;
other fields match the whole value; comparisons are for numbers.
"""

from __future__ import annotations

import operator as comparison
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from pmtui.sandbox.opsgenie.answers import Json, Refusal
from pmtui.sandbox.opsgenie.state import State, moment_of
from pmtui.sandbox.search_query import Predicate, QueryError, Row, parse

PUBLISH_WITHIN = timedelta(days=14)  # how soon this account wants postmortems of P1 and P2 published
_WORD = re.compile(r"[\w*?]+")
_WILD = re.compile(r"[*?\[]")
_COMPARE: dict[str, Callable[[Any, int], bool]] = {"<": comparison.lt, "<=": comparison.le, ">": comparison.gt, ">=": comparison.ge}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can be searched. `read` gives its values; `kind` is text, value or number."""

    kind: str
    read: Callable[[Row], Iterable[Any]]


class _Language:
    """The language of incident search. `free` are the fields that are searched for words without a field."""

    field = re.compile(r"([A-Za-z][\w.]*)\s*(<=|>=|<|>|:)")
    negations: tuple[str, ...] = ("NOT",)
    operators: tuple[str, ...] = ("<=", ">=", "<", ">", ":")

    def __init__(self, fields: Mapping[str, Field], free: tuple[str, ...]) -> None:
        self._fields = fields
        self._free = [fields[name] for name in free]

    def check(self, name: str, operator: str) -> None:
        """Raise QueryError for an unknown field, and for a comparison of one that is not a number."""
        if name not in self._fields:
            raise QueryError(f"unknown field {name!r}; fields are {', '.join(sorted(self._fields))}")
        if operator != ":" and self._fields[name].kind != "number":
            raise QueryError(f"{name!r} cannot be compared with {operator}")

    def term(self, name: str, operator: str, value: str) -> Predicate:
        """Equality, a comparison with a whole number, or words in the free fields."""
        if not name:
            return lambda row: any(_matches(field, row, value) for field in self._free)
        field = self._fields[name]
        if operator == ":" and field.kind == "value" and not _WILD.search(value):
            same = value.casefold()
            return lambda row: any(str(each).casefold() == same for each in field.read(row))
        if operator == ":":
            return lambda row: _matches(field, row, value)
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise QueryError(f"{name!r} is compared with a whole number, not {value!r}")
        number, compare = int(value), _COMPARE[operator]
        return lambda row: any(compare(each, number) for each in field.read(row))


def compile_query(text: str, fields: Mapping[str, Field], free: tuple[str, ...]) -> Predicate:
    """The predicate that a query states; an empty query is true of everything. Raises QueryError."""
    return parse(text, _Language(fields, free)) if text.strip() else lambda row: True


def predicate(query: str, fields: Mapping[str, Field], free: tuple[str, ...]) -> Predicate:
    """`compile_query` for a request. Raises Refusal (422) for what is not a query."""
    try:
        return compile_query(query, fields, free)
    except QueryError as error:
        raise Refusal(422, "Query is not valid. Please check the errors.", {"query": str(error)}) from error


def _matches(field: Field, row: Row, wanted: str) -> bool:
    if field.kind == "text":
        return any(_holds_words(str(value), wanted) for value in field.read(row))
    pattern = wanted.casefold().replace("[", "[[]")
    return any(fnmatchcase(str(value).casefold(), pattern) for value in field.read(row))


def _holds_words(text: str, wanted: str) -> bool:
    """Whether `text` contains the words of `wanted` side by side."""
    patterns = _WORD.findall(wanted.casefold())
    words = _WORD.findall(text.casefold())
    return bool(patterns) and any(
        all(fnmatchcase(word, pattern) for word, pattern in zip(words[start : start + len(patterns)], patterns, strict=True))
        for start in range(len(words) - len(patterns) + 1)
    )


@lru_cache(maxsize=50_000)  # each search asks for the times of all incidents
def _milliseconds(text: str) -> int:
    return round(moment_of(text).timestamp() * 1000)


USER_FIELDS = {
    "username": Field("value", lambda row: [row["username"]]),
    "fullName": Field("text", lambda row: [row["fullName"]]),
    "blocked": Field("value", lambda row: [str(row["blocked"]).lower()]),
    "verified": Field("value", lambda row: [str(row["verified"]).lower()]),
    "role": Field("value", lambda row: [row["role"]["name"]]),
    "locale": Field("value", lambda row: [row["locale"]]),
    "timeZone": Field("value", lambda row: [row["timeZone"]]),
    "userAddress": Field("text", lambda row: row["userAddress"].values()),
    "createdAt": Field("number", lambda row: [_milliseconds(row["createdAt"])]),
}
SERVICE_FIELDS = {
    "name": Field("text", lambda row: [row["name"]]),
    "description": Field("text", lambda row: [row["description"]]),
    "tag": Field("value", lambda row: row["tags"]),
    "teamId": Field("value", lambda row: [row["teamId"]]),
    "isExternal": Field("value", lambda row: [str(row["isExternal"]).lower()]),
}


def incident_fields(state: State) -> dict[str, Field]:
    """The fields of incidents; some of them are found elsewhere in the account."""

    def value(name: str) -> Callable[[Row], Iterable[Any]]:
        return lambda row: [row[name]] if isinstance(row[name], str) else row[name]

    return {
        "createdAt": Field("number", lambda row: [_milliseconds(row["createdAt"])]),
        "id": Field("value", value("id")),
        "tinyId": Field("number", lambda row: [int(row["tinyId"])]),
        "message": Field("text", value("message")),
        "description": Field("text", value("description")),
        "status": Field("value", value("status")),
        "priority": Field("value", value("priority")),
        "tag": Field("value", value("tags")),
        "actions": Field("value", value("actions")),
        "teams": Field("value", lambda row: _names(state.teams, [item["id"] for item in row["responders"] if item["type"] == "team"])),
        "services": Field("value", lambda row: _names(state.services, row["impactedServices"])),
        "details.key": Field("value", lambda row: row["extraProperties"].keys()),
        "details.value": Field("value", lambda row: row["extraProperties"].values()),
        "postmortemRequired": Field("value", lambda row: ["true" if _required(row) else "false"]),
        "postmortemStatus": Field("value", lambda row: [state.postmortem_status(row["id"])]),
        "postmortemPublishDueDate": Field("number", lambda row: [_due(row)] if _required(row) else []),
    }


SORTS: dict[str, Callable[[State, Json], Any]] = {
    "createdAt": lambda _state, row: moment_of(row["createdAt"]),
    "insertedAt": lambda _state, row: moment_of(row["createdAt"]),
    "updatedAt": lambda _state, row: moment_of(row["updatedAt"]),
    "status": lambda _state, row: row["status"],
    "priority": lambda _state, row: row["priority"],
    "postmortemStatus": lambda state, row: state.postmortem_status(row["id"]),
    "postmortemPublishDueDate": lambda _state, row: _due(row) if _required(row) else 0,
    "tinyId": lambda _state, row: int(row["tinyId"]),
    "message": lambda _state, row: row["message"].casefold(),
    # The two that only the older description has say nothing in this account: incidents have neither.
    "isSeen": lambda _state, _row: 0,
    "owner": lambda _state, row: row["ownerTeam"],
}
"""What a list of incidents can be sorted by (docs.opsgenie.com 2026, and the vendor's OpenAPI document of 2021)."""


def _names(table: Mapping[str, Json], keys: Iterable[str]) -> list[str]:
    """The ids and names: both can be searched."""
    return [text for key in keys for text in (key, table.get(key, {}).get("name", ""))]


def _required(incident: Row) -> bool:
    return incident["priority"] in ("P1", "P2")


def _due(incident: Row) -> int:
    return round((moment_of(incident["createdAt"]) + PUBLISH_WITHIN).timestamp() * 1000)
