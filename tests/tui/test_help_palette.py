"""Help, palette and last line tell the truth: every key that is bound, every action, and no key that does nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.screen import Screen

from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from pmtui.tui.first_start import FirstStart
from pmtui.tui.help import key_name, lines
from pmtui.tui.incidents import IncidentsScreen
from pmtui.tui.postmortem import PostmortemScreen
from pmtui.tui.review import ReviewScreen
from tests.tui.face import environment
from tests.tui.stage import READ, Stage, program, stage

TALL = (90, 110)
KEY = re.compile(r"(?:ctrl|shift|alt)\+\S+|f\d+|esc|enter|space|tab|del|/|[↑↓←→]+|\b[a-zA-Z]\b")


def described(*sources: type[Screen[Any]] | type[PmtuiApp]) -> list[Binding]:
    found = [each for source in sources for each in source.BINDINGS if isinstance(each, Binding) and each.description]
    assert found
    return found


async def on(user: Stage, screen: type[Screen[Any]]) -> None:
    """Go to this screen from the list."""
    if screen is FirstStart:
        return
    await user.shows(READ)
    if screen is IncidentsScreen:
        return
    await user.into()
    if screen is ReviewScreen:
        await user.type("x")
        await user.review()


OF_THE_EDITOR = {"cell above", "cell below", "delete the cell", "edit a published postmortem"}
"""While a cell is written, their keys are those of the editor; the first three have keys that hold there, too."""
SCREENS = [IncidentsScreen, PostmortemScreen, ReviewScreen, FirstStart]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
async def test_help_lists_every_key_of_the_screen(sandbox: Sandbox, home: Path, screen: type[Screen[Any]]) -> None:
    running = program(environment(home, {}), size=TALL) if screen is FirstStart else stage(home, sandbox, "datadog", size=TALL)
    async with running as user:
        await on(user, screen)
        await user.press("f1")
        await user.shows("finds any action")
        shown = user.text
        for binding in described(screen, PmtuiApp):
            first = key_name(binding.key.partition(",")[0])
            listed = re.search(rf"│ .*{re.escape(first)}.* (?i:{re.escape(binding.description)}) ", shown)
            assert listed or (screen is PostmortemScreen and binding.description in OF_THE_EDITOR), (
                f"{first} {binding.description}\n{shown}"
            )
        await user.press("escape")
        await user.until(lambda: isinstance(user.app.screen, screen), "the screen below")


async def test_help_fits_the_window_and_scrolls(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f1")
        await user.shows("Type in the cell", "finds any action by name · esc back")
        assert "ctrl+s" in user.text, "the keys of the screen come before those of every text field"
        before = user.text
        await user.press("end")
        await user.until(lambda: user.text != before, "the end")
        await user.press("f1")
        await user.shows("cell 1 of")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
async def test_the_last_line_shows_only_keys_that_work(sandbox: Sandbox, home: Path, screen: type[Screen[Any]]) -> None:
    running = program(environment(home, {})) if screen is FirstStart else stage(home, sandbox, "opsgenie")
    async with running as user:
        await on(user, screen)
        bound = {key_name(key) for key in user.app.screen.active_bindings}
        shown = KEY.findall(user.keys)
        assert shown
        for key in shown:
            modifier, arrows = re.fullmatch(r"((?:\w+\+)?)(.+)", key).groups()  # type: ignore[union-attr]
            each = [modifier + arrow for arrow in arrows] if "↑" in arrows else [key]
            assert set(each) <= bound, f"{key} in {user.keys!r}"


async def test_the_palette_knows_every_action(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog", size=TALL) as user:
        await user.into()
        wanted = {what for _, what in lines(user.app.screen)}
        bound = {each.description for each in described(PostmortemScreen, PmtuiApp)} - {"undo", "redo", "edit a published postmortem"}
        assert bound <= wanted, "the editor has its own undo and redo"
        await user.press("ctrl+p")
        await user.shows("Search for commands", "review and save")
        shown = user.text
        missing = [what for what in bound & wanted if what not in shown]
        assert missing == []


async def test_the_palette_does_what_was_chosen(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.shows(READ)
        await user.press("ctrl+p")
        await user.shows("Search for commands")
        await user.type("sort")
        await user.shows("sort.*\\n? *s")
        await user.pilot.pause(0.3)
        await user.press("enter", "enter")
        await user.shows("by severity")
        await user.press("escape")
        await user.into()
        await user.press("ctrl+p")
        await user.shows("Search for commands")
        await user.type("add a cell")
        await user.shows("add a cell below")
        await user.pilot.pause(0.3)
        await user.press("enter", "enter")
        await user.shows("2 empty")


async def test_the_request_log_shows_requests_and_no_secret(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(140, 30)) as user:
        await user.into()
        await user.press("f12")
        await user.shows("Requests", r"200 +\d+ ms +GET +/")
        assert "5a4d0b0c" not in user.text
        await user.press("escape")
        await user.shows("cell 1 of")
