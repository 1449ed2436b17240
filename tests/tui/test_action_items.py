"""Action items in the form: a table, one key away, ticked with space, and every change in the review."""

from __future__ import annotations

from pathlib import Path

from pmtui.model.values import Task
from pmtui.sandbox.server import Sandbox
from tests.tui.stage import Stage, stage


def tasks(user: Stage) -> list[Task]:
    assert user.app.session is not None
    value = user.app.session.mine.fields["action_items"]
    assert isinstance(value, tuple)
    return [item for item in value if isinstance(item, Task)]


async def test_an_action_item_is_ticked_and_dated_and_reviewed(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f10")
        await user.shows(r"▌   ☐ Promote the replica .* Pavel Novák +\d{4}-\d\d-\d\d", "space done")  # owner and day at 80 columns
        await user.press("space")
        await user.shows(r"▌ ± ☑ Promote the replica", r"± Action items +1 open")
        assert tasks(user)[0].done
        await user.press("enter")
        await user.shows("│ +▌  not done yet")
        await user.press("down", "down", "enter")
        await user.shows("│ Due: .*tomorrow")
        await user.press("ctrl+u")
        await user.type("someday\n")
        await user.shows("not a day such as")
        await user.press("ctrl+u")
        await user.type("-3d\n")
        await user.shows(r"▌ ± ☑ Promote the replica")
        await user.press("space")
        await user.shows(r"▌ ± ☐ Promote the replica .* ! \d{4}-\d\d-\d\d", r"± Action items +2 open, 1 overdue", "overdue")
        await user.press("space")
        await user.review()
        await user.shows("- ☐ Promote the replica", r"\+ ☑ Promote the replica")


async def test_where_there_are_no_action_items_that_is_said(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("f10")
        await user.shows("Opsgenie has no field for action items")
