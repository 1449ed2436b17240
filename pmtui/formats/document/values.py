"""Formats values of fields for front matter, as a person would write them, and parses them. Pure.

``Jane Doe <jane@corp.com> (Scribe)``, ``OPS-1412 <https://…>``, ``[x] Fix the alert · @jane · due 2026-12-01``. What a text
does not say (ids) is in a table of known items; items typed by a person are not in it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from pmtui.formats.document.front_matter import Entry
from pmtui.model import fields
from pmtui.model.fields import Kind
from pmtui.model.values import Item, Link, Named, Person, Task, Value

Known = Mapping[str, Mapping[str, str]]
"""An item's text → what the text does not say: ``{"Jane Doe <jane@corp.com>": {"id": "u-1"}}``."""

STANDARD_KINDS: Final[Mapping[str, Kind]] = {
    fields.TITLE: Kind.TEXT,
    fields.SEVERITY: Kind.CHOICE,
    fields.STATUS: Kind.CHOICE,
    fields.OWNER: Kind.PERSON,
    fields.RESPONDERS: Kind.PEOPLE,
    fields.RESPONDER_TEAMS: Kind.TEAMS,
    fields.LINKED_ISSUES: Kind.LINKS,
    fields.RELATED_INCIDENTS: Kind.INCIDENTS,
    fields.AFFECTED_SERVICES: Kind.SERVICES,
    fields.DOCUMENT_TITLE: Kind.TEXT,
    fields.ACTION_ITEMS: Kind.TASKS,
    "started": Kind.TIME,
    "detected": Kind.TIME,
    "resolved": Kind.TIME,
    "services": Kind.WORDS,
    "tags": Kind.WORDS,
}
"""The kinds of the standard fields."""

_ADDRESSED = re.compile(r"(?s)(?P<label>.*?) ?<(?P<address>[^<>\s]*)>")
_PERSON = re.compile(r"(?s)(?P<who>.*?)(?: \((?P<role>[^()]*)\))?")
_TASK = re.compile(r"(?s)(?:\[(?P<done>[ xX])\] ?)?(?P<text>.*?)(?: · (?P<who>@[^·]*?))?(?: · due (?P<due>[^·\s]+))?")


def kind_of(name: str, entry: Entry) -> Kind:
    """The kind of a field without a definition: the standard one, else words for a list and text for anything else."""
    return STANDARD_KINDS.get(name, Kind.WORDS if isinstance(entry, list) else Kind.TEXT)


def to_entry(value: Value) -> tuple[Entry, dict[str, dict[str, str]]]:
    """A value as front matter, and what its items' texts do not say."""
    if value is None or isinstance(value, str):
        return value, {}
    known: dict[str, dict[str, str]] = {}
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else _spelled(item, known) for item in value], known
    return _spelled(value, known), known


def _spelled(item: Item, known: dict[str, dict[str, str]]) -> str:
    """The item as text; ``known`` gets what the text does not say. Two items never have the same text."""
    for text in (_written(item), f"{_written(item)} #{item.key}"):
        told = _read(type(item), text)
        hidden = {
            name: value if isinstance(value, str) else _packed(value)
            for name, value in _attributes(item).items()
            if value != _attributes(told)[name]
        }
        if known.get(text, hidden) == hidden:
            break
    if hidden:
        known[text] = hidden
    return text


def _attributes(item: Item) -> dict[str, Any]:
    return {each.name: getattr(item, each.name) for each in dataclasses.fields(item)}


def _packed(value: Any) -> str:
    return "\n".join(value) if isinstance(value, tuple) else "yes" if value else ""


def _unpacked(name: str, value: str) -> Any:
    if name == "assignees":
        return tuple(value.split("\n")) if value else ()
    return value == "yes" if name == "done" else value


def _written(item: Item) -> str:
    match item:
        case Person(name=name, email=email, role=role):
            address = email or ("" if name else item.id)
            return (f"{name} <{address}>" if name and address else name or address) + (f" ({role})" if role else "")
        case Named():
            return item.label
        case Link(url=url, title=title):
            return f"{title} <{url}>" if title else url
        case Task(text=text, assignees=who, due=due, done=done):
            owners = f" · {', '.join(who)}" if who else ""
            return f"[{'x' if done else ' '}] {text}{owners}{f' · due {due}' if due else ''}"


def from_entry(kind: Kind, entry: Entry, known: Known) -> Value:
    """The value of an entry for a field of this kind. Raises ValueError for an entry of the wrong shape."""
    if kind.is_list:
        texts = [entry] if isinstance(entry, str) else entry or []
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise ValueError("write a list, one item per line with - before it")
        return cast(Value, tuple(_item(kind, cast(str, each), known) for each in texts))
    if isinstance(entry, list | dict):
        raise ValueError("write one value, not a list")
    if entry is None or kind is not Kind.PERSON:
        return entry
    return cast(Person, _item(kind, entry, known))


_ITEMS: Final[Mapping[Kind, type[Person] | type[Named] | type[Link] | type[Task]]] = {
    Kind.PERSON: Person,
    Kind.PEOPLE: Person,
    Kind.TEAMS: Named,
    Kind.SERVICES: Named,
    Kind.INCIDENTS: Named,
    Kind.LINKS: Link,
    Kind.TASKS: Task,
}


def _item(kind: Kind, text: str, known: Known) -> Item | str:
    if kind not in _ITEMS:
        return text
    hidden = {name: _unpacked(name, value) for name, value in known.get(text, {}).items()}
    return dataclasses.replace(_read(_ITEMS[kind], text), **hidden)


def _read(kind: type[Item], text: str) -> Item:
    """Parse an item from its text alone. Its id is "" for a task, else the best start for a look-up."""
    if kind is Person:
        parts = _PERSON.fullmatch(text)
        assert parts is not None
        name, address = _addressed(parts["who"])
        return Person(address or name, name, address, parts["role"] or "")
    if kind is Link:
        title, address = _addressed(text)
        return Link(address or title, title if address else "")
    if kind is Task:
        parts = _TASK.fullmatch(text)
        assert parts is not None
        who = tuple(each.strip() for each in (parts["who"] or "").split(",") if each.strip())
        return Task("", parts["text"], who, parts["due"] or "", (parts["done"] or " ") in "xX")
    return Named(text, text)


def _addressed(text: str) -> tuple[str, str]:
    """Split ``label <address>``; a bare e-mail address counts as an address."""
    parts = _ADDRESSED.fullmatch(text)
    if parts is not None:
        return parts["label"], parts["address"]
    return ("", text) if "@" in text and " " not in text else (text, "")
