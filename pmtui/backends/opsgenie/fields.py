"""The fields of a postmortem: their names on read and on write, and values from and to the wire.

Reads and writes differ in names (``responders`` / ``responderUsers``) and the shape of list items on read is
undocumented, so items are read tolerantly: a string is an id or an address; an object gives ``id``, ``name`` and what
else is known. Writes are documented: responders as ``{name, id, role}``, and a list replaces the one before. So a list of
which a write would lose something (an item, a role, all of an unknown shape) is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pmtui.backends.opsgenie.wire import Json, mapping, rows, text
from pmtui.model import fields
from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.values import Item, Link, Named, Person, Value, key_of

SEVERITIES = ("P1", "P2", "P3", "P4", "P5")
STATUSES = ("draft", "in-review", "published")
DRAFT, PUBLISHED = "draft", "published"
ROLES = ("Incident Commander", "Communication Officer")
"""Roles of responders in the vendor's samples; the role is free text."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One field on the wire: its key on read, its key on write, and the update (see ``routes``) that writes it."""

    name: str
    kind: Kind
    label: str
    read: str
    write: str
    update: str


FIELDS: tuple[Wire, ...] = (
    Wire(fields.TITLE, Kind.TEXT, "Title", "title", "title", "title"),
    Wire(fields.SEVERITY, Kind.CHOICE, "Severity", "severity", "severity", "severity"),
    Wire(fields.STATUS, Kind.CHOICE, "Status", "status", "status", "status"),
    Wire(fields.OWNER, Kind.PERSON, "Owner", "owner", "ownerId", "owner"),
    Wire(fields.RESPONDERS, Kind.PEOPLE, "Responders", "responders", "responderUsers", "responder-users"),
    Wire(fields.RESPONDER_TEAMS, Kind.TEAMS, "Responder teams", "responderTeams", "responderTeams", "responder-teams"),
    Wire(fields.LINKED_ISSUES, Kind.LINKS, "Linked issues", "jiraIssues", "jiraIssues", "jira-issues"),
    Wire(fields.RELATED_INCIDENTS, Kind.INCIDENTS, "Related incidents", "relatedIncidents", "relatedIncidentIds", "related-incidents"),
    Wire(fields.AFFECTED_SERVICES, Kind.SERVICES, "Affected services", "affectedServices", "affectedServices", "affected-services"),
)
BY_NAME: Mapping[str, Wire] = {wire.name: wire for wire in FIELDS}
BY_WRITE_KEY: Mapping[str, str] = {wire.write: wire.name for wire in FIELDS}

TIMES: Mapping[str, tuple[str, str]] = {
    "start_time": ("startTime", "Started"),
    "end_time": ("endTime", "Ended"),
    "respond_time": ("respondTime", "Responded"),
    "resolve_time": ("resolveTime", "Resolved"),
    "created_time": ("createdAtTime", "Postmortem created"),
}
"""Field name → key on the wire and label. No call writes these."""

_ANOTHER_PLACE = "Opsgenie sets it; no API call changes it"


def form(raw: Json, locked: Mapping[str, str], roles: tuple[str, ...]) -> tuple[Field, ...]:
    """The form of a postmortem. ``locked`` says by field name why it cannot be edited; ``roles`` are the account's own."""
    choices = {fields.SEVERITY: SEVERITIES, fields.STATUS: STATUSES}
    described = tuple(
        Field(
            wire.name,
            wire.kind,
            wire.label,
            choices=tuple(Choice(value) for value in choices.get(wire.name, ())),
            required=wire.name in (fields.TITLE, fields.SEVERITY, fields.STATUS, fields.OWNER),
            locked=locked.get(wire.name, "") or unwritable(wire, raw.get(wire.read)),
            roles=_roles(raw, roles) if wire.kind is Kind.PEOPLE else (),
            verbatim=wire.kind is Kind.LINKS or wire.name in choices,
            hint="addresses of Jira issues, https://…/browse/KEY-1" if wire.kind is Kind.LINKS else "",
        )
        for wire in FIELDS
    )
    times = tuple(Field(name, Kind.TIME, label, locked=_ANOTHER_PLACE) for name, (key, label) in TIMES.items() if text(raw.get(key)))
    return described + times


def values(raw: Json) -> dict[str, Value]:
    """The value of every field of the form."""
    found: dict[str, Value] = {wire.name: read(wire, raw.get(wire.read)) for wire in FIELDS}
    found.update((name, text(raw.get(key))) for name, (key, _) in TIMES.items() if text(raw.get(key)))
    return found


def spelled_like(found: Mapping[str, Value], known: Mapping[str, Value]) -> dict[str, Value]:
    """The values with the items of ``known`` where they are the same ones: a read says less of a person than a suggestion,
    and what is only said differently is no change."""
    return {name: _spelled_like(value, known.get(name)) for name, value in found.items()}


def _spelled_like(value: Value, known: Value) -> Value:
    if isinstance(value, Person):
        return known if isinstance(known, Person) and _same(known) == _same(value) else value
    if not isinstance(value, tuple) or not isinstance(known, tuple):
        return value
    by_meaning = {_same(item): item for item in known}
    kept: list[Any] = [by_meaning.get(_same(item), item) for item in value]
    return tuple(kept)


def _same(item: Item | str) -> tuple[str, str]:
    """What a write of the item sets: two items of one meaning are one."""
    return key_of(item), item.role if isinstance(item, Person) else ""


def read(wire: Wire, raw: Any) -> Value:
    """One value from the wire."""
    if wire.kind is Kind.PERSON:
        return _person(raw) if _identified(raw) else None
    if wire.kind.is_list:
        make = _ITEMS[wire.kind]
        return tuple(make(item) for item in rows(raw))
    return text(raw)


def written(wire: Wire, value: Value) -> Json:
    """The body of the update that sets this value (``actorUserId`` and ``type`` apart)."""
    if isinstance(value, Person):
        return {wire.write: value.id}
    if isinstance(value, tuple):
        return {wire.write: [_written_item(wire.kind, item) for item in value]}
    return {wire.write: value}


def unwritable(wire: Wire, raw: Any) -> str:
    """Why a list as it was read could not be written without losing something, "" when it could. No list at all is an empty one."""
    if not wire.kind.is_list or raw is None:
        return ""
    if not isinstance(raw, list):
        return "it came in a form that pmtui cannot read: saving would write over it"
    if wire.kind is Kind.PEOPLE and not all(_has_role(item) for item in raw):
        return "the roles did not come along: saving would drop them"
    items = [_ITEMS[wire.kind](item) for item in rows(raw)]
    if not all(key_of(item) for item in items):
        return "an entry came without an id or address: saving the list would drop it"
    if len({key_of(item) for item in items}) < len(items):
        return "an entry is in the list twice: edit this list in Opsgenie"
    return ""


def nameless(wire: Wire, value: Value) -> tuple[str, ...]:
    """The ids of those in a list that came without the name that a write needs (``{name, id}`` is documented)."""
    if wire.kind not in (Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES) or not isinstance(value, tuple):
        return ()
    return tuple(item.id for item in value if isinstance(item, Person | Named) and not item.name)


def incident_label(tiny_id: str, message: str) -> str:
    """What an incident is called in lists: ``#42 Checkout 5xx``."""
    return f"#{tiny_id} {message}".strip() if tiny_id else message


def _roles(raw: Json, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles to suggest: those in use in this postmortem, the usual ones, and the account's."""
    in_use = (text(mapping(item).get("role")) for item in rows(raw.get("responders")))
    return tuple(dict.fromkeys(role for role in (*in_use, *ROLES, *roles) if role))


def _has_role(raw: Any) -> bool:
    """Whether an item tells its role, if only that there is none: then a write can give it back."""
    return "role" in mapping(raw) and isinstance(raw["role"], str | None)


def _identified(raw: Any) -> bool:
    return bool(raw if isinstance(raw, str) else text(mapping(raw).get("id")))


def _name(raw: Json) -> str:
    return next((found for key in ("name", "fullName", "message", "title") if (found := text(raw.get(key)))), "")


def _person(raw: Any) -> Person:
    if isinstance(raw, str):
        return Person(raw)
    item = mapping(raw)
    return Person(text(item.get("id")), _name(item), text(item.get("username")), text(item.get("role")))


def _named(raw: Any) -> Named:
    item = mapping(raw)
    return Named(raw) if isinstance(raw, str) else Named(text(item.get("id")), _name(item))


def _incident(raw: Any) -> Named:
    item = mapping(raw)
    return Named(raw) if isinstance(raw, str) else Named(text(item.get("id")), incident_label(text(item.get("tinyId")), _name(item)))


def _link(raw: Any) -> Link:
    """Addresses only are written: an object without one counts as having neither id nor name."""
    item = mapping(raw)
    url = raw if isinstance(raw, str) else next((found for key in ("url", "link", "self") if (found := text(item.get(key)))), "")
    return Link(url, text(item.get("key")) or _issue_key(url))


def _issue_key(url: str) -> str:
    """``OPS-1`` of ``https://x.atlassian.net/browse/OPS-1``."""
    _, found, rest = url.partition("/browse/")
    return rest.split("/")[0].split("?")[0] if found else ""


def _written_item(kind: Kind, item: Item | str) -> Any:
    if isinstance(item, Link):
        return item.url
    if isinstance(item, Person):
        return {"name": item.name or item.label, "id": item.id, "role": item.role}
    if isinstance(item, Named) and kind is not Kind.INCIDENTS:
        return {"name": item.name or item.id, "id": item.id}
    return key_of(item)


_ITEMS: Mapping[Kind, Callable[[Any], Item]] = {
    Kind.PEOPLE: _person,
    Kind.TEAMS: _named,
    Kind.SERVICES: _named,
    Kind.INCIDENTS: _incident,
    Kind.LINKS: _link,
}
