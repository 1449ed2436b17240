"""The values that a field can hold, and the items that lists are made of.

A value is ``None`` (not set), a ``str`` (text, one choice, number, time), a tuple of ``str`` (several choices, words),
a ``Person``, or a tuple of items. Items have a ``key``: two items with the same key are the same thing, perhaps changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Person:
    """A person known to the vendor. ``role`` is their role in this postmortem, free text, "" for none."""

    id: str
    name: str = ""
    email: str = ""
    role: str = ""

    @property
    def key(self) -> str:
        """The key by which two items are the same."""
        return self.id

    @property
    def label(self) -> str:
        """The label, foreign text."""
        return self.name or self.email or self.id


@dataclass(frozen=True, slots=True)
class Named:
    """A team, a service or another incident: an id and a name."""

    id: str
    name: str = ""

    @property
    def key(self) -> str:
        """The key by which two items are the same."""
        return self.id

    @property
    def label(self) -> str:
        """The label, foreign text."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Link:
    """A linked issue or document. ``title`` is its label (``OPS-1412``)."""

    url: str
    title: str = ""

    @property
    def key(self) -> str:
        """The key by which two items are the same."""
        return self.url

    @property
    def label(self) -> str:
        """The label, foreign text."""
        return self.title or self.url


@dataclass(frozen=True, slots=True)
class Task:
    """An action item. ``id`` is "" until the vendor has it; ``due`` is an ISO date or time, "" when none."""

    id: str
    text: str
    assignees: tuple[str, ...] = ()
    due: str = ""
    done: bool = False

    @property
    def key(self) -> str:
        """The key by which two items are the same."""
        return self.id or self.text

    @property
    def label(self) -> str:
        """The label, foreign text."""
        return self.text


Item: TypeAlias = Person | Named | Link | Task
Value: TypeAlias = str | tuple[str, ...] | Person | tuple[Item, ...] | None


def key_of(item: Item | str) -> str:
    """The key by which two items of a list are the same."""
    return item if isinstance(item, str) else item.key


def label_of(value: Value | Item) -> str:
    """The value as text, "" when not set. Foreign text: pass it through ``display`` before showing it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ", ".join(label_of(item) for item in value)
    role = f" · {value.role}" if isinstance(value, Person) and value.role else ""
    return value.label + role
