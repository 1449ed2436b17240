"""The values of a form's fields, out of what was read. Pure."""

from __future__ import annotations

from typing import Any

from pmtui.backends.datadog.fields import (
    DETECTED,
    IMPACT_END,
    IMPACT_START,
    IMPACTED,
    IMPACTS,
    LOCKED_TIMES,
    NO,
    SCOPE,
    TEAMS,
    YES,
    wire_name,
)
from pmtui.backends.datadog.incidents import Attachment, commander_of, field_text, person_of
from pmtui.backends.datadog.origin import INTEGRATIONS, RESPONDERS, TODOS, Origin
from pmtui.backends.datadog.wire import Json, linked, record, records, text, texts
from pmtui.model.fields import (
    ACTION_ITEMS,
    AFFECTED_SERVICES,
    DOCUMENT_TITLE,
    LINKED_ISSUES,
    OWNER,
    SEVERITY,
    STATUS,
    TITLE,
    Field,
)
from pmtui.model.fields import (
    RESPONDERS as RESPONDERS_FIELD,
)
from pmtui.model.values import Link, Named, Person, Task, Value

JIRA = 8  # integration_type (vendor's OpenAPI; an open set)
LINK = "link"


def values_of(origin: Origin, form: tuple[Field, ...]) -> dict[str, Value]:
    """A value for every field of the form. What could not be read is not set, which is something else than empty."""
    attributes = record(origin.incident, "attributes")
    tasks = tuple(task_of(each) for each in records(origin.parts.get(TODOS), "data"))
    known: dict[str, Value] = {
        TITLE: text(attributes, "title"),
        SEVERITY: field_text(origin.incident, "severity"),
        STATUS: field_text(origin.incident, "state"),
        OWNER: commander_of(origin.incident, origin.users),
        RESPONDERS_FIELD: responders_of(origin) if RESPONDERS in origin.parts else None,
        LINKED_ISSUES: links_of(origin) if INTEGRATIONS in origin.parts else links_of(origin) or None,
        ACTION_ITEMS: tasks if TODOS in origin.parts else None,
        DOCUMENT_TITLE: text(origin.notebook, "attributes", "name"),
        IMPACTED: YES if attributes.get(IMPACTED) is True else NO,
        IMPACTS: _count(len(linked(origin.incident, "impacts"))),
    }
    known |= {name: text(attributes, name) for name in (SCOPE, IMPACT_START, IMPACT_END, DETECTED, *LOCKED_TIMES)}
    return {each.name: known[each.name] if each.name in known else _field_value(origin, each) for each in form}


def _count(number: int) -> str:
    return "" if not number else f"{number} impact{'' if number == 1 else 's'}"


def _field_value(origin: Origin, field: Field) -> Value:
    value: Any = record(origin.incident, "attributes", "fields", wire_name(field.name)).get("value")
    if field.name in (AFFECTED_SERVICES, TEAMS):
        return tuple(Named(each, each) for each in texts(value))
    if field.kind.is_list:
        return texts(value)
    return value if isinstance(value, str) else text({"value": value}, "value") or None


def responders_of(origin: Origin) -> tuple[Person, ...]:
    """Each person once. Their roles are ids that no published endpoint explains."""
    users = [identifier for each in records(origin.parts.get(RESPONDERS), "data") for identifier in linked(each, "user")]
    return tuple(person_of(origin.users.get(identifier, {"id": identifier})) for identifier in dict.fromkeys(users))


def responder_ids(origin: Origin) -> dict[str, str]:
    """User id → the id of the responder resource, which a DELETE needs."""
    return {user: text(each, "id") for each in records(origin.parts.get(RESPONDERS), "data") for user in linked(each, "user")}


def jira_records(origin: Origin) -> list[Json]:
    """The integration metadata that hold Jira issues."""
    return [each for each in records(origin.parts.get(INTEGRATIONS), "data") if record(each, "attributes").get("integration_type") == JIRA]


def issues_of(metadata: Json) -> list[Json]:
    return records(metadata, "attributes", "metadata", "issues")


def issue_link(issue: Json) -> Link:
    """A Jira issue; one that is still being created has neither key nor address."""
    key = text(issue, "issue_key")
    url = text(issue, "redirect_url") or (f"{text(issue, 'account').rstrip('/')}/browse/{key}" if key else text(issue, "account"))
    return Link(url, key or text(issue, "project_key"))


def link_attachments(origin: Origin) -> list[Attachment]:
    return [each for each in origin.attachments if each.kind == LINK]


def links_of(origin: Origin) -> tuple[Link, ...]:
    """Jira issues and link attachments together, each address once."""
    links = [issue_link(issue) for each in jira_records(origin) for issue in issues_of(each)]
    links += [Link(each.url, each.title) for each in reversed(link_attachments(origin))]
    unique: dict[str, Link] = {}
    for link in links:
        unique.setdefault(link.url, link)
    return tuple(unique.values())


def task_of(todo: Json) -> Task:
    attributes = record(todo, "attributes")
    assignees = attributes.get("assignees")
    return Task(
        id=text(todo, "id"),
        text=text(attributes, "content"),
        assignees=tuple(assignee_label(each) for each in assignees) if isinstance(assignees, list) else (),
        due=text(attributes, "due_date"),
        done=bool(attributes.get("completed")),
    )


def assignee_label(assignee: Any) -> str:
    """A handle, or somebody of Slack or Teams by name."""
    return assignee if isinstance(assignee, str) else text(assignee, "name") or text(assignee, "id")
