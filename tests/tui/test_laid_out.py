"""To lay out a screen takes longer than a key does: it is done when the place of something changes, and not else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from pmtui.sandbox.server import Sandbox
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, using


@pytest.mark.parametrize("size", [(80, 24), (150, 40)])
async def test_moving_in_the_list_and_in_the_form_and_typing_within_a_line_lay_nothing_out(
    sandbox: Sandbox, home: Path, vendor: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[Screen[Any]] = []
    lay_out = Screen._refresh_layout

    def noted(screen: Screen[Any], *words: Any, **more: Any) -> None:
        laid_out.append(screen)
        lay_out(screen, *words, **more)

    monkeypatch.setattr(Screen, "_refresh_layout", noted)
    async with using(home, sandbox, vendor, size=size) as user:
        await user.go_to(CHECKOUT)
        assert laid_out, "or the test sees nothing"
        await user.press("j", "k")
        laid_out.clear()
        await user.press("j", "j", "k", "k")
        assert laid_out == []
        await user.press("enter")
        await user.shows(IN_A_CELL)
        await user.press("enter", "a")
        await user.shows("edited · draft on disk")
        laid_out.clear()
        await user.press("b", "c", "left", "backspace", "home", "end", "up", "down")
        assert laid_out == []
        await user.press("f2")
        await user.shows(r"(?m)Details|▾", "▌.*Title")
        await user.press("down", "down", "up")
        laid_out.clear()
        await user.press("down", "up")
        assert laid_out == []
