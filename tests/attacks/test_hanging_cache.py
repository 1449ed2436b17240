"""The disk of the cache hangs: one thread waits for it, whatever is read and looked at, and the program goes on, saves and ends."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.store import write_behind
from pmtui.store.cache import Cache
from pmtui.store.files import Files, System
from pmtui.store.timeouts import STUCK
from tests.patience import PATIENCE
from tests.tui.user import using


class HangingSystem(System):
    """Holds every call until ``answer`` is set."""

    def __init__(self) -> None:
        self.asked, self.answer = 0, threading.Event()

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        self.asked += 1
        assert self.answer.wait(PATIENCE)
        return super().open(path, flags, mode)


async def test_a_disk_that_hangs_holds_one_thread(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = HangingSystem()
    was = Cache.__init__

    def on_it(self: Cache, root: Path, profile: str, files: Files | None = None) -> None:
        was(self, root, profile, Files(system))

    monkeypatch.setattr(Cache, "__init__", on_it)
    monkeypatch.setattr(write_behind, "PATIENCE", 0.05)
    before = set(threading.enumerate())
    try:
        async with using(home, sandbox, "opsgenie", size=(160, 24)) as user:
            await user.shows(STUCK)
            for _ in range(3):  # each rests on another row, whose postmortem may be in the cache; and reads the page again
                await user.press("j", "r")
                await user.shows(r"read \d\d:\d\d")
            held = [each.name for each in threading.enumerate() if each not in before and "behind" in each.name]
            assert held == ["write-behind"] and system.asked == 1
            await user.into()
            await user.type("typed all the same")
            await user.save()
    finally:
        system.answer.set()
        for each in set(threading.enumerate()) - before:
            if each.name == "write-behind":
                each.join(PATIENCE)
