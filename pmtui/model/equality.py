"""Compares values, ignoring the order and spelling that a server chose."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

from pmtui.model.fields import Kind
from pmtui.model.values import Item, Link, Named, Person, Task, Value, key_of


def same_value(one: Value, other: Value) -> bool:
    """Whether two values of a field are equal. Lists are sets; labels that the vendor adds to an id are ignored.

    Not set, an empty text and an empty list are equal; so are a new task and the same one with the id that the vendor gave it.
    """
    if not one or not other:
        return not one and not other
    if isinstance(one, tuple) and isinstance(other, tuple):
        mine, theirs = keyed(one), keyed(other)
        mine, theirs = with_ids(mine, theirs), with_ids(theirs, mine)
        return mine.keys() == theirs.keys() and all(same_item(item, theirs[key]) for key, item in mine.items())
    if isinstance(one, tuple) or isinstance(other, tuple):
        return False
    return same_item(one, other)


def only_spelt(kind: Kind, one: Value, other: Value) -> bool:
    """Whether these two values of a field, which are not equal, mean the same in another spelling.

    Times are of the same moment, a date is its midnight in UTC; a vendor fills in the title of a link that has none.
    """
    if kind is Kind.TIME and isinstance(one, str) and isinstance(other, str):
        return one == other or (_moment(one) is not None and _moment(one) == _moment(other))
    if kind not in (Kind.TASKS, Kind.LINKS) or not (isinstance(one, tuple) and isinstance(other, tuple)):
        return False
    untitled = {each.url for each in (*one, *other) if isinstance(each, Link) and not each.title}
    return same_value(_meant(one, untitled), _meant(other, untitled))


def _meant(items: Iterable[Item | str], untitled: Collection[str]) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        if isinstance(item, Task):
            moment = _moment(item.due)
            item = replace(item, due=moment.isoformat()) if moment is not None else item
        elif isinstance(item, Link) and item.url in untitled:
            item = replace(item, title="")
        if not isinstance(item, str):
            found.append(item)
    return tuple(found)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are equal, ignoring blanks at the ends of lines and of the text, and the kind of line ends.

    Servers remove such blanks when they store a text.
    """
    return one == other or _bare(one) == _bare(other)


def _bare(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def same_item(one: Item | str, other: Item | str) -> bool:
    """Whether two items are equal: the same thing, in the same role."""
    return one == other or said_by(one) == said_by(other)


def said_by(item: Item | str) -> Hashable:
    """The properties of an item that a save sends. An item without an id is identified by name, e-mail address or text."""
    if isinstance(item, Person):
        return ("person", item.id or item.email or item.name, item.role)
    if isinstance(item, Named):
        return ("named", item.id or item.name)
    if isinstance(item, Link):
        return ("link", item.url, item.title)
    if isinstance(item, Task):
        return ("task", item.text, tuple(sorted(item.assignees)), item.due, item.done)
    return item


Items: TypeAlias = Mapping[tuple[str, int], Item | str]


def with_ids(items: Items, theirs: Items) -> Items:
    """The items, with the ids that the vendor has since given to new tasks; tasks are matched by text."""
    named = [(key, item) for key, item in theirs.items() if isinstance(item, Task) and item.id and key not in items]
    found: dict[tuple[str, int], Item | str] = {}
    for key, item in items.items():
        if isinstance(item, Task) and not item.id and (same := next((each for each in named if each[1].text == item.text), None)):
            named.remove(same)
            key, item = same[0], replace(item, id=same[1].id)
        found[key] = item
    return found


def keyed(items: tuple[str, ...] | tuple[Item, ...]) -> Items:
    """The items by key and a counter, for repeated keys (the same person in two roles)."""
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
