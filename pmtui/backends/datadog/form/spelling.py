"""Keeps the spelling of the earlier reading: the server writes the same time, link or task in its own way. Pure.

Otherwise what was just sent would differ from what is read back, and would look like somebody else's edit later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pmtui.backends.datadog.changes.tasks import handle_of, same_moment
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Link, Task, Value


def as_spelt(read: Postmortem, base: Postmortem) -> Postmortem:
    """The reading, with the spelling of ``base`` for equal values: ``03:10Z`` for ``03:10:00+00:00``."""
    spelt = {field.name: _value(field.kind, read.fields[field.name], base.fields.get(field.name)) for field in read.form}
    return replace(read, fields={**read.fields, **spelt})


def _value(kind: Kind, read: Value, known: Value) -> Value:
    if kind is Kind.TIME and isinstance(read, str) and isinstance(known, str):
        return known if same_moment(known, read) else read
    if not (isinstance(read, tuple) and isinstance(known, tuple)):
        return read
    if kind is Kind.LINKS:
        untitled = {each.url for each in known if isinstance(each, Link) and not each.title}
        return tuple(replace(each, title="") if each.url in untitled else each for each in read if isinstance(each, Link))
    if kind is Kind.TASKS:
        tasks = [each for each in known if isinstance(each, Task)]
        return tuple(_task(each, tasks) for each in read if isinstance(each, Task))
    return read


def _task(read: Task, known: Sequence[Task]) -> Task:
    """A task that was new in ``known`` stays without an id, so that both are equal; ``changes.tasks`` matches it by text."""
    same = next((each for each in known if each.id == read.id), None)
    same = same or next((each for each in known if not each.id and each.text == read.text), None)
    if same is None:
        return read
    due = same.due if same_moment(same.due, read.due) else read.due
    alike = sorted(map(handle_of, same.assignees)) == sorted(map(handle_of, read.assignees))
    return replace(read, id=same.id, due=due, assignees=same.assignees if alike else read.assignees)
