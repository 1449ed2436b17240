"""List items written in one line: people with a role, action items with owner, date and state. Pure.

``Jane Doe (Scribe)``, ``Fix the probe @jane due:2026-12-01 done:yes``. What the line does not
mention stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pmtui.formats.action_items import bare
from pmtui.formats.typed_time import DAY_EXAMPLES, day_of
from pmtui.model.values import Task

_ROLE = re.compile(r"(?s)(?P<who>.*\S) \((?P<role>[^()]+)\)")
_WORD = re.compile(r"-?@\S+|due:\S*|done:(?:yes|no)")


@dataclass(frozen=True, slots=True)
class TaskWords:
    """An action item as it was typed. ``due`` and ``done`` are None when they were not mentioned."""

    text: str
    come: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    due: str | None = None
    done: bool | None = None

    def applied(self, task: Task) -> Task:
        """The action item with what was typed."""
        left = [each for each in task.assignees if bare(each) not in {bare(gone) for gone in self.gone}]
        known = {bare(each) for each in left}
        assignees = (*left, *(each for each in self.come if bare(each) not in known))
        due = task.due if self.due is None else self.due
        return replace(task, assignees=assignees, due=due, done=task.done if self.done is None else self.done)


def who_and_role(word: str) -> tuple[str, str]:
    """Split ``Jane Doe (Scribe)`` into name and role, which is "" when there is none."""
    found = _ROLE.fullmatch(word)
    return (found["who"], found["role"].strip()) if found else (word, "")


def task_words(word: str, today: date) -> TaskWords:
    """Read an action item from a line. Raises ValueError for an invalid date, and when no text is left."""
    words: list[str] = []
    text = word.strip()
    while text and _WORD.fullmatch(last := text.rsplit(None, 1)[-1]):
        words.insert(0, last)
        text = text[: -len(last)].rstrip()
    if not text:
        raise ValueError("an action item needs a text before its @owner, due: and done:")
    due = _last(words, "due:")
    if due:
        due = _day(due, today)
    done = _last(words, "done:")
    come, gone = (tuple(each[len(mark) - 1 :] for each in words if each.startswith(mark)) for mark in ("@", "-@"))
    return TaskWords(text, come, gone, due, None if done is None else done == "yes")


def _last(words: Sequence[str], mark: str) -> str | None:
    return next((each.removeprefix(mark) for each in reversed(words) if each.startswith(mark)), None)


def _day(text: str, today: date) -> str:
    day = day_of(text, today)
    if day is None:
        raise ValueError(f"due:{text} is not a day such as {DAY_EXAMPLES}")
    return day.isoformat()
