"""Converts timeline entries, notes and logs from the wire. Pure.

Source: docs.opsgenie.com "Incident Timeline API" and "Incident API" (recorded 2026-02). An entry that is not understood is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pmtui.backends.archive import TimelineEntry, in_order
from pmtui.backends.opsgenie.wire import moment

WRITTEN = "custom"
"""The group of the entries that people wrote."""


def timeline_of(raw: Mapping[str, Any]) -> tuple[TimelineEntry, ...]:
    """The entries of the lists ``notes``, ``timeline`` and ``logs``, oldest first."""
    return in_order(
        [
            *_items(raw.get("notes"), "note", important=True),
            *(_entry(each) for each in _objects(raw.get("timeline"))),
            *_items(raw.get("logs"), "log", important=False),
        ]
    )


def _items(items: object, key: str, *, important: bool) -> Iterable[TimelineEntry]:
    for each in _objects(items):
        yield TimelineEntry(moment(each.get("createdAt")), _text(each.get("owner")), _text(each.get(key)), important, key)


def _entry(entry: Mapping[str, Any]) -> TimelineEntry:
    group, actor = _text(entry.get("group")), entry.get("actor")
    title, description = _content(entry.get("title")), _content(entry.get("description"))
    written = group == WRITTEN and description != ""
    text = description if written else ": ".join(filter(None, (title or _text(entry.get("type")), description)))
    author = _text(actor.get("name")) if isinstance(actor, dict) else ""
    return TimelineEntry(moment(entry.get("eventTime")), author, text, group == WRITTEN, group)


def _content(part: object) -> str:
    return _text(part.get("content")) if isinstance(part, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(rows: object) -> list[Mapping[str, Any]]:
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []
