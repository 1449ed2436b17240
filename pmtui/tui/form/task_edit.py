"""Edits an action item part by part: text, owner, due date, done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.app import App

from pmtui.formats.action_items import bare
from pmtui.formats.typed_time import DAY_EXAMPLES, day_of
from pmtui.model.values import Person, Task
from pmtui.tui.dialogs.picker import Found, Pick, Picker, Search, Typed
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.words import now

TEXT, DONE, DUE, ASSIGN, RELEASE = "text", "done", "due", "assign", "release"


Typing = Callable[[Task], None]
"""Called at each key with the action item that the text gives."""


Name = Callable[[Typed], str]
"""Called with the name that was typed and not chosen; gives the text."""


async def edit_task(app: App[None], old: Task, people: Search, typing: Typing, name: Name) -> Task | None:
    """The changed action item, or a new one; None for escape. Call it in a worker."""
    if not old.text:
        return await _new(app, old, people, typing, name)
    picks = [
        Pick((TEXT, ""), "change the text"),
        Pick((DONE, ""), "not done yet" if old.done else "done"),
        Pick((DUE, ""), "due date", old.due[:10]),
        Pick((ASSIGN, ""), "assign somebody"),
        *(Pick((RELEASE, who), f"unassign {who}") for who in old.assignees),
    ]
    answer = await app.push_screen_wait(Picker(old.text, picks))
    if not isinstance(answer, Pick) or not isinstance(answer.value, tuple):
        return None
    what, who = answer.value
    match what:
        case "done":
            return replace(old, done=not old.done)
        case "due":
            due = await app.push_screen_wait(Prompt(f"Due: {DAY_EXAMPLES}; empty for none", old.due[:10], check=day_problem))
            return None if due is None else replace(old, due=_day(due))
        case "assign":
            return await _assigned(app, old, people, "Assigned to", name)
        case "release":
            return replace(old, assignees=tuple(each for each in old.assignees if each != who))
    text = await app.push_screen_wait(_prompt(old, typing))
    return replace(old, text=text.strip()) if text and text.strip() else None


def _prompt(task: Task, typing: Typing) -> Prompt:
    return Prompt("Action item", task.text, typed=lambda text: typing(replace(task, text=text)))


async def _new(app: App[None], task: Task, people: Search, typing: Typing, name: Name) -> Task | None:
    text = await app.push_screen_wait(_prompt(task, typing))
    if not text or not text.strip():
        return None
    new = replace(task, text=text.strip())
    return await _assigned(app, new, people, "Assigned to (nobody yet, if you go back)", name) or new


async def _assigned(app: App[None], task: Task, people: Search, title: str, name: Name) -> Task | None:
    owners = set(map(bare, task.assignees))

    async def search(text: str) -> Found:
        found = await people(text.strip().removeprefix("@"))
        picks = [(pick, pick.value) for pick in found.picks if isinstance(pick.value, Person)]
        free = [pick for pick, person in picks if bare(_handle(person)) not in owners]
        there = [person for _, person in picks if bare(_handle(person)) in owners]
        return replace(found, picks=free, there=[*there, *(each.removeprefix("@") for each in task.assignees)])

    answer = await app.push_screen_wait(Picker(title, search=search, verbatim=True))
    if answer is None:
        return None
    who = name(answer) if isinstance(answer, Typed) else _handle(answer.value) if isinstance(answer.value, Person) else ""
    return replace(task, assignees=(*task.assignees, who)) if who and bare(who) not in owners else task


def day_problem(text: str) -> str:
    """Why this is not a day, "" when it is one."""
    return "" if day_of(text, now().date()) is not None else f"not a day such as {DAY_EXAMPLES}: {text[:40]}"


def _day(text: str) -> str:
    """The typed day in the field's format; "" for none."""
    day = day_of(text, now().date())
    return day.isoformat() if day is not None else ""


def _handle(person: Person) -> str:
    return person.email or person.label
