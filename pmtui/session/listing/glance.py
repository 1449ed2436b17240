"""A postmortem at a glance: its first section with text, and its open action items. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from pmtui.model.fields import ACTION_ITEMS, OWNER
from pmtui.model.postmortem import TEXT, Cell, Postmortem
from pmtui.model.values import Task, label_of

_HEADING = re.compile(r"\A\s*#{1,6}[ \t][^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Glance:
    """``title`` and ``text`` are the first section's, "" when no section has text. ``unread`` says what could not be read."""

    title: str
    text: str
    open_items: tuple[Task, ...]
    unread: tuple[str, ...]
    read_at: datetime
    exists: bool = True
    owner: str = ""
    """Who the postmortem says owns it, "" when it says nothing."""

    def overdue(self, task: Task, today: date) -> bool:
        """Whether an item was due before this day."""
        try:
            return date.fromisoformat(task.due[:10]) < today
        except ValueError:
            return False


def glance(postmortem: Postmortem) -> Glance:
    """The glance at a postmortem."""
    title, text = next((found for cell in postmortem.cells if (found := _said(cell))[1]), ("", ""))
    value = postmortem.fields.get(ACTION_ITEMS)
    tasks = tuple(item for item in value if isinstance(item, Task) and not item.done) if isinstance(value, tuple) else ()
    unread = tuple(each.why for each in postmortem.unread if each.part in (TEXT, ACTION_ITEMS))
    owner = label_of(postmortem.fields.get(OWNER))
    return Glance(title, text, tasks, unread, postmortem.read_at, bool(postmortem.id), owner)


def _said(cell: Cell) -> tuple[str, str]:
    """The title of a cell, and its text without the heading; "" for an opaque cell."""
    return (cell.title, _HEADING.sub("", cell.text, count=1).strip()) if cell.editable else ("", "")
