"""Builds a timeline from Datadog's documented calls: times, impacts, action items. Pure.

The timeline of the web app has no published call; its cells are taken where the profile allows to ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pmtui.backends.archive import TimelineEntry, in_order
from pmtui.backends.datadog.wire.values import leaf, moment

_TIMES = (
    ("detected", "Detected"),
    ("declared", "Declared"),
    ("created", "Created"),
    ("resolved", "Resolved"),
    ("archived", "Archived"),
    ("customer_impact_start", "Customer impact began"),
    ("customer_impact_end", "Customer impact ended"),
)


def timeline_of(
    incident: Any, impacts: Iterable[Any], todos: Iterable[Any], names: dict[str, str], cells: Iterable[Any] = ()
) -> tuple[TimelineEntry, ...]:
    """The entries of these resources, oldest first. ``names`` has users' names by id; ``cells`` are those of the web app."""
    return in_order([*_times(incident), *_impacts(impacts, names), *_todos(todos, names), *_cells(cells, names)])


def _times(incident: Any) -> Iterator[TimelineEntry]:
    attributes = incident.get("attributes") if isinstance(incident, dict) else None
    for name, words in _TIMES:
        if at := moment(leaf(attributes, name)):
            yield TimelineEntry(at, "", words, name in ("detected", "resolved"), "incident")


def _impacts(impacts: Iterable[Any], names: dict[str, str]) -> Iterator[TimelineEntry]:
    for each in impacts:
        words, author = leaf(each, "attributes", "description"), names.get(_author(each), "")
        yield TimelineEntry(moment(leaf(each, "attributes", "start_at")), author, f"Impact began: {words}", True, "impact")
        if end := moment(leaf(each, "attributes", "end_at")):
            yield TimelineEntry(end, author, f"Impact ended: {words}", True, "impact")


def _todos(todos: Iterable[Any], names: dict[str, str]) -> Iterator[TimelineEntry]:
    for each in todos:
        words, author = leaf(each, "attributes", "content"), names.get(_author(each), "")
        if made := moment(leaf(each, "attributes", "created")):
            yield TimelineEntry(made, author, f"Action item: {words}", source="todo")
        if done := moment(leaf(each, "attributes", "completed")):
            yield TimelineEntry(done, "", f"Action item done: {words}", source="todo")


def _cells(cells: Iterable[Any], names: dict[str, str]) -> Iterator[TimelineEntry]:
    """What people wrote, and of what was recorded (a role, a state) at least what kind it is: its contents are not published."""
    for each in cells:
        written = (leaf(each, "attributes", "content", name) for name in ("content", "message"))
        words = next(filter(None, written), leaf(each, "attributes", "cell_type").replace("_", " ").capitalize())
        at = moment(leaf(each, "attributes", "display_time")) or moment(leaf(each, "attributes", "created"))
        if words:
            yield TimelineEntry(at, names.get(_author(each), ""), words, _is_important(each), "timeline")


def _is_important(cell: Any) -> bool:
    attributes = cell.get("attributes") if isinstance(cell, dict) else None
    return isinstance(attributes, dict) and attributes.get("important") is True


def _author(resource: Any) -> str:
    return leaf(resource, "relationships", "created_by_user", "data", "id") or leaf(resource, "attributes", "created_by_uuid")
