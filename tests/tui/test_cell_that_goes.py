"""What is typed while the cell that has the cursor is taken away: it waits for the cell that has the cursor then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.document import DocumentView
from tests.tui.stage import stage

TURNS = 50
"""Of the loop: more than a key needs that nothing holds back."""


@pytest.mark.parametrize("key", ["ctrl+z", "ctrl+r", "f8"])
@pytest.mark.parametrize("then", ["Q", "enter"])
async def test_a_key_is_for_the_neighbour(sandbox: Sandbox, home: Path, key: str, then: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the focus is where Textual has put it, in the outline: no place that the user has chosen."""
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        before, document = user.cells, user.app.screen.query_one(DocumentView)
        await user.press("ctrl+n")
        await user.shows("cell 2 of")
        remove, goes, gone = document._remove, asyncio.Event(), asyncio.Event()

        async def slowly(keys: Sequence[str]) -> None:
            await remove(keys)
            if keys:
                goes.set()
                await gone.wait()

        monkeypatch.setattr(document, "_remove", slowly)
        user._send(key)
        await user.until(goes.is_set, "the cell being taken away")
        user._send(then)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        gone.set()
        typed = "\n" if then == "enter" else then
        await user.until(lambda: sum(map(len, user.cells)) > sum(map(len, before)), "the key in a cell")  # enter goes on with a quote
        (changed,) = (number for number, cell in enumerate(user.cells) if cell != before[number])
        assert changed < 2
        assert typed in (user.cells[changed][0], user.cells[changed].removesuffix("> ")[-1])
