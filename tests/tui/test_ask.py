"""A question shows its answers whatever the window, and its lines keep their indent."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.dialogs.prompt import Prompt
from tests.tui.stage import stage

LONG = "There is a draft of another time, with many changes that the server does not have. " * 3
ANSWERS = (("o", "open the draft"), ("c", "compare it with the server"), ("d", "discard it and open what the server has"))


@pytest.mark.parametrize("size", [(30, 8), (20, 5)])
async def test_the_answers_are_in_sight_in_a_tiny_window(sandbox: Sandbox, home: Path, size: tuple[int, int]) -> None:
    async with stage(home, sandbox, "opsgenie", size=size) as user:
        user.app.push_screen(Ask(LONG, ANSWERS, [LONG]))
        await user.shows("There is", *(rf" {key} +{what.split()[0]}" for key, what in ANSWERS), "esc +back")
        before = user.text
        await user.press("down")
        await user.until(lambda: user.text != before, "the next line of the question")
        await user.press("c")
        await user.no_longer_shows("esc +back")


async def test_no_answer_is_cut_where_the_window_has_the_rows(sandbox: Sandbox, home: Path) -> None:
    question = "There is a draft from 08:35 UTC on host jump1 (that process is gone), with 1 unsaved change."
    async with stage(home, sandbox, "opsgenie", size=(40, 12)) as user:
        user.app.push_screen(Ask(question, ANSWERS, default="o"))
        await user.shows("There is a draft", r"unsaved", r"o +open the draft  \(or enter\)", "(?m)^[ !]+server has", "esc +back")


async def test_the_second_line_of_an_answer_is_indented(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie", size=(40, 30)) as user:
        user.app.push_screen(Ask("Well?", ANSWERS))
        await user.shows("(?m)^ │   d     discard it", r"(?m)│         \w+ .*│")


@pytest.mark.parametrize("size", [(30, 8), (20, 5)])
async def test_the_line_to_type_in_is_in_sight_in_a_tiny_window(sandbox: Sandbox, home: Path, size: tuple[int, int]) -> None:
    async with stage(home, sandbox, "opsgenie", size=size) as user:
        user.app.push_screen(Prompt(LONG))
        await user.shows("There is|changes")
        await user.type("typed")
        await user.shows("typed")


@pytest.mark.parametrize("size", [(30, 8), (20, 5)])
async def test_a_choice_is_in_sight_in_a_tiny_window(sandbox: Sandbox, home: Path, size: tuple[int, int]) -> None:
    async with stage(home, sandbox, "opsgenie", size=size) as user:
        user.app.push_screen(Picker("Role", [Pick(number, f"role {number}") for number in range(20)]))
        await user.shows("▌  role 0")
        await user.press("down", "down", "down", "down", "down", "down")
        await user.shows("▌  role 6")
