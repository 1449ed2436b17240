"""Converts values to and from plain JSON, for drafts, bases, the cache and ``--json``."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from pmtui.model.fields import Choice, Field, Kind, LockedBy
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Cell, CellKind, Postmortem, Unread
from pmtui.model.values import Item, Link, Named, Person, Task, Value

_ITEMS: dict[str, type[Person | Named | Link | Task]] = {"person": Person, "named": Named, "link": Link, "task": Task}
_NAMES = {cls: name for name, cls in _ITEMS.items()}


def value_to_json(value: Value | Item) -> Any:
    """A value as JSON: strings as they are, items as one-key objects (``{"person": {…}}``), tuples as lists."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    return {_NAMES[type(value)]: dataclasses.asdict(value)}


def value_from_json(data: Any) -> Value:
    """The inverse of ``value_to_json``. Raises ValueError for anything else."""
    if data is None or isinstance(data, str):
        return data
    if isinstance(data, list):
        items: list[Any] = [value_from_json(item) for item in data]
        return tuple(items)
    if isinstance(data, dict) and len(data) == 1:
        name, attributes = next(iter(data.items()))
        if name in _ITEMS:
            if name == "task":
                attributes = {**attributes, "assignees": tuple(attributes.get("assignees", ()))}
            made: Any = _ITEMS[name](**attributes)
            return made  # type: ignore[no-any-return]
    raise ValueError(f"not a field value: {data!r:.80}")


_OF_A_CELL = tuple(each.name for each in dataclasses.fields(Cell))  # there may be thousands: `asdict` looks for more in each text


def cell_to_json(cell: Cell) -> dict[str, Any]:
    """A cell as JSON, including the vendor's source as text."""
    return {name: getattr(cell, name) for name in _OF_A_CELL}


def cell_from_json(data: dict[str, Any]) -> Cell:
    """The inverse of ``cell_to_json``. Raises KeyError, TypeError or ValueError for anything else."""
    return Cell(**{**data, "kind": CellKind(data["kind"])})


def incident_to_json(incident: Incident) -> dict[str, Any]:
    """An incident as JSON; ``created`` and ``changed`` in ISO 8601, or null."""
    moments = {"created": incident.created, "changed": incident.changed}
    return {**dataclasses.asdict(incident), **{name: each.isoformat() if each else None for name, each in moments.items()}}


def moment_from_json(text: str) -> datetime:
    """Parse a time in ISO 8601. Raises ValueError also without an offset: such a time cannot be compared with others."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without an offset from UTC: {text:.40}")
    return moment


def incident_from_json(data: dict[str, Any]) -> Incident:
    """The inverse of ``incident_to_json``. Raises KeyError, TypeError or ValueError for anything else."""
    created, changed = (moment_from_json(text) if text is not None else None for text in (data["created"], data.get("changed")))
    return Incident(**{**data, "created": created, "changed": changed, "postmortem": Existence(data["postmortem"])})


def _field_from_json(data: dict[str, Any]) -> Field:
    choices = tuple(Choice(**choice) for choice in data["choices"])
    by = LockedBy(data.get("locked_by", LockedBy.VENDOR))  # missing in drafts of pmtui 0.1.0
    return Field(**{**data, "kind": Kind(data["kind"]), "locked_by": by, "choices": choices, "roles": tuple(data["roles"])})


def postmortem_to_json(postmortem: Postmortem) -> dict[str, Any]:
    """The whole postmortem as JSON, including form and origin, so that a draft opens without the network."""
    return {
        "incident": incident_to_json(postmortem.incident),
        "id": postmortem.id,
        "url": postmortem.url,
        "form": [dataclasses.asdict(each) for each in postmortem.form],
        "fields": {name: value_to_json(value) for name, value in postmortem.fields.items()},
        "cells": [cell_to_json(cell) for cell in postmortem.cells],
        "text_locked": postmortem.text_locked,
        "text_locked_by": postmortem.text_locked_by,
        "guard": postmortem.guard,
        "notices": list(postmortem.notices),
        "unread": [dataclasses.asdict(each) for each in postmortem.unread],
        "read_at": postmortem.read_at.isoformat(),
        "origin": postmortem.origin,
    }


def postmortem_from_json(data: dict[str, Any]) -> Postmortem:
    """The inverse of ``postmortem_to_json``. Raises KeyError, TypeError or ValueError for anything else."""
    return Postmortem(
        incident=incident_from_json(data["incident"]),
        id=data["id"],
        url=data["url"],
        form=tuple(_field_from_json(each) for each in data["form"]),
        fields={name: value_from_json(value) for name, value in data["fields"].items()},
        cells=tuple(cell_from_json(cell) for cell in data["cells"]),
        text_locked=data["text_locked"],
        text_locked_by=LockedBy(data.get("text_locked_by", LockedBy.NO_POSTMORTEM)),
        guard=data["guard"],
        notices=tuple(data["notices"]),
        unread=tuple(Unread(**each) for each in data.get("unread", ())),  # missing in drafts of pmtui 0.1.0
        read_at=moment_from_json(data["read_at"]),
        origin=data["origin"],
    )
