"""A long night in one session: what was closed is gone."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache
from textual.widget import Widget

from pmtui.sandbox.server import Sandbox
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.screens.postmortem import PostmortemScreen
from tests.tui.user import User, one_vendor, using

ROUNDS = 2


async def back_to_list(user: User) -> None:
    while not user.keys.startswith(" enter"):
        await user.press("escape")


async def opened_and_closed(user: User) -> list[weakref.ref[object]]:
    """The screen, the session and an editor of a postmortem that was opened, looked at in every way, and closed."""
    await user.into()
    screen, session, editor = user.app.screen, user.app.session, user.app.focused
    assert isinstance(screen, PostmortemScreen) and session is not None and isinstance(editor, Editor)
    await user.press("f3", "escape", "f2", "escape", "ctrl+down", "ctrl+down", "x", "ctrl+z")
    await back_to_list(user)
    return [weakref.ref(each) for each in (screen, session, editor)]


@pytest.mark.long
@one_vendor
async def test_nothing_is_left_of_what_was_closed(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        closed = await opened_and_closed(user)

        def counts() -> tuple[int, ...]:
            gc.collect()
            alive = gc.get_objects()
            return len(asyncio.all_tasks()), *(sum(isinstance(each, kind) for each in alive) for kind in (Widget, StylesCache))

        async def all_gone() -> None:
            """Closing ends behind the key that it was asked with, and the last key is remembered with the widget that had it."""
            await user.press("down", "up")
            await user.until(lambda: gc.collect() >= 0 and all(each() is None for each in closed), "what was closed let go of")

        await all_gone()
        before = counts()
        for _ in range(ROUNDS):
            closed += await opened_and_closed(user)
        await all_gone()
        assert counts() == before


@pytest.mark.long
@one_vendor
async def test_nothing_is_left_of_the_dialogs_of_a_save(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.into()

        def drawn() -> int:
            """How many widgets have drawn lines."""
            gc.collect()
            return sum(isinstance(each, StylesCache) for each in gc.get_objects())

        async def saved() -> None:
            await user.press("y")
            await user.save()
            await user.press("y", "ctrl+z")

        await saved()
        await saved()
        once = drawn()
        for _ in range(ROUNDS):
            await saved()
        await user.until(lambda: drawn() <= once, "the dialogs let go of")  # that comes behind the key that closed them
