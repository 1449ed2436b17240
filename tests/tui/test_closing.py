"""Leaving while the screen is still being brought up to date: no crash, the draft stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.model.values import Person
from pmtui.sandbox.server import Sandbox
from tests.tui.user import QUICK, using

MOMENT = 20
"""Turns of the loop."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=5, switches=QUICK) as sandbox:
        yield sandbox


@pytest.mark.sweep(3)
@pytest.mark.parametrize("moment", range(3))
@pytest.mark.parametrize("change", ["rows", "cells"])
async def test_leaving_while_rows_and_cells_are_made(sandbox: Sandbox, tmp_path: Path, change: str, moment: int) -> None:
    async with using(tmp_path / "home", sandbox, "opsgenie", size=(140, 40)) as user:
        await user.into()
        session = user.app.session
        assert session is not None
        if change == "rows":
            session.set_field("responders", tuple(Person(f"p{number}", f"Person {number}") for number in range(9)))
        else:
            for number in range(8):
                session.add_cell(session.mine.cells[3].key, f"text {number}")
        for _ in range(MOMENT * moment):
            await asyncio.sleep(0)
        user.app.exit()
    assert user.app.return_code == 0


@pytest.mark.parametrize("moment", range(3))
async def test_leaving_while_the_list_and_a_dialog_are_made(sandbox: Sandbox, tmp_path: Path, moment: int) -> None:
    async with using(tmp_path / "home", sandbox, "opsgenie") as user:
        user._send("ctrl+t")
        for _ in range(MOMENT * moment):
            await asyncio.sleep(0)
        user.app.exit()
    assert user.app.return_code == 0
