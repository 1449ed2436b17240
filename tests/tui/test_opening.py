"""The way into a postmortem, when keys come faster than answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.tui.stage import CHECKOUT, one_vendor, stage

MINE = "! MY words"


async def kept(home: Path, sandbox: Sandbox, vendor: str) -> None:
    """A draft of the checkout incident."""
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type(MINE)
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("k")
        await user.until(lambda: user.app._exit, "the end")


@one_vendor
async def test_enter_pressed_twice_opens_once(sandbox: Sandbox, home: Path, vendor: str) -> None:
    """The second one comes while the first reads, or when the question is about to show."""
    await kept(home, sandbox, vendor)
    async with stage(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        for _ in range(6):
            user._send("enter")
            await asyncio.sleep(0.02)
        await user.shows(r"cell \d+ of \d+")
        assert any(cell.endswith(MINE) for cell in user.cells), "impatience is no new line"


@one_vendor
async def test_an_opening_that_is_cancelled_lets_go_of_the_draft(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(home, sandbox, vendor)
    monkeypatch.setattr("socket.gethostname", lambda: "jump2")  # a draft from elsewhere is asked about
    async with stage(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows("There is a draft from")
        assert list((home / "state").rglob("*.lock"))
        user.app.workers.cancel_group(user.app, "open")
        await user.until(lambda: not list((home / "state").rglob("*.lock")), "the lock released")
