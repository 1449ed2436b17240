"""Somebody else edits at the same time: what both changed is asked about, the rest is joined, nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pmtui.model.postmortem import Touch
from pmtui.sandbox.server import Sandbox
from pmtui.session import save
from pmtui.tui.words import last_changed
from tests.tui.colleague import Colleague
from tests.tui.stage import CHECKOUT, Stage, one_vendor, stage
from tests.turns import every_vendor

NOW = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
HERS, MINE = "HER-dashboard", "! MY words"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


async def write_where_she_writes(user: Stage, sandbox: Sandbox, vendor: str) -> Colleague:
    """The same line of the summary, changed by both."""
    await user.into()
    if vendor == "opsgenie":  # its first cell is the executive summary
        await user.press("ctrl+down")
        await user.shows("cell 2 of")
    await user.press("backspace")
    await user.type(MINE)
    colleague = Colleague(sandbox, vendor)
    colleague.rewrite(CHECKOUT, "abc-def-ghi", HERS)
    return colleague


def writes(sandbox: Sandbox) -> list[str]:
    return [each["path"] for each in sandbox.requests if each["method"] in WRITES]


async def on_the_conflict(user: Stage) -> str:
    await user.press("ctrl+s")
    return await user.shows("Both changed +Summary +1 of 1", "yours", "on the server", "original")


@one_vendor
async def test_the_three_are_shown_and_escape_sends_nothing(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(160, 40)) as user:
        colleague = await write_where_she_writes(user, sandbox, vendor)
        shown = await on_the_conflict(user)
        above, _, below = shown.partition("original")
        assert HERS in above
        assert MINE in above
        assert HERS not in below
        assert MINE not in below
        assert "abc-def-ghi" in below
        await user.press("enter", "space")
        await user.shows("Both changed")
        await user.press("escape")
        await user.shows("nothing was sent")
        assert writes(sandbox) == []
        assert HERS in colleague.text(CHECKOUT)
        assert MINE not in colleague.text(CHECKOUT)
        assert any(cell.endswith(MINE) for cell in user.cells)


@pytest.mark.sweep(3)
@pytest.mark.parametrize(("key", "hers", "mine"), [("m", False, True), ("t", True, False), ("b", True, True)])
async def test_the_answer_is_what_is_saved(sandbox: Sandbox, home: Path, vendor: str, key: str, hers: bool, mine: bool) -> None:
    async with stage(home, sandbox, vendor) as user:
        colleague = await write_where_she_writes(user, sandbox, vendor)
        await on_the_conflict(user)
        await user.press(key)
        await user.shows("Save .* to" if mine else "saved · verified|nothing to save")
        if mine:
            await user.press("enter")
            await user.shows("saved · verified")
        saved = colleague.text(CHECKOUT)
        assert (HERS in saved) is hers
        assert (MINE.strip() in saved) is mine
        assert any(HERS in cell for cell in user.cells) is hers, "and the screen shows it"


@one_vendor
async def test_the_result_can_be_written(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        colleague = await write_where_she_writes(user, sandbox, vendor)
        await on_the_conflict(user)
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.press("escape")
        await user.shows("1 of 1")
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.type("\n\nJoined")
        await user.press("ctrl+s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "Joined" in colleague.text(CHECKOUT)
        assert "<<<<<<<" not in colleague.text(CHECKOUT)


@one_vendor
async def test_what_is_written_to_settle_it_outlives_the_program(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        colleague = await write_where_she_writes(user, sandbox, vendor)
        await on_the_conflict(user)
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.type("\n\nHalf a")
        await user.press("escape")
        await user.shows("1 of 1")
        await user.press("e")
        await user.shows("Half a")
        await user.type(" n")
    async with stage(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(r"cell \d+ of \d+")
        await on_the_conflict(user)
        await user.press("e")
        await user.shows("Half a n")
        await user.type("swer")
        await user.press("ctrl+s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "Half a nswer" in colleague.text(CHECKOUT)


@every_vendor
async def test_a_field_that_both_changed(sandbox: Sandbox, home: Path, vendor: str) -> None:
    mine, hers, before = {"datadog": ("SEV-2", "SEV-3", "SEV-1"), "opsgenie": ("P2", "P3", "P1")}[vendor]
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.choose("Severity", mine)
        colleague = Colleague(sandbox, vendor)
        colleague.set_severity(CHECKOUT, hers)
        await user.press("ctrl+s")
        await user.shows("Both changed +Severity +1 of 1", mine, hers, before)
        await user.press("b")
        await user.shows("b does nothing here")
        assert "b both" not in user.keys and "e edit" not in user.keys
        await user.press("m")
        await user.shows("enter send", f"Severity +{hers} → {mine}")
        await user.press("enter")
        await user.shows("saved · verified")
        assert colleague.severity(CHECKOUT) == mine


@pytest.mark.sweep(1)
async def test_what_only_one_changed_is_joined_and_told(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type(MINE)
        colleague = Colleague(sandbox, vendor)
        colleague.rewrite(CHECKOUT, "The failover script asks", "HER script asks")
        shown = await user.review()
        assert "Both changed" not in shown
        assert "1 change, 1 write" in shown
        await user.shows("Changed on the server since .*Root cause")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "HER script asks" in colleague.text(CHECKOUT)
        assert MINE.strip() in colleague.text(CHECKOUT)
        assert any("HER script" in cell for cell in user.cells)


async def test_an_edit_while_the_review_is_read_is_not_overwritten(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save, "FRESH", timedelta(0))  # who reads on for longer than that
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type(MINE)
        await user.review()
        colleague = Colleague(sandbox, vendor)
        colleague.rewrite(CHECKOUT, "The failover script asks", "HER script asks")
        await user.press("enter")
        await user.shows("saved · verified")
        assert MINE in colleague.text(CHECKOUT)
        assert "HER script asks" in colleague.text(CHECKOUT)


async def test_revert_in_the_form_takes_what_the_server_has(sandbox: Sandbox, home: Path) -> None:
    """It is what the server has, not what it had when the edit began: the next save does not ask again."""
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.choose("Severity", "P4")
        Colleague(sandbox, "opsgenie").set_severity(CHECKOUT, "P2")
        await user.press("f5")
        await user.shows("Severity")
        await user.press("f2")
        await user.shows("▌.*Title|▌")
        while "Severity" not in user.line("▌"):
            await user.press("down")
        await user.press("ctrl+r")
        await user.shows("Severity +P2")
        assert user.app.session is not None and not user.app.session.changes


async def test_a_conflict_says_who_and_when_as_far_as_the_vendor_tells(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("f2", "end", "!")
        await user.shows("± Title")
        Colleague(sandbox, "datadog").rename_incident(CHECKOUT, "Her title")
        await user.press("ctrl+s")
        await user.shows("Both changed +Title", "last changed on the server by Jane Doe, just now")


def test_who_and_when_in_words() -> None:
    at = NOW - timedelta(minutes=2)
    assert last_changed(Touch("Wei Zhang", at), NOW, "on the server") == "last changed on the server by Wei Zhang, 2 min ago"
    assert last_changed(Touch(at=at), NOW, "there") == "last changed there 2 min ago"  # a notebook does not say who
    assert last_changed(Touch(), NOW, "there") == ""
