"""A save that stops half-way: what is said while it is sent, at the next start, and until it is finished."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.session import save
from pmtui.tui.editor.cell_editor import Editor
from tests.gate import Gate, gate
from tests.tui.colleague import Colleague
from tests.tui.user import User, using

SET_BACK = "#26 is set back to draft and must be published again"
TITLE = "redis-sessions evicts keys"


def kept(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem("redis-sessions")]


async def edited(user: User) -> None:
    """The published postmortem is open, and something was typed into it."""
    await user.go_to(TITLE)
    await user.press("enter")
    await user.shows("#26 ", r" ! this postmortem is published: saving sets it back .*")
    await user.press("ctrl+u")
    await user.shows("edit it")
    await user.press("e")
    await user.until(lambda: isinstance(user.app.focused, Editor), "the cursor in a cell")
    await user.type("x")


async def sent_half(user: User, held: Gate) -> None:
    """The edit is with the vendor, and its answer has not come."""
    await user.review()
    await user.press("enter")
    await user.until(lambda: held.held, "the edit is sent")


async def left_half_way(sandbox: Sandbox, home: Path) -> None:
    """Leave in the middle of the save."""
    async with using(home, sandbox, "opsgenie") as user:
        await edited(user)
        with gate(sandbox, "executive-summary", methods=("PUT",)) as held:
            await sent_half(user, held)
            await user.press("ctrl+q")
            await user.shows("A save is being sent", r"If you leave in\s+│?\s*│?\s*between", "leave now, and finish the save later")
            await user.press("k")
            await user.until(lambda: user.app._exit, "the end")
    assert kept(sandbox)["status"] == "draft"


async def test_the_next_start_says_what_is_half_way_until_it_is_finished(sandbox: Sandbox, home: Path) -> None:
    await left_half_way(sandbox, home)
    async with using(home, sandbox, "opsgenie") as user:
        shown = await user.shows(rf"(?m)^ {SET_BACK}: open it, ctrl\+s *$", "◆#26 ")
        assert "not sent: #26, draft from" in shown
        await user.go_to(TITLE)
        await user.press("enter")
        shown = await user.shows("There is a draft from .*, with 1 unsaved", r"interrupted\. Save to finish it\.")
        await user.press("d")
        await user.shows("Discard this draft", "Discarding does not change that")
        await user.press("D")
        shown = await user.shows(rf" ! {SET_BACK}: a save of it was", "P3 · draft")
        assert "saving sets it back" not in shown
        await user.press("escape")
        shown = await user.shows(rf"(?m)^ {SET_BACK}: open it, ctrl\+s *$", "◆#26 ")
        assert "not sent" not in shown, "there is no edit that was not sent"
        await user.press("enter")
        shown = await user.shows("leave it as it is on the server, and do not say so again", r"open it\s+\(or enter\)")
        assert "unsaved change" not in shown
        await user.press("o")
        await user.shows("cell 1 of")
        await user.press("ctrl+s")
        await user.shows("1 write: Publish again", "enter send")
        await user.press("enter")
        await user.until(lambda: kept(sandbox)["status"] == "published", "published again")
        await user.shows("P3 · published")
        await user.press("escape")
        await user.shows("▌ #26 ")
        await user.no_longer_shows(SET_BACK)


async def test_what_is_half_way_can_be_left_so(sandbox: Sandbox, home: Path) -> None:
    await left_half_way(sandbox, home)
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(TITLE)
        await user.press("enter")
        await user.shows("There is a draft from")
        await user.press("o")
        await user.shows("P3 · draft", "±")
        await user.press("ctrl+q")
        await user.shows("discard the draft")
        await user.press("d")
        await user.shows("Discard what you wrote", "Discarding does not change that")
        await user.press("D")
        await user.shows("review and finish it now", SET_BACK)
        await user.press("escape", "escape")
        await user.shows(rf"(?m)^ {SET_BACK}: open it")
        await user.press("enter")
        await user.shows("do not say so again")
        await user.press("l")
        await user.shows("cell 1 of")
        await user.press("escape")
        await user.shows("▌ #26 ")
        await user.no_longer_shows(SET_BACK)
    assert kept(sandbox)["status"] == "draft"


async def test_who_leaves_while_a_save_is_sent_is_out_once_it_is(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save, "FRESH", timedelta())  # the server is read again first
    async with using(home, sandbox, "opsgenie") as user:
        await edited(user)
        with gate(sandbox, "executive-summary", methods=("PUT",)) as held:
            await sent_half(user, held)
            shown = await user.shows("sending", "esc stop sending")
            assert "reading the server" not in shown
            await user.press("ctrl+q")
            await user.shows("A save is being sent")
            held.open()
            await user.until(lambda: user.app._exit, "the end")
    assert kept(sandbox)["status"] == "published"


async def test_who_leaves_while_a_save_is_sent_stays_when_it_fails(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await edited(user)
        with gate(sandbox, "executive-summary", methods=("PUT",)) as held:
            await sent_half(user, held)
            await user.press("ctrl+q")
            await user.shows("A save is being sent", "leaves as soon as all is saved")
            sandbox.fault("PUT * 403")
            sandbox.fault("POST * 403")
            held.open()
            await user.no_longer_shows("A save is being sent")
            await user.shows("403|may not|not permitted")
            assert not user.app._exit


async def test_the_review_warns_about_notation_that_is_not_closed(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type(" by :date[2026-11-17T17:58")
        shown = await user.review()
        assert "1 warning" in shown
        assert re.search(r"! Executive summary: “:date\[2026-11-17T17:58” is not closed, and stays\s+plain text", shown), shown
        await user.press("escape")
        await user.shows("cell 1 of")
        await user.type("]")
        assert "is not closed" not in await user.review()


async def test_the_keys_of_the_review_say_what_space_does_to_the_row(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type("x")
        await user.press("f2")
        await user.shows(" Details ")
        await user.press("end", "!")
        await user.shows("± Title")
        await user.press("escape")
        await user.review()
        assert "space leave out" in user.keys
        await user.press("space")
        await user.shows(r"\[ \]", "space take in")
        assert "space leave out" not in user.keys
        await user.press("down")
        await user.shows("space leave out")
        await user.press("up")
        await user.shows("space take in")
