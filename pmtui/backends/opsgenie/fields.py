"""The fields of a postmortem: their names on read and on write, and values from and to the wire. Pure.

Reads and writes use different names (``responders`` / ``responderUsers``). The shape of list items on read is undocumented:
a string is an id or an address, an object has ``id``, ``name`` and perhaps more. Writes are documented: responders are
``{name, id, role}``, and a list replaces the earlier one. So a list is locked if a write would lose something of it, and
so is every field that could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from pmtui.backends.answer import Json
from pmtui.backends.opsgenie.wire import Issue, Item, Unreadable, part
from pmtui.model import fields, values
from pmtui.model.fields import Choice, Field, Kind, LockedBy
from pmtui.model.postmortem import Unread
from pmtui.model.values import Link, Named, Person, Value, key_of

SEVERITIES = ("P1", "P2", "P3", "P4", "P5")
STATUSES = ("draft", "in-review", "published")
DRAFT, PUBLISHED = "draft", "published"
ROLES = ("Incident Commander", "Communication Officer")
"""Roles of responders in the vendor's samples; the role is free text."""

NO_ROLES = "the server did not send the roles: saving would drop them"
TWICE = "an entry is in the list twice: edit this list in Opsgenie"
_SET_THERE = "Opsgenie sets it; no API call changes it"
_TAKEN_OVER = "Opsgenie takes it from the incident: it goes into the text only if that has another one"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field on the wire: its key on read, its key on write, and the update (see ``account.routes``) that writes it."""

    name: str
    kind: Kind
    label: str
    read: str
    write: str
    update: str


FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(fields.TITLE, Kind.TEXT, "Title", "title", "title", "title"),
    FieldSpec(fields.SEVERITY, Kind.CHOICE, "Severity", "severity", "severity", "severity"),
    FieldSpec(fields.STATUS, Kind.CHOICE, "Status", "status", "status", "status"),
    FieldSpec(fields.OWNER, Kind.PERSON, "Owner", "owner", "ownerId", "owner"),
    FieldSpec(fields.RESPONDERS, Kind.PEOPLE, "Responders", "responders", "responderUsers", "responder-users"),
    FieldSpec(fields.RESPONDER_TEAMS, Kind.TEAMS, "Responder teams", "responderTeams", "responderTeams", "responder-teams"),
    FieldSpec(fields.LINKED_ISSUES, Kind.LINKS, "Linked issues", "jiraIssues", "jiraIssues", "jira-issues"),
    FieldSpec(fields.RELATED_INCIDENTS, Kind.INCIDENTS, "Related incidents", "relatedIncidents", "relatedIncidentIds", "related-incidents"),
    FieldSpec(fields.AFFECTED_SERVICES, Kind.SERVICES, "Affected services", "affectedServices", "affectedServices", "affected-services"),
)
BY_NAME: Mapping[str, FieldSpec] = {spec.name: spec for spec in FIELDS}
BY_WRITE_KEY: Mapping[str, str] = {spec.write: spec.name for spec in FIELDS}

_TIMES: tuple[FieldSpec, ...] = tuple(
    FieldSpec(name, Kind.TIME, label, key, "", "")
    for name, key, label in (
        ("start_time", "startTime", "Started"),
        ("end_time", "endTime", "Ended"),
        ("respond_time", "respondTime", "Responded"),
        ("resolve_time", "resolveTime", "Resolved"),
        ("created_time", "createdAtTime", "Postmortem created"),
    )
)
"""Fields that no call writes; each may be absent."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A field as read. ``unread`` says why it could not be read; ``unwritable`` why a write would lose something of it."""

    value: Value
    unread: str = ""
    unwritable: str = ""

    @property
    def lock(self) -> tuple[str, LockedBy]:
        """Why it cannot be edited, "" when it can; and the kind of reason."""
        if self.unread:
            return could_not(self.unread), LockedBy.UNREAD
        return self.unwritable, LockedBy.UNREAD if self.unwritable == NO_ROLES else LockedBy.VENDOR


def could_not(why: str) -> str:
    """The message for a field that is locked because it could not be read."""
    return f"could not be read: {why}"


def read(raw: Json) -> dict[str, Reading]:
    """Every field of a postmortem's ``raw`` JSON, by name. A missing time is left out."""
    told = (spec for spec in _TIMES if raw.get(spec.read) not in (None, ""))
    return {spec.name: _read(spec, raw) for spec in (*FIELDS, *told)}


def form(readings: Mapping[str, Reading], locks: Mapping[str, tuple[str, LockedBy]], roles: tuple[str, ...]) -> tuple[Field, ...]:
    """The form of a postmortem. ``locks`` has further locks by field name; ``roles`` are the account's own."""
    return tuple(
        _field(spec, lock if (lock := locks.get(spec.name, ("", LockedBy.VENDOR)))[0] else reading.lock, _roles(reading.value, roles))
        for spec in (*FIELDS, *_TIMES)
        if (reading := readings.get(spec.name)) is not None
    )


def unread(readings: Mapping[str, Reading]) -> tuple[Unread, ...]:
    """The fields that could not be read."""
    return tuple(Unread(name, reading.unread) for name, reading in readings.items() if reading.unread)


def spelled_like(found: Mapping[str, Value], known: Mapping[str, Value]) -> dict[str, Value]:
    """The values, with equal items taken from ``known``: a suggestion has more about a person than a read."""
    return {name: _spelled_like(value, known.get(name)) for name, value in found.items()}


def written(spec: FieldSpec, value: Value) -> Json:
    """The body of the update that sets this value (``actorUserId`` and ``type`` apart)."""
    if isinstance(value, Person):
        return {spec.write: value.id}
    if isinstance(value, tuple):
        return {spec.write: [_written_item(spec.kind, item) for item in value]}
    return {spec.write: value}


def nameless(spec: FieldSpec, value: Value) -> tuple[str, ...]:
    """The ids of list items without the name that a write needs (``{name, id}`` is documented)."""
    if spec.kind not in (Kind.PEOPLE, Kind.TEAMS, Kind.SERVICES) or not isinstance(value, tuple):
        return ()
    return tuple(item.id for item in value if isinstance(item, Person | Named) and not item.name)


def incident_label(tiny_id: str, message: str) -> str:
    """The label of an incident: ``#42 Checkout 5xx``."""
    return f"#{tiny_id} {message}".strip() if tiny_id else message


def _digits(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_TEXT = Annotated[str, BeforeValidator(_digits)]


def blank() -> dict[str, Reading]:
    """Every field of a new postmortem, without values. Most times will be the incident's."""
    empty = {spec.name: Reading(() if spec.kind.is_list else None) for spec in FIELDS}
    return empty | {spec.name: Reading(None, unwritable="" if spec.name == "created_time" else _TAKEN_OVER) for spec in _TIMES}


def _read(spec: FieldSpec, raw: Json) -> Reading:
    try:
        if spec.kind is Kind.PERSON:
            owner = part(Item | None, raw, spec.read)
            return Reading(_person(owner) if owner is not None else None)
        if spec.kind is Kind.LINKS:
            return _listed(tuple(Link(each.address, each.key or _issue_key(each.address)) for each in part(list[Issue], raw, spec.read)))
        if spec.kind.is_list:
            items: list[Item] = part(list[Item], raw, spec.read)
            roles_came = spec.kind is not Kind.PEOPLE or all(item.tells_role for item in items)
            return _listed(tuple(_item(spec.kind, item) for item in items), "" if roles_came else NO_ROLES)
        return Reading(part(_TEXT, raw, spec.read))
    except Unreadable as why:
        return Reading(() if spec.kind.is_list else None if spec.kind is Kind.PERSON else "", str(why))


def _listed(items: tuple[Any, ...], unwritable: str = "") -> Reading:
    twice = len({key_of(item) for item in items}) < len(items)
    return Reading(items, unwritable=unwritable or (TWICE if twice else ""))


def _item(kind: Kind, item: Item) -> values.Item:
    if kind is Kind.PEOPLE:
        return _person(item)
    return Named(item.id, incident_label(item.tiny_id, item.label) if kind is Kind.INCIDENTS else item.label)


def _person(item: Item) -> Person:
    return Person(item.id, item.label, item.username, item.role)


def _issue_key(url: str) -> str:
    """``OPS-1`` from ``https://x.atlassian.net/browse/OPS-1``."""
    _, found, rest = url.partition("/browse/")
    return rest.split("/")[0].split("?")[0] if found else ""


def _field(spec: FieldSpec, lock: tuple[str, LockedBy], roles: tuple[str, ...]) -> Field:
    choices = {fields.SEVERITY: SEVERITIES, fields.STATUS: STATUSES}.get(spec.name, ())
    locked, by = (_SET_THERE, LockedBy.VENDOR) if spec.kind is Kind.TIME and not lock[0] else lock
    return Field(
        spec.name,
        spec.kind,
        spec.label,
        choices=tuple(Choice(value) for value in choices),
        required=spec.name in (fields.TITLE, fields.SEVERITY, fields.STATUS, fields.OWNER),
        locked=locked,
        locked_by=by,
        roles=roles if spec.kind is Kind.PEOPLE else (),
        verbatim=spec.kind is Kind.LINKS or spec.name == fields.SEVERITY,
        hint="addresses of Jira issues, https://…/browse/KEY-1" if spec.kind is Kind.LINKS else "",
    )


def _roles(value: Value, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The roles to suggest: those in use in this field, the usual ones, and the account's."""
    in_use = (item.role for item in value if isinstance(item, Person)) if isinstance(value, tuple) else ()
    return tuple(dict.fromkeys(role for role in (*in_use, *ROLES, *roles) if role))


def _spelled_like(value: Value, known: Value) -> Value:
    if isinstance(value, Person):
        return known if isinstance(known, Person) and _same(known, value) else value
    if not isinstance(value, tuple) or not isinstance(known, tuple):
        return value
    by_key = {key_of(item): item for item in known}
    kept: list[Any] = [mine if (mine := by_key.get(key_of(item))) is not None and _same(mine, item) else item for item in value]
    return tuple(kept)


def _same(mine: values.Item | str, read: values.Item | str) -> bool:
    """Whether writing ``mine`` may give what was read: the same id and role, and no different name."""
    if isinstance(mine, Person) and isinstance(read, Person) and mine.role != read.role:
        return False
    if isinstance(mine, Person | Named) and isinstance(read, Person | Named):
        return key_of(mine) == key_of(read) and (mine.name == read.name or not (mine.name and read.name))
    return key_of(mine) == key_of(read)


def _written_item(kind: Kind, item: values.Item | str) -> Any:
    if isinstance(item, Link):
        return item.url
    if isinstance(item, Person):
        return {"name": item.name or item.label, "id": item.id, "role": item.role}
    if isinstance(item, Named) and kind is not Kind.INCIDENTS:
        return {"name": item.name or item.id, "id": item.id}
    return key_of(item)
