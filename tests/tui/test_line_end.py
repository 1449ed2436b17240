"""ctrl+e: what readline does, and from the end of a line what pmtui always did."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.screens.postmortem import PostmortemScreen
from tests.tui.stage import stage


async def test_ctrl_e_goes_to_the_end_of_the_line_and_from_there_to_the_editor(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(PostmortemScreen, "action_external", lambda self: called.append("editor"))
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("some words")
        await user.press("home", "ctrl+e", "!")
        assert called == [] and any("some words!" in cell for cell in user.cells)
        await user.press("ctrl+e")
        assert called == ["editor"]
        await user.press("home", "f4")
        assert called == ["editor", "editor"]
