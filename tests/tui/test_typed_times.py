"""Times in the form: typed as people say them, kept as times, read as a moment and how far off it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.tui.form.widget import Form
from tests.tui.stage import Stage, stage


def kept(user: Stage) -> str:
    assert user.app.session is not None
    return str(user.app.session.mine.fields["customer_impact_end"])


async def test_a_time_is_typed_as_it_is_said(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details")
        form = user.app.screen.query_one(Form)
        form.enter("customer_impact_end")
        shown = await user.shows(r"▌  Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC +.* ago, \d+ min after the start")
        assert "000000" not in shown and "+00:00" not in shown
        before = kept(user)
        await user.press("end", "ctrl+u")
        await user.type("-20m")
        await user.shows(r"▌± Impact end +-20m +20 min ago")
        assert abs((datetime.now(UTC) - datetime.fromisoformat(kept(user))).total_seconds() - 1200) < 120
        await user.press("down")
        await user.shows(r"± Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC +20 min ago")  # as it is kept
        await user.press("up", "end", "ctrl+u")
        await user.type("soon")
        await user.shows(r"Impact end +soon +Impact end is not a time")
        await user.press("ctrl+r")
        await user.shows(r"▌  Impact end +\d{4}-\d\d-\d\d \d\d:\d\d UTC")
        assert kept(user) == before


async def test_times_that_are_typed_one_after_the_other_all_stay(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details")
        user.app.screen.query_one(Form).enter("customer_impact_start")
        await user.shows("▌  Impact start")
        for minute in ("01", "51", "02"):
            await user.press("end", "ctrl+u")
            await user.type(f"2026-11-22T00:{minute}:00Z")
            await user.press("down")
        assert user.app.session is not None
        fields = user.app.session.mine.fields
        names = ("customer_impact_start", "customer_impact_end", "detected")
        assert [fields[name] for name in names] == [f"2026-11-22T00:{minute}:00Z" for minute in ("01", "51", "02")]
