"""Going about the form: home, end and letters; the room that values have; what reads itself; an issue by its key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pmtui.model.values import Link
from pmtui.sandbox.server import Sandbox
from pmtui.tui.form.widget import Form
from tests.tui.stage import Stage, stage


@pytest.fixture
async def user(sandbox: Sandbox, home: Path) -> AsyncIterator[Stage]:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", "▌  Title")
        yield user


async def test_home_end_and_letters_go_to_fields(user: Stage) -> None:
    assert all(line[78:79] in ("", " ") for line in user.lines[2:18]), "a blank before the scrollbar"
    await user.press("down", "end")
    await user.shows("▌  Impacts")
    assert "enter change" not in user.keys  # it is locked: enter would do nothing
    await user.press("home")
    await user.shows("▌  Title")
    assert "enter" not in user.keys
    await user.press("down", "r")
    await user.shows("▌  Responders")
    await user.press("r")
    await user.shows("▌  Root cause")
    await user.press("z")
    await user.shows("▌  Root cause", "enter changes this")


async def test_a_letter_that_no_other_field_begins_with_is_answered(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("f2")
        await user.shows("^ Details", "▌")
        await user.press("down", "o")
        await user.shows("▌  Owner")
        await user.press("O")
        await user.shows("▌  Owner", "no other field begins with O")


async def test_an_issue_is_added_by_its_key_where_the_site_is_known(user: Stage) -> None:
    await user.press("down", "l", "end", "home", "down", "l")
    await user.shows("▌  Linked issues +OPS-1412")
    while "add a link" not in user.line("▌"):
        await user.press("down")
    await user.press("enter")
    await user.shows("Address of the linked issue, or its key")
    await user.type("no key\n")
    await user.shows("enter a full address")
    await user.press("ctrl+u")
    await user.type("ops-7\n")
    await user.shows(r"\+ OPS-7 +https://example.atlassian.net/browse/OPS-7")
    assert user.app.session is not None
    links = user.app.session.mine.fields["linked_issues"]
    assert isinstance(links, tuple) and Link("https://example.atlassian.net/browse/OPS-7", "OPS-7") in links


async def test_beside_the_text_the_form_reads_itself_and_takes_the_room_it_needs(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog", size=(120, 60)) as user:
        await user.into()
        await user.shows("Action items +2 open", "☐ Promote the replica")  # in sight, so nobody has to go there
        assert "not read yet" not in user.text
        await user.press("f2")
        await user.shows("▌  Title", "Jane Doe  jane.doe@example.com ▾")
        value = re.search(r"Linked issues +(.*)", user.text)
        assert value is not None and len(value[1].rstrip()) > 35, user.text
        await user.shows(r"Impact start +\d{4}-\d\d-\d\d \d\d:\d\d UTC +.* ago")
        await user.press("escape")
        await user.no_longer_shows("▌  Title")


async def test_f2_waits_for_rows_that_are_not_there_yet(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(self: Form) -> None:
        """As if the key came before it."""

    monkeypatch.setattr(Form, "on_show", later)
    async with stage(home, sandbox, "datadog", size=(120, 35)) as user:
        await user.into()
        await user.together("f2", "down")
        await user.shows("▌  Severity")


async def test_a_window_that_shrinks_goes_on_in_the_form_with_the_same_row_in_sight(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog", size=(120, 35)) as user:
        await user.into()
        await user.press("f2", "down")
        await user.shows("▌  Severity")
        await user.pilot.resize_terminal(80, 24)
        await user.shows("^ Details", "▌  Severity")
        await user.press("space")
        await user.shows("│ Severity")
        await user.press("escape")
        await user.pilot.resize_terminal(60, 20)
        await user.press("f10")
        await user.shows(r"▌   ☐ Promote", "· due 2")  # lines below the form leave it fewer rows
