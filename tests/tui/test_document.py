"""The document: writing in cells, moving them about, taking it back, and finding one's way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.document import DocumentView
from tests.sent import writes
from tests.tui.colleague import Colleague
from tests.tui.user import CHECKOUT, User, using

TURNS = 50
"""Of the loop: more than a key needs that nothing holds back."""


def editor(user: User) -> Editor:
    found = user.app.focused
    assert isinstance(found, Editor), found
    return found


def in_one_packet(user: User, *keys: str) -> None:
    """As a slow line delivers what was typed ahead."""
    for key in keys:
        user._send(key)


# ---- writing ----------------------------------------------------------------------------------------------------
async def typing_types_at_the_end_of_the_first_cell(user: User, sandbox: Sandbox, first: str) -> None:
    assert first in user.line("▌")
    assert user.status.startswith(" unchanged · read ")
    before = user.cells
    await user.type(" qjkgG/ ?1")
    assert user.cells == [before[0] + " qjkgG/ ?1", *before[1:]], "no key of a list does what it does in a list"
    await user.shows(rf"▌ ?1 {first} +±", rf"── 1 {first} ± ──", "qjkgG/ \\?1")
    assert writes(sandbox) == []


async def test_what_is_typed_goes_where_the_cursor_went(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(PostmortemScreen, "action_external", lambda self: called.append("editor"))
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        before = user.cells
        await typing_types_at_the_end_of_the_first_cell(user, sandbox, "Executive summary")
        await user.shows(r"edited · draft on disk \d\d:\d\d:\d\d")
        assert list((home / "state").rglob("drafts/*"))
        await user.take_all_back()
        # the cell that has the cursor is the one that is written
        await user.press("ctrl+down")
        await user.shows("cell 2 of")
        await user.type("Z")
        assert user.cells[0] == before[0]
        assert user.cells[1] == before[1] + "Z"
        await user.press("ctrl+up")
        await user.shows("cell 1 of")
        await user.type("A")
        assert user.cells[:2] == [before[0] + "A", before[1] + "Z"]
        await user.press("ctrl+up")
        await user.shows("cell 1 of")
        # the cursor walks from cell to cell
        await user.press("down")
        await user.shows(r"cell 2 of \d+ · line 1 ")
        await user.press("up")
        await user.shows("cell 1 of")
        await user.press("ctrl+down", "ctrl+down", "ctrl+end")
        await user.shows("cell 3 of")
        await user.take_all_back()
        # what is typed behind an arrow
        in_one_packet(user, "down", *"below")
        await user.shows("cell 2 of", "below")
        assert user.cells[0] == before[0]
        assert user.cells[1] == "below" + before[1]
        in_one_packet(user, "home", "up", *"!")
        await user.shows("cell 1 of")
        await user.until(lambda: "!" in user.cells[0], "the key in the cell above")
        assert user.cells[1] == "below" + before[1]
        await user.take_all_back()
        # what is typed behind undo is not undone
        await user.type("wrong")
        in_one_packet(user, "ctrl+z", *"right")
        await user.until(lambda: user.cells[0] == before[0] + "right", "undo, then the word")
        await user.press("ctrl+n")
        await user.shows("cell 2 of")
        in_one_packet(user, "ctrl+z", *"on")  # as when it is typed slowly: the cell has gone, and the next one has the cursor
        await user.until(lambda: user.cells[1] == "on" + before[1], "what came behind it, in the cell that is there now")
        assert len(user.cells) == len(before)
        await user.shows(r"cell \d+ of")
        await user.take_all_back()
        # a mention is asked about before the next key, also in one packet
        in_one_packet(user, "space", "@", *"wei", "enter", *" and then")
        await user.until(lambda: user.cells[0] == before[0] + " @Wei Zhang and then", "the mention, and what is typed behind it")
        in_one_packet(user, "space", "@", "a", "f2", "escape", "f2")
        await user.shows("(?m)^ Details ")
        await user.press("down")
        assert re.search("(?m)^▌  Severity", user.text) and "Mention" not in user.text
        await user.press("escape")
        await user.shows("── 1 Executive summary")
        await user.take_all_back()
        # ctrl+e goes to the end of the line, as in readline, and from there to the editor
        await user.type("some words")
        await user.press("home", "ctrl+e", "!")
        assert called == [] and any("some words!" in cell for cell in user.cells)
        await user.press("ctrl+e")
        assert called == ["editor"]
        await user.press("home", "f4")
        assert called == ["editor", "editor"]
        # reading the server again keeps what is written
        Colleague(sandbox, "opsgenie").rewrite(CHECKOUT, "The failover script", "THEIRS: the script")
        await user.press("f5")
        await user.shows("Root cause")
        await user.until(lambda: any("THEIRS" in cell for cell in user.cells), "what the colleague wrote")
        assert user.cells[0].endswith("some words!")
        await user.press("f5")
        await user.shows("nothing new on the server")


async def test_whom_a_mention_does_not_notify_stands_in_the_status_line_not_over_the_text(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("space")
        await user.type("@ines")
        await user.shows("│ Mention", "▌.*Inês|▌.*ines", "enter selects")
        await user.press("enter")
        await user.shows(r"(?m)^ \S.* is not notified: Opsgenie does not give")
        assert not user.app.screen.query("Toast")


# ---- cells ------------------------------------------------------------------------------------------------------
async def a_cell_is_added_below_and_moved(user: User) -> None:
    """Four times up from the fourth place: it stays below what must be first."""
    titles = user.titles
    await user.press("ctrl+down", "ctrl+n")
    await user.shows("cell 3 of", r"3 empty")
    await user.type("## Lessons")
    assert user.titles == [*titles[:2], "Lessons", *titles[2:]]
    await user.press("f7")
    assert user.titles == [*titles[:3], "Lessons", *titles[3:]]
    await user.shows("cell 4 of")
    await user.press("f6", "f6")
    assert user.titles == [titles[0], "Lessons", *titles[1:]]
    await user.type("!")
    assert user.cells[1] == "## Lessons!", "the cursor went with it"
    await user.press("f6", "f6")


async def when_its_cell_goes_the_cursor_is_in_a_neighbour(user: User, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = user.cells
    await user.press("ctrl+n")
    await user.shows("cell 2 of")
    await user.press(key)
    await user.until(lambda: user.cells == before, "the new cell gone")
    await user.shows(r"cell \d+ of \d+ · line \d+")
    await user.type("QQQ")
    assert any("QQQ" in cell for cell in user.cells)
    await user.take_all_back()
    for then in ("Q", "enter"):
        await a_key_waits_for_the_neighbour(user, key, then, monkeypatch)
        await user.take_all_back()


async def a_key_waits_for_the_neighbour(user: User, key: str, then: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the focus is where Textual has put it, in the outline: no place that the user has chosen."""
    before, document = user.cells, user.app.screen.query_one(DocumentView)
    await user.press("ctrl+n")
    await user.shows("cell 2 of")
    remove, goes, gone = document._remove, asyncio.Event(), asyncio.Event()

    async def slowly(keys: Sequence[str]) -> None:
        await remove(keys)
        if keys:
            goes.set()
            await gone.wait()

    with monkeypatch.context() as patch:
        patch.setattr(document, "_remove", slowly)
        user._send(key)
        await user.until(goes.is_set, "the cell being taken away")
        user._send(then)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        gone.set()
        typed = "\n" if then == "enter" else then
        await user.until(lambda: sum(map(len, user.cells)) > sum(map(len, before)), "the key in a cell")  # enter goes on with a quote
    (changed,) = (number for number, cell in enumerate(user.cells) if cell != before[number])
    assert changed < 2
    assert typed in (user.cells[changed][0], user.cells[changed].removesuffix("> ")[-1])


async def test_cells_are_added_moved_deleted_and_put_back(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        before, titles = user.cells, user.titles
        await a_cell_is_added_below_and_moved(user)
        assert user.titles[0] == titles[0], "Opsgenie's executive summary stays the first"
        await user.take_all_back()
        # deleting asks, and can be taken back
        await user.press("ctrl+down", "f8")
        await user.shows("Delete the cell “Summary”")
        await user.press("escape")
        await user.no_longer_shows("Delete the cell")
        assert user.cells == before
        await user.press("f8")
        await user.shows("Delete the cell")
        await user.press("d")
        await user.until(lambda: user.titles == [titles[0], *titles[2:]], "the cell gone")
        await user.press("ctrl+z")
        await user.until(lambda: user.cells == before, "the cell back")
        await user.shows("cell 2 of")
        # an empty cell is deleted without a question
        await user.press("ctrl+n")
        await user.shows("3 empty")
        await user.press("f8")
        await user.until(lambda: user.cells == before, "the cell gone")
        await user.take_all_back()
        for key in ("ctrl+z", "ctrl+r", "f8"):
            await when_its_cell_goes_the_cursor_is_in_a_neighbour(user, key, monkeypatch)
        # a cell is put back
        await user.type("abc")
        await user.press("ctrl+down")
        await user.type("def")
        await user.press("ctrl+r")
        assert user.cells == [before[0] + "abc", *before[1:]]
        assert editor(user).source_text == before[1]
        await user.press("ctrl+up", "ctrl+r")
        assert user.cells == before
        await user.shows("unchanged")


async def test_undo_and_redo_go_to_what_they_change_and_a_cleared_cell_gets_a_panel(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        before = user.cells
        await user.type("one")
        await user.press("ctrl+down")
        await user.type("two")
        both = user.cells
        await user.press("ctrl+up", "ctrl+z")
        await user.shows("cell 2 of")
        assert user.cells == [before[0] + "one", *before[1:]]
        await user.press("ctrl+z")
        await user.shows("cell 1 of", "unchanged")
        assert user.cells == before
        await user.press("ctrl+z")
        await user.shows("nothing more to undo")
        await user.press("ctrl+y")
        await user.shows("cell 1 of")
        await user.press("ctrl+y")
        await user.shows("cell 2 of")
        assert user.cells == both
        await user.take_all_back()
        # a cell is selected, cleared, and gets a panel
        await user.press("ctrl+down")
        await user.press("alt+k")
        heading = before[1].split("\n")[0]
        await user.until(lambda: user.cells[1] == heading, "cleared")
        await user.press("alt+n")
        await user.shows("Which panel", "warning")
        await user.press("w")
        await user.no_longer_shows("Which panel")
        await user.type("Careful")
        assert user.cells[1] == f"{heading}\n\n> [!WARNING]\n> Careful"
        await user.press("alt+l")
        await user.type("x")
        assert user.cells[1] == "x"


async def test_a_notebook_of_datadog(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        before = user.cells
        await typing_types_at_the_end_of_the_first_cell(user, sandbox, "Summary")
        await user.take_all_back()
        await a_cell_is_added_below_and_moved(user)
        assert user.titles[0] == "Lessons!"
        await user.take_all_back()
        # panels are offered where the vendor has them
        assert "insert a panel" not in {each.binding.description for each in user.app.screen.active_bindings.values()}
        assert "clear the cell" in {each.binding.description for each in user.app.screen.active_bindings.values()}
        # what Markdown cannot say is shown and kept
        await user.press("ctrl+down", "ctrl+down")
        await user.shows("cell 3 of", "▌3 ▦ timeseries", r"▦ timeseries: p99[^▦]* read-only here,\s+kept as\s+it\s+is")
        assert "line" not in user.status
        await user.type("typed into nothing")
        await user.shows("this cell is read-only here, kept as it is")
        assert user.cells == before
        await user.press("ctrl+up")
        await user.no_longer_shows("this cell is read-only here")
        await user.press("ctrl+down", "f4")
        await user.shows("this cell is read-only here, kept as it is")
        await user.press("f7", "f7")
        assert user.cells == [*before[:2], *before[3:5], before[2], *before[5:]]
        await user.press("delete")
        await user.shows("Delete the cell “▦? ?timeseries", "cannot be typed again")
        await user.press("escape")
        await user.press("ctrl+r")
        await user.until(lambda: user.cells == before, "the place put back")
        await user.press("escape")
        await user.shows("enter open")
        # one of several postmortems is chosen
        await user.go_to("Nightly billing export")
        await user.press("enter")
        await user.shows("IR-329 has several postmortems", "operations", "database")
        await user.press("escape")
        await user.no_longer_shows("several")
        await user.until(lambda: "opening" not in user.status, "that nothing is being opened")
        await user.press("enter")
        await user.shows("several")
        await user.type("database")
        await user.press("enter")
        await user.shows(r"cell \d+ of \d+")
        assert user.app.session is not None
        assert "database" in str(user.app.session.mine.fields)
        await user.press("escape")
        await user.shows("enter open")
        # a text that lives elsewhere is locked, and its fields are not
        await user.go_to("Order events two hours late")
        await user.press("enter")
        await user.shows("IR-332 ", " ! .*Confluence")
        cells = user.cells
        await user.type("x")
        await user.press("ctrl+n")
        assert user.cells == cells
        assert user.status.strip(), "says why nothing happens"
        await user.press("f2")
        await user.shows(r"▌.*Title")
        await user.type("X")
        await user.shows(r"±.*Title.*lateX")
        await user.press("escape")
        await user.shows("edited")
        await user.save()
        assert Colleague(sandbox, "datadog").incident("Order events two hours lateX")


# ---- finding one's way ------------------------------------------------------------------------------------------
async def test_the_outline_leads_to_a_cell_and_every_window_shows_the_cursor(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        title, number = user.titles[4], len(user.cells)
        await user.press("ctrl+g", "down", "down", "down", "down", "enter")
        await user.shows("cell 5 of", f"▌ ?5 {title[:8]}", rf"── 5 {title[:8]}")
        assert editor(user).source_text == user.cells[4]
        await user.press("ctrl+g", "up", "x")
        await user.shows("this is the outline")
        await user.press("escape")
        await user.no_longer_shows("this is the outline")
        await user.shows("cell 5 of")
        await user.type("x")
        assert user.cells[4].endswith("x")
        # numbers and edges go to cells
        assert number >= 10
        await user.press("ctrl+g", "7")
        await user.shows(f"cell 7 of {number}")
        await user.together("ctrl+g", "1", "0")
        await user.shows(f"cell 10 of {number}")
        await user.press("ctrl+g", "home", "enter")
        await user.shows(f"cell 1 of {number}")
        await user.press("ctrl+g", "end", "enter")
        await user.shows(f"cell {number} of {number}")
        await user.press("ctrl+g", "1")
        await user.press("enter")
        await user.shows(f"cell 1 of {number}")
        # the cursor stays in sight when the window changes
        await user.press("ctrl+down", "ctrl+down")
        await user.type(" HERE")
        for size in ((30, 8), (100, 30), (80, 24), (60, 20)):
            await user.resize(*size)
            await user.shows("HERE")
        # at 60 columns the outline folds away
        await user.shows("± ──")
        assert "│" not in user.line("± ──")
        await user.take_all_back()
        # the cell with the cursor is in sight when one comes back
        session = user.app.session
        assert session is not None
        await user.press(*["ctrl+down"] * 7)
        await user.shows("── 8 ")
        await user.press("f2")
        await user.shows("(?m)^ Details ")
        for cell in session.mine.cells[1:4]:
            session.edit_cell(cell.key, cell.text + "\n\nmore" * 12)
        await user.press("escape")
        await user.shows(r"cell 8 of", "── 8 ")
        await user.press("alt+r")
        await user.type("more")
        await user.press("tab")
        await user.type("less")
        await user.press("ctrl+r")
        await user.shows("36 replaced")
        await user.press("escape")
        await user.shows("── 8 ")
        # a short window is all document
        await user.take_all_back()
        await user.resize(80, 12)
        await user.until(lambda: "── 1 Executive summary" in user.lines[0] and "cell 1 of" in user.lines[-2], "no header")
        await user.type("x")
        await user.shows("draft on disk")


async def test_large_windows_have_room_for_the_form_and_the_whole_preview(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(140, 30)) as user:
        await user.into()
        await user.shows(r"│.*Severity +P1")
        await user.press("f2")
        await user.until(lambda: not isinstance(user.app.focused, Editor), "the focus in the form")
        await user.press("f2")
        await user.until(lambda: isinstance(user.app.focused, Editor), "the focus in the document")
        # the preview is the whole document
        await user.resize(80, 120)
        await user.type("seen by readers")
        titles = user.titles
        await user.press("f3")
        await user.shows(r" preview\n", "seen by readers")
        shown = user.text
        for title in titles:
            assert title.partition(":")[0] in shown, title
        assert "##" not in shown
        await user.press("q")
        await user.shows("cell 1 of")
        await user.type("!")
        assert user.cells[0].endswith("readers!")
