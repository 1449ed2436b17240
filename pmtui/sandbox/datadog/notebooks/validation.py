"""Validates notebooks that are to be stored. As in the service, the details of a refusal are a Python repr in one string."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pmtui.sandbox.datadog.answers import Refusal
from pmtui.sandbox.datadog.call import Call

NAME_LIMIT = 80
SPANS = ("1m", "5m", "10m", "15m", "30m", "1h", "4h", "1d", "2d", "1w", "1mo", "3mo", "6mo", "week_to_date", "month_to_date", "1y", "alert")
KINDS = (None, "postmortem", "runbook", "investigation", "documentation", "report")
PREFIX = "API input validation failed: "
EXTRA_TYPE = "Additional properties are not allowed ('type' was unexpected)"


def checked(call: Call, exploded: bool) -> dict[str, Any]:
    """The valid `data.attributes` of a notebook. `exploded`: the detail is returned as one entry per character. Raises Refusal."""
    data = call.body().get("data")
    if not isinstance(data, dict):
        raise _refused({"data": ["Missing data for required field."]})
    if data.get("type") != "notebooks":
        raise Refusal(400, PREFIX + 'Invalid type. Expected "notebooks".')
    attributes = data.get("attributes")
    if not isinstance(attributes, dict):
        raise _refused({"attributes": ["Missing data for required field."]})
    if missing := [name for name in ("name", "cells", "time") if name not in attributes]:
        raise _refused({name: ["Missing data for required field."] for name in missing})
    _check_name(attributes["name"])
    _check_time(attributes["time"])
    if attributes.get("status", "published") != "published":
        raise _refused({"status": ["Must be one of: published."]})
    metadata = attributes.get("metadata") or {}
    if not isinstance(metadata, dict) or metadata.get("type") not in KINDS:
        raise _refused({"metadata": {"type": ["Must be one of: " + ", ".join(kind for kind in KINDS if kind) + "."]}})
    _check_cells(attributes["cells"], exploded)
    return attributes


def _refused(problem: dict[Any, Any]) -> Refusal:
    return Refusal(400, PREFIX + repr(problem))


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise _refused({"name": ["Not a valid string."]})
    if len(name) > NAME_LIMIT:
        raise _refused({"name": [f"Length must be between 0 and {NAME_LIMIT}."]})


def _check_time(time: Any) -> None:
    if not isinstance(time, dict):
        raise _refused({"time": ["Invalid input type."]})
    if "live_span" in time:
        if time["live_span"] not in SPANS:
            raise _refused({"time": {"live_span": ["Must be one of: " + ", ".join(sorted(SPANS)) + "."]}})
        return
    try:
        start, end = (datetime.fromisoformat(time[name]) for name in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise _refused({"time": {"_schema": ["Start time and end time must be date-times."]}}) from None
    if start >= end:
        raise _refused({"time": {"_schema": [f"Start time {time['start']} must be less than end time {time['end']}"]}})


def _check_cells(cells: Any, exploded: bool) -> None:
    if not isinstance(cells, list):
        raise _refused({"cells": ["Not a valid list."]})
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict) or cell.get("type") != "notebook_cells":
            raise Refusal(400, PREFIX + 'Invalid type. Expected "notebook_cells".')
        if problem := _cell_problem(cell):
            detail: Any = list(problem[0]) if exploded else problem[0]
            raise _refused({"cells": {index: {"errors": [{"detail": detail, "source": {"pointer": problem[1]}}]}}})


def _cell_problem(cell: dict[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a cell, and where. Undocumented types are accepted."""
    attributes = cell.get("attributes")
    definition = attributes.get("definition") if isinstance(attributes, dict) else None
    if not isinstance(cell.get("id"), (str, type(None))):
        return f"{cell['id']!r} is not of type 'string'", "/data/id"
    if not isinstance(definition, dict) or not isinstance(definition.get("type"), str):
        return "'definition' is a required property", "/data/attributes/definition"
    if definition["type"] == "markdown" and not isinstance(definition.get("text"), str):
        return "'text' is a required property", "/data/attributes/definition/text"
    if any("type" in transformation.get("sort", ()) for transformation in _transformations(definition)):
        return EXTRA_TYPE, "/data/attributes/definition/requests"
    return None


def _transformations(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The transformations in a widget's requests, as far as they have the usual shape."""
    for request in _objects(definition.get("requests")):
        yield from (one for one in _objects(request.get("transformations")) if isinstance(one.get("sort"), dict))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
