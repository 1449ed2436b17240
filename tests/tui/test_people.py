"""Choosing people: nobody becomes the commander by a slip, for whoever does is told."""

from __future__ import annotations

from pathlib import Path

from pmtui.model.values import Person
from pmtui.sandbox.server import Sandbox
from tests.tui.stage import Stage, stage


def commander(user: Stage) -> str:
    assert user.app.session is not None
    owner = user.app.session.mine.fields["owner"]
    assert isinstance(owner, Person)
    return owner.label


async def test_enter_takes_nobody_while_several_are_meant(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details")
        await user.press("down", "down", "down", "enter")
        await user.shows("│ Commander", r"• Jane Doe", "↓ chooses")  # who has it now is marked, not selected
        await user.press("enter")
        await user.shows(r"names: ↓ chooses one, or type more")
        await user.type("example")  # everybody's domain
        await user.shows("nothing found")
        await user.press("ctrl+u", "n", "e")
        await user.shows("Inês Carvalho .*\n.*Jane Doe", "↓ chooses")
        await user.press("enter")
        await user.shows("2 names: ↓ chooses one")
        await user.press("s")
        await user.shows("▌  Inês Carvalho", "enter selects")  # the only one
        await user.press("backspace", "backspace", "backspace", "down")
        await user.shows("▌", "enter selects")
        await user.press("l", "e")
        await user.shows("▌  Lena Fischer")
        await user.press("enter")
        await user.shows("± Commander +Lena Fischer")
        assert commander(user) == "Lena Fischer"


async def test_a_mention_follows_the_same_rule(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.type(" @")
        await user.shows("│ Mention", "↓ chooses")
        await user.type("ne\n")
        await user.shows("2 names: ↓ chooses one")
        await user.press("down", "enter")
        await user.shows("@ines.carvalho@example.com")
