"""What new users stumbled over in the form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.tui.stage import CHECKOUT, Stage, one_vendor, stage
from tests.tui.test_action_items import tasks


@pytest.fixture
async def user(sandbox: Sandbox, home: Path) -> AsyncIterator[Stage]:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        yield user


async def test_the_row_that_was_gone_to_stays_when_the_rows_scroll(user: Stage) -> None:
    await user.press("f10")
    await user.shows(r"▌   ☐ Promote the replica")
    count = len(tasks(user))
    await user.press(*["down"] * count)
    await user.shows("▌ +add an action item")
    await user.press("down")
    await user.no_longer_shows("▌ +add an action item")


async def test_keys_behind_home_in_the_same_packet_are_in_their_order(user: Stage) -> None:
    await user.press("f2")
    await user.shows("(?m)^ Details ", r"▌  Title")
    await user.press("ctrl+end")
    await user.no_longer_shows(r"▌  Title")
    await user.together("home", "down", "enter")
    await user.shows("│ Severity|│ +Severity", "enter selects")


async def test_home_in_a_title_goes_to_its_beginning(user: Stage) -> None:
    await user.press("f2")
    await user.shows("(?m)^ Details ", r"▌  Title")
    await user.press("home")
    await user.type("Late: ")
    await user.shows("▌± Title +Late: Checkout 5xx")


async def test_a_new_action_item_has_the_mark(user: Stage) -> None:
    await user.press("f10")
    await user.shows(r"▌   ☐ Promote the replica")
    before = tasks(user)
    await user.press(*["down"] * len(before))
    await user.shows("▌ +add an action item")
    await user.press("enter")
    await user.shows("│ Action item")
    await user.type("Alert on the queue\n")
    await user.shows("│ Assigned to")
    await user.type("jane.doe@example.com")
    await user.shows("▌.*jane.doe@example.com")
    await user.press("enter")
    await user.shows(r"▌ \+ ☐ Alert on the queue")
    await user.press("enter")
    await user.shows("not done yet|▌  done")
    await user.press("down", "down", "enter")
    await user.shows("│ Due: ")
    await user.type("2099-01-05\n")
    await user.shows(r"▌ \+ ☐ Alert on the queue .*2099-01-05")
    assert [(each.text, each.due) for each in tasks(user) if each not in before] == [("Alert on the queue", "2099-01-05")]


async def test_what_was_wrong_with_a_text_is_not_said_of_the_next(user: Stage) -> None:
    await user.press("f10")
    await user.shows(r"▌   ☐ Promote the replica")
    await user.press("enter")
    await user.shows("not done yet|▌  done")
    await user.press("down", "down", "enter")
    await user.shows("│ Due: ")
    await user.press("ctrl+u")
    await user.type("someday\n")
    await user.shows("not a day such as", "enter accept")
    await user.press("ctrl+u")
    await user.type("f")
    await user.no_longer_shows("not a day such as")


@one_vendor
async def test_only_the_fields_are_edited_in_the_form(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.filter("pm:none\n")
        await user.shows(r"\d+ of \d+")
        await user.press("enter")
        await user.shows("has no postmortem yet", r"c +create one")
        await user.press("f")
        await user.shows("(?m)^ Details ", r"▌  Title")


async def test_a_status_that_the_vendor_does_not_have_cannot_be_typed(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into(CHECKOUT)
        await user.press("f2")
        await user.shows("(?m)^ Details ", r"▌  Title")
        await user.press("down", "down")
        await user.shows(r"▌  Status")
        await user.press("enter")
        await user.shows("enter selects")
        await user.type("done")
        await user.no_longer_shows("as typed")
        assert isinstance(user.app.session and user.app.session.mine.fields["status"], str)
