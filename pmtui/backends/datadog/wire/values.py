"""Values in many answers: envelopes, relationships, times. ``leaf`` and ``walk`` are for values that are only shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, Field, PlainValidator

from pmtui.backends.answer import Id, OrEmpty, Plain, not_understood, understand_rows
from pmtui.backends.answer import moment as moment

Json: TypeAlias = dict[str, Any]
M = TypeVar("M", bound=BaseModel)


Included = Annotated[list[Any], OrEmpty, Field(default=[])]
"""Side-loaded resources, which may be missing."""


class Collection(Plain):
    """The envelope of a list."""

    data: list[Any]
    included: Included


def _identifier(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _many(value: Any) -> tuple[str, ...] | None:
    data = value.get("data") if isinstance(value, dict) else None
    ids = tuple(map(_identifier, data)) if isinstance(data, list) else None
    return ids if ids is not None and all(ids) else None


def _one(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, dict) or "data" not in value:
        return None
    if value["data"] is None:
        return ()
    found = _identifier(value["data"])
    return (found,) if found else None


ToMany = Annotated[tuple[str, ...] | None, PlainValidator(_many)]
"""A relationship as its ids, None when missing. Give it the default None."""
ToOne = Annotated[tuple[str, ...] | None, PlainValidator(_one)]
"""A relationship as its one id, () for null, None when missing."""
Stamp = Annotated[str, PlainValidator(lambda value: value if isinstance(value, str) else "")]
"""A time that is only shown, as written; "" when it is not a string."""


def every(model: type[M], rows: Sequence[Any], tried: str, at: str = "data") -> tuple[M, ...]:
    """Every row of a list in which none may be missed. Raises BackendError (ANSWER) that names the first bad row."""
    read = understand_rows(model, rows, at=at)
    if read.unreadable:
        raise not_understood(tried, read.unreadable[0])
    return read.understood


def some(model: type[M], rows: Sequence[Any], tried: str, at: str = "data") -> tuple[M, ...]:
    """The rows of a list that were understood. Raises BackendError (ANSWER) when there are rows and none was."""
    read = understand_rows(model, rows, at=at)
    if read.unreadable and not read.understood:
        raise not_understood(tried, read.unreadable[0])
    return read.understood


class Resource(Plain):
    """Anything that has an id."""

    id: Id


R = TypeVar("R", bound=Resource)


def side_loaded(model: type[R], included: Sequence[Any], kind: str) -> dict[str, R]:
    """The side-loaded resources of a type, by id, without those that were not understood."""
    rows = [each for each in included if isinstance(each, dict) and each.get("type") == kind]
    return {each.id: each for each in understand_rows(model, rows, at="included").understood}


def stamp_of(value: str) -> str | None:
    """A typed time in UTC, in Datadog's format; None for "". Raises ValueError when invalid."""
    if not value:
        return None
    read = datetime.fromisoformat(value)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def leaf(data: Any, *path: str) -> str:
    """The string or number at a path, "" for anything else. Only for text that is shown: errors, widgets."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(data, str):
        return data
    return str(data) if isinstance(data, int | float) and not isinstance(data, bool) else ""


def walk(data: Any) -> Iterator[Any]:
    """Every value nested in a value, itself first."""
    yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from walk(each)
