"""The values of a form, and the parts that could not be read. Pure."""

from __future__ import annotations

from pmtui.backends.base import Trouble
from pmtui.backends.datadog.fields import (
    ATTRIBUTES,
    DETECTED,
    IMPACT_END,
    IMPACT_START,
    IMPACTED,
    LOCKED_TIMES,
    NO,
    SCOPE,
    TEAMS,
    YES,
    wire_name,
)
from pmtui.backends.datadog.incidents import commander_of
from pmtui.backends.datadog.origin import INTEGRATIONS, NOTEBOOK, RESPONDERS, TODOS, Origin
from pmtui.backends.datadog.wire.incidents import LINK, Attachment
from pmtui.backends.datadog.wire.parts import Integration, JiraMetadata, Todo, assignee_label
from pmtui.backends.datadog.wire.values import moment
from pmtui.display import count
from pmtui.formats.typed_time import stamp
from pmtui.model.fields import (
    ACTION_ITEMS,
    AFFECTED_SERVICES,
    DOCUMENT_TITLE,
    IMPACTS,
    LINKED_ISSUES,
    OWNER,
    SEVERITY,
    STATUS,
    TITLE,
    Field,
    Kind,
)
from pmtui.model.fields import (
    RESPONDERS as RESPONDERS_FIELD,
)
from pmtui.model.postmortem import TEXT, Unread
from pmtui.model.values import Link, Named, Person, Task, Value

PART_OF = {RESPONDERS_FIELD: RESPONDERS, LINKED_ISSUES: INTEGRATIONS, ACTION_ITEMS: TODOS, TEXT: NOTEBOOK}
"""A field of the form → the part that it comes from."""


def values_of(origin: Origin, form: tuple[Field, ...]) -> dict[str, Value]:
    """A value for every field of the form. A field that could not be read is None, and is in ``unread_of``."""
    attributes = origin.incident.attributes
    impacted = attributes.customer_impacted
    known: dict[str, Value] = {
        TITLE: attributes.title,
        SEVERITY: origin.incident.field_text("severity"),
        STATUS: origin.incident.field_text("state"),
        OWNER: commander_of(origin.incident, origin.users),
        RESPONDERS_FIELD: responders_of(origin) if origin.responders else None,
        LINKED_ISSUES: links_of(origin) or (() if origin.integrations else None),
        ACTION_ITEMS: tuple(map(task_of, origin.todos.data)) if origin.todos else None,
        DOCUMENT_TITLE: origin.notebook.attributes.name if origin.notebook else "",
        IMPACTED: None if impacted is None else YES if impacted else NO,
        IMPACTS: _count(len(origin.incident.relationships.impacts or ())),
    }
    known |= {SCOPE: attributes.customer_impact_scope}
    known |= {name: whole_seconds(getattr(attributes, name)) for name in (IMPACT_START, IMPACT_END, DETECTED, *LOCKED_TIMES)}
    return {each.name: known[each.name] if each.name in known else _field_value(origin, each) for each in form}


def unread_of(origin: Origin, form: tuple[Field, ...]) -> tuple[Unread, ...]:
    """What could not be read: parts that were refused or not understood, and fields with an invalid value."""
    found = [
        Unread(part, lack.why, lack.trouble)
        for part, name in PART_OF.items()
        if (lack := origin.lacking.get(name)) is not None and lack.trouble is not None
    ]
    problems = {each.name: _problem(origin, each.name) for each in form}
    return (*found, *(Unread(name, why, Trouble.ANSWER) for name, why in problems.items() if why))


def _problem(origin: Origin, name: str) -> str:
    """Why a field's value could not be understood, "" when it could."""
    incident = origin.incident
    if name == OWNER:
        told = incident.relationships.commander_user is not None or commander_of(incident, origin.users) is not None
        return "" if told else "data.relationships.commander_user does not say who it is"
    if name == IMPACTED and incident.attributes.customer_impacted is None:
        return f"data.attributes.{name} says neither yes nor no"
    if name in ATTRIBUTES:
        return "" if name in incident.attributes.model_fields_set else f"data.attributes.{name} is missing"
    if name == LINKED_ISSUES:
        return "the address of a link is missing" if any(not each.url for each in link_attachments(origin)) else ""
    value = incident.field(wire_name(name))
    if value is None:
        echoed = name in (SEVERITY, STATUS) and incident.field_text(wire_name(name))
        return "data.attributes.fields is missing" if incident.attributes.fields is None and _is_own(name) and not echoed else ""
    if name in (SEVERITY, STATUS) and isinstance(value.value, tuple):
        return f"data.attributes.fields.{wire_name(name)}.value is a list, not a string"
    return value.problem


def _is_own(name: str) -> bool:
    """Whether a field of the form is one of ``attributes.fields``."""
    return name not in (TITLE, RESPONDERS_FIELD, ACTION_ITEMS, DOCUMENT_TITLE, IMPACTS, *LOCKED_TIMES)


def _count(number: int) -> str:
    return "" if not number else count(number, "impact")


def _field_value(origin: Origin, field: Field) -> Value:
    value = origin.incident.field(wire_name(field.name))
    if value is None or value.problem:
        return () if field.kind.is_list and value is None else None
    if field.name in (AFFECTED_SERVICES, TEAMS):
        return tuple(Named(each, each) for each in value.items)
    if field.kind is Kind.TIME and isinstance(value.value, str):
        return whole_seconds(value.value)
    return value.items if field.kind.is_list else value.value


def whole_seconds(text: str) -> str:
    """A time without the microseconds that Datadog writes and nobody typed; what is no time stays."""
    at = moment(text)
    return stamp(at) if at is not None else text


def responders_of(origin: Origin) -> tuple[Person, ...]:
    """The responders by name, each user once, without guests, who have no id. Roles are ids that no published endpoint explains.

    Datadog's own order is when they joined, which differs between accounts.
    """
    users = origin.users
    ids = dict.fromkeys(each.user for each in origin.responders.data if each.user) if origin.responders else {}
    people = (users[each].person if each in users else Person(each, "") for each in ids)
    return tuple(sorted(people, key=lambda each: (each.label.casefold(), each.id)))


def responder_ids(origin: Origin) -> dict[str, str]:
    """User id → id of the responder resource, which a DELETE needs."""
    return {each.user: each.id for each in origin.responders.data if each.user} if origin.responders else {}


def jira_records(origin: Origin) -> list[tuple[Integration, JiraMetadata]]:
    """The integrations with Jira issues."""
    rows = origin.integrations.data if origin.integrations else ()
    return [(each, each.jira) for each in rows if each.jira is not None]


def link_attachments(origin: Origin) -> list[Attachment]:
    """The attachments that are links, newest first."""
    return [each for each in origin.attachments if each.kind == LINK]


def links_of(origin: Origin) -> tuple[Link, ...]:
    """Jira issues and link attachments together, each address once."""
    links = [issue.link for _, metadata in jira_records(origin) for issue in metadata.issues]
    links += [Link(each.url, each.title) for each in reversed(link_attachments(origin))]
    unique: dict[str, Link] = {}
    for link in links:
        unique.setdefault(link.url, link)
    return tuple(unique.values())


def task_of(todo: Todo) -> Task:
    """A todo as an action item."""
    attributes = todo.attributes
    assignees = tuple(map(assignee_label, attributes.assignees))
    due = whole_seconds(attributes.due_date)
    return Task(id=todo.id, text=attributes.content, assignees=assignees, due=due, done=bool(attributes.completed))
