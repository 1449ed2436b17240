"""The document: writing in cells, moving them about, taking it back, and leaving."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.tui.editor.cell_editor import Editor
from tests.tui.colleague import Colleague
from tests.tui.stage import CHECKOUT, Stage, one_vendor, stage
from tests.turns import every_vendor

WRITES = ("POST", "PUT", "PATCH", "DELETE")
FIRST = {"datadog": "Summary", "opsgenie": "Executive summary"}
SECOND = {"datadog": "Impact", "opsgenie": "Summary"}
HOST = {"datadog": "graph", "opsgenie": "panel"}


@pytest.fixture
def vendor() -> str:
    """The screens know none: what each vendor's own is, is tested where it is told apart."""
    return "opsgenie"


def writes(sandbox: Sandbox) -> list[str]:
    return [each["path"] for each in sandbox.requests if each["method"] in WRITES]


def editor(user: Stage) -> Editor:
    found = user.app.focused
    assert isinstance(found, Editor), found
    return found


def in_one_packet(user: Stage, *keys: str) -> None:
    """As a slow line delivers what was typed ahead."""
    for key in keys:
        user._send(key)


# ---- writing ----------------------------------------------------------------------------------------------------
@every_vendor
async def test_typing_types_at_the_end_of_the_first_cell(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        assert FIRST[vendor] in user.line("▌")
        assert user.status.startswith(" unchanged · read ")
        before = user.cells[0]
        await user.type(" qjkgG/ ?1")
        assert user.cells[0] == before + " qjkgG/ ?1", "no key of a list does what it does in a list"
        assert user.cells[1:] == user.cells[1:]
        await user.shows(rf"▌ ?1 {FIRST[vendor]} +±", rf"── 1 {FIRST[vendor]} ± ──", "qjkgG/ \\?1")
        assert writes(sandbox) == []


@one_vendor
async def test_the_status_line_comes_to_say_that_the_draft_is_on_disk(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type("x")
        await user.shows(r"edited · draft on disk \d\d:\d\d:\d\d")
        assert list((home / "state").rglob("drafts/*"))


async def test_the_cell_that_has_the_cursor_is_the_one_that_is_written(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
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


async def test_the_cursor_walks_from_cell_to_cell(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        await user.press("down")
        await user.shows(r"cell 2 of \d+ · line 1 ")
        await user.press("up")
        await user.shows("cell 1 of")
        await user.press("ctrl+down", "ctrl+down", "ctrl+end")
        await user.shows("cell 3 of")


# ---- cells ------------------------------------------------------------------------------------------------------
@one_vendor
async def test_what_is_typed_behind_an_arrow_goes_where_the_cursor_went(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
        in_one_packet(user, "down", *"below")
        await user.shows("cell 2 of", "below")
        assert user.cells[0] == before[0]
        assert user.cells[1] == "below" + before[1]
        in_one_packet(user, "home", "up", *"!")
        await user.shows("cell 1 of")
        await user.until(lambda: "!" in user.cells[0], "the key in the cell above")
        assert user.cells[1] == "below" + before[1]


@one_vendor
@pytest.mark.parametrize("key", ["ctrl+z", "ctrl+r", "f8"])
async def test_when_its_cell_goes_the_cursor_is_in_a_neighbour(sandbox: Sandbox, home: Path, vendor: str, key: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
        await user.press("ctrl+n")
        await user.shows("cell 2 of")
        await user.press(key)
        await user.until(lambda: user.cells == before, "the new cell gone")
        await user.shows(r"cell \d+ of \d+ · line \d+")
        await user.type("QQQ")
        assert any("QQQ" in cell for cell in user.cells)


@one_vendor
async def test_the_cursor_stays_in_sight_when_the_window_changes(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.press("ctrl+down", "ctrl+down")
        await user.type(" HERE")
        for size in ((30, 8), (60, 20), (100, 30), (80, 24)):
            await user.pilot.resize_terminal(*size)
            await user.shows("HERE")


@one_vendor
async def test_what_is_typed_behind_undo_is_not_undone(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
        await user.type("wrong")
        in_one_packet(user, "ctrl+z", *"right")
        await user.until(lambda: user.cells[0] == before[0] + "right", "undo, then the word")
        await user.press("ctrl+n")
        await user.shows("cell 2 of")
        in_one_packet(user, "ctrl+z", *"on")  # the cell goes with what was typed into it
        await user.until(lambda: "on" in user.cells, "what came behind it, in a cell")
        await user.shows(r"cell \d+ of")


@every_vendor
async def test_a_cell_is_added_below_and_moved(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
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
        assert user.titles[0] == (FIRST[vendor] if vendor == "opsgenie" else "Lessons!"), "Opsgenie's executive summary stays the first"


@one_vendor
async def test_deleting_a_cell_asks_and_can_be_taken_back(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before, titles = user.cells, user.titles
        await user.press("ctrl+down", "f8")
        await user.shows(f"Delete the cell “{SECOND[vendor]}”")
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


@one_vendor
async def test_an_empty_cell_is_deleted_without_a_question(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
        await user.press("ctrl+down", "ctrl+n")
        await user.shows("3 empty")
        await user.press("f8")
        await user.until(lambda: user.cells == before, "the cell gone")
        await user.shows("unchanged")


@one_vendor
async def test_a_cell_is_put_back(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        before = user.cells
        await user.type("abc")
        await user.press("ctrl+down")
        await user.type("def")
        await user.press("ctrl+r")
        assert user.cells == [before[0] + "abc", *before[1:]]
        assert editor(user).source_text == before[1]
        await user.press("ctrl+up", "ctrl+r")
        assert user.cells == before
        await user.shows("unchanged")


@one_vendor
async def test_undo_and_redo_go_to_what_they_change(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
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


async def test_what_markdown_cannot_say_is_shown_and_kept(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        before = user.cells
        await user.press("ctrl+down", "ctrl+down")
        await user.shows("cell 3 of", "▌3 ▦ timeseries", r"▦ timeseries: p99[^▦]* read-only here,\s+kept as\s+it\s+is")
        assert "line" not in user.status
        await user.type("typed into nothing")
        assert user.cells == before
        await user.press("f4")
        await user.shows("this cell is read-only here, kept as it is")
        await user.press("f7", "f7")
        assert user.cells == [*before[:2], *before[3:5], before[2], *before[5:]]
        await user.press("delete")
        await user.shows("Delete the cell “▦? ?timeseries", "cannot be typed again")
        await user.press("escape")
        await user.press("ctrl+r")
        await user.until(lambda: user.cells == before, "the place put back")


# ---- finding one's way ------------------------------------------------------------------------------------------
@one_vendor
async def test_the_outline_leads_to_a_cell(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        title = user.titles[4]
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


@one_vendor
async def test_the_outline_folds_away_where_there_is_no_room(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(60, 24)) as user:
        await user.into()
        assert "│" not in user.line("── 1 ")
        await user.type("x")
        await user.shows("± ──")


async def test_a_short_window_is_all_document(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie", size=(80, 12)) as user:
        await user.into()
        assert "── 1 Executive summary" in user.lines[0]
        assert "cell 1 of" in user.lines[-1]
        await user.type("x")
        await user.shows("draft on disk")


@one_vendor
async def test_the_form_stands_beside_the_document_where_there_is_room(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(140, 30)) as user:
        await user.into()
        await user.shows(r"│.*Severity +(SEV-1|P1)")
        await user.press("f2")
        await user.until(lambda: not isinstance(user.app.focused, Editor), "the focus in the form")
        await user.press("f2")
        await user.until(lambda: isinstance(user.app.focused, Editor), "the focus in the document")


async def test_the_preview_is_the_whole_document(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(80, 120)) as user:
        await user.into()
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


async def test_reading_the_server_again_keeps_what_is_written(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.type(" mine")
        Colleague(sandbox, vendor).rewrite(CHECKOUT, "The failover script", "THEIRS: the script")
        await user.press("f5")
        await user.shows("Root cause")
        await user.until(lambda: any("THEIRS" in cell for cell in user.cells), "what the colleague wrote")
        assert user.cells[0].endswith(" mine")
        await user.press("f5")
        await user.shows("nothing new on the server")


# ---- what cannot be edited --------------------------------------------------------------------------------------
async def test_a_text_that_lives_elsewhere_is_locked_and_its_fields_are_not(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
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


async def test_a_published_postmortem_says_what_editing_means(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.go_to("redis-sessions evicts keys")
        await user.press("enter")
        await user.shows("#26 ", " ! .*published")
        cells = user.cells
        await user.type("x")
        await user.shows(r" ! .*published[\s\S]*ctrl\+u to edit[\s\S]*published[\s\S]*ctrl\+u to edit")
        assert user.cells == cells
        await user.press("ctrl+u")
        await user.shows("edit it")
        await user.press("e")
        await user.until(lambda: isinstance(user.app.focused, Editor), "the cursor in a cell")
        await user.type("x")
        assert user.cells[0] == cells[0] + "x"
        review = await user.review()
        assert "3 writes: Set back to draft → Executive summary → Publish again" in review
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d · published again", " ! when you save: this postmortem is published")
        kept = sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem("redis-sessions")]
        assert kept["status"] == "published"
        await user.press("alt+p")
        await user.shows("it is published, and nothing is changed")


async def test_one_key_publishes_through_the_review(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
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
        await user.press("alt+p")
        await user.shows("1 change, 1 write")
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")
        assert kept["status"] == "published"


@one_vendor
@pytest.mark.parametrize("way", ["--read-only", "PMTUI_READ_ONLY"])
async def test_read_only_is_read_only(sandbox: Sandbox, home: Path, vendor: str, way: str) -> None:
    more = {"PMTUI_READ_ONLY": "1"} if way.startswith("PMTUI") else {}
    async with stage(home, sandbox, vendor, read_only=not more, more=more) as user:
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


async def test_one_of_several_postmortems_is_chosen(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
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


# ---- leaving ----------------------------------------------------------------------------------------------------
@one_vendor
async def test_leaving_without_a_change_asks_nothing(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.press("escape")
        await user.shows("enter open")
        assert "not on the server" not in user.text
        assert not list((home / "state").rglob("drafts/*.journal"))


@one_vendor
async def test_leaving_asks_and_escape_stays(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
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
        await user.press("escape")
        await user.shows("review and save")
        await user.press("s")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows("saved · verified")
        assert "kept!" in Colleague(sandbox, vendor).text(CHECKOUT)


@one_vendor
async def test_a_kept_draft_opens_without_a_question_where_it_was_left(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.press("ctrl+down", "ctrl+home")
        await user.type("kept")
        await user.press("ctrl+q")
        await user.shows("keep the draft")
        await user.press("k")
        await user.until(lambda: user.app._exit, "the end")
    async with stage(home, sandbox, vendor) as user:
        await user.go_to(CHECKOUT)
        await user.press("enter")
        await user.shows(r"cell 2 of", r"draft of \d\d:\d\d, not sent")
        await user.type("!")
        assert user.cells[1].startswith("kept!")
        await user.press("ctrl+z", "ctrl+z")
        assert not user.cells[1].startswith("kept"), "undo reaches over the restart"


@one_vendor
async def test_discarding_asks_twice(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
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


async def test_numbers_and_edges_in_the_outline_go_to_cells(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "opsgenie") as user:
        await user.into()
        number = len(user.cells)
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


@one_vendor
async def test_a_cell_is_selected_cleared_and_gets_a_panel(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.into()
        await user.press("ctrl+down")
        before = user.cells[1]
        await user.press("alt+k")
        heading = before.split("\n")[0]
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


async def test_panels_are_offered_where_the_vendor_has_them(sandbox: Sandbox, home: Path) -> None:
    async with stage(home, sandbox, "datadog") as user:
        await user.into()
        assert "insert a panel" not in {each.binding.description for each in user.app.screen.active_bindings.values()}
        assert "clear the cell" in {each.binding.description for each in user.app.screen.active_bindings.values()}


@one_vendor
async def test_the_cell_with_the_cursor_is_in_sight_when_one_comes_back(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(60, 20)) as user:
        await user.into()
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
