"""The rows of the form: a pure function of a postmortem and its base."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pmtui.formats.action_items import TaskColumns, columns_of, in_words, names_in, summary
from pmtui.formats.typed_time import EXAMPLES, distance, readable, start_of, written
from pmtui.model.fields import STATUS, Choice, Field, Kind
from pmtui.model.postmortem import EPOCH, Postmortem
from pmtui.model.validation import problem, unlisted
from pmtui.model.values import Item, Link, Person, Task, Value, key_of, label_of
from pmtui.tui.form.unknown import Name, doubt

ADD = "+"
"""The item of the row where one is added."""
CUT = " …"
"""The end of a note that has more to it."""
ADDED, REMOVED, CHANGED = "+", "−", "±"

_ADD = {
    Kind.PEOPLE: "add a person …",
    Kind.TEAMS: "add a team …",
    Kind.SERVICES: "add a service …",
    Kind.INCIDENTS: "add an incident …",
    Kind.LINKS: "add a link …",
    Kind.TASKS: "add an action item …",
}
_SHAPE_OF_TIME = f"{EXAMPLES}; UTC"
TYPED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.TIME})
"""Kinds that are typed into their row."""
COUNTED = 1000
"""Limits up to which the characters are counted beside the text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``item`` is the key of a list's item, ``ADD`` for the row that adds one, "" for the field's own row.

    ``changed`` marks the field, ``mark`` the item: + (added), − (removed) or ±. ``note`` is shown at the right, ``problem`` in
    its place; ``detail`` is the whole explanation, for the line below the form. ``value`` is the stored value of a field that is
    typed into its row, because a time is shown differently. ``columns`` are those of an action item. ``doubt`` is how the
    explanation begins when only the server can judge the value. ``whole_note`` is shown in place of a note that is cut, where it fits.
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
    value: str = ""
    columns: TaskColumns | None = None
    doubt: str = ""
    whole_note: str = ""

    @property
    def id(self) -> str:
        return f"{self.field.name}\x00{self.item}"

    @property
    def typed(self) -> bool:
        return self.field.kind in TYPED and not self.field.locked

    @property
    def is_item(self) -> bool:
        """Whether this is an item of a list, which can be removed."""
        return self.item not in ("", ADD)


def rows(
    *,
    base: Postmortem,
    mine: Postmortem,
    refused: Mapping[str, str],
    guard: str = "",
    read_only: str = "",
    now: datetime = EPOCH,
    unknown: Collection[Name] = (),
) -> list[Row]:
    """Every row of the form. ``refused`` are the server's messages by field name.

    ``guard`` says why everything but the status is locked, ``read_only`` why everything is. ``now`` is the reference for relative
    times. ``unknown`` are names that were typed, and that nobody has here.
    """
    found: list[Row] = []
    start, names, today = start_of(base), names_in(base, mine), now.date()
    for field in (_locked(each, guard, read_only) for each in mine.form):
        before, after = base.fields.get(field.name), mine.fields.get(field.name)
        wrong = refused.get(field.name, "") or (problem(field, after, before) if after != before else "")
        if field.kind is Kind.TASKS:
            found += _task_rows(field, before, after, wrong, names, today, unknown)
        elif field.kind.is_list:
            found += _labelled(field, _list_rows(field, before, after, wrong, unknown), before != after, wrong)
        else:
            row = _scalar_row(field, before, after, wrong, unknown)
            found.append(_timed(row, after, now, start) if field.kind is Kind.TIME else row)
    found = [_told_apart(row, mine.cell_called(row.label)) if row.label else row for row in found]
    found = [replace(row, detail=" · ".join(filter(None, (row.doubt, row.detail)))) if row.doubt else row for row in found]
    everywhere = (read_only or guard, "")  # a reason that holds for all rows is shown once, below the form
    return [replace(row, note="") if row.note in everywhere else row for row in found]


def _told_apart(row: Row, section: int) -> Row:
    """The row, told apart from the section of the text with this number that has the same name; 0 for none."""
    if not section or row.problem:
        return row
    said = f"this is the field; section {section} of the text has the same name"
    return replace(row, detail=" · ".join(filter(None, (said, row.detail))))


def choice_text(choice: Choice) -> str:
    """A choice as text: value and label, ``SEV-2 · High``, or one of them when the other adds nothing."""
    value, label = (_letters(each) for each in (choice.value, choice.label))
    if not label or label == value:
        return choice.label or choice.value
    return choice.label if label.startswith(value) else f"{choice.value} · {choice.label}"


def text_of(field: Field, value: Value) -> str:
    """A single value as one line of text."""
    if field.kind is Kind.CHOICE:
        return next((choice_text(choice) for choice in field.choices if choice.value == value), label_of(value))
    if field.kind is Kind.PERSON and isinstance(value, Person) and value.email and value.name:
        return f"{value.name}  {value.email}"
    if field.kind is Kind.PROSE and isinstance(value, str):
        first, newline, _ = value.partition("\n")
        return first + (" …" if newline else "")
    if field.kind is Kind.TIME and isinstance(value, str):
        return readable(value)
    return label_of(value)


def item_text(field: Field, item: Item | str) -> str:
    """An item of a list as one line of text."""
    if isinstance(item, str):
        return next((choice_text(choice) for choice in field.choices if choice.value == item), item)
    if isinstance(item, Link) and item.title:
        return f"{item.title}  {item.url}"
    return in_words(item)


def _locked(field: Field, guard: str, read_only: str) -> Field:
    why = field.locked or read_only or (guard if field.name != STATUS else "")
    return replace(field, locked=why)


def _scalar_row(field: Field, before: Value, after: Value, wrong: str, unknown: Collection[Name]) -> Row:
    changed = before != after
    was = f"was {_briefly(field, before) or 'empty'}" if changed and field.kind not in (*TYPED, Kind.PROSE) else ""
    if not_known := "" if wrong else unlisted(field, after, before) or doubt(field, after, before, unknown):
        was = f"not known here · {was}"
    counted = field.max_length is not None and field.max_length <= COUNTED and isinstance(after, str)
    count = f"{len(str(after or ''))}/{field.max_length}" if counted else ""
    detail = wrong or _said(field, label_of(after) if changed else "")
    value = after if isinstance(after, str) else ""
    note = field.locked or was or count
    return Row(field, "", field.label, text_of(field, after), changed, "", note, wrong, detail, value, doubt=not_known)


def _timed(row: Row, value: Value, now: datetime, start: datetime | None) -> Row:
    """The distance of a time from now and from the start, also for times that the vendor sets."""
    moment = written(value) if isinstance(value, str) else None
    if moment is None:
        return row
    off = distance(moment, now, start)
    return replace(row, note=off, detail=row.problem or " · ".join(part for part in (off, row.detail) if part))


def _briefly(field: Field, value: Value) -> str:
    return label_of(value) if field.kind is Kind.PERSON else text_of(field, value)


def _said(field: Field, who: str) -> str:
    """The explanation of a field: why it is locked, whom changing it notifies, the backend's hint."""
    consequence = field.consequence.format(who) if who and field.consequence else ""
    shape = _SHAPE_OF_TIME if field.kind is Kind.TIME else ""
    return field.locked or " · ".join(part for part in (consequence, field.hint, shape) if part)


def _reached(item: Item | str) -> str:
    """Whom adding this item notifies: for an action item its owners."""
    return ", ".join(item.assignees) if isinstance(item, Task) else label_of(item)


def _in_short(consequence: str) -> str:
    """The first clause, for the row that already names the person; the line below the form has all of it."""
    first = re.split(r",| and |: ", consequence, maxsplit=1)[0]
    return first.replace("{}", "them") + (CUT if first != consequence else "")


def _without_hint(field: Field, items: Sequence[Item | str]) -> Field:
    """The field without its hint where that says nothing: all of these action items have an assignee."""
    assigned = bool(items) and all(isinstance(item, Task) and item.assignees for item in items)
    return replace(field, hint="") if assigned else field


def _list_rows(field: Field, before: Value, after: Value, wrong: str, unknown: Collection[Name]) -> list[Row]:
    old = {key_of(item): item for item in before} if isinstance(before, tuple) else {}
    new = {key_of(item): item for item in after} if isinstance(after, tuple) else {}
    found: list[Row] = []
    for key in _in_place(list(old), list(new)):
        item = new.get(key, old.get(key))
        assert item is not None
        mark = REMOVED if key not in new else ADDED if key not in old else CHANGED if old[key] != item else ""
        who = _reached(item) if mark == ADDED else ""
        note = "removed" if mark == REMOVED else _in_short(field.consequence) if who else ""
        said = _said(_without_hint(field, [item]), who) if mark else field.locked
        not_known = doubt(field, item, before, unknown) if mark in (ADDED, CHANGED) and not wrong else ""
        whole = field.consequence.replace("{}", "them") if note.endswith(CUT) else ""
        found.append(Row(field, key, "", item_text(field, item), False, mark, note, "", said, doubt=not_known, whole_note=whole))
    if not field.locked:
        found.append(Row(field, ADD, "", _ADD.get(field.kind, "add …"), detail=_said(field, "")))
    elif not found:
        found.append(Row(field, "", "", "", detail=field.locked))
    return [replace(row, detail=wrong) for row in found] if wrong else found


def _labelled(field: Field, found: list[Row], changed: bool, wrong: str) -> list[Row]:
    """The rows of a list, the first with the field's label, and with the note that applies to the whole list."""
    first = found[0]
    return [replace(first, label=field.label, changed=changed, note=first.note or field.locked, problem=wrong), *found[1:]]


def _task_rows(
    field: Field, before: Value, after: Value, wrong: str, names: Mapping[str, str], today: date, unknown: Collection[Name]
) -> list[Row]:
    """The rows of the action items, after a row that says how many are left."""
    tasks = {key_of(item): item for value in (before, after) if isinstance(value, tuple) for item in value if isinstance(item, Task)}
    now = [item for item in after if isinstance(item, Task)] if isinstance(after, tuple) else []
    said = wrong or _said(_without_hint(field, now), "")
    head = Row(field, "", field.label, summary(now, today), before != after, note=field.locked, problem=wrong, detail=said)
    items = [row for row in _list_rows(field, before, after, wrong, unknown) if row.item]
    return [head, *(_with_columns(row, tasks.get(row.item), names, today) for row in items)]


def _with_columns(row: Row, task: Task | None, names: Mapping[str, str], today: date) -> Row:
    if task is None:
        return row
    columns = columns_of(task, names, today)
    said = (in_words(task), "overdue" if columns.overdue else "", row.detail)
    return replace(row, columns=columns, detail=" · ".join(part for part in said if part))


def _in_place(old: list[str], new: list[str]) -> list[str]:
    """The new keys in order, with each removed key behind its old predecessor."""
    keys = list(new)
    for index, key in enumerate(old):
        if key not in new:
            before = next((keys.index(each) for each in reversed(old[:index]) if each in keys), -1)
            keys.insert(before + 1, key)
    return keys


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
