"""A question shows its answers whatever the window, and its lines keep their indent."""

from __future__ import annotations

import re
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.ask import Ask
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.dialogs.prompt import Prompt
from tests.tui.user import using

LONG = "There is a draft of another time, with many changes that the server does not have. " * 3
ANSWERS = (("o", "open the draft"), ("c", "compare it with the server"), ("d", "discard it and open what the server has"))


async def test_a_question_answers_each_key_and_has_no_default_that_it_does_not_name(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("typed")
        await user.press("ctrl+q")
        await user.shows("review and save", "keep the draft and leave")
        assert "or enter" not in user.text
        for key, said in (("enter", "enter"), ("x", "x"), ("slash", "/"), ("space", "space"), ("f2", "f2"), ("ctrl+z", "ctrl+z")):
            await user.press(key)
            await user.shows(rf"esc +back +\({re.escape(said)} does nothing here\)")
            assert isinstance(user.app.screen, Ask), key
        await user.together(*"/wor", "enter", "enter")  # of a user who believes to be in the list
        await user.shows("enter does nothing here", "review and save")
        await user.press("escape")
        await user.shows("cell 1 of")


async def test_what_a_prompt_has_already_is_selected(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        for keys, result in (
            (("+", "3", "d"), "+3d"),
            (("end", "!"), "2026-12-11!"),
            (("home", "!"), "!2026-12-11"),
            (("left", "!"), "!2026-12-11"),
            (("right", "!"), "2026-12-11!"),
            (("backspace",), ""),
            ((), "2026-12-11"),
        ):
            given: list[str | None] = []
            user.app.push_screen(Prompt("Due", "2026-12-11"), given.append)
            await user.shows("2026-12-11", "enter accept")
            await user.together(*keys, "enter")
            await user.until(lambda given=given: given, "the answer")  # type: ignore[misc]
            assert given == [result]


TINY = [(30, 8), (20, 5)]


async def test_what_is_asked_is_in_sight_whatever_the_window(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(40, 30)) as user:
        # the second line of an answer is indented
        user.app.push_screen(Ask("Well?", ANSWERS))
        await user.shows("(?m)^ │   d     discard it", r"(?m)│         \w+ .*│")
        await user.press("escape")

        # no answer is cut where the window has the rows
        await user.resize(40, 12)
        question = "There is a draft from 08:35 UTC on host jump1 (pmtui was cut off), with 1 unsaved change."
        user.app.push_screen(Ask(question, ANSWERS, default="o"))
        await user.shows("There is a draft", r"unsaved", r"o +open the draft  \(or enter\)", "(?m)^[ !]+server has", "esc +back")
        await user.press("escape")

        for size in TINY:
            await user.resize(*size)
            user.app.push_screen(Ask(LONG, ANSWERS, [LONG]))
            await user.shows("There is", *(rf" {key} +{what.split()[0]}" for key, what in ANSWERS), "esc +back")
            before = user.text
            await user.press("down")
            await user.until(lambda before=before: user.text != before, "the next line of the question")  # type: ignore[misc]
            await user.press("c")
            await user.no_longer_shows("esc +back")

            # so is the line to type in
            user.app.push_screen(Prompt(LONG))
            await user.shows("There is|changes")
            await user.type("typed")
            await user.shows("typed")
            await user.press("escape")
            await user.no_longer_shows("typed")

            # and a choice
            user.app.push_screen(Picker("Role", [Pick(number, f"role {number}") for number in range(20)]))
            await user.shows("▌  role 0")
            await user.press("down", "down", "down", "down", "down", "down")
            await user.shows("▌  role 6")
            await user.press("escape")
            await user.no_longer_shows("▌  role 6")
