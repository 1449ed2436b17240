"""Lists, tasks and tables in the editor, and the preview that opens where one writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pmtui.tui.editor.list_keys import counted, outer, toggled
from tests.tui.test_editor import editing
from tests.tui.test_gaps import folder, into
from tests.tui.user import program


@pytest.mark.parametrize(
    ("above", "line", "after"),
    [
        (["1. a"], "   2. b", "   1. b"),
        (["1. a", "   1. b"], "   7. c", "   2. c"),
        (["1. a", "   1. b", "     words"], "2. c", "2. c"),
        (["1. a", "   1. b"], "5) c", "2) c"),
        (["- a"], "3. b", "1. b"),
        (["words"], "4. b", "1. b"),
        (["1. a"], "- b", "- b"),
    ],
)
def test_lists_in_lists_count_on_their_own(above: list[str], line: str, after: str) -> None:
    assert counted(above, line) == after


def test_one_level_out_is_where_the_item_above_hangs() -> None:
    assert outer(["1. a", "   - b"], "   - ") == "- "
    assert outer(["1. a", "   1. b", "      1. c"], "      2. ") == "   2. "
    assert outer(["1. a", "   1. b"], "   2. ") == "2. "


@pytest.mark.parametrize(
    ("line", "after"),
    [("- [ ] a", "- [x] a"), ("  * [X] a", "  * [ ] a"), ("- a", "- [ ] a"), ("-", "- [ ] "), ("<> a", "<> a"), ("- <> a", "- <> a")],
)
def test_a_task_is_toggled(line: str, after: str) -> None:
    assert toggled(line) == after


async def test_typed_they_count_and_come_out_level_by_level() -> None:
    async with editing("") as (editor, _, pilot):
        for key in ("1", ".", "space", "a", "enter", "tab", "b", "enter", "c", "enter", "enter", "d", "enter", "enter", "e"):
            await pilot.press(key)
        assert editor.source_text == "1. a\n   1. b\n   2. c\n2. d\ne"


TEXT = """---
title: A new one
---

## Items

- [ ] fix it
- tell them

| Who | How many |
|-|-|
| everybody | 3 |

"""


async def test_tasks_tables_and_the_preview_where_one_writes(home: Path) -> None:
    long = "\n\n".join(f"## Part {part}\n\n" + "\n".join(f"- line {line} of {part}" for line in range(30)) for part in range(4))
    async with program(folder(home, f"{TEXT}\n{long}\n"), "here") as user:
        await into(user)
        # one key checks a task
        await user.press("ctrl+home", "down", "down", "ctrl+@")
        await user.until(lambda: "- [x] fix it" in user.cells[0], "the task done")
        await user.press("down", "ctrl+@")
        await user.until(lambda: "- [ ] tell them" in user.cells[0], "a box")
        await user.press("up", "shift+down", "ctrl+@", "right")
        await user.until(lambda: "- [ ] fix it\n- [x] tell them" in user.cells[0], "both")
        # one action aligns a table
        await user.press("alt+a")
        await user.shows("no table here")
        await user.press("down", "down", "down", "alt+a")
        await user.until(lambda: "| Who       | How many |\n| --------- | -------- |\n| everybody | 3        |" in user.cells[0], "in line")
        before = user.cells[0]
        await user.press("ctrl+z")
        await user.until(lambda: user.cells[0] != before and "|-|-|" in user.cells[0], "one undo")
        # the preview opens at the line of the caret
        await user.press("ctrl+down", "ctrl+down", "ctrl+down", "ctrl+home", *["down"] * 20)
        await user.press("f3")
        await user.shows(" preview", "line 18 of 2")
        rows = [line for line in user.lines if re.search("line \\d+ of", line)]
        assert "line 18 of 2" in rows[2], "two lines of what is above"
        await user.press("escape")
        await user.shows("cell 4 of 5 · line 21")


async def test_a_table_goes_on_with_enter_and_tab() -> None:
    async with editing("") as (editor, _, pilot):
        for letter in "| Who | How many |":
            await pilot.press({"|": "vertical_line", " ": "space"}.get(letter, letter))
        for key in (
            "enter",
            "a",
            "l",
            "l",
            "tab",
            "9",
            "enter",
            "vertical_line",
            "space",
            "b",
            "space",
            "vertical_line",
            "2",
            "vertical_line",
        ):
            await pilot.press(key)
        await pilot.press("enter", "enter", "e")
        assert editor.source_text == "| Who | How many |\n| --- | --- |\n| all | 9 |\n| b |2 |\n\ne"
        await pilot.press("up", "up", "end", "shift+tab", "x", "shift+tab", "y")
        assert editor.source_text.endswith("| all | 9 |\n| by |2x |\n\ne")
    async with editing("```\n| a | b |\n```") as (editor, _, pilot):
        await pilot.press("down", "end", "enter", "x")
        assert editor.source_text == "```\n| a | b |\nx\n```", "code is code"
