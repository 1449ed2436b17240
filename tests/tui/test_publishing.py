"""Published postmortems, and all that cannot be edited: what editing means is said first, and one key publishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.model.changes import FieldChanged
from pmtui.sandbox.server import Sandbox
from pmtui.tui.editor.cell_editor import Editor
from tests.gate import gate
from tests.sent import writes
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, using


async def test_a_published_postmortem_says_what_editing_means_and_one_key_publishes(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", " ! .*published")
        cells = user.cells
        await user.type("x")
        await user.shows(r" ! .*published[\s\S]*ctrl\+u to edit[\s\S]*nothing was typed · ctrl\+u to edit")
        assert user.cells == cells
        await user.press("ctrl+u")
        await user.shows("edit it")
        await user.press("e")
        await user.until(lambda: isinstance(user.app.focused, Editor), "the cursor in a cell")
        await user.type("x")
        assert user.cells[0] == cells[0] + "x"
        review = await user.review()
        assert "3 writes: 1 Set back to draft · 2 Executive summary · 3 Publish again" in review
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d · published again", " ! this postmortem is published: saving sets it back to draft")
        kept = sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem("redis-sessions")]
        assert kept["status"] == "published"
        await user.press("alt+p")
        await user.shows("it is published, and nothing is changed")
        await user.press("escape")
        await user.shows("enter open")
        # a draft is published through the review
        await user.into("Internal DNS answers")
        await user.press("ctrl+p")
        await user.type("publish")
        await user.shows("publish: set the status, review and send", r"alt\+p")
        await user.press("escape")
        await user.press("f2")
        await user.shows(" Details ")
        await user.press("down", "down")
        await user.shows(r"▌ +Status", r"alt\+p publishes")
        await user.press("alt+p")
        await user.shows("1 change, 1 write", r"Status +draft → published")
        kept = sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem("Internal DNS")]
        assert kept["status"] == "draft"
        await user.press("escape")
        await user.shows("nothing was sent", "no field changed")
        assert user.app.session is not None and user.app.session.changes == ()
        # what is typed meanwhile stays, also when the key comes twice
        await user.press("escape")
        await user.shows(r"cell \d+ of")
        with gate(sandbox, methods=("GET",)) as answers:
            await user.press("alt+p")
            await user.until(lambda: answers.held, "the reading")
            await user.press("alt+p")
            await user.type("typed")
            await user.press("escape")
            assert FieldChanged not in set(map(type, user.app.session.changes))
            assert "typed" in user.cells[0]
        await user.take_all_back()
        await user.press("alt+p")
        await user.shows("1 change, 1 write")
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")
        assert kept["status"] == "published"


async def test_publishing_that_was_given_up_is_nothing_to_undo(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into("Internal DNS answers")
        await user.press("alt+p")
        await user.shows("1 change, 1 write", r"Status +draft → published")
        await user.press("escape")
        await user.shows("nothing was sent", "· draft")
        for key in ("ctrl+z", "ctrl+y"):
            await user.press(key)
            await user.shows("nothing more to (un|re)do", "· draft")
            assert user.app.session is not None and user.app.session.changes == ()
        # what was typed before is undone next, and what is typed meanwhile, too
        await user.type("before")
        with gate(sandbox, methods=("GET",)) as answers:
            await user.press("alt+p")
            await user.until(lambda: answers.held, "the reading")
            await user.type(" after")
            await user.press("escape")
        assert "before after" in user.cells[0]
        await user.take_all_back()
        assert "before" not in user.cells[0]
        await user.press("ctrl+z")
        await user.shows("nothing more to undo", "· draft")


@pytest.mark.parametrize("columns", [80, 140])
async def test_what_the_form_unlocks_is_unlocked_in_the_text(sandbox: Sandbox, home: Path, columns: int) -> None:
    async with using(home, sandbox, "opsgenie", size=(columns, 24)) as user:
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", r"ctrl\+u to edit")
        before = user.cells[0]
        await user.press("f2", "down", "enter")
        await user.shows("edit it")
        await user.press("e")
        await user.shows(" Details " if columns == 80 else r"▌ +\w")
        await user.press("escape")
        await user.shows("cell 1 of")
        assert "ctrl+u to edit" not in user.text
        assert isinstance(user.app.focused, Editor), "the cursor is in the text"
        await user.type("x")
        assert user.cells[0] == before + "x"


async def test_read_only_is_read_only(sandbox: Sandbox, home: Path) -> None:
    """Told by the variable; ``tests/attacks/test_read_only.py`` tries every key, and the option, too."""
    async with using(home, sandbox, "opsgenie", more={"PMTUI_READ_ONLY": "1"}) as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(" ! read-only", "cell 1 of")
        before = user.cells
        await user.press("x", "ctrl+n", "f8", "ctrl+r", "ctrl+z", "f7", "f4")
        assert user.cells == before
        await user.press("ctrl+s")
        await user.pilot.pause()
        assert "Save " not in user.text
        assert "save" not in user.keys
        await user.press("escape")
        await user.shows("enter open")
        assert writes(sandbox) == []


async def test_what_is_unlocked_is_edited_where_one_is(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", " ! .*published")
        await user.press("ctrl+down", "ctrl+down")
        await user.shows("cell 3 of")
        before = user.cells
        await user.press("ctrl+u")
        await user.shows("edit it")
        await user.press("e")
        await user.shows("cell 3 of")
        await user.type("x")
        await user.until(lambda: user.cells != before, "the letter")
        assert [number for number, (one, other) in enumerate(zip(user.cells, before, strict=True)) if one != other] == [2]
