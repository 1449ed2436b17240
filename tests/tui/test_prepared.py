"""The screen that is mounted before a postmortem is asked for: it is used, and is what a new one would be."""

from __future__ import annotations

import re
from pathlib import Path

from textual.widget import Widget

from pmtui.sandbox.server import Sandbox
from pmtui.tui.launch import Launch
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.document import DocumentView
from tests.gate import gate
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, READ, SCROLLBAR, User, both_vendors, one_vendor, using

THEME = "light"


async def prepared(user: User) -> PostmortemScreen:
    """The screen that waits, once all of its widgets are there."""
    await user.until(lambda: user.app._prepared._ready is not None, "a screen that waits")
    ready = user.app._prepared._ready
    assert ready is not None
    await ready.mounted
    return ready.screen


def looks(user: User) -> tuple[list[str], set[str]]:
    """The words on the screen and their colours; without the scrollbar, whose height is a guess at first, and the times that pass."""
    drawn = [each for strip in user.app.screen._compositor.render_strips() for each in strip if each.text.strip(f"{SCROLLBAR} ")]
    return [re.sub(r"\d\d:\d\d", "HH:MM", each.text) for each in drawn], {str(each.style) for each in drawn}


def widgets(screen: PostmortemScreen) -> list[Widget]:
    return list(screen.walk_children(Widget))


@one_vendor
async def test_after_the_answer_only_cells_are_made(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        waiting = await prepared(user)
        there = widgets(waiting)
        assert waiting not in user.app.screen_stack
        with gate(sandbox) as answers:
            await user.go_to(CHECKOUT)
            await user.press("enter")
            await user.until(lambda: answers.held, "the postmortem being read")
        await user.shows(IN_A_CELL)
        assert user.app.screen is waiting
        assert [each for each in there if each not in widgets(waiting)] == []
        new = [each for each in widgets(waiting) if each not in there]
        assert new
        assert all(any(isinstance(above, DocumentView) for above in each.ancestors) for each in new)

        # behind the one that is closed the next one waits
        await user.press("escape")
        await user.shows(READ)
        assert await prepared(user) is not waiting
        await user.into()
        assert user.app.screen is not waiting


@one_vendor
async def test_it_is_made_anew_for_another_window_or_theme(sandbox: Sandbox, tmp_path: Path, vendor: str) -> None:
    def light(launch: Launch) -> Launch:
        return launch._replace(theme=THEME)

    async with using(tmp_path / "resized", sandbox, vendor) as user:
        await user.shows(READ)
        waited = await prepared(user)
        await user.resize(150, 30)
        await user.into()
        assert user.app.screen is not waited
        assert not waited.is_attached
        resized = looks(user)
    async with using(tmp_path / "of this size", sandbox, vendor, size=(150, 30)) as user:
        await user.into()
        await user.until(lambda: looks(user) == resized, "what the window shows that had another size")

    async with using(tmp_path / "changed", sandbox, vendor) as user:
        await user.shows(READ)
        waited = await prepared(user)
        await user.press("alt+t")
        await user.shows("Theme")
        await user.type(THEME)
        await user.press("enter")
        await user.until(lambda: user.app.theme == THEME, "the theme")
        await user.into()
        assert user.app.screen is not waited
        changed = looks(user)
    async with using(tmp_path / "of this theme", sandbox, vendor, change=light) as user:
        await user.into()
        await user.until(lambda: looks(user) == changed, "what the program shows that had another theme")


async def test_it_is_made_anew_for_another_profile(sandbox: Sandbox, home: Path) -> None:
    async with both_vendors(home, sandbox, "datadog") as user:
        await user.shows(READ)
        first = await prepared(user)
        await user.press("w")
        await user.shows("opsgenie")
        await user.type("opsgenie")
        await user.press("enter")
        await user.shows("pmtui  opsgenie", READ)
        await user.into()
        screen = user.app.screen
        assert isinstance(screen, PostmortemScreen) and screen is not first
        assert screen.workspace is user.app.workspace
