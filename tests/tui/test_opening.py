"""The way into a postmortem, when keys come faster than answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from pmtui.sandbox.server import Sandbox
from pmtui.tui.flows import opening
from pmtui.tui.widgets.document import DocumentView
from tests.gate import gate
from tests.tui.colleague import Colleague
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, User, one_vendor, using

MINE = "! MY words"
POSTMORTEM = "/v2/postmortem/"


async def kept(home: Path, sandbox: Sandbox, vendor: str) -> None:
    """A draft of the checkout incident."""
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type(MINE)
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("k")
        await user.until(lambda: user.app._exit, "the end")


@one_vendor
async def test_what_is_pressed_while_a_postmortem_is_opened(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(home, sandbox, vendor)
    async with using(home, sandbox, vendor) as user:
        # an opening that is cancelled lets go of the draft
        await user.go_to(CHECKOUT)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr("socket.gethostname", lambda: "jump2")  # a draft from elsewhere is asked about
            await user.press("enter")
            await user.shows("There is a draft from")
            assert list((home / "state").rglob("*.lock"))
            user.app.workers.cancel_group(user.app, "open")
            await user.until(lambda: not list((home / "state").rglob("*.lock")), "the lock released")
        await user.press("escape")
        await user.no_longer_shows("There is a draft from")

        # enter pressed twice opens once, whatever is being read when it comes
        with gate(sandbox) as answers:
            await user.press("enter", "enter")
            await user.until(lambda: answers.held, "the postmortem being read")
            await user.press("enter", "enter")
        await user.shows(r"cell \d+ of \d+")
        assert user.cells[0].endswith(MINE), "impatience is no new line"
        await user.press("escape")
        await user.shows("keep the draft")
        await user.press("k")

        # nor is it when its turn comes later, because the program was busy opening
        await user.go_to(CHECKOUT)
        await user.press("enter")
        impatient = [Key("enter", "\r"), Key("enter", "\r")]
        await user.shows(IN_A_CELL)
        before = user.cells[0]
        for key in impatient:
            user.app.post_message(key)
        await user.press("enter", "x")
        assert user.cells[0] == f"{before}\nx", "what is pressed once it is seen is meant for it"
        user.app.post_message(Key("enter", "\r"))
        await user.press("y")
        assert user.cells[0] == f"{before}\nx\ny"


@one_vendor
async def test_what_is_typed_once_it_is_stopped_is_for_the_list_or_for_the_next(
    sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An opening that is cancelled may take a while to end: it takes no more keys, neither the list's nor those of the next one."""
    open_it, may_end = opening.opened, asyncio.Event()

    async def slow_to_end(*words: Any) -> object:
        try:
            return await open_it(*words)
        except asyncio.CancelledError:
            await may_end.wait()
            raise

    monkeypatch.setattr(opening, "opened", slow_to_end)
    async with using(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        with gate(sandbox) as answers:
            await user.press("enter")
            await user.until(lambda: answers.held, "the postmortem being read")
            await user.press("x", "escape")
            await user.shows("stopped: nothing was opened", "not typed: “x”")
            await user.press("j")
            assert CHECKOUT not in user.current.title
            await user.press("k", "enter", *MINE)
            may_end.set()
        await user.shows(IN_A_CELL)
        await user.until(lambda: user.cells[0].endswith(MINE), "what was typed while the second one opened")


async def back(user: User) -> None:
    await user.press("escape")
    await user.shows("   REF ")


@pytest.mark.parametrize("vendor", ["datadog", "opsgenie"])
async def test_the_caret_is_seen_at_once(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.into()
        editor = user.app.screen.query_one(DocumentView).editor
        assert editor is not None
        assert editor.terminal_cursor is not None
        await back(user)
        await user.into()
        assert editor.terminal_cursor is None
        editor = user.app.screen.query_one(DocumentView).editor
        assert editor is not None
        assert editor.terminal_cursor is not None


def caret_row(user: User) -> int:
    editor = user.app.screen.query_one(DocumentView).editor
    assert editor is not None
    return editor.cursor_screen_offset.y


async def test_a_known_postmortem_is_there_at_once_and_the_answer_is_merged_in(sandbox: Sandbox, home: Path) -> None:
    colleague = Colleague(sandbox, "opsgenie")
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(CHECKOUT)
        before = len(sandbox.requests)
        await user.press("enter")
        await user.shows(IN_A_CELL)
        cost = len(sandbox.requests) - before
        await back(user)

        # to be typed into while it is read, and left
        with gate(sandbox, POSTMORTEM) as answers:
            await user.press("enter")
            await user.shows(IN_A_CELL, r"read \d\d:\d\d, reading again…")
            await user.until(lambda: answers.held, "the server being asked")
            await back(user)
        await user.no_longer_shows("reading")

        # the answer is merged as f5 does; nothing is asked twice, and the caret stays where it is
        colleague.rewrite(CHECKOUT, "Sessions were lost", "HER long words stand here. " * 9 + "Sessions were lost")
        before = len(sandbox.requests)
        with gate(sandbox, POSTMORTEM) as answers:
            await user.press("enter")
            await user.shows(IN_A_CELL)
            await user.press("ctrl+down", "ctrl+down")
            await user.type(MINE)
            await user.shows(r"cell 3 of", "edited · draft on disk .* · reading again…")
            mine, row = user.cells[2], caret_row(user)
            await user.press("f5")
            await user.shows("is being read already")
            await user.press("ctrl+s")
            await user.shows(r"reading .*… esc cancels")
            await user.press("escape")
            await user.shows("edited .* · reading again…")
        await user.shows("new on the server: 2 Summary")
        assert MINE in mine == user.cells[2]
        assert "HER long words" in user.cells[1]
        await user.until(lambda: caret_row(user) == row, "the view where it was")
        assert len(sandbox.requests) - before <= cost
        assert [each["method"] for each in sandbox.requests[before:] if POSTMORTEM in each["path"]] == ["GET"]
        await user.save()
        await back(user)

        # a save waits for the answer, and is reviewed against what the server has then
        with gate(sandbox, POSTMORTEM, most=1) as answers:
            await user.press("enter")
            await user.shows(IN_A_CELL)
            await user.until(lambda: answers.held, "an answer that is older than what she writes now")
            await user.type("MORE ")
            colleague.rewrite(CHECKOUT, "HER long", "HER longer")
            await user.press("ctrl+s")
            await user.shows(r"reading .*… esc cancels")
            await user.press("f5")  # takes nothing from the save
            await user.shows("is being read already")
        await user.shows(
            r"Save .* to \w+", "MORE", r"Changed by others on the server since .*,\s+and\s+stays\s+so:\s+“2 Summary”", "enter send"
        )
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")
        assert "HER longer" in user.cells[1] and "HER longer" in colleague.text(CHECKOUT)
        await back(user)

        # an error is said, and nothing is lost
        sandbox.fault(f"GET {POSTMORTEM}* 403")
        await user.press("enter")
        await user.shows(IN_A_CELL, "could not read", r"this\s+is\s+what\s+was\s+read\s+on", "1 Executive summary ─")
        await user.no_longer_shows("reading again")
        await user.type("KEPT ")
        await user.shows("edited · draft on disk")
        sandbox.clear_faults()
        await user.press("f5")
        await user.no_longer_shows("could not read")
        assert user.cells[0].startswith("MORE KEPT ")
