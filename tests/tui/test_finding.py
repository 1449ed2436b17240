"""Find and replace: in all cells, as one types, with the keys in the bar until it is over."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.postmortem import Cell, CellKind
from pmtui.sandbox.server import Sandbox
from pmtui.tui.editor import search
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.document import DocumentView
from tests.tui.test_gaps import folder
from tests.tui.user import CHECKOUT, User, program, using

CELLS = (Cell("a", "Cache and cache"), Cell("b", "graph: cache", CellKind.OPAQUE), Cell("c", "no CACHE\ncache"))


# ---- where it stands -------------------------------------------------------------------------------------------------
def test_capitals_count_only_when_one_was_typed() -> None:
    assert [match[:2] for match in search.matches(CELLS, "cache")] == [(0, 0), (0, 10), (1, 7), (2, 3), (2, 9)]
    assert [match[:2] for match in search.matches(CELLS, "Cache")] == [(0, 0)]
    assert search.matches(CELLS, "") == ()


def test_the_walk_comes_round() -> None:
    found = search.matches(CELLS, "cache")
    assert search.after(found, (0, 0)) == 0
    assert search.after(found, (0, 1)) == 1
    assert search.after(found, (2, 10)) == 0
    assert search.before(found, (2, 3)) == 2
    assert search.before(found, (0, 0)) == 4


@given(st.text("aAb.\n", max_size=40), st.text("aAb.", min_size=1, max_size=3), st.text("ab\\1.", max_size=3))
def test_what_is_replaced_is_what_was_found(text: str, wanted: str, instead: str) -> None:
    cell = Cell("a", text)
    found = search.matches([cell], wanted)
    after, number = search.replaced(cell, wanted, instead)
    assert number == len(found)
    assert len(after) == len(text) + number * (len(instead) - len(wanted))
    ends = [0, *(match.end for match in found)]
    kept = [text[start:end] for start, end in zip(ends, [*(match.start for match in found), len(text)], strict=True)]
    assert instead.join(kept) == after


def test_a_cell_that_cannot_be_edited_keeps_its_text() -> None:
    assert search.replaced(CELLS[1], "cache", "x") == ("graph: cache", 0)


# ---- on the screen ---------------------------------------------------------------------------------------------------
async def test_it_finds_while_one_types_and_walks_round(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        before = user.cells
        await user.press("ctrl+f")
        await user.shows("type what to find", "enter next")
        await user.type("cache")
        number = len(search.matches(user.app.session.mine.cells, "cache"))  # type: ignore[union-attr]
        assert number > 3
        await user.shows(rf"(?m)find +cache +\d+ of {number}$")
        first = user.line("find +cache")
        await user.press("enter")
        await user.until(lambda: user.line("find +cache") != first, "the next one")
        for _ in range(number - 1):
            await user.press("enter")
        await user.until(lambda: user.line("find +cache") == first, "all the way round")
        await user.press("shift+enter")
        await user.until(lambda: user.line("find +cache") != first, "the one before")
        await user.press("enter")
        await user.until(lambda: user.line("find +cache") == first, "and back")
        await user.type("zzz")
        await user.shows("not found")
        assert user.cells == before


async def test_where_the_keys_go_and_where_the_caret_is_afterwards(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.go_to(CHECKOUT)

        with subtests.test("a search that is typed behind enter is not ended by the focus that came before"):
            await user.together("enter", "ctrl+f", *"cache", "tab", *"store")
            await user.shows(r"find +cache +\d+ of", r"replace +store")
            assert not any("store" in text for text in user.cells)
            await user.press("escape")
            await user.no_longer_shows("find +cache")

        before, screen = user.cells, user.app.screen
        assert isinstance(screen, PostmortemScreen)

        async def as_it_was() -> None:
            while user.cells != before:
                await user.press("ctrl+z")

        for packet in (True, False):
            with subtests.test("what is typed goes into the bar, and escape returns the caret", packet=packet):
                at = re.findall(r"cell \d+ of .*", user.text)
                keys = ("ctrl+f", *"cache", "enter", "escape", "Q")
                await (user.together(*keys) if packet else user.press(*keys))
                await user.until(lambda: user.cells[0] == before[0] + "Q", "the caret where it was")
                assert user.cells[1:] == before[1:]
                await user.no_longer_shows("find +cache")
                now = re.findall(r"cell \d+ of .*", user.text)
                assert [line.split(" · ")[:2] for line in now] == [line.split(" · ")[:2] for line in at]
                await as_it_was()

        with subtests.test("it begins with what is selected, which is selected again behind it"):
            await user.press("ctrl+down", "alt+l", "ctrl+f")
            await user.type("checkouts")
            await user.shows(rf"find +checkouts +1 of {sum(text.lower().count('checkouts') for text in before)}")
            await user.press("escape", "Q")
            await user.until(lambda: user.cells[1] == "Q", "the whole cell typed over")
            await as_it_was()
            await user.press("ctrl+up")

        with subtests.test("elsewhere shift and enter are enter"):
            await user.press("x", "shift+enter", "y")
            assert user.cells[0].endswith("x\ny")
            await as_it_was()

        with subtests.test("a focus that is told late does not end a search"):

            async def find_before_the_text_has_told_of_its_focus() -> None:
                await screen.action_find()
                screen.finder.focus_moved()

            screen.call_next(find_before_the_text_has_told_of_its_focus)
            await user.type("cache")
            await user.shows(r"find +cache +\d+ of")
            assert user.cells == before
            await user.press("escape")

        with subtests.test("what is taken in meanwhile does not end a search"), monkeypatch.context() as slow:
            lay_out, found = screen.document.lay_out, asyncio.Event()

            async def slowly(cells: Sequence[Cell], *, locked: bool) -> None:
                await lay_out(cells, locked=locked)
                await found.wait()

            slow.setattr(screen.document, "lay_out", slowly)
            screen.run_worker(screen.sync())
            await user.press("ctrl+f")
            await user.type("rolled back")
            await user.shows("find +rolled back +1 of")
            found.set()
            await user.type("x")
            await user.shows("find +rolled backx +not found")
            assert user.cells == before
            await user.press("escape")

        with subtests.test("the outline finds with a slash"):
            await user.press("ctrl+g", "slash")
            await user.type("timeline")
            await user.shows("find +timeline +1 of")
            await user.press("escape", "escape")
            await user.shows(r"cell \d+ of \d+ · line")

        with subtests.test("ctrl+f again stays at what was found"):
            await user.press("ctrl+f")
            await user.type("rolled back")
            await user.shows("1 of ")
            await user.press("ctrl+f")
            await user.no_longer_shows("find +rolled")
            await user.type("X")
            await user.until(lambda: any("Xrolled back" in cell for cell in user.cells), "the cursor at the match")
            await as_it_was()


async def test_one_by_one_and_all_as_one_undo(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.into()
        # replacing again starts in the first line, with both to be typed over
        unchanged = user.cells
        await user.press("alt+r")
        await user.shows("type what to find", "type what to put there")
        await user.type("rolled back")
        await user.press("tab")
        await user.type("rolled on")
        await user.press("enter")
        await user.shows("1 replaced · ctrl\\+z takes it back", "(?m)find +rolled back +1 replaced$")
        await user.press("escape", "alt+r")
        await user.shows("find +rolled back", "replace +rolled on")
        await user.type("rolled on")
        await user.press("tab")
        await user.type("rolled back")
        await user.press("tab")
        await user.type("rolled on")
        await user.shows("find +rolled on +1 of 1", "(?m)replace +rolled back +any case$")
        await user.press("escape", "ctrl+z", "escape")
        await user.shows("   REF ")

        await user.into()
        assert user.cells == unchanged
        before = user.cells
        assert user.app.session is not None
        number = sum(text.lower().count("cache") for text in before)
        await user.press("ctrl+f")
        await user.type("cache")
        await user.press("enter", "enter", "enter", "tab")
        await user.shows("type what to put there +any case", "ctrl\\+r all")
        await user.press("f1")
        await user.shows(r"enter +next match, or replace it[\s\S]*ctrl\+r +replace all: one undo[\s\S]*ctrl\+s +review and save")
        await user.press("escape")
        await user.type("store")
        await user.press("enter")
        await user.shows(rf"(?m)find +cache +\d+ of {number - 1}$")
        one = user.cells
        assert sum(text.lower().count("cache") for text in one) == number - 1
        await user.press("ctrl+r")
        await user.shows(rf"{number - 1} replaced in \d+ cells? · ctrl\+z takes it back", rf"(?m)find +cache +{number - 1} replaced$")
        assert not any("cache" in text.lower() for text in user.cells)
        document = user.app.screen.query_one(DocumentView)
        await user.until(
            lambda: document.editor is not None and document.region.contains_point(document.editor.cursor_screen_offset),
            "the cursor, whatever height the cells above it got",
        )
        await user.press("escape", "ctrl+z")
        await user.until(lambda: user.cells == one, "all of it taken back")
        await user.press("ctrl+z")
        await user.until(lambda: user.cells == before, "the first one, too")
        # a name that is replaced in a mention takes its account along
        assert user.app.session is not None
        session = user.app.session
        cell = next(each for each in session.mine.cells if each.editable and not each.pinned)
        session.edit_cell(cell.key, cell.text + "\n\n@[Samuel Okafor](1f759a14-af60-413f-a48d-d0eef88b0435) did it.")
        await user.press("alt+r")
        await user.type("Samuel Okafor")
        await user.press("tab")
        await user.type("Nobody Known")
        await user.shows("replace +Nobody Known +this case")
        await user.press("ctrl+r")
        await user.shows(r"@\[Nobody Known\] still notifies Samuel Okafor: no")
        assert any("@[Nobody Known](1f759a14-" in text for text in user.cells)
        await user.press("escape", "ctrl+z", "alt+r")
        await user.press("tab")
        await user.type("Pavel Novák")
        await user.press("ctrl+r")
        await user.shows(r"@\[Pavel Novák\] has the account of that name")
        assert any("@[Pavel Novák](0892d5f5-e4f6-44a1-afa8-85db2f2c525a) did it." in text for text in user.cells)


SIZES = ((80, 24), (60, 20), (120, 35), (40, 12), (200, 50), (40, 12), (80, 24))
LONG_CELL = "## Notes\n\n" + "\n\n".join(f"Line {n} of the notes, long enough to be broken in a narrow window." for n in range(40))
NEEDLED = LONG_CELL.replace("Line 30 of", "Line 30 with the needle of") + "\n\n## After\n\n" + LONG_CELL[10:]


@pytest.mark.long
@pytest.mark.parametrize("locked", [False, True], ids=["text and preview", "locked"])
async def test_a_match_stays_in_sight_when_the_window_changes(home: Path, locked: bool) -> None:
    async with program(folder(home, f"---\ntitle: A new one\n---\n\n{NEEDLED}\n"), "here", read_only=locked) as user:
        await user.shows("A new one", "read ")
        await user.press("enter")
        await user.shows(r"cell \d+ of")
        await find_in_all_windows(user)
        before = user.cells
        if locked:  # it is searched, and not replaced
            await user.press("tab", "x", "ctrl+r")
            assert user.cells == before
            return
        await user.press("escape", "f3")
        await user.shows(" preview")
        await find_in_all_windows(user)


async def find_in_all_windows(user: User) -> None:
    await user.press("ctrl+f")
    await user.type("needle")
    await user.shows("1 of 1", r"the needle of|the needle$|needle of")
    for size in SIZES:
        await user.resize(*size)
        rows = r"(?m)^(?! find).*needle"
        await user.shows(rows)
        await user.press("f20")  # nothing more comes
        assert re.search(rows, user.text), size
        assert "enter next" in user.keys and user.keys.endswith("esc back"), size
