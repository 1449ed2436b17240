"""The review at a glance: counts of what is really sent, side effects where they belong, names in one column."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.change import warned
from tests.tui.stage import stage


async def test_counts_effects_and_names(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.type("NEW")
        await user.choose("Severity", "SEV-2")
        await user.choose("Commander", "Wei Zhang")
        shown = await user.review()
        assert "3 changes, 2 writes" in shown
        assert "[x] Severity   SEV-1 → SEV-2" in shown
        assert "[x] Commander  Jane Doe → Wei Zhang" in shown
        assert "d whole diff" not in user.keys, "nothing is hidden"
        assert "you may be added as a responder" in shown
        while "[ ] Severity" not in user.text:
            await user.press("space")
            if "[ ] Severity" not in user.text:
                await user.press("space", "down")
        await user.shows("2 of 3 changes, 2 writes")
        await user.press("space")
        await user.shows(" 3 changes, 2 writes")


async def test_a_long_diff_offers_to_show_all_of_it(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("".join(f"line {n}\n" for n in range(9)))
        await user.review()
        assert "d whole diff" in user.keys
        await user.press("d")
        await user.shows("line 8")


def test_an_effect_stands_at_the_right_or_below() -> None:
    head = Content(" [x] Owner")
    (line,) = warned(head, ["e-mails her"], 40)
    assert line.plain == " [x] Owner                ! e-mails her "
    rows = [row.plain.rstrip() for row in warned(head, ["e-mails Mara and adds her to the channels"], 40)]
    assert rows == [" [x] Owner", "     ! e-mails Mara and adds her to the", "       channels"]
