"""What the form shows, row by row: a pure function of a postmortem and its base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pmtui.model.fields import STATUS, Choice, Field, Kind
from pmtui.model.postmortem import Postmortem
from pmtui.model.validation import problem
from pmtui.model.values import Item, Link, Person, Task, Value, key_of, label_of

ADD = "+"
"""The item of the row where one is added."""
ADDED, REMOVED, CHANGED = "+", "−", "±"

_ADD = {
    Kind.PEOPLE: "add a person …",
    Kind.TEAMS: "add a team …",
    Kind.SERVICES: "add a service …",
    Kind.INCIDENTS: "add an incident …",
    Kind.LINKS: "add a link …",
    Kind.TASKS: "add an action item …",
}
_SHAPE_OF_TIME = "a time such as 2026-11-22T03:10Z; without a zone it is taken as UTC"
TYPED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.TIME})
"""Kinds that are typed into their row."""
COUNTED = 1000
"""Limits up to which the characters are counted beside the text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``item`` is the key of a list's item, ``ADD`` where one is added, "" for the field's own line.

    ``changed`` marks the field, ``mark`` the item: + (added), − (removed) or ±. ``note`` stands at the right,
    ``problem`` in its place; ``detail`` is all that there is to say, for the line below the form.
    """

    field: Field
    item: str
    label: str
    text: str
    changed: bool = False
    mark: str = ""
    note: str = ""
    problem: str = ""
    detail: str = ""

    @property
    def id(self) -> str:
        return f"{self.field.name}\x00{self.item}"

    @property
    def typed(self) -> bool:
        return self.field.kind in TYPED and not self.field.locked

    @property
    def is_item(self) -> bool:
        """Whether this is something in a list, that can be taken out."""
        return self.item not in ("", ADD)


def rows(base: Postmortem, mine: Postmortem, refused: Mapping[str, str], *, guard: str = "", read_only: str = "") -> list[Row]:
    """Every row of the form.

    ``refused`` are the server's messages by field name. ``guard`` says why all but the status is locked, ``read_only``
    why everything is.
    """
    found: list[Row] = []
    for field in (_locked(each, guard, read_only) for each in mine.form):
        before, after = base.fields.get(field.name), mine.fields.get(field.name)
        wrong = refused.get(field.name, "") or (problem(field, after, before) if after != before else "")
        if field.kind.is_list:
            found += _list_rows(field, before, after, wrong)
        else:
            found.append(_scalar_row(field, before, after, wrong))
    everywhere = (read_only or guard, "")  # what holds for all rows is said once, below the form
    return [replace(row, note="") if row.note in everywhere else row for row in found]


def choice_text(choice: Choice) -> str:
    """Value and label, ``SEV-2 · High``; one of them where the other says nothing more."""
    value, label = (_letters(each) for each in (choice.value, choice.label))
    if not label or label == value:
        return choice.label or choice.value
    return choice.label if label.startswith(value) else f"{choice.value} · {choice.label}"


def text_of(field: Field, value: Value) -> str:
    """A value that is no list, in one line."""
    if field.kind is Kind.CHOICE:
        return next((choice_text(choice) for choice in field.choices if choice.value == value), label_of(value))
    if field.kind is Kind.PERSON and isinstance(value, Person) and value.email and value.name:
        return f"{value.name}  {value.email}"
    if field.kind is Kind.PROSE and isinstance(value, str):
        first, newline, _ = value.partition("\n")
        return first + (" …" if newline else "")
    if field.kind is Kind.TIME and field.locked and isinstance(value, str):
        return _readable(value)
    return label_of(value)


def item_text(field: Field, item: Item | str) -> str:
    """An item of a list, in one line."""
    if isinstance(item, str):
        return next((choice_text(choice) for choice in field.choices if choice.value == item), item)
    if isinstance(item, Link) and item.title:
        return f"{item.title}  {item.url}"
    if isinstance(item, Task):
        parts = (item.text, ", ".join(item.assignees), f"due {item.due[:10]}" if item.due else "")
        return f"{'☑' if item.done else '☐'} {'  '.join(part for part in parts if part)}"
    return label_of(item)


def _locked(field: Field, guard: str, read_only: str) -> Field:
    why = field.locked or read_only or (guard if field.name != STATUS else "")
    return replace(field, locked=why)


def _scalar_row(field: Field, before: Value, after: Value, wrong: str) -> Row:
    changed = before != after
    was = f"was {_briefly(field, before) or 'empty'}" if changed and field.kind not in (*TYPED, Kind.PROSE) else ""
    counted = field.max_length is not None and field.max_length <= COUNTED and isinstance(after, str)
    count = f"{len(str(after or ''))}/{field.max_length}" if counted else ""
    text = after if field.kind in TYPED and not field.locked and isinstance(after, str) else text_of(field, after)
    detail = wrong or _said(field, label_of(after) if changed else "")
    return Row(field, "", field.label, text, changed, "", field.locked or was or count, wrong, detail)


def _briefly(field: Field, value: Value) -> str:
    return label_of(value) if field.kind is Kind.PERSON else text_of(field, value)


def _said(field: Field, who: str) -> str:
    """What is to be known of a field: why it is locked, what changing it does to people, the backend's hint."""
    consequence = field.consequence.format(who) if who and field.consequence else ""
    shape = _SHAPE_OF_TIME if field.kind is Kind.TIME else ""
    return field.locked or " · ".join(part for part in (consequence, field.hint, shape) if part)


def _reached(item: Item | str) -> str:
    """Whom adding this reaches: of an action item those who are to do it."""
    return ", ".join(item.assignees) if isinstance(item, Task) else label_of(item)


def _in_short(consequence: str) -> str:
    """The first clause, for the row that names the person already; the line below the form has all of it."""
    first = re.split(r",| and |: ", consequence, maxsplit=1)[0]
    return first.replace("{}", "them") + (" …" if first != consequence else "")


def _list_rows(field: Field, before: Value, after: Value, wrong: str) -> list[Row]:
    old = {key_of(item): item for item in before} if isinstance(before, tuple) else {}
    new = {key_of(item): item for item in after} if isinstance(after, tuple) else {}
    found: list[Row] = []
    for key in _in_place(list(old), list(new)):
        item = new.get(key, old.get(key))
        assert item is not None
        mark = REMOVED if key not in new else ADDED if key not in old else CHANGED if old[key] != item else ""
        who = _reached(item) if mark == ADDED else ""
        note = "removed" if mark == REMOVED else _in_short(field.consequence) if who else ""
        found.append(Row(field, key, "", item_text(field, item), False, mark, note, "", _said(field, who)))
    if not field.locked:
        found.append(Row(field, ADD, "", _ADD.get(field.kind, "add …"), detail=_said(field, "")))
    elif not found:
        found.append(Row(field, "", "", "", detail=field.locked))
    first = found[0]
    found[0] = replace(first, label=field.label, changed=before != after, note=first.note or field.locked, problem=wrong)
    return [replace(row, detail=wrong) for row in found] if wrong else found


def _in_place(old: list[str], new: list[str]) -> list[str]:
    """The new keys in their order, each removed one behind what stood before it."""
    keys = list(new)
    for index, key in enumerate(old):
        if key not in new:
            before = next((keys.index(each) for each in reversed(old[:index]) if each in keys), -1)
            keys.insert(before + 1, key)
    return keys


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _readable(stamp: str) -> str:
    """``2026-11-22 00:04 UTC`` of an ISO 8601 time; what is none stays."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    zone = " UTC" if moment.utcoffset() == timedelta(0) else f" {moment:%z}" if moment.tzinfo else ""
    return f"{moment:%Y-%m-%d %H:%M}{zone}"
