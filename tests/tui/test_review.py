"""The review: exactly what will be sent, what became of it, and what is left for the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.gate import gate
from tests.tui.colleague import Colleague
from tests.tui.stage import CHECKOUT, Stage, one_vendor, stage
from tests.turns import every_vendor

SEVERITY = {"datadog": "SEV-2", "opsgenie": "P2"}
TEXT_WRITE = {"datadog": "PUT /api/v1/notebooks/*", "opsgenie": "PUT /v2/postmortem/*/executive-summary"}
FIRST = {"datadog": "1 Summary", "opsgenie": "1 Executive summary"}


def writes(sandbox: Sandbox, start: int = 0) -> list[str]:
    return [f"{each['method']} {each['path']}" for each in sandbox.requests[start:] if each["method"] != "GET"]


async def two_changes(user: Stage, vendor: str) -> None:
    await user.into()
    await user.type("NEW WORDS")
    await user.choose("Severity", SEVERITY[vendor])


@every_vendor
async def test_the_review_shows_what_is_changed_and_nothing_else(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await two_changes(user, vendor)
        shown = await user.review()
        assert "2 changes, 2 writes" in shown
        assert shown.count("[x]") == 2
        assert f"[x] Severity  {SEVERITY[vendor][:-1]}1 → {SEVERITY[vendor]}" in shown
        assert f"[x] {FIRST[vendor]}" in shown
        assert "NEW WORDS" in user.line(r" \+ ") or "NEW WORDS" in shown
        assert "Nothing changed on the server" in shown
        assert writes(sandbox) == []
        await user.press("escape")
        await user.shows("nothing was sent")
        assert writes(sandbox) == []


@one_vendor
async def test_nothing_changed_nothing_to_review(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        asked = len(sandbox.requests)
        await user.press("ctrl+s")
        await user.shows("nothing to save")
        await user.type("x")
        await user.press("ctrl+z", "ctrl+s")
        await user.shows("nothing to save")
        assert writes(sandbox, asked) == []


@every_vendor
async def test_one_is_left_out_and_sent_the_next_time(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await two_changes(user, vendor)
        await user.review()
        while "[ ] Severity" not in user.text:
            await user.press("space")
            if "[ ] Severity" not in user.text:
                await user.press("space", "down")
        assert user.text.count("[x]") == 1
        await user.press("enter")
        await user.shows("the rest is saved · verified")
        colleague = Colleague(sandbox, vendor)
        assert "NEW WORDS" in colleague.text(CHECKOUT)
        assert colleague.severity(CHECKOUT) != SEVERITY[vendor]
        start = len(sandbox.requests)
        shown = await user.review()
        assert "1 change, 1 write" in shown
        assert FIRST[vendor] not in shown
        await user.press("enter")
        await user.shows("saved · verified")
        assert colleague.severity(CHECKOUT) == SEVERITY[vendor]
        assert len(writes(sandbox, start)) == 1


@one_vendor
async def test_everything_left_out_sends_nothing(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("x")
        await user.review()
        await user.press("space")
        await user.shows(r"\[ \]")
        await user.press("enter")
        await user.shows("cell 1 of|esc back")
        assert "saved · verified" not in user.text
        assert writes(sandbox) == []


@one_vendor
async def test_the_whole_diff(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(80, 40)) as user:
        await user.into()
        await user.press("ctrl+down", "ctrl+n")
        await user.shows("3 empty")
        await user.type("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine")
        await user.review()
        await user.shows(r"more lines?|… \d+ lines? more: d")
        assert "nine" not in user.text
        await user.press("d")
        await user.shows(r"\+ nine")
        await user.press("d")
        await user.no_longer_shows("nine")


@pytest.mark.sweep(2)
@pytest.mark.parametrize("status", [422, 403])
async def test_a_refusal_is_shown_and_only_what_is_left_is_sent_again(sandbox: Sandbox, home: Path, vendor: str, status: int) -> None:
    async with stage(home, sandbox, vendor) as user:
        await two_changes(user, vendor)
        sandbox.fault(f"{TEXT_WRITE[vendor]} {status}")
        await user.review()
        await user.press("enter")
        await user.shows(r"Severity .*✓ done", rf"{FIRST[vendor]} +✗ refused: ", "f12 requests")
        assert "saved · verified" not in user.text
        await user.press("escape")
        await user.shows(r"ctrl\+s save", f"not saved: {FIRST[vendor]} refused")
        colleague = Colleague(sandbox, vendor)
        assert colleague.severity(CHECKOUT) == SEVERITY[vendor]
        assert "NEW WORDS" not in colleague.text(CHECKOUT)
        assert any("NEW WORDS" in cell for cell in user.cells)
        sandbox.clear_faults()
        start = len(sandbox.requests)
        shown = await user.review()
        assert "1 change, 1 write" in shown
        await user.press("enter")
        await user.shows("saved · verified")
        assert "NEW WORDS" in colleague.text(CHECKOUT)
        assert len(writes(sandbox, start)) == 1


async def test_a_refused_field_is_shown_in_the_form(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.choose("Severity", "P2")
        sandbox.fault("PUT /v2/postmortem/*/severity 422 first 1")
        await user.review()
        await user.press("enter")
        await user.shows("refused: ", "f12 requests")
        await user.press("escape")
        await user.shows(" Details ", "▌.*Severity")
        await user.shows("(?i)not processable|refused|invalid|check")


@every_vendor
async def test_an_unknown_outcome_is_settled_by_reading(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("NEW WORDS")
        sandbox.fault(f"{TEXT_WRITE[vendor]} drop-after first 1")
        start = len(sandbox.requests)
        await user.review()
        await user.press("enter")
        await user.shows("saved · verified")
        assert set(writes(sandbox, start)) == {writes(sandbox, start)[0]}
        if vendor == "datadog":
            assert len(writes(sandbox, start)) == 1, "it was applied: reading says so, nothing is sent again"
        assert Colleague(sandbox, vendor).text(CHECKOUT).count("NEW WORDS") == 1


@one_vendor
async def test_the_server_is_gone_when_it_comes_to_saving(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("NEW WORDS")
        sandbox.fault("* * html")
        await user.press("ctrl+s")
        await user.shows("The server was not reached: could not", "The draft is kept", "q +keep the draft, save later")
        await user.press("escape")
        await user.shows("not saved, the draft is kept: could not")
        assert any("NEW WORDS" in cell for cell in user.cells)
        sandbox.clear_faults()
        await user.save()
        assert "NEW WORDS" in Colleague(sandbox, vendor).text(CHECKOUT)


@one_vendor
async def test_a_review_of_a_slow_server_can_be_left(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("NEW WORDS")
        with gate(sandbox):
            await user.press("ctrl+s")
            await user.shows("reading the server… esc cancels")
            await user.type("!")
            assert any("NEW WORDS!" in cell for cell in user.cells), "typing goes on"
            await user.press("escape")
            await user.no_longer_shows("reading the server")
            assert "Save " not in user.text


async def test_one_key_makes_a_list_of_lines_that_would_be_joined(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        for line in ("", "10:02 paged", "10:05 answered"):
            await user.type(line)
            await user.press("enter")
        shown = await user.review()
        assert "2 lines are joined into one" in shown and "l make a list" in shown
        await user.press("l")
        await user.shows(r"\+ - 10:02 paged", r"\+ - 10:05 answered")
        assert "become one" not in user.text
        assert writes(sandbox) == []
        await user.press("enter")
        await user.shows("saved · verified")
        assert "- 10:02 paged\n- 10:05 answered" in user.cells[0]


async def test_what_is_being_sent_is_decided(sandbox: Sandbox, home: Path) -> None:
    """A box that is emptied while its change is sent would say what is not so."""
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("x")
        await user.review()
        with gate(sandbox) as held:
            await user.press("enter")
            await user.shows("stop sending")
            await user.press("space")
            assert "[x]" in user.text and "[ ]" not in user.text
            held.open()
        await user.shows(r"saved · verified \d\d:\d\d")
