"""The clipboard: of several copies the one that was asked for last stays, however long another one takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pmtui.tui.flows import clipboard
from pmtui.tui.screens import writing
from pmtui.tui.worker_groups import Group
from tests.patience import PATIENCE
from tests.tui.test_long_documents import opened
from tests.tui.user import User

LONG_TEXT = "a line of a long text\n" * 6_000
TEXTS = [f"## First\n{LONG_TEXT}", "## Last\nshort"]


class HeldWork:
    """Holds this work on a long text in its thread, until the test lets it go. Shorter texts pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.begun, self._open = 0, threading.Event()
        work: Callable[..., str] = getattr(module, name)

        def held(of: object) -> str:
            if threading.current_thread() is not threading.main_thread():
                self.begun += 1
                assert self._open.wait(PATIENCE)
            return work(of)

        monkeypatch.setattr(module, name, held)

    def let_go(self) -> None:
        self._open.set()


async def all_copied(user: User) -> None:
    await user.until(lambda: not any(each.group == Group.CLIPBOARD for each in user.app.workers), "the end of all copying")
    await user.together()


def clipboards(user: User) -> tuple[str, str]:
    """What the terminal was sent last, and what is pasted here."""
    return user.app._clipboard, user.app.clipboard


async def test_a_text_copied_while_a_long_one_is_sent_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldWork(monkeypatch, clipboard, "without_controls")
    async with opened(tmp_path, TEXTS) as user:
        user.app.copy_to_clipboard(LONG_TEXT)
        await user.until(lambda: held.begun == 1, "the long one")
        user.app.copy_to_clipboard("short")
        held.let_go()
        await all_copied(user)
        assert clipboards(user) == ("short", "short")


async def test_a_text_copied_while_the_whole_is_prepared_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldWork(monkeypatch, writing, "plain_markdown")
    async with opened(tmp_path, TEXTS) as user:
        await user.press("ctrl+down", "alt+c")
        await user.until(lambda: held.begun == 1, "the whole")
        await user.press("shift+left", "shift+left", "ctrl+c")
        held.let_go()
        await all_copied(user)
        assert clipboards(user) == ("rt", "rt")
        assert "copied the postmortem" not in user.text


async def test_the_whole_copied_last_stays_and_nothing_else_ends_its_copying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldWork(monkeypatch, writing, "plain_markdown")
    async with opened(tmp_path, TEXTS) as user:
        user.app.copy_to_clipboard(LONG_TEXT)
        await user.press("alt+y", "alt+c")
        await user.until(lambda: held.begun == 1, "the whole")
        await user.press("ctrl+o")  # an address is shown
        await user.shows("https://")
        await user.press("escape")
        await user.shows("enter open")
        held.let_go()
        await all_copied(user)
        assert all(text.rstrip().endswith("## Last\nshort") and LONG_TEXT in text for text in clipboards(user))
