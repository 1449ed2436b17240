"""A timeline by hand: one key for a time, order by one action, and what it covers in sight."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.formats.timeline import misplaced, timeline_entries
from pmtui.sandbox.server import Sandbox
from pmtui.tui import words
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.editor.read_text import ReadText
from pmtui.tui.flows.document import timeline
from pmtui.tui.screens import writing
from pmtui.tui.screens.postmortem import PostmortemScreen
from pmtui.tui.widgets.cell import Opaque
from pmtui.tui.widgets.document import DocumentView
from pmtui.tui.widgets.outline import Outline
from pmtui.tui.worker_groups import Group, is_running
from tests.gate import gate
from tests.held import Held
from tests.tui.test_gaps import folder, into
from tests.tui.user import User, program, using
from tests.turns import every_vendor

TEXT = """---
title: A new one
---

## Timeline

- 02:14 Alert fires
- 03:31 Rolled back
- 02:17 Jane takes command

## Cause

A certificate.
"""


async def entry(user: User, time: str) -> None:
    await user.press("ctrl+t")
    await user.shows("Time in UTC")
    await user.type(time)
    await user.press("enter")
    await user.no_longer_shows("Time in UTC")


async def test_entries_out_of_order_are_marked_and_sorted_and_a_key_begins_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "now", lambda: datetime(2026, 11, 17, 9, 30, tzinfo=UTC))  # which day a time means depends on the hour
    began = TEXT.replace("title: A new one\n", "title: A new one\nstarted: 2026-11-17T02:00:00Z\n")
    async with program(folder(home, began), "here") as user:
        await into(user)
        before = user.cells
        await user.shows("02:14–03:31", "! not in order", "! gap 02:17–03:31")
        editor = user.app.screen.document.editor  # type: ignore[attr-defined]
        marked = [line for line in range(6) if any(span.style == "late" for span in editor.marks(line))]
        assert [editor.document[line] for line in marked] == ["- 02:17 Jane takes command"]
        await user.press("left", "left", "alt+s")
        await user.shows("sorted, 1 stood too low")
        assert user.cells[0].endswith("- 02:14 Alert fires\n- 02:17 Jane takes command\n- 03:31 Rolled back")
        assert editor.cursor_location == (3, len("- 02:17 Jane takes comma")), "the cursor stays in its entry"
        await user.no_longer_shows("not in order")
        await user.press("alt+s")
        await user.shows("the timeline is in order")
        await user.press("ctrl+z")
        await user.until(lambda: user.cells == before, "one undo")
        await user.press("ctrl+down", "alt+s")
        await user.shows("no timeline here")
        # from another section a key begins an entry in the timeline, at its place
        await user.press("ctrl+t")
        await user.shows("New entry in “Timeline”", "▌1 Timeline")
        await user.press("escape")
        await user.shows("▌2 Cause")
        await user.together("ctrl+t", *"02:15")  # as a slow line delivers it
        await user.shows("New entry in", "02:15")
        await user.press("enter")
        await user.type("Paged")
        await user.until(lambda: user.cells == [before[0].replace("- 03:31", "- 02:15 Paged\n- 03:31"), before[1]], "the entry")
        while user.cells != before:
            await user.press("ctrl+z")
        await user.press("ctrl+down")
        # a folder has no timeline of its own, and says so
        await user.press("alt+i")
        await user.shows("not possible here")
        # the palette has it by name
        await user.press("ctrl+p")
        await user.shows("Search for commands")
        await user.type("timeline")
        await user.shows("new timeline entry", "sort the timeline")
        await user.press("escape")
        await user.no_longer_shows("Search for commands")
        # a key begins an entry at the time that is typed
        await user.press("ctrl+up", "ctrl+end")
        await user.shows("▌1 Timeline")
        await entry(user, "02:20")
        await user.type("Paged")
        assert user.cells[0] == before[0] + "\n- 02:20 Paged"
        await entry(user, "")
        assert user.cells[0].endswith("- 02:20 Paged\n- 09:30 "), "now"
        await entry(user, "yesterday 23:50")
        assert user.cells[0].endswith("- 02:20 Paged\n- 23:50 "), "an empty entry gets the new time"
        await user.press("ctrl+t")
        await user.type("noon")
        await user.press("enter")
        await user.shows("noon is no time; type 02:14, -5m, yesterday 23:50")
        await user.press("escape")
        assert user.cells[0].endswith("- 23:50 ")


async def test_an_entry_of_another_day_keeps_its_date_and_its_place(home: Path) -> None:
    night = TEXT.replace("title: A new one\n", "title: A new one\nstarted: 2026-11-16T23:47:00Z\n")
    night = night.replace("02:14", "23:47").replace("02:17", "00:02").replace("03:31", "23:59")
    async with program(folder(home, night), "here") as user:
        await into(user)
        before = user.cells[0]
        await entry(user, "27 nov 23:40")
        await user.type("Written up")
        assert user.cells[0] == before + "\n- 2026-11-27 23:40 Written up"
        await user.shows(r"T\+10d23h", "23:47–11-27 23:40")
        await entry(user, "00:05")  # below a date a time is of the day of the entry above, or the next
        assert user.cells[0].endswith("Written up\n- 00:05 ")
        await user.shows(r"T\+11d0h")
        assert "! not in order" not in user.text
        await user.press(*["backspace"] * 9)
        await user.until(lambda: user.cells[0].endswith("Written up"), "the entry taken back")
        await entry(user, "17 nov 00:05")
        assert user.cells[0].endswith("Written up\n- 2026-11-17 00:05 ")
        await user.shows(r"T\+18m", "! not in order")
        await user.press("alt+s")
        await user.shows("sorted, 1 stood too low")
        assert user.cells[0].endswith("- 23:59 Rolled back\n- 00:02 Jane takes command\n- 2026-11-17 00:05 \n- 2026-11-27 23:40 Written up")


@every_vendor
async def test_entries_of_the_server_come_in_order_each_once(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.into()
        section = next(index for index, title in enumerate(user.titles) if "Timeline" in title)
        before = user.cells[section]
        await user.press("alt+i")
        await user.shows("Timeline of the server, into", "0 taken · space take  a all !  enter insert  esc back")
        await user.together("a", "space", "down", "space")  # in one packet: in order
        await user.together("up", "space", "down", "down", "space")
        await user.shows(r"[1-9]\d* taken")
        taken = int(re.findall(r"(\d+) taken", user.text)[0])
        await user.press("enter")
        await user.shows(rf"{taken} inserted · ctrl\+z takes it back")
        after = user.cells[section]
        assert len(timeline_entries(after)) == len(timeline_entries(before)) + taken
        assert misplaced(timeline_entries(after)) == ()
        assert not set(before.splitlines()) - set(after.splitlines()), "what stood there stays"
        await user.press("alt+i")
        await user.shows("✓")
        if vendor == "datadog":  # what is cut in its line stands below the list
            assert "212 gave up" not in user.text
            await user.press(*["down"] * 4)
            await user.shows(
                r"▌.*Impact began: 4 % of checkouts failed; abo…", r"about 1,900 customers saw +│\n.* an error page and 212 gave up"
            )
        await user.press("pageup", "pageup", "space")
        await user.shows("0 taken .* this is in the text already")
        await user.press("a", "enter")
        await user.shows("0 taken .* enter inserts nothing yet")
        await user.press("escape")
        await user.no_longer_shows("Timeline of the server")
        assert user.cells[section] == after
        await user.press("ctrl+z")
        await user.until(lambda: user.cells[section] == before, "one undo")
        if vendor == "datadog":
            await the_status_line_says_how_long_after_start_and_detection_an_entry_is(user)
        # who went on to the preview meanwhile is not asked there
        with gate(sandbox) as answers:
            await user.press("alt+i")
            await user.until(lambda: answers.held, "the request for the timeline")
            await user.press("f3")
            await user.shows(r" preview\n")
            answers.open()
            await user.until(lambda: not is_running(user.app.screen_stack[-2], Group.SERVER), "the timeline")
            assert "Timeline of the server" not in user.text
        await user.press("escape")
        await user.shows(r"the timeline was read: alt\+i shows it")


async def the_status_line_says_how_long_after_start_and_detection_an_entry_is(user: User) -> None:
    assert user.app.session is not None
    place = user.titles.index("Timeline")
    await user.press("ctrl+g", "home", "enter", *["ctrl+down"] * place)
    await user.shows(rf"cell {place + 1} of \d+ · line \d+ · T\+\d+m · detected \+\d+m")
    mine = user.app.session.mine
    entries = timeline_entries(user.cells[place])
    created = mine.incident.created
    assert created is not None
    apart = entries[-1].minute % (24 * 60) - created.hour * 60 - created.minute
    await user.shows(rf"T\+{apart % (24 * 60)}m")
    await user.press("ctrl+t")
    await user.shows("Time in UTC")
    await user.type("-9h")
    await user.press("enter")
    await user.shows(rf"(?m)edited · draft on disk \S+ +cell {place + 1} of \d+ · T-\d+h\d\dm · detected -\d+h\d\dm$")


async def test_who_goes_back_from_the_question_is_where_the_key_was_pressed(home: Path) -> None:
    """With the focus, what is selected, and what is in sight."""
    paragraphs = "\n\n".join(f"Paragraph {number} of the cause." for number in range(30))
    async with program(folder(home, TEXT.replace("A certificate.", paragraphs)), "here", size=(150, 24)) as user:
        await into(user)
        screen = user.app.screen
        assert isinstance(screen, PostmortemScreen)
        document = screen.document

        async def asked_and_back() -> None:
            await user.shows("New entry in “Timeline”", "▌1 Timeline|Timeline")
            await user.press("escape")
            await user.no_longer_shows("New entry in")
            await user.together()

        # in another section, with words selected from right to left, in the middle of it
        await user.press("ctrl+down", *["up"] * 24, *["shift+left"] * 4)
        editor = document.editor
        assert editor is not None
        selection, scrolled = editor.selection, document.scroll_y
        assert selection.end < selection.start
        await user.press("ctrl+t")
        await asked_and_back()
        await user.until(lambda: document.scroll_y == scrolled, "what was in sight")
        assert (document.current, document.editor, user.app.focused) == (1, editor, editor)
        assert editor.selection == selection
        # the same behind a search
        await user.press("ctrl+f", *"rolled")
        await user.shows("1 of 1")
        await user.press("escape")
        await user.until(lambda: document.scroll_y == scrolled, "what was in sight")
        assert (document.current, user.app.focused, editor.selection) == (1, editor, selection)
        # in the outline
        await user.press("ctrl+g", "ctrl+t")
        await asked_and_back()
        assert isinstance(user.app.focused, Outline)
        await user.until(lambda: document.current == 1 and editor.selection == selection, "the cursor in the text")
        # in the form beside the text
        await user.press("f2", "down", "down")
        await user.shows("▌  Severity")
        row = user.app.focused
        await user.press("ctrl+t")
        await asked_and_back()
        await user.shows("▌  Severity")
        assert user.app.focused is row and editor.selection == selection
        # an entry that is begun there is typed into the text
        await user.press("f2", "ctrl+up", "ctrl+g", "ctrl+t")
        await user.shows("New entry in “Timeline”")
        await user.type("02:15\n")
        await user.shows("- 02:15 ")
        await user.type("Paged")
        await user.until(lambda: "- 02:15 Paged" in user.cells[0], "the entry")


async def test_keys_typed_while_a_timeline_is_read_go_behind_the_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long one is read in a thread. At the cursor, and from another section, where what others wrote comes in meanwhile."""
    monkeypatch.setattr(words, "now", lambda: datetime(2026, 11, 17, 9, 30, tzinfo=UTC))
    async with program(folder(home, TEXT), "here") as user:
        await into(user)
        await user.press("ctrl+t")
        await user.shows("New entry in “Timeline”")
        with monkeypatch.context() as patch:
            held = Held(patch, timeline, "new_entry")
            for key in (*"02:20", "enter"):
                user._send(key)
            await user.until(lambda: held.begun == 1, "the timeline is read")
            await user.no_longer_shows("New entry in")
            for key in "Paged":
                user._send(key)
            assert user.cells[0].endswith("Jane takes command")
            held.let_go()
            await user.until(lambda: user.cells[0].endswith("\n- 02:20 Paged"), "the entry with its words")
        await user.press("ctrl+down", "ctrl+t")
        await user.shows("New entry in “Timeline”")
        with monkeypatch.context() as patch:
            held = Held(patch, timeline, "new_entry_by_time")
            for key in (*"02:15", "enter"):
                user._send(key)
            await user.until(lambda: held.begun == 1, "the timeline is read")
            await user.no_longer_shows("New entry in")
            for key in "Late":
                user._send(key)
            screen = user.app.screen
            assert isinstance(screen, PostmortemScreen)
            screen.session.edit_cell(screen.session.mine.cells[0].key, user.cells[0].replace("Alert", "An alert"))
            await screen.sync()
            held.let_go()
            await user.until(lambda: "Late" in user.cells[0], "the entry with its words")
        assert user.cells[0].partition("\n- 03:31")[0] == "## Timeline\n\n- 02:14 An alert fires\n- 02:15 Late"
        assert held.begun == 2


async def test_keys_typed_while_a_timeline_is_sorted_stay_in_their_entry(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a long one is sorted, and while what came of it is read for the screen."""
    async with program(folder(home, TEXT), "here") as user:
        await into(user)
        for module, name, word in ((writing, "rearranged", " one"), (ReadText, "of", " two")):
            await user.until(lambda: "command" in user.cells[0].splitlines()[-1], "an entry that stands too low")
            with monkeypatch.context() as patch:
                held = Held(patch, module, name)
                for key in ("alt+s", *word):
                    user._send(key)
                await user.until(lambda held=held: held.begun == 1, "at work")  # type: ignore[misc]
                held.let_go()
                wanted = f"- 02:17 Jane takes command{word}\n- 03:31 Rolled back"
                await user.until(lambda wanted=wanted: wanted in user.cells[0], "sorted, and typed behind")  # type: ignore[misc]
                await user.shows(rf"takes command{word} *\n.*03:31")
            await user.press("ctrl+z", "ctrl+z")


async def test_a_section_may_change_while_entries_of_the_server_are_put_into_it(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        await user.press("alt+i")
        await user.shows("Timeline of the server")
        held = Held(monkeypatch, timeline, "added")
        for key in ("space", "enter"):
            user._send(key)
        await user.until(lambda: held.begun == 1, "entries are being put in")
        before = user.cells
        await user.type("typed meanwhile")
        await user.until(lambda: user.cells != before, "what is typed")
        there = user.cells
        held.let_go()
        await user.shows("the section was changed meanwhile|inserted")
        assert [cell for cell in user.cells if "typed meanwhile" in cell] == [cell for cell in there if "typed meanwhile" in cell]


def words_at(editor: Editor) -> tuple[str, int]:
    """The line of the cursor, and its column."""
    row, column = editor.cursor_location
    return editor.document[row], column


async def test_sorting_moves_what_is_out_of_order_around_the_cursor(home: Path) -> None:
    """It stays in its entry and its row of the screen, with what is selected."""
    lines = [f"- {2 + number // 60:02}:{number % 60:02} entry {number}" for number in range(80)]
    lines.insert(60, lines.pop(3))
    lines.insert(5, lines.pop(70))
    text = TEXT.partition("- 02:14")[0] + "\n".join(lines) + "\n\n## Cause\n\nUnknown\n"
    async with program(folder(home, text), "here") as user:
        await into(user)
        before = user.cells
        editor = user.app.screen.query_one(DocumentView).editor
        assert editor is not None
        for up, left in ((30, 4), (5, 2), (30, 1)):  # also in an entry that is moved itself
            await user.press(*["up"] * up, *["shift+left"] * left)
            here, selected = words_at(editor), editor.selected_text
            row = editor.cursor_screen_offset.y
            await user.press("alt+s")
            await user.shows("sorted, ")
            await user.together()
            assert (words_at(editor), editor.selected_text) == (here, selected)
            assert editor.cursor_screen_offset.y == row
            assert user.cells[0].splitlines()[2:] == sorted(lines)
            await user.press("ctrl+z")
            await user.until(lambda: user.cells == before, "one undo")
            await user.press("ctrl+end")
        # what is selected in several entries is not those words any more
        await user.press(*["shift+up"] * 30)
        here = words_at(editor)
        await user.press("alt+s")
        await user.shows("sorted, ")
        assert (words_at(editor), editor.selected_text) == (here, "")


async def test_from_a_cell_without_a_cursor_escape_goes_back_there(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog") as user:
        await user.into()
        document = user.app.screen.query_one(DocumentView)
        graph = next(index for index, cell in enumerate(user.titles) if cell.startswith("toplist"))
        while document.current != graph:
            await user.press("ctrl+down")
        await user.together()
        before, shown = user.app.focused, user.lines[2:-2]
        assert isinstance(before, Opaque)
        await user.press("ctrl+t")
        await user.shows("New entry in “Timeline”")
        await user.press("escape")
        await user.no_longer_shows("New entry in")
        await user.until(lambda: user.lines[2:-2] == shown, "what was in sight")
        assert user.app.focused is before
