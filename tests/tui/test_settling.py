"""Several conflicts in one save: each is decided once, can be decided otherwise, and takes no key that was meant for another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.session import save
from pmtui.session import session as session_module
from pmtui.tui.dialogs import conflict as conflict_dialog
from pmtui.tui.dialogs import review_words
from pmtui.tui.widgets import sides
from tests.held import Held
from tests.sent import writes
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using


async def two_conflicts(user: User, sandbox: Sandbox) -> Colleague:
    """The title, and the same line of a cell, changed by both; on the screen is the first, the title."""
    await user.into()
    await user.press("f2")
    await user.shows(" Details ")
    await user.press("end", "!")
    await user.shows("± Title")
    await user.press("escape")
    await user.shows("cell 1 of")
    await user.press("backspace")
    await user.type("! MY words")
    colleague = Colleague(sandbox, "datadog")
    colleague.rewrite(CHECKOUT, "abc-def-ghi", "HER-dashboard")
    colleague.rename_incident(CHECKOUT, CHECKOUT + " as she calls it")
    await user.press("ctrl+s")
    await user.shows("Both changed +Title +conflict 1 of 2", "m mine")
    return colleague


async def test_what_was_decided_is_not_asked_again(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, "datadog") as user:
        colleague = await two_conflicts(user, sandbox)
        before = user.cells

        # a key takes only what was on the screen
        with monkeypatch.context() as patch:  # the sides of a long text are compared in a thread
            held = Held(patch, sides, "diff_lines")
            await user.press("m")
            await user.until(lambda: held.begun, "the comparison")
            await user.press("m", "m", "enter")
            held.let_go()
            await user.shows("Both changed +1 Summary +conflict 2 of 2")
        await user.shows(
            "Both changed +1 Summary +conflict 2 of 2", r"not taken, because it was typed before this was\s+shown: mm", "m mine"
        )
        assert user.cells == before

        # what was decided is shown, and is not asked again
        await user.shows("e edit  n skip  p previous")
        await user.resize(60, 24)
        await user.shows("m mine  t theirs  b both  e edit  n skip  p prev .*esc back")
        await user.resize(80, 24)
        await user.press("p")
        await user.shows("1 of 2", "decided: mine", "n next")
        await user.press("n")
        await user.shows("2 of 2", "p previous")
        await user.press("escape")
        await user.shows("nothing was sent")
        await user.press("ctrl+s")
        await user.shows("Both changed +1 Summary +conflict 2 of 2", "t theirs")
        with monkeypatch.context() as patch:  # the answers are worked into a long text
            held = Held(patch, session_module, "resolved")
            await user.press("t")
            await user.until(lambda: held.begun, "the answer is worked in")
            await user.press("x", "enter")  # they answer nothing, and are not text
            held.let_go()
            await user.shows("1 change, 1 write", r"not taken, because it was typed before this was\s+shown: x enter")
        assert user.cells == before and writes(sandbox) == []
        with monkeypatch.context() as patch:  # and what of hers is lost is found out
            held = Held(patch, review_words, "replaced")
            await user.press("space")
            await user.shows("0 of 1 change")
            await user.until(lambda: held.begun, "what is lost without it")
            await user.press("space")
            await user.shows(r" 1 change, 1 write", r"Your version\s+replaces\s+theirs:\s+“Title\b")
            held.let_go()
        await user.shows(
            "1 change, 1 write",
            r"Your version\s+replaces\s+theirs:\s+“Title\b",
            r"Their\s+version\s+is\s+taken:\s+“1\s+Summary”",
            "c decide again",
        )
        await user.press("escape")
        await user.shows("nothing was sent")
        await user.press("ctrl+s")
        await user.shows("1 change, 1 write", "c decide again")
        await user.press("c")
        await user.shows("1 of 2", "decided: mine", "n next")
        assert "b both" not in user.keys
        await user.press("escape")  # one step back
        await user.shows("1 change, 1 write", "enter send", "c decide again")
        await user.press("c")
        await user.shows("1 of 2", "decided: mine", "n next")

        # a title is written by hand
        await user.press("f1")
        await user.shows("write the result yourself")
        await user.press("end")
        await user.shows("Not here: Title is one line: choose mine or theirs", "b +keep both texts")
        assert "the conflict before" not in user.text
        await user.press("escape")
        await user.no_longer_shows("write the result yourself")
        await user.press("e")
        await user.shows("enter accept")
        await user.press("f1")
        await user.shows(r"ctrl\+s enter +accept")
        await user.press("escape")
        await user.no_longer_shows(r"ctrl\+s enter +accept")
        await user.press("ctrl+u")
        await user.press("enter")
        await user.shows("Title must not be empty", "1 of 2")
        await user.press("e")
        await user.shows("enter accept")
        await user.press("ctrl+u")
        await user.type("Checkout 5xx in my words")
        await user.press("enter")
        await user.shows("1 change, 1 write", "Checkout 5xx in my words", "c decide again")

        # both texts are kept
        await user.press("c")
        await user.shows("1 of 2", "n next")
        await user.press("n")
        await user.shows("2 of 2", "decided: theirs", "b both")
        with monkeypatch.context() as patch:  # of a long text the result takes a while to begin: what is typed decides nothing meanwhile
            held = Held(patch, conflict_dialog, "take")
            await user.press("e")
            await user.until(lambda: held.begun, "the result")
            await user.press("e", "t", "m")
            held.let_go()
            await user.shows("ctrl\\+s accept")
        await user.press("escape")
        await user.shows("2 of 2", "b both")
        await user.press("b")
        await user.shows("2 changes", "Checkout 5xx in my words", "enter send")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "HER-dashboard" in colleague.text(CHECKOUT) and "MY words" in colleague.text(CHECKOUT)


async def test_a_conflict_can_be_skipped_and_what_was_decided_outlives_the_program(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with using(home, sandbox, "datadog") as user:
        colleague = await two_conflicts(user, sandbox)
        await user.shows("conflict 1 of 2 · 0 decided", "not decided", "n skip")
        assert "would give" not in user.text, "a choice of a title is the title"
        await user.press("n")
        await user.shows("conflict 2 of 2 · 0 decided", "n skip  p previous")

        # what each choice would give
        given = (await user.shows("both would give")).partition("would give")[2]
        assert "MY" in given and "HER" in given
        await user.press("v")
        given = (await user.shows("mine would give")).partition("would give")[2]
        assert "MY" in given and "HER" not in given
        await user.press("v")
        given = (await user.shows("theirs would give")).partition("would give")[2]
        assert "MY" not in given and "HER" in given

        # all of them, with what was decided; any can be gone to
        await user.press("b")
        await user.shows("nothing to send|1 change, 1 write", "1 undecided", r"▌?\[\?\] Title +both changed it, not decided")
        await user.shows("c decide again")
        await user.press("down")
        await user.shows("c decide(?! again)")
        await user.press("c")
        await user.shows("conflict 1 of 2 · 1 decided", "l list")
        await user.press("l")
        await user.shows("All conflicts", "1  Title +not decided", "2  1 Summary +decided: both")
        await user.press("down", "enter")
        await user.shows("conflict 2 of 2 · 1 decided", "decided: both", "n review")
        await user.press("n")

        # what is not decided is not sent, and stops the others unless it is left out
        await user.shows("1 change, 1 write .*1 undecided")
        await user.press("enter")
        await user.shows("nothing was sent, because a conflict is not decided", "▌.*Title")
        assert writes(sandbox) == []
        await user.press("escape")
        await user.shows("nothing was sent · what you decided about 1 conflict is kept with the draft")
        await user.press("ctrl+q")
        await user.shows("What you decided about 1 conflict is kept with the draft", "keep the draft and leave")
        await user.press("k")
    async with using(home, sandbox, "datadog") as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(r"cell \d+ of \d+")
        await user.press("ctrl+s")
        await user.shows("conflict 1 of 2 · 1 decided", "Title")
        await user.press("n")
        await user.shows("conflict 2 of 2 · 1 decided", "decided: both")
        await user.press("n")
        await user.shows("1 undecided")
        await user.press("down", "space")
        await user.shows(r"\[ \] Title +left out, not decided")
        assert "undecided" not in user.line(" Save ")
        # it stays left out when the conflicts are looked at, and when what was decided must be decided again
        await user.press("c", "escape")
        await user.shows(r"\[ \] Title +left out, not decided")
        monkeypatch.setattr(save, "FRESH", timedelta())
        colleague.rewrite(CHECKOUT, "HER-dashboard", "HER-other")
        colleague.rename_incident(CHECKOUT, CHECKOUT + " as she calls it now")
        await user.press("enter")
        await user.shows("somebody changed 1 Summary on the server since the review", "enter review again")
        await user.press("enter")
        await user.shows(r"Both changed +1 Summary +conflict 2 of 2 · 0 decided", "yours +.*on the server")
        # what is written by hand is mine when she changes the same again
        await user.press("e")
        await user.shows(r"ctrl\+s accept")
        await user.type(" by HAND")
        await user.press("ctrl+s")
        await user.shows("1 change, 1 write", "You wrote “1 Summary” anew", r"\[ \] Title +left out, not decided")
        colleague.rewrite(CHECKOUT, "HER-other", "HER-last")
        await user.press("enter")
        await user.shows("enter review again")
        await user.press("enter")
        await user.shows(r"Both changed +1 Summary +conflict 2 of 2 · 0 decided", "yours, as you wrote it", "by HAND")
        await user.press("m")
        await user.shows("1 change, 1 write", "You wrote “1 Summary” anew", r"\[ \] Title +left out, not decided")
        await user.press("enter")
        await user.shows("the rest is saved · verified")
        assert "by HAND" in colleague.text(CHECKOUT) and "MY words" in colleague.text(CHECKOUT)
        assert colleague.incident(CHECKOUT + " as she calls it")
        await user.press("ctrl+s")
        await user.shows("Both changed +Title +conflict 1 of 1 · 0 decided")


async def test_all_theirs_is_said_before_it_is_taken(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        colleague = await two_conflicts(user, sandbox)
        await user.press("t")
        await user.shows("2 of 2", "t theirs")
        before = user.cells
        await user.press("t")
        await user.shows(
            "nothing to send",
            "Nothing is left to send",
            r"Their version is taken:\s+“Title\b[\s\S]*”,\s+“1\s+Summary”",
            "enter take the server's",
        )
        assert user.cells == before, "nothing is taken yet"
        await user.press("enter")
        await user.shows("nothing was sent: what the server has is taken")
        assert "saved" not in user.text and writes(sandbox) == []
        assert any("HER-dashboard" in cell for cell in user.cells)
        assert user.app.session is not None and not user.app.session.changes

        # what is absent is called by its reason
        await user.press("f8")
        await user.shows("Delete the cell")
        await user.press("d")
        await user.no_longer_shows("Delete the cell")
        colleague.rewrite(CHECKOUT, "HER-dashboard", "ANOTHER-dashboard")
        await user.press("ctrl+s")
        await user.shows("Both changed", "you deleted this cell", "ANOTHER-dashboard")


async def test_what_somebody_changed_while_the_review_was_read_is_named_and_asked_about(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save, "FRESH", timedelta(0))  # who reads on for longer than that
    async with using(home, sandbox, "datadog") as user:
        colleague = await two_conflicts(user, sandbox)
        await user.press("m")
        await user.shows("2 of 2", "m mine")
        await user.press("m")
        await user.shows("enter send")
        colleague.rename_incident("Checkout 5xx", "Checkout 5xx as she calls it now")
        await user.press("enter")
        await user.shows("somebody changed Title on the server", "enter review again")
        assert writes(sandbox) == []
        await user.press("ctrl+s")
        await user.shows("Both changed +Title +conflict 1 of 2", "she calls it now", "m mine")
        await user.press("m")
        await user.shows(r"Your version replaces theirs:\s+“Title\b[\s\S]*,\s+“1\s+Summary”\.", "enter send")
        await user.press("enter")
        await user.shows("saved · verified")


async def test_reading_again_says_once_what_is_new_and_how_both_is_settled(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        unchanged = user.cells
        # a save that ends under its dialog leaves nothing over the text
        postmortem = user.app.screen
        await user.type("mine ")
        await user.press("ctrl+s")
        await user.shows("enter send")
        user.app.workers.cancel_group(postmortem, "server")
        await user.press("escape")
        await user.until(lambda: user.app.screen is postmortem, "the document, with nothing over it")
        await user.type("typed")
        await user.shows("mine typed")
        while user.cells != unchanged:
            await user.press("ctrl+z")

        # reading again
        await user.press("ctrl+n")
        await user.type("a cell of my own")
        await user.press("ctrl+down", "end")
        await user.shows("cell 3 of")
        await user.press("ctrl+up", "ctrl+up")
        await user.shows("cell 1 of")
        await user.press("backspace")
        await user.type("! MY words")
        colleague = Colleague(sandbox, "datadog")
        colleague.rewrite(CHECKOUT, "abc-def-ghi", "HER-dashboard")
        colleague.rewrite(CHECKOUT, "The failover script asks", "HER script asks")
        await user.press("f5")
        await user.shows("new on the server: 1 Summary, 6 Root cause", r"both changed 1 Summary: ctrl\+s\s+asks about it")
        await user.press("f5")
        await user.shows("nothing new on the server · both changed 1 Summary")
