"""Action items as people read them: the text, whether it is done, the owner's name, the due date, and whether it is overdue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Item, Person, Task, Value, label_of

OPEN, DONE = "☐", "☑"


@dataclass(frozen=True, slots=True)
class TaskColumns:
    """One action item as the columns of a table. Foreign text."""

    done: bool
    text: str
    owner: str
    due: str
    overdue: bool

    @property
    def box(self) -> str:
        """A box, with a tick when it is done."""
        return DONE if self.done else OPEN


def columns_of(task: Task, names: Mapping[str, str], today: date) -> TaskColumns:
    """The columns of an action item; ``names`` comes from ``names_in``."""
    due = task.due[:10]
    owner = ", ".join(owner_name(handle, names) for handle in task.assignees)
    return TaskColumns(task.done, task.text, owner, due, is_overdue(task, today))


def is_overdue(task: Task, today: date) -> bool:
    """Whether it is not done, and its due date has passed."""
    try:
        return not task.done and bool(task.due) and date.fromisoformat(task.due[:10]) < today
    except ValueError:
        return False


def bare(handle: str) -> str:
    """What owners are compared by: vendors write a handle with an @ before it, people without."""
    return handle.removeprefix("@").casefold()


def owner_name(handle: str, names: Mapping[str, str]) -> str:
    """The name of an owner, if ``names`` has it; else the part of the address before the @."""
    return names.get(bare(handle)) or handle.removeprefix("@").partition("@")[0] or handle


def names_in(*postmortems: Postmortem) -> dict[str, str]:
    """The names of all people in these postmortems, by e-mail address."""
    people = [each for postmortem in postmortems for value in postmortem.fields.values() for each in _people(value)]
    return {person.email.casefold(): person.name for person in people if person.email and person.name}


def in_words(item: Item | str) -> str:
    """An item of a list, with everything about it that can be changed: ``☐ Fix the probe · jane.doe · due 2026-12-01``."""
    if not isinstance(item, Task):
        return label_of(item)
    owners = ", ".join(handle.removeprefix("@") for handle in item.assignees)
    parts = (f"{DONE if item.done else OPEN} {item.text}", owners, f"due {item.due[:10]}" if item.due else "")
    return " · ".join(part for part in parts if part)


def summary(tasks: Iterable[Task], today: date) -> str:
    """``3 open, 1 overdue``, "" for none."""
    listed = list(tasks)
    left = [task for task in listed if not task.done]
    late = sum(is_overdue(task, today) for task in left)
    return "" if not listed else "all done" if not left else f"{len(left)} open" + (f", {late} overdue" if late else "")


def _people(value: Value) -> list[Person]:
    listed = value if isinstance(value, tuple) else (value,)
    return [each for each in listed if isinstance(each, Person)]
