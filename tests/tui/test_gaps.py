"""The first five minutes of a new postmortem: the caret is where one writes, and what is left to write is one key away."""

from __future__ import annotations

from pathlib import Path

from tests.tui.headless_program import environment
from tests.tui.user import User, program

NEW = """---
title: A new one
---

## Summary

## Impact

Seen since {{incident.created}}.

- one
- two

## Cause

_What broke, and why?_

## Items

"""


def folder(home: Path, text: str) -> dict[str, str]:
    place = home / "postmortems"
    place.mkdir(parents=True)
    (place / "new.md").write_text(text)
    config = home / "config" / "pmtui"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'[profiles.here]\nvendor = "folder"\npath = "{place}"\n')
    return environment(home, {})


GAPS = """---
title: A new one
started: 2026-11-16T23:47:00Z
---

# Postmortem of a new one

{{incident.card}}

## Timeline

{{incident.timeline}}

## Cause

_What broke, and why?_
"""


async def into(user: User) -> None:
    await user.shows("A new one", "read ")
    await user.press("enter")
    await user.shows(r"cell \d of \d · line")


async def again(user: User) -> None:
    """Take all back, leave, and open it again: the caret is where opening puts it."""
    assert user.app.session is not None
    while user.app.session.changes:
        before = user.app.session.mine
        await user.press("ctrl+z")
        assert user.app.session.mine is not before, "nothing more to undo"
    await user.press("escape")
    await user.shows("enter open")
    await into(user)


async def test_the_first_words_and_the_way_from_gap_to_gap(home: Path) -> None:
    async with program(folder(home, NEW), "here", size=(90, 40)) as user:
        await into(user)
        before = user.cells
        # what is typed first is no heading, and undo comes back there
        await user.shows("unchanged")
        await user.type("Two pushes")
        assert user.cells[0] == "## Summary\n\nTwo pushes"
        await user.press("ctrl+z", "ctrl+z")
        await user.until(lambda: user.cells == before, "all taken back")
        await user.type("X")
        assert user.cells[0] == "## Summary\n\nX"
        # room that nothing is typed in is no edit
        await again(user)
        await user.press("backspace", "enter", "enter", "backspace")
        assert user.cells == before
        await user.press("ctrl+home", "end")
        await user.type("!")
        assert user.cells == ["## Summary!", *before[1:]]
        # the outline names what is left
        await again(user)
        await user.shows("1○Summary", "2 Impact", "3 Cause|3○Cause", "4○Items")
        # tab goes from gap to gap, and indents lists
        await user.press("tab")
        await user.shows("cell 2 of 4")
        await user.type("02:14")
        assert "Seen since 02:14." in user.cells[1]
        await user.press("down", "down", "tab")
        assert "  - one" in user.cells[1], "in a list tab indents"
        await user.press("shift+tab", "up", "tab")
        await user.shows("cell 3 of 4")
        await user.type("A certificate")
        assert "_What" not in user.cells[2]
        assert "A certificate" in user.cells[2]
        await user.press("tab")
        await user.shows("cell 4 of 4")
        await user.type("None")
        assert user.cells[3] == "## Items\n\nNone"
        await user.press("tab")
        await user.shows("cell 1 of 4")
        await user.press("shift+tab")
        await user.shows("cell 1 of 4")
        await user.type("Short")
        await user.press("tab")
        await user.shows("nothing is left empty")
        # the review names what is left, too
        await again(user)
        await user.type("Short")
        await user.shows("1 Summary")
        shown = await user.review()
        assert "○  still empty: " in shown
        assert "Items" in shown.partition("still empty")[2]
        assert "not filled in: {{incident.created}}" in shown


async def test_an_empty_document_says_how_to_begin_and_a_letter_begins(home: Path) -> None:
    async with program(folder(home, "---\ntitle: A new one\n---\n"), "here") as user:
        await user.shows("A new one", "read ")
        await user.press("enter")
        await user.shows("ctrl\\+n writes the first section", r"ctrl\+n first section .* esc list")
        await user.type("Hello")
        await user.shows("cell 1 of 1")
        assert user.cells == ["Hello"]
        await user.no_longer_shows("ctrl\\+n writes")


async def test_what_is_typed_takes_the_place_of_the_gap_that_is_selected(home: Path) -> None:
    async with program(folder(home, GAPS), "here", size=(90, 30)) as user:
        await into(user)
        # on opening, and on going to a cell
        await user.shows("1○Postmortem")
        await user.type("A card")
        assert user.cells[0] == "# Postmortem of a new one\n\nA card"
        await user.press("ctrl+down", "ctrl+down")
        await user.type("A certificate")
        assert user.cells[2] == "## Cause\n\nA certificate"
        await user.press("ctrl+up", "right", "ctrl+down", "ctrl+up")
        await user.type("x")
        assert user.cells[1] == "## Timeline\n\nx", "also where the cursor had been left behind the gap"
        # a time
        await again(user)
        await user.press("ctrl+down", "ctrl+t")
        await user.shows("Time in UTC")
        await user.type("23:50")
        await user.press("enter")
        await user.no_longer_shows("Time in UTC")
        await user.type("Paged")
        assert user.cells[1] == "## Timeline\n\n- 23:50 Paged"
        await user.shows("2 Timeline")
        await user.press("ctrl+z", "ctrl+z")
        await user.until(lambda: "{{incident.timeline}}" in user.cells[1], "taken back")
        # in a list another key goes to the next gap
        await again(user)
        await user.press("ctrl+down")
        await user.type("- 23:50 Paged")
        before = user.cells
        await user.press("alt+g")
        await user.shows("cell 3 of 3")
        assert user.cells == before
        # the title alone is not still empty
        await again(user)
        await user.press("backspace")
        await user.shows("1 Postmortem", "2○Timeline")
        await user.press("tab")
        await user.shows("cell 2 of 3")
        await user.press("tab", "tab")
        await user.shows("cell 2 of 3")
        shown = await user.review()
        assert "still empty: Timeline, Cause" in shown
