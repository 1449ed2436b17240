"""Incidents and postmortems as JSON, and as Markdown. Scripts rely on the JSON: keys are added, never removed."""

from __future__ import annotations

import dataclasses
from typing import Any

from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Value

SCHEMA = 1


def incident_json(incident: Incident) -> dict[str, Any]:
    """An incident, as ``pmtui incidents --json`` lists it; ``created`` is null where it is not known."""
    return {
        "id": incident.id,
        "reference": incident.reference,
        "title": incident.title,
        "severity": incident.severity,
        "status": incident.status,
        "owner": incident.owner,
        "created": incident.created.isoformat().replace("+00:00", "Z") if incident.created else None,
        "postmortem": str(incident.postmortem),
        "url": incident.url,
        "private": incident.private,
    }


def postmortem_json(postmortem: Postmortem) -> dict[str, Any]:
    """A postmortem, as ``pmtui show --json`` prints it. ``unread`` names the parts that could not be read: ignore their values."""
    return {
        "schema": SCHEMA,
        "incident": incident_json(postmortem.incident),
        "id": postmortem.id,
        "url": postmortem.url,
        "fields": {name: value_json(value) for name, value in postmortem.fields.items()},
        "cells": [{"title": cell.title, "kind": cell.kind.value, "text": cell.text} for cell in postmortem.cells],
        "notices": [*postmortem.notices, *(f"{each.part} could not be read: {each.why}" for each in postmortem.unread)],
        "unread": [{"part": each.part, "why": each.why, "trouble": each.trouble} for each in postmortem.unread],
    }


def value_json(value: Value | Item) -> Any:
    """A value as JSON: strings as strings, people and links as objects, lists as lists."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [value_json(item) for item in value]
    return dataclasses.asdict(value)


def markdown_of(postmortem: Postmortem) -> str:
    """The cells as one text, separated by blank lines, empty ones left out. An opaque cell is one line that says what it is."""
    texts = (cell.text if cell.editable else f"▦ {cell.text}" for cell in postmortem.cells)
    return "\n\n".join(text.strip("\n") for text in texts if text.strip()) + "\n"
