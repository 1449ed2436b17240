"""The first five minutes of a new postmortem: the caret is where one writes, and what is left to write is one key away."""

from __future__ import annotations

from pathlib import Path

from pmtui.sandbox.server import Sandbox
from tests.tui.face import environment
from tests.tui.stage import Stage, program, stage

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


async def into(user: Stage) -> None:
    await user.shows("A new one", "read ")
    await user.press("enter")
    await user.shows(r"cell \d of \d · line")


async def test_what_is_typed_first_is_no_heading_and_undo_comes_back_there(home: Path) -> None:
    async with program(folder(home, NEW), "here") as user:
        await into(user)
        before = user.cells
        await user.shows("unchanged")
        await user.type("Two pushes")
        assert user.cells[0] == "## Summary\n\nTwo pushes"
        await user.press("ctrl+z", "ctrl+z")
        await user.until(lambda: user.cells == before, "all taken back")
        await user.type("X")
        assert user.cells[0] == "## Summary\n\nX"


async def test_room_that_nothing_is_typed_in_is_no_edit(home: Path) -> None:
    async with program(folder(home, NEW), "here") as user:
        await into(user)
        before = user.cells
        await user.press("backspace", "enter", "enter", "backspace")
        assert user.cells == before
        await user.press("ctrl+home", "end")
        await user.type("!")
        assert user.cells == ["## Summary!", *before[1:]]


async def test_tab_goes_from_gap_to_gap_and_indents_lists(home: Path) -> None:
    async with program(folder(home, NEW), "here") as user:
        await into(user)
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


async def test_outline_and_review_name_what_is_left(home: Path) -> None:
    async with program(folder(home, NEW), "here", size=(90, 40)) as user:
        await into(user)
        await user.shows("1○Summary", "2 Impact", "3 Cause|3○Cause", "4○Items")
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
        await user.shows("ctrl\\+n writes the first section")
        await user.type("Hello")
        await user.shows("cell 1 of 1")
        assert user.cells == ["Hello"]
        await user.no_longer_shows("ctrl\\+n writes")


async def test_a_graph_says_on_a_letter_that_it_is_read_only(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("ctrl+down", "ctrl+down", "x")
        await user.shows("this cell is read-only here, kept as it is")
