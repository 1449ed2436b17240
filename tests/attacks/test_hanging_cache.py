"""The disk of the cache hangs: one thread waits for it, whatever is read and looked at, and the program goes on, saves and ends.

As long as it is not known to hang, no key waits for it either.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.store import write_behind
from pmtui.store.cache import Cache
from pmtui.store.files import Files, System
from pmtui.store.timeouts import STUCK
from pmtui.store.write_behind import WriteBehind
from tests.patience import PATIENCE
from tests.tui.user import READ, using


class HangingSystem(System):
    """Holds every call until ``answer`` is set, but those for a file whose name is let pass."""

    def __init__(self, let_pass: str = "") -> None:
        self.asked, self.answer, self._let_pass = 0, threading.Event(), let_pass

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        if path.name != self._let_pass:
            self.asked += 1
            assert self.answer.wait(PATIENCE)
        return super().open(path, flags, mode)

    def has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All caches are on this disk."""
        was = Cache.__init__

        def on_it(cache: Cache, root: Path, profile: str, files: Files | None = None) -> None:
            was(cache, root, profile, Files(self))

        monkeypatch.setattr(Cache, "__init__", on_it)


async def test_a_disk_that_hangs_holds_one_thread(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = HangingSystem()
    Cache(home / "cache", "opsgenie").finish()  # what other programs of this process have read
    system.has(monkeypatch)
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


async def test_no_key_waits_for_a_slow_disk(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system, loop, finish = HangingSystem(let_pass="incidents.json"), threading.get_ident(), WriteBehind.finish

    def finished_elsewhere(behind: WriteBehind) -> bool:
        held = system.asked and not system.answer.is_set()
        assert not held or threading.get_ident() != loop, "the keys wait for the disk"
        return finish(behind)

    system.has(monkeypatch)
    monkeypatch.setattr(WriteBehind, "finish", finished_elsewhere)
    monkeypatch.setattr(write_behind, "PATIENCE", PATIENCE)
    try:
        async with using(home, sandbox, "opsgenie", size=(160, 24)) as user:
            await user.shows(READ)
            first = user.current
            await user.press("j")
            assert user.current != first
            for line in ("redis", "sev:1"):  # each is remembered
                await user.filter(line)
                await user.press("enter")
                await user.shows(f"── / {line}", READ)
            await user.press("slash", "up", "up")
            assert user.line("^ / ").strip() == "/ redis"
            assert system.asked == 1 and "switched off in" not in user.text
            system.answer.set()
            await user.shows(r"switched off in \d+ days")
            await user.press("up")
    finally:
        system.answer.set()
