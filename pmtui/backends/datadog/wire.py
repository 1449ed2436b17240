"""Careful reading of what Datadog sends: plain dictionaries, where anything may be missing, null or of another type.

Typed models were weighed and left out: the recorded answers break the published schema in many places, unknown keys
must survive a round trip, and the two back ends spell the same thing differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pmtui.model.postmortem import EPOCH

Json: TypeAlias = dict[str, Any]

_FRACTION = re.compile(r"(\.\d{6})\d+")


def dig(data: Any, *path: str) -> Any:
    """``dig(d, "a", "b")`` is ``d["a"]["b"]``, or None where anything on the way is missing or no object."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def text(data: Any, *path: str) -> str:
    """The string (or number, as a string) there, "" for anything else."""
    found = dig(data, *path)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else ""


def record(data: Any, *path: str) -> Json:
    """The object there, {} for anything else."""
    found = dig(data, *path)
    return found if isinstance(found, dict) else {}


def records(data: Any, *path: str) -> list[Json]:
    """The objects of the list there; what is no object is left out."""
    found = dig(data, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def listed(data: Any, *path: str) -> list[Any]:
    """The list there, [] for anything else."""
    found = dig(data, *path)
    return found if isinstance(found, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """A value that is a list of strings, one string or nothing, as strings."""
    if isinstance(value, list):
        return tuple(str(each) for each in value if isinstance(each, str | int | float))
    return (value,) if isinstance(value, str) and value else ()


def included(answer: Any, kind: str) -> dict[str, Json]:
    """The side-loaded resources of a type, by id."""
    return {text(each, "id"): each for each in records(answer, "included") if each.get("type") == kind}


def linked(resource: Any, relationship: str) -> list[str]:
    """The ids that a relationship names; one or many, null or missing."""
    data = dig(resource, "relationships", relationship, "data")
    return [text(each, "id") for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]


def moment(stamp: Any) -> datetime:
    """A time as Datadog writes it: ``+00:00`` or ``Z``, with none to nine digits of a second. EPOCH for what is none."""
    if not isinstance(stamp, str) or not stamp:
        return EPOCH
    try:
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", stamp))
    except ValueError:
        return EPOCH
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def stamp_of(value: str) -> str | None:
    """A time that a person wrote, in UTC as Datadog takes it; None for "". Raises ValueError for what is none."""
    if not value:
        return None
    read = datetime.fromisoformat(value)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def walk(data: Any) -> Iterator[Any]:
    """Every value in a nested one, itself first."""
    yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from walk(each)
