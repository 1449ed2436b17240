"""Plans calls for action items: todos of the incident, each with its own call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.api import INCIDENTS
from pmtui.backends.datadog.changes.call import Write
from pmtui.backends.datadog.form.values import task_of, whole_seconds
from pmtui.backends.datadog.origin import Origin
from pmtui.backends.datadog.wire.parts import Todo, TodoAttributes, assignee_label
from pmtui.backends.datadog.wire.values import moment, stamp_of
from pmtui.backends.http.client import segment
from pmtui.formats.typed_time import stamp
from pmtui.model.changes import Change
from pmtui.model.fields import ACTION_ITEMS
from pmtui.model.values import Task


def of(origin: Origin, wanted: Iterable[Task], change: Change) -> list[Write]:
    """The calls that change the todos of ``origin`` to the wanted ones."""
    path = f"{INCIDENTS}/{segment(origin.incident.id)}/relationships/todos"
    held = {each.id: each for each in origin.todos.data} if origin.todos else {}
    tasks = _identified(list(wanted), held)
    found: list[Write] = []
    for number, task in enumerate(tasks, 1):
        old = held.get(task.id)
        if old is None:
            data = _todo(task, None)
            found.append(
                Write(f"todo:new:{number}:{task.text}", f"Add the action item {task.text!r}", "POST", path, data, (change,), _tells(task))
            )
        elif not _same(task_of(old), task):
            label = f"Change the action item {task.text!r}"
            found.append(Write(f"todo:{task.id}", label, "PATCH", f"{path}/{segment(task.id)}", _todo(task, old), (change,), _tells(task)))
    kept = {task.id for task in tasks}
    for identifier, old in held.items():
        if identifier not in kept:
            label = f"Delete the action item {task_of(old).text!r}"
            found.append(Write(f"todo:{identifier}", label, "DELETE", f"{path}/{segment(identifier)}", None, (change,)))
    return found


def _identified(tasks: Sequence[Task], held: Mapping[str, Todo]) -> list[Task]:
    """Give a task without an id that of an equal, unclaimed todo: an earlier save added it."""
    free = {identifier: each.attributes.content for identifier, each in held.items()}
    for task in tasks:
        free.pop(task.id, None)
    found: list[Task] = []
    for task in tasks:
        identifier = "" if task.id else next((each for each, content in free.items() if content == task.text), "")
        free.pop(identifier, None)
        found.append(replace(task, id=identifier) if identifier else task)
    return found


def _tells(task: Task) -> tuple[str, ...]:
    return (f"tells {', '.join(task.assignees)}",) if task.assignees else ()


def _todo(task: Task, old: Todo | None) -> Json:
    """The attributes of a todo. Content and assignees are always required (vendor's OpenAPI), so unchanged ones are repeated."""
    known = old.attributes if old else TodoAttributes(content="", assignees=[], due_date="", completed="")
    now = stamp(datetime.now(UTC))
    completed = (known.completed or now) if task.done else None
    fields: Json = {
        "content": task.text,
        "assignees": _assignees(task, known.assignees),
        "due_date": _due(task, known.due_date),
        "completed": completed,
    }
    return {"type": "incident_todos", "attributes": fields}


def _assignees(task: Task, given: list[Any]) -> list[Any]:
    """The assignees. Those who stay are sent as they were read, because two Slack users may have the same name."""
    left = list(given)
    found: list[Any] = []
    for label in task.assignees:
        same = next((each for each in left if assignee_label(each) == label), None)
        if same is not None:
            left.remove(same)
        found.append(handle_of(label) if same is None else same)
    return found


def handle_of(label: str) -> str:
    """The handle for an e-mail address: ``@jane@corp.com``."""
    return f"@{label}" if "@" in label and not label.startswith("@") else label


def _due(task: Task, before: str) -> str | None:
    if before and whole_seconds(before) == task.due:
        return before
    try:
        return stamp_of(task.due)
    except ValueError:
        said = f"{task.due!r} is not a date such as 2026-11-30"
    raise BackendError(Trouble.INVALID, "save the action items", said, "correct it, then save again", fields={ACTION_ITEMS: said})


def _same(old: Task, task: Task) -> bool:
    people = [sorted(handle_of(label) for label in each.assignees) for each in (old, task)]
    same_due = old.due == task.due or same_moment(task.due, old.due)
    return (old.text, old.done) == (task.text, task.done) and people[0] == people[1] and same_due


def same_moment(one: str, other: str) -> bool:
    """Whether two spellings, the user's and the server's, are the same time."""
    try:
        stamp = stamp_of(one)
    except ValueError:
        return False
    there = moment(other)
    return there is not None and moment(stamp) == there
