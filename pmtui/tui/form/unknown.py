"""Names that were typed into fields, and that nobody here has: what the form says of them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pmtui.formats.action_items import bare
from pmtui.model.fields import Field, Kind
from pmtui.model.validation import not_known
from pmtui.model.values import Item, Named, Person, Task, Value, key_of

_OF_PEOPLE = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.TASKS})


@dataclass(frozen=True, slots=True)
class Name:
    """A name of what fields of this kind hold, made by ``name_of``."""

    kind: Kind
    text: str


def named_in(kind: Kind) -> Kind:
    """The kind of what fields of this kind name: people own action items, too."""
    return Kind.PEOPLE if kind in _OF_PEOPLE else kind


def name_of(kind: Kind, text: str) -> Name:
    """The name that this text is in a field of this kind."""
    return Name(named_in(kind), bare(text) if kind in _OF_PEOPLE else text)


def names_of(value: Value | Item) -> tuple[Item | str, ...]:
    """What a value names."""
    found: list[Item | str] = []
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, Task):
            found += [each.removeprefix("@") for each in item.assignees]
        elif isinstance(item, Person | Named):
            found.append(item)
    return tuple(found)


def doubt(field: Field, value: Value | Item, before: Value, unknown: Collection[Name]) -> str:
    """What to say of a value with an unknown name that the server does not have ``before``; "" for any other."""
    there = {name_of(field.kind, key_of(each)) for each in names_of(before)}
    names = [key_of(each) for each in names_of(value)]
    return next((not_known(each) for each in names if name_of(field.kind, each) in {*unknown} - there), "")
