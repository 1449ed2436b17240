"""The way into a postmortem, when keys come faster than answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key

from pmtui.sandbox.server import Sandbox
from tests.gate import gate
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, one_vendor, using

MINE = "! MY words"


async def kept(home: Path, sandbox: Sandbox, vendor: str) -> None:
    """A draft of the checkout incident."""
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type(MINE)
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("k")
        await user.until(lambda: user.app._exit, "the end")


@one_vendor
async def test_what_is_pressed_while_a_postmortem_is_opened(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(home, sandbox, vendor)
    async with using(home, sandbox, vendor) as user:
        # an opening that is cancelled lets go of the draft
        await user.go_to(CHECKOUT)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr("socket.gethostname", lambda: "jump2")  # a draft from elsewhere is asked about
            await user.press("enter")
            await user.shows("There is a draft from")
            assert list((home / "state").rglob("*.lock"))
            user.app.workers.cancel_group(user.app, "open")
            await user.until(lambda: not list((home / "state").rglob("*.lock")), "the lock released")
        await user.press("escape")
        await user.no_longer_shows("There is a draft from")

        # enter pressed twice opens once, whatever is being read when it comes
        with gate(sandbox) as answers:
            await user.press("enter", "enter")
            await user.until(lambda: answers.held, "the postmortem being read")
            await user.press("enter", "enter")
        await user.shows(r"cell \d+ of \d+")
        assert user.cells[0].endswith(MINE), "impatience is no new line"
        await user.press("escape")
        await user.shows("keep the draft")
        await user.press("k")

        # nor is it when its turn comes later, because the program was busy opening
        await user.go_to(CHECKOUT)
        await user.press("enter")
        impatient = [Key("enter", "\r"), Key("enter", "\r")]
        await user.shows(IN_A_CELL)
        before = user.cells[0]
        for key in impatient:
            user.app.post_message(key)
        await user.press("enter", "x")
        assert user.cells[0] == f"{before}\nx", "what is pressed once it is seen is meant for it"
        user.app.post_message(Key("enter", "\r"))
        await user.press("y")
        assert user.cells[0] == f"{before}\nx\ny"
