"""Somebody else edits at the same time: what both changed is asked about, the rest is joined, nothing is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pmtui.model.postmortem import Touch
from pmtui.sandbox.server import Sandbox
from pmtui.session import save
from pmtui.tui.words import last_changed
from tests.sent import writes
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using
from tests.turns import every_vendor

NOW = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
ADDRESS = "abc-def-ghi"
"""In the last line of the summary."""


async def both_write(user: User, colleague: Colleague, mine: str, hers: str, *, instead_of: str) -> None:
    """The last line of the summary: I write at its end, and she replaces words in it."""
    await user.press("ctrl+end", "backspace")
    await user.type(mine)
    colleague.rewrite(CHECKOUT, instead_of, hers)


async def on_the_conflict(user: User) -> str:
    await user.press("ctrl+s")
    return await user.shows(r"Both changed +\d Summary +conflict 1 of 1 · 0 decided", "yours", "on the server", "original")


async def test_the_three_are_shown_and_the_answer_is_what_is_saved(sandbox: Sandbox, home: Path) -> None:
    colleague = Colleague(sandbox, "opsgenie")
    async with using(home, sandbox, "opsgenie", size=(160, 40)) as user:
        await user.into()
        await user.press("ctrl+down")  # the first cell is the executive summary
        await user.shows("cell 2 of")
        await both_write(user, colleague, "! MY words", "HER-first", instead_of=ADDRESS)
        shown = await on_the_conflict(user)
        above, _, below = shown.partition("original")
        below = "\n".join(line[:79] for line in below.split("\n"))  # beside it is what both would give
        assert "HER-first" in above
        assert "! MY words" in above
        assert "HER-first" not in below
        assert "! MY words" not in below
        assert ADDRESS in below
        # escape sends nothing
        await user.press("enter", "space")
        await user.shows("Both changed")
        await user.press("escape")
        await user.shows("nothing was sent")
        assert writes(sandbox) == []
        assert "HER-first" in colleague.text(CHECKOUT)
        assert "MY words" not in colleague.text(CHECKOUT)
        assert any(cell.endswith("! MY words") for cell in user.cells)
        # theirs
        await user.resize(80, 24)
        await on_the_conflict(user)
        await user.press("t")
        await user.shows("nothing to send", "enter take the server's")
        await user.press("enter")
        await user.shows("nothing was sent: what the server has is taken")
        assert "HER-first" in colleague.text(CHECKOUT)
        assert "MY words" not in colleague.text(CHECKOUT)
        assert "HER-first" in user.cells[1], "and the screen shows it"
        assert "MY words" not in user.cells[1]
        # mine
        await both_write(user, colleague, "! MY own", "HER-second", instead_of="HER-first")
        await on_the_conflict(user)
        await answered_and_saved(user, "m")
        assert "HER-second" not in colleague.text(CHECKOUT)
        assert "MY own" in colleague.text(CHECKOUT)
        assert "HER-second" not in user.cells[1]
        # both
        await both_write(user, colleague, "! MY last", "HER-third", instead_of="HER-first")
        await on_the_conflict(user)
        await answered_and_saved(user, "b")
        assert "HER-third" in colleague.text(CHECKOUT)
        assert "MY last" in colleague.text(CHECKOUT)
        assert "HER-third" in user.cells[1]
        # what is written to settle it outlives the program
        await both_write(user, colleague, "! MY very last", "HER-fourth", instead_of="HER-third")
        await on_the_conflict(user)
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.press("escape")
        await user.shows("conflict 1 of 1")
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.type("\n\nHalf a")
        await user.press("escape")
        await user.shows("conflict 1 of 1")
        await user.press("e")
        await user.shows("Half a")
        await user.type(" n")
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(r"cell \d+ of \d+")
        await on_the_conflict(user)
        await user.press("e")
        await user.shows("Half a n")
        await user.type("swer")
        await answered_and_saved(user, "ctrl+s")
        assert "Half a nswer" in colleague.text(CHECKOUT)
        assert "<<<<<<<" not in colleague.text(CHECKOUT)


async def answered_and_saved(user: User, key: str) -> None:
    await user.press(key)
    await user.shows(r"Save .* to \w+", "enter send")
    await user.press("enter")
    await user.shows("saved · verified")


@every_vendor
async def test_fields_that_both_changed_and_what_only_one_changed(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, hers, before = {"datadog": ("SEV-2", "SEV-3", "SEV-1"), "opsgenie": ("P2", "P3", "P1")}[vendor]
    colleague = Colleague(sandbox, vendor)
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.choose("Severity", mine)
        colleague.set_severity(CHECKOUT, hers)
        await user.press("ctrl+s")
        await user.shows("Both changed +Severity +conflict 1 of 1", mine, hers, before)
        await user.press("b")
        await user.shows("b does nothing here: Severity has one value: choose mine or theirs")
        assert "b both" not in user.keys and "e edit" not in user.keys
        await user.press("m")
        await user.shows("enter send", f"Severity +{hers} → {mine}")
        await user.press("enter")
        await user.shows("saved · verified")
        assert colleague.severity(CHECKOUT) == mine
        # what only one changed is joined, and told
        await user.type("! MY words")
        colleague.rewrite(CHECKOUT, "The failover script asks", "HER script asks")
        shown = await user.review()
        assert "Both changed" not in shown
        assert "1 change, 1 write" in shown
        await user.shows(r"Changed by others on the server since \d\d:\d\d,\s+and\s+stays\s+so:\s+“\d\s+Root\s+cause”\.")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "HER script asks" in colleague.text(CHECKOUT)
        assert "MY words" in colleague.text(CHECKOUT)
        assert any("HER script" in cell for cell in user.cells)
        # an edit while the review is read is not overwritten
        await user.type("! MORE")
        with monkeypatch.context() as patch:
            patch.setattr(save, "FRESH", timedelta(0))  # who reads on for longer than that
            await user.review()
            colleague.rewrite(CHECKOUT, "HER script asks", "HER script begs")
            await user.press("enter")
            await user.shows("saved · verified")
        assert "! MORE" in colleague.text(CHECKOUT)
        assert "HER script begs" in colleague.text(CHECKOUT)
        if vendor == "opsgenie":
            await revert_in_the_form_takes_what_the_server_has(user, colleague)
        else:
            await a_conflict_says_who_and_when_as_far_as_the_vendor_tells(user, colleague)


async def revert_in_the_form_takes_what_the_server_has(user: User, colleague: Colleague) -> None:
    """It is what the server has, not what it had when the edit began: the next save does not ask again."""
    await user.choose("Severity", "P4")
    colleague.set_severity(CHECKOUT, "P5")
    await user.press("f5")
    await user.shows("Severity")
    await user.press("f2")
    await user.shows("▌.*Title|▌")
    while "Severity" not in user.line("▌"):
        await user.press("down")
    await user.press("ctrl+r")
    await user.shows("Severity +P5")
    assert user.app.session is not None and not user.app.session.changes


async def a_conflict_says_who_and_when_as_far_as_the_vendor_tells(user: User, colleague: Colleague) -> None:
    await user.press("f2")
    await user.shows("^ Details")
    await user.press("home")
    await user.shows("▌  Title")
    await user.press("end", "!")
    await user.shows("± Title")
    assert user.app.session is not None
    user.app.session.set_field("detected", "2026-11-02T08:30:00Z")
    colleague.change(CHECKOUT, title="Her title", detected="2026-11-02T08:50:00Z")
    await user.press("ctrl+s")
    await user.shows("Both changed +Title +conflict 1 of 2", "last changed on the server by Jane Doe, just now")

    # a title that was written by hand replaces nothing unseen; times are shown as in the form
    await user.press("e")
    await user.shows("enter accept")
    await user.type(" and mine")
    await user.press("enter")
    await user.shows("Both changed +Detected +conflict 2 of 2", "2026-11-02 08:30 UTC +2026-11-02 08:50 UTC")
    await user.press("m")
    shown = await user.shows("enter send", r"You wrote\s+“Title\b.*”\s+anew")
    assert re.search(r"Your version replaces theirs:\s+“Detected", shown)

    # the conflict of the change under the mark is opened, not the first one
    await user.press("down", "c")
    await user.shows("Both changed +Detected +conflict 2 of 2", "decided: mine")
    await user.press("m")
    await user.shows("enter send")

    # a note that is longer than its place is shown whole above the changes
    await user.resize(40, 24)
    await user.shows("… d shows all")
    assert "Last changed on the" not in user.text
    await user.press("d")
    await user.shows(r"Last changed on the\s+server by Jane")


def test_who_and_when_in_words() -> None:
    at = NOW - timedelta(minutes=2)
    assert last_changed(Touch("Wei Zhang", at), NOW, "on the server") == "last changed on the server by Wei Zhang, 2 min ago"
    assert last_changed(Touch(at=at), NOW, "there") == "last changed there 2 min ago"  # a notebook does not say who
    assert last_changed(Touch(), NOW, "there") == ""


async def test_to_save_from_the_question_on_leaving_goes_back_to_the_conflict(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(160, 40)) as user:
        await user.into()
        await user.press("ctrl+down")
        await user.shows("cell 2 of")
        await both_write(user, Colleague(sandbox, "opsgenie"), "! MY words", "HER-first", instead_of=ADDRESS)
        await on_the_conflict(user)
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("s")
        await user.no_longer_shows("keep the draft and leave")
        await user.shows("conflict 1 of 1 · 0 decided")
        await user.press("m")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows(r"saved · verified", "cell 2 of")
        assert "MY words" in Colleague(sandbox, "opsgenie").text(CHECKOUT)
