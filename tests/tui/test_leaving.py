"""Leaving: it asks about what is not on the server, and while the disk refuses no draft is said to be kept."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Step, Trouble
from pmtui.backends.opsgenie.backend import OpsgenieBackend
from pmtui.backends.opsgenie.plan import PUBLISH_AGAIN
from pmtui.cli.launching import variables_of
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.store.drafts import Drafts
from pmtui.tui.editor.cell_editor import Editor
from tests.pty_screen import PtyScreen
from tests.tui.colleague import Colleague
from tests.tui.headless_program import environment
from tests.tui.user import CHECKOUT, one_vendor, using

TYPED = "precious words"


def blocked(home: Path) -> None:
    """The state directory cannot be made: a file stands in its place (root may write everywhere else)."""
    (home / "state").mkdir(parents=True)
    (home / "state" / "pmtui").write_text("in the way")


@one_vendor
async def test_a_draft_that_cannot_be_kept_is_not_left_without_a_word(sandbox: Sandbox, home: Path, vendor: str) -> None:
    blocked(home)
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type(TYPED)
        await user.shows("not on disk")
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("k")
        await user.shows("NOT on disk: ", "try again", "leave, and lose it")
        await user.press("r")
        await user.shows("NOT on disk: ", "try again")
        await user.press("escape")
        await user.no_longer_shows("NOT on disk")
        assert any(TYPED in cell for cell in user.cells)
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("k")
        await user.shows("write the text to another file")
        await user.press("w")
        await user.shows("Write the text to a new file")
        await user.type(str(home))
        await user.press("enter")
        await user.shows("[Ff]ile exists")
        await user.type("/text.md")
        await user.press("enter")
        await user.until(lambda: user.app._exit, "the end")
    assert TYPED in (home / "text.md").read_text()


@one_vendor
async def test_a_disk_that_is_back_keeps_the_draft(sandbox: Sandbox, home: Path, vendor: str) -> None:
    blocked(home)
    async with using(home, sandbox, vendor) as user:
        await user.into()
        await user.type(TYPED)
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("k")
        await user.shows("NOT on disk: ")
        (home / "state" / "pmtui").unlink()
        await user.press("r")
        await user.until(lambda: user.app._exit, "the end")
    (draft,) = Drafts(home / "state" / "pmtui").list()
    assert draft.changes == 1
    async with using(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.until(lambda: user.app.session is not None and any(TYPED in cell for cell in user.cells), "the words")
        await user.shows(r"cell \d+ of \d+")


def test_the_last_words_name_no_file_that_is_not_there(sandbox: Sandbox, home: Path) -> None:
    blocked(home)
    variables = {**variables_of("opsgenie", sandbox.url), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with PtyScreen([sys.executable, "-m", "pmtui"], env=environment(home, variables)) as screen:
        screen.wait_for("▌.*Checkout 5xx")
        screen.send("\r")
        screen.wait_for(r"cell \d+ of \d+")
        screen.send(TYPED)
        screen.wait_for("not on disk")
        screen.kill(signal.SIGTERM)
        assert screen.wait_exit() == 128 + signal.SIGTERM
        assert "NOT on disk" in screen.text
        assert ".journal" not in screen.text
    (rescued,) = home.rglob("pmtui-*.md")
    assert TYPED in rescued.read_text(), "the text went to a second place, and that is named"
    assert rescued.name in screen.text.replace("\n", "")


async def test_discarding_says_what_an_interrupted_save_has_left_to_do_and_finishes_it(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem("redis-sessions")]
    send = OpsgenieBackend.send

    async def cut_off(self: OpsgenieBackend, server: Postmortem, target: Postmortem, step: Step) -> None:
        if step.id == PUBLISH_AGAIN:
            raise BackendError(Trouble.OFFLINE, "publish it again", "the line is down")
        await send(self, server, target, step)

    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", " ! .*published")
        await user.press("ctrl+u")
        await user.shows("edit it")
        await user.press("e")
        await user.until(lambda: isinstance(user.app.focused, Editor), "the cursor in a cell")
        await user.type("x")
        with monkeypatch.context() as patch:
            patch.setattr(OpsgenieBackend, "send", cut_off)
            await user.review()
            await user.press("enter")
            await user.shows("the line is down")
        await user.until(lambda: kept["status"] == "draft", "it was set back")
        await user.press("escape")
        await user.type("on second thought")
        await user.press("ctrl+q")
        await user.shows("discard the draft")
        await user.press("d")
        await user.shows("This cannot be undone")
        await user.press("D")
        await user.shows("#26 is set back to draft and must be published again", "finish it now")
        await user.press("s")
        await user.shows("Publish again", "enter send")
        await user.press("enter")
        await user.until(lambda: kept["status"] == "published", "published again")


async def test_to_save_from_the_question_on_leaving_goes_back_to_the_save_that_asks(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.type(TYPED)
        await user.review()
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows(r"saved · verified", "cell 1 of")


async def test_leaving_asks_about_what_is_not_on_the_server(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("escape")
        await user.shows("enter open")
        assert "not on the server" not in user.text
        assert not list((home / "state").rglob("drafts/*.journal"))
        # with a change it asks, and escape stays
        await user.into()
        await user.type("kept")
        await user.press("escape")
        await user.shows("has 1 unsaved change", "review and save", "keep the draft", "discard")
        await user.press("escape")
        await user.shows("cell 1 of")
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("escape")
        await user.type("!")
        assert user.cells[0].endswith("kept!")
        # the key of a save saves on the way out, too
        await user.press("ctrl+q")
        await user.shows("keep the draft and leave")
        await user.press("ctrl+s")
        await user.shows("1 change, 1 write", "enter send")
        await user.press("escape")
        await user.shows("nothing was sent")
        await user.press("escape")
        await user.shows("review and save")
        await user.press("s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "kept!" in Colleague(sandbox, "opsgenie").text(CHECKOUT)
        # discarding asks twice
        await user.type("gone")
        await user.press("escape")
        await user.shows("discard the draft")
        await user.press("d")
        await user.shows("cannot be undone")
        await user.press("escape")
        await user.shows("cell 1 of")
        assert user.cells[0].endswith("gone")
        await user.press("escape")
        await user.shows("discard the draft")
        await user.press("d")
        await user.shows("cannot be undone")
        await user.press("D")
        await user.shows("enter open")
        assert "●" not in user.text
        await user.into()
        assert not user.cells[0].endswith("gone")
        # a kept draft opens without a question where it was left
        await user.press("ctrl+down", "ctrl+home")
        await user.type("left")
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("k")
        await user.until(lambda: user.app._exit, "the end")
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(r"cell 2 of", r"draft of \d\d:\d\d, not sent")
        await user.type("!")
        assert user.cells[1].startswith("left!")
        await user.press("ctrl+z", "ctrl+z")
        assert not user.cells[1].startswith("left"), "undo reaches over the restart"
