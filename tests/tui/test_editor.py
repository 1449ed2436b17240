"""The cell editor: exact in what it keeps, at home in Markdown, quiet in what it repaints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.editor.keeper import Keeper
from pmtui.tui.editor.list_keys import indent, next_item, next_line, outdent
from pmtui.tui.editor.source_document import PIECE, SourceDocument, differing_span
from pmtui.tui.markdown.highlight import code_lines
from pmtui.tui.terminal.keys import PASTED_LINE_END, PASTED_TAB, Pressed, typed
from pmtui.tui.theme import variable_defaults

EXOTIC = "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g\r\nh\ri\nj\x1b[2J\u200b\tk\n"


class Cell(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key, f"note('{key}')", key) for key in ("ctrl+s", "f1", "f2", "f6", "f7")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.messages: list[Message] = []
        self.typed: list[str] = []
        self.pressed: list[str] = []
        self.left: list[int] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("above", markup=False)
            yield Editor(self.text, keeper=Keeper(self.splice, lambda: self.asked("undo"), lambda: self.asked("redo"), self.leave))
            yield Static("below", markup=False)

    def on_mount(self) -> None:
        self.query_one(Editor).focus()

    def action_note(self, key: str) -> None:
        self.pressed.append(key)

    def keep(self, message: Message) -> None:
        self.messages.append(message)

    on_editor_mention_started = keep

    def splice(self, start: int, removed: str, inserted: str) -> None:
        """Keep the text as a session does, from the splices alone."""
        assert self.text[start : start + len(removed)] == removed
        self.text = self.text[:start] + inserted + self.text[start + len(removed) :]
        self.typed.append(self.text)

    def asked(self, what: str) -> str:
        self.pressed.append(what)
        return f"after {what}"

    async def leave(self, direction: int) -> None:
        self.left.append(direction)


@asynccontextmanager
async def editing(text: str, size: tuple[int, int] = (40, 12)) -> AsyncIterator[tuple[Editor, Cell, Pilot[None]]]:
    app = Cell(text)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app.query_one(Editor), app, pilot


def rows(editor: Editor) -> list[str]:
    return [editor.render_line(y).text.rstrip() for y in range(editor.size.height)]


@pytest.mark.parametrize(
    ("line", "code", "after"),
    [
        ("    codes: 1", "code", "    "),
        ("\tcodes: 1", "code", "\t"),
        ("\t  codes: 1", "code", "\t  "),
        (">     codes: 1", "", ">     "),
        ("> > \tcodes: 1", "", "> > \t"),
        ("> words", "", "> "),
        ("codes: 1", "code", None),
    ],
)
def test_enter_keeps_the_indent_of_code(line: str, code: str, after: str | None) -> None:
    assert next_line(line, len(line), code) == after


# --- The text


@given(st.text(st.one_of(st.characters(), st.sampled_from("\r\n\x0b\x0c\x85\u2028\t"))))
def test_a_document_gives_back_what_it_was_given(text: str) -> None:
    assert SourceDocument(text).text == text


@given(
    st.text(st.sampled_from("ab \r\n\x0b\u2028漢\u0301")), st.integers(0, 60), st.integers(0, 60), st.text(st.sampled_from("xy\n\r\x85"))
)
def test_only_the_edited_span_differs(text: str, one: int, other: int, new: str) -> None:
    document = SourceDocument(text)
    start, end = (document.location_of(min(offset, len(text))) for offset in sorted((one, other)))
    at, until = document.offset_of(start), document.offset_of(end)
    replaced = document.replace_range(start, end, new)
    assert replaced.replaced_text == text[at:until]
    assert document.text == text[:at] + new + text[until:]
    assert len(document.lines) == document.line_count


@given(st.text(st.sampled_from("ab\r\n漢")), st.text(st.sampled_from("ab\r\n漢")))
def test_the_differing_span_makes_one_text_of_the_other(old: str, new: str) -> None:
    start, end, replacement = differing_span(old, new)
    assert old[:start] + replacement + old[end:] == new


@given(st.lists(st.tuples(st.integers(0, 20000), st.integers(0, 3000), st.sampled_from(["x", "", "y" * 3000, "\n"])), max_size=8))
def test_long_lines_in_pieces_stay_one_line(edits: list[tuple[int, int, str]]) -> None:
    text = "word " * 4000
    document = SourceDocument(text)
    for offset, length, new in edits:
        offset = min(offset, len(text))
        end = min(offset + length, len(text))
        document.replace_range(document.location_of(offset), document.location_of(end), new)
        text = text[:offset] + new + text[end:]
        assert document.text == text
        assert max(map(len, document.lines)) <= 2 * PIECE


async def test_the_text_is_kept_byte_for_byte() -> None:
    async with editing(EXOTIC) as (editor, app, pilot):
        assert editor.source_text == EXOTIC
        await pilot.press("x")
        await pilot.pause()
        assert editor.source_text == "x" + EXOTIC
        assert app.typed == ["x" + EXOTIC]
        assert all(char.isprintable() for char in "".join(rows(editor)))


async def test_enter_types_the_line_end_that_the_text_has() -> None:
    async with editing("a\r\nb\r\nc\nd") as (editor, _, pilot):
        await pilot.press("end", "enter", "x")
        assert editor.source_text == "a\r\nx\r\nb\r\nc\nd"


async def test_pasted_line_ends_become_those_of_the_text() -> None:
    async with editing("") as (editor, app, pilot):
        app.post_message(events.Paste("one\rtwo\r\nthree"))
        await pilot.pause()
        assert editor.source_text == "one\ntwo\nthree"
        assert editor.cursor_location == (2, 5)


async def test_show_text_keeps_the_cursor_at_its_words() -> None:
    async with editing("one\ntwo\nthree") as (editor, app, pilot):
        editor.move_cursor((2, 3))
        editor.show_text("zero\none\ntwo\nthree")
        await pilot.pause()
        assert (editor.source_text, editor.cursor_location) == ("zero\none\ntwo\nthree", (3, 3))
        editor.show_text("zero", 2)
        await pilot.pause()
        assert (editor.source_text, editor.cursor_location, editor.cursor_offset) == ("zero", (0, 2), 2)
        assert not app.messages and not app.typed
        assert rows(editor) == ["zero"]


async def test_undo_and_redo_are_asked_for() -> None:
    async with editing("a") as (editor, app, pilot):
        await pilot.press("ctrl+z")
        assert (app.pressed, editor.source_text) == (["undo"], "after undo")
        await pilot.press("ctrl+y")
        assert (app.pressed, editor.source_text) == (["undo", "redo"], "after redo")
        assert not app.typed


# --- Moving


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "⚠️", "e\u0301", "👍🏽", "🇩🇪", "漢", "1️⃣"])
async def test_what_people_call_a_character_is_one(text: str) -> None:
    async with editing(f"a{text}b") as (editor, app, pilot):
        await pilot.press("right", "right")
        assert editor.cursor_location == (0, 1 + len(text))
        await pilot.press("left")
        assert editor.cursor_location == (0, 1)
        await pilot.press("delete")
        assert editor.source_text == "ab"
        app.text = f"a{text}b"
        editor.show_text(app.text, 1 + len(text))
        await pilot.press("backspace")
        assert editor.source_text == "ab"


async def test_the_edges_are_left() -> None:
    async with editing("one " * 20 + "\ntwo") as (_, app, pilot):
        await pilot.press("right", "up")
        assert app.left == [-1]
        await pilot.press("down", "down", "down", "end", "down")
        assert app.left == [-1, 1]
        await pilot.press("pagedown", "pageup", "pageup")
        assert app.left == [-1, 1, 1, -1]


async def test_the_container_follows_the_cursor() -> None:
    async with editing("\n".join(map(str, range(100)))) as (editor, app, pilot):
        assert editor.size.height == 100
        await pilot.press("pagedown", "pagedown", "pagedown")
        await pilot.pause()
        cursor = editor.terminal_cursor
        assert cursor is not None
        assert 0 <= cursor.y < 12
        assert app.query_one(VerticalScroll).scroll_offset.y > 0
        app.query_one(VerticalScroll).scroll_home(animate=False)
        await pilot.pause()
        assert editor.terminal_cursor is None


async def test_it_grows_and_shrinks_with_its_text() -> None:
    async with editing("a") as (editor, app, pilot):
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert editor.size.height == 3
        app.post_message(events.Paste("word " * 30))
        await pilot.pause()
        await pilot.pause()
        assert editor.size.height == editor.wrapped_document.height > 5
        editor.show_text("")
        await pilot.pause()
        assert editor.size.height == 1


async def test_the_last_line_can_be_deleted() -> None:
    async with editing("a\nb") as (editor, _, pilot):
        await pilot.press("down", "ctrl+shift+k", "x")
        assert editor.source_text == "a\nx"


async def test_a_line_of_a_megabyte_is_walked_and_typed_in() -> None:
    text = "x" * 1_000_000
    async with editing(text) as (editor, _, pilot):
        editor.move_cursor(editor.source.location_of(PIECE - 1))
        await pilot.press("right", "right", "left", "a", "backspace", "b")
        assert editor.source_text == text[:PIECE] + "b" + text[PIECE:]
        await pilot.press("backspace", "backspace")
        assert editor.source_text == text[1:]


# --- Keys


@pytest.mark.parametrize("key", ["ctrl+s", "f1", "f2", "f6", "f7"])
async def test_the_apps_keys_are_the_apps(key: str) -> None:
    async with editing("abc") as (editor, app, pilot):
        await pilot.press(key)
        assert app.pressed == [key]
        assert (editor.source_text, editor.cursor_location) == ("abc", (0, 0))


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("- a", 3, "- "),
        ("- a b", 3, "- "),
        ("  * a", 5, "  * "),
        ("9. a", 4, "10. "),
        ("3) a", 4, "4) "),
        ("- [x] a", 7, "- [ ] "),
        ("- <> a", 6, "- <> "),
        ("- ", 2, ""),
        ("- [ ] ", 6, ""),
        ("- a", 1, None),
        ("a", 1, None),
        ("", 0, None),
    ],
)
def test_what_follows_an_item(line: str, column: int, expected: str | None) -> None:
    assert next_item(line, column) == expected


@given(st.sampled_from(["- a", "1. a", "- [ ] a", "  * a"]))
def test_outdent_undoes_indent(line: str) -> None:
    assert outdent(indent(line)) == line
    assert indent(line) != line
    assert outdent("  plain") == "plain"
    assert indent("plain") == "  plain"
    assert indent("") == outdent("") == ""


async def test_lists_go_on_and_end() -> None:
    async with editing("- one") as (editor, _, pilot):
        await pilot.press("end", "enter", "t", "w", "o", "tab", "enter", "x", "shift+tab", "enter", "enter", "y")
        assert editor.source_text == "- one\n  - two\n- x\ny"


async def test_lists_do_not_go_on_in_code() -> None:
    async with editing("```\n- a\n```") as (editor, _, pilot):
        await pilot.press("down", "end", "enter", "b")
        assert editor.source_text == "```\n- a\nb\n```"


async def test_tab_outside_a_list_types_blanks_to_the_next_stop() -> None:
    async with editing("plain\n```\ncode\n```") as (editor, app, pilot):
        await pilot.press("tab", "x", "tab", "y")
        assert editor.source_text == "  x y" + "plain\n```\ncode\n```"
        await pilot.press("down", "down", "home", "tab")
        assert editor.source_text == "  x yplain\n```\n    code\n```"
        assert app.focused is editor


async def test_tab_shifts_the_lines_that_are_selected() -> None:
    async with editing("one\n\n- two\nthree") as (editor, _, pilot):
        await pilot.press("shift+down", "shift+down", "tab")
        assert editor.source_text == "  one\n\n  - two\nthree"
        await pilot.press("shift+tab")
        assert editor.source_text == "one\n\n- two\nthree"


async def test_a_mention_is_noticed_and_completed() -> None:
    async with editing("mail a@b, ") as (editor, app, pilot):
        await pilot.press("end", "@", "j", "a")
        queries = [message.query for message in app.messages if isinstance(message, Editor.MentionStarted)]
        assert queries == ["j", "ja"]
        editor.complete("@[Jane](1:2) ")
        assert editor.source_text == "mail a@b, @[Jane](1:2) "
        assert editor.cursor_location == (0, 23)


async def test_read_only_is_read_only() -> None:
    async with editing("- a") as (editor, app, pilot):
        editor.read_only = True
        await pilot.press("x", "enter", "tab", "backspace", "ctrl+k")
        app.post_message(events.Paste("x"))
        await pilot.pause()
        assert editor.source_text == "- a"


async def test_markdown_is_coloured_as_it_is_typed() -> None:
    async with editing("a") as (editor, _, pilot):
        await pilot.press("*", "*", "b", "*", "*", "space")
        await pilot.pause()
        bold = {segment.text: segment.style.bold for segment in editor.render_line(0) if segment.style}
        assert editor.source_text == "**b** a"
        assert bold["b"]
        editor.show_text("```\n**b** a\n")
        assert not any(segment.style and segment.style.bold for segment in editor.render_line(1))


async def test_tabs_and_selection_are_drawn() -> None:
    async with editing("a\tb") as (editor, _, pilot):
        plain = [segment.style for segment in editor.render_line(0)]
        await pilot.press("shift+end")
        await pilot.pause()
        assert rows(editor) == ["a   b"]
        assert next(iter(editor.render_line(0))).style != plain[0]


async def test_keys_that_come_in_one_packet_keep_their_order() -> None:
    async with editing("") as (editor, app, pilot):
        for key in ("a", "b", "left", "c", "backspace", "d"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.pause()
        assert editor.source_text == "adb"


async def test_line_ends_and_tabs_of_a_paste_without_brackets_are_taken_literally() -> None:
    async with editing("") as (editor, app, pilot):
        for key, character in map(_pasted, "- one\n- two\n  - deep\n\tx\n"):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        await pilot.pause()
        assert editor.source_text == "- one\n- two\n  - deep\n\tx\n"


def _pasted(character: str) -> Pressed:
    return {"\n": PASTED_LINE_END, "\t": PASTED_TAB}.get(character) or typed(character)


# ---- mentions, and lines that take several rows -------------------------------------------------------------------------
PAVEL = "@[Pavel Novák](0892d5f5-e4f6)"


@pytest.mark.parametrize(
    ("text", "place", "key", "left"),
    [
        (f"ask {PAVEL} now", 4 + len(PAVEL), "backspace", "ask  now"),
        (f"ask {PAVEL} now", 4 + len(PAVEL), "ctrl+w", "ask  now"),
        (f"ask {PAVEL} now", 4, "delete", "ask  now"),
        (f"ask {PAVEL} now", 4, "alt+delete", "ask  now"),
        (f"ask {PAVEL} now", 9, "backspace", "ask  now"),
        (f"ask {PAVEL} now", 9, "ctrl+k", "ask "),
        (f"ask {PAVEL} now", 9, "ctrl+u", " now"),
        (f"ask {PAVEL} now", 4 + len(PAVEL) + 4, "ctrl+w", f"ask {PAVEL} "),
        ("ask @jane.doe@corp.example.com", 30, "ctrl+w", "ask "),
        (f"```\n{PAVEL}\n```", 4 + len(PAVEL), "backspace", f"```\n{PAVEL[:-1]}\n```"),
    ],
)
async def test_a_mention_is_deleted_as_one(text: str, place: int, key: str, left: str) -> None:
    async with editing(text, size=(80, 12)) as (editor, app, pilot):
        editor.move_cursor(editor.source.location_of(place))
        await pilot.press(key)
        assert app.text == editor.source_text == left


async def test_home_and_end_know_the_row_and_then_the_line() -> None:
    line = "- [ ] Tell the other teams what they have to do now, and why"
    async with editing(f"above\n{line}\nbelow", size=(24, 12)) as (editor, app, pilot):
        editor.move_cursor((1, 3))
        await pilot.press("end")
        row = editor.cursor_location
        assert row[0] == 1 and 3 < row[1] < len(line)
        await pilot.press("end")
        assert editor.cursor_location == (1, len(line))
        await pilot.press("end")
        assert editor.cursor_location == (1, len(line))
        await pilot.press("home")
        row = editor.cursor_location
        assert row[0] == 1 and 0 < row[1] < len(line)
        await pilot.press("home")
        assert editor.cursor_location == (1, 0)
        editor.move_cursor((1, 30))
        await pilot.press("shift+end", "shift+end", "X")
        assert app.text == f"above\n{line[:30]}X\nbelow"


@pytest.mark.parametrize(
    ("key", "left"),
    [("ctrl+u", "above\n, and why\nbelow"), ("ctrl+k", "above\n- [ ] Tell the other teams what they have to do now\nbelow")],
)
async def test_what_deletes_the_line_takes_all_its_rows(key: str, left: str) -> None:
    line = "- [ ] Tell the other teams what they have to do now, and why"
    async with editing(f"above\n{line}\nbelow", size=(24, 12)) as (editor, app, pilot):
        editor.move_cursor((1, line.index(", and")))
        await pilot.press(key)
        assert app.text == left


@pytest.mark.parametrize(
    ("line", "after"),
    [("> words", "> "), ("> [!WARNING]", "> "), (">words", "> "), ("> > in", "> > "), ("> - item", "> - "), ("> - [x] done", "> - [ ] ")],
)
def test_a_quote_goes_on(line: str, after: str) -> None:
    assert next_item(line, len(line)) == after


async def test_a_panel_is_typed_and_left_with_enter() -> None:
    async with editing("") as (_, app, pilot):
        for key in "> [!NOTE]":
            await pilot.press("space" if key == " " else key)
        await pilot.press("enter", "o", "n", "e", "enter", "-", "space", "t", "w", "o", "enter", "enter", "enter", "o", "u", "t")
        assert app.text == "> [!NOTE]\n> one\n> - two\n\nout"


async def test_the_cursor_is_where_the_text_is_after_a_new_width() -> None:
    async with editing("one two three " * 9 + "HERE") as (editor, _, pilot):
        await pilot.press("end", "down", "down", "down", "end")
        for width in (20, 60, 30):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
            cursor = editor.terminal_cursor
            assert cursor is not None, width
            x, y = cursor - editor.content_region.offset
            assert rows(editor)[y][:x].endswith("HERE"), width


async def test_what_is_code_is_known_after_every_edit() -> None:
    """Also where the indent of a line ends the item that the code is in."""
    pieces = ("- ```", "  a", "b", "  ```", "", "```", "- c")
    chance = Random(7)
    async with editing("- ```\n  a\n  b\ntext?\n```\nc\n```") as (editor, _, _):
        for _ in range(300):
            lines = editor.document.lines
            first = chance.randrange(len(lines))
            last = min(len(lines) - 1, first + chance.randrange(3))
            put = "\n".join(chance.choices(pieces, k=chance.randrange(1, 4)))
            start = chance.choice([(first, 0), (first, min(2, len(lines[first]))), (first, len(lines[first]))])
            editor.replace(put, start, max(start, (last, chance.randrange(len(lines[last]) + 1))))
            assert editor._code == code_lines(editor.document.lines), editor.text
