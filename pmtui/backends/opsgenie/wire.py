"""Reading what Opsgenie sends, tolerantly: every key may be missing or of another type, and nothing is refused for it.

Plain functions on the parsed JSON, because the shapes of half the answers are undocumented: a strict model would have
to be loosened at nearly every key. Ids are never checked for being UUIDs (the documentation's own are not).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pmtui.formats.adf.values import parse
from pmtui.model.postmortem import EPOCH

Json = dict[str, Any]

DEEPEST = 150
"""Levels of JSON in a document that is taken apart; a table in a column in a section has some twenty."""

POSTMORTEM_PROPERTY = "postmortemId"
"""The key in an incident's extra properties that names its postmortem: a convention of clients, not of Opsgenie."""


def mapping(value: Any) -> Json:
    """The object, empty when it is none."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    """The list, empty when it is none."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The string; numbers in digits; "" for all else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time with any number of fraction digits (``…10.17Z`` was seen); without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def milliseconds(at: datetime) -> int:
    """Since 1970, as the search compares times. Whole numbers all the way: floats would lose the last digit."""
    passed = at - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1000 + passed.microseconds // 1000


def data_of(answer: Any) -> Any:
    """What the envelope ``{"data": …, "took", "requestId"}`` holds; the answer itself when there is no envelope."""
    return answer["data"] if isinstance(answer, dict) and "data" in answer else answer


def document(value: Any) -> Json | None:
    """An ADF document: an object on read, perhaps a string of JSON, empty when absent. None when it cannot be read."""
    if isinstance(value, str) and value.strip():
        try:
            value = parse(value)
        except (ValueError, RecursionError):
            return None
    if value in (None, ""):
        return {"version": 1, "type": "doc", "content": []}
    readable = isinstance(value, dict) and isinstance(value.get("content", []), list) and _depth(value) <= DEEPEST
    return value if readable else None


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, by levels instead of recursion: that is what has an end here."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())]
        depth += 1
    return depth


@dataclass(frozen=True, slots=True)
class WireIncident:
    """An incident, from a list, a GET or a postmortem's ``rootIncident`` (which has no properties and no address)."""

    id: str
    tiny_id: str = ""
    message: str = ""
    status: str = ""
    priority: str = ""
    created: datetime | None = None
    web: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def postmortem_id(self) -> str:
        """The postmortem that the incident itself names, "" when it names none. Anyone can edit it: verify."""
        return self.properties.get(POSTMORTEM_PROPERTY, "").strip()


def incident(value: Any) -> WireIncident:
    """Read an incident; ``creationTime`` is what a postmortem calls ``createdAt``."""
    raw = mapping(value)
    return WireIncident(
        id=text(raw.get("id")),
        tiny_id=text(raw.get("tinyId")),
        message=text(raw.get("message")),
        status=text(raw.get("status")),
        priority=text(raw.get("priority")),
        created=moment(raw.get("createdAt")) or moment(raw.get("creationTime")),
        web=text(mapping(raw.get("links")).get("web")),
        properties={text(key): text(each) for key, each in mapping(raw.get("extraProperties")).items()},
    )
