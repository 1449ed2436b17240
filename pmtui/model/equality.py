"""Equality of values, whatever order or spelling a server chose for them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of


def same_value(one: Value, other: Value) -> bool:
    """Whether two values of a field say the same. Lists are sets; names that the vendor adds to an id do not count.

    Not set, empty text and an empty list are one thing.
    """
    if not one or not other:
        return not one and not other
    if isinstance(one, tuple) and isinstance(other, tuple):
        mine, theirs = keyed(one), keyed(other)
        return mine.keys() == theirs.keys() and all(same_item(item, theirs[key]) for key, item in mine.items())
    if isinstance(one, tuple) or isinstance(other, tuple):
        return False
    return same_item(one, other)


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same but for blanks at the ends of lines and of the whole, and for how lines end.

    Servers take such blanks away when they store a text.
    """
    return one == other or _bare(one) == _bare(other)


def _bare(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def same_item(one: Item | str, other: Item | str) -> bool:
    """Whether two items say the same: the same thing, in the same role."""
    return one == other or said_by(one) == said_by(other)


def said_by(item: Item | str) -> Hashable:
    """What a save must carry of an item. An item without an id is known by its name, e-mail address or text."""
    if isinstance(item, Person):
        return ("person", item.id or item.email or item.name, item.role)
    if isinstance(item, Named):
        return ("named", item.id or item.name)
    if isinstance(item, Link):
        return ("link", item.url, item.title)
    if isinstance(item, Task):
        return ("task", item.text, tuple(sorted(item.assignees)), item.due, item.done)
    return item


def keyed(items: tuple[str, ...] | tuple[Item, ...]) -> Mapping[tuple[str, int], Item | str]:
    """The items by what makes them the same one; a repeated one is counted (the same person in two roles)."""
    found: dict[tuple[str, int], Item | str] = {}
    for item in items:
        key = _key(item)
        number = 0
        while (key, number) in found:
            number += 1
        found[key, number] = item
    return found


def _key(item: Item | str) -> str:
    if key_of(item):
        return key_of(item)
    return item if isinstance(item, str) else item.label
