"""Our output shows what Textual's own output shows, and costs a fraction of it."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList, Static

from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.terminal import held_frames
from pmtui.tui.terminal.app import ThinApp
from pmtui.tui.theme import variable_defaults
from tests import emulator
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen

TEXT = "\n".join(f"## Part {n}" if n % 7 == 0 else f"- item {n} with **bold**, `code`, 漢字 and words to fill a line" for n in range(60))


class Recorder(HeadlessDriver):
    """A driver that paints into the app's `shown` terminal."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        app = self._app
        assert isinstance(app, Twin)
        app.written.append(data)
        app.shown_by_us.feed(data)


class Emulator:
    def __init__(self, width: int, height: int) -> None:
        self.screen = emulator.Screen(width, height)
        self.stream = emulator.Stream(self.screen)

    def feed(self, data: str) -> None:
        self.stream.feed(data)

    def row(self, y: int) -> list[pyte.screens.Char]:
        line = self.screen.buffer[y]
        return [line[x] for x in range(self.screen.columns)]


class Box(ModalScreen[None]):
    CSS = "Box { align: center middle; } Box Static { width: 30; height: 5; border: solid $accent; }"

    def compose(self) -> ComposeResult:
        yield Static(Content("a box over the text"))


class Twin(ThinApp[None]):
    """Feeds one emulator with our output, another with what stock Textual would have written."""

    CSS = "#side { width: 16; background: $surface; } #bar { height: 1; background: $panel; } OptionList { height: 6; }"

    def __init__(self, width: int = 80, height: int = 24) -> None:
        super().__init__(driver_class=Recorder)
        self.shown_by_us = Emulator(width, height)
        self.shown_by_stock = Emulator(width, height)
        self.written: list[str] = []
        self.stock_characters = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Static(Content("title"), id="bar")
        with Horizontal():
            yield Static(Content("\n".join(f"{n} entry" for n in range(40))), id="side")
            with VerticalScroll():
                yield Editor(TEXT)
                yield OptionList(*(Content(f"option {n}") for n in range(20)))
                yield Input(value="some words")

    def on_mount(self) -> None:
        self.query_one(Editor).focus()

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and self._running and not self._batch_count:
            stock = renderable.render_segments(self.console)
            self.stock_characters += len(stock)
            self.shown_by_stock.feed(stock)
        super()._display(screen, renderable)

    def resize_emulators(self, width: int, height: int) -> None:
        for each in (self.shown_by_us, self.shown_by_stock):
            each.screen.resize(height, width)

    def take_written(self) -> str:
        written = "".join(self.written)
        self.written.clear()
        return written


@asynccontextmanager
async def running(width: int = 80, height: int = 24) -> AsyncIterator[tuple[Twin, Pilot[None]]]:
    app = Twin(width, height)
    async with app.run_test(headless=False, size=(width, height)) as pilot:
        await settled(pilot)
        app.take_written()
        yield app, pilot


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.pause()


async def until(seen: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, f"never: {what}"
        await asyncio.sleep(0.001)


def seen(cell: pyte.screens.Char) -> pyte.screens.Char:
    """The cell as it looks: of a blank nobody sees the colour and weight of its letter."""
    blank = cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
    return cell._replace(fg="default", bold=False, italics=False, blink=False) if blank else cell


def assert_same(app: Twin) -> None:
    """Both emulators show the same. Rows that neither has touched since they were last compared are not compared again."""
    ours, stock = app.shown_by_us, app.shown_by_stock
    assert (ours.screen.columns, ours.screen.lines) == (stock.screen.columns, stock.screen.lines)
    for y in sorted(ours.screen.dirty | stock.screen.dirty):
        for x, pair in enumerate(zip(ours.row(y), stock.row(y), strict=True)):
            assert pair[0] == pair[1] or seen(pair[0]) == seen(pair[1]), f"cell {x},{y}: {pair}"
    ours.screen.dirty.clear()
    stock.screen.dirty.clear()


class Actions:
    """Random things that happen to an app."""

    def __init__(self, app: Twin, pilot: Pilot[None], seed: int) -> None:
        self.app, self.pilot, self.random = app, pilot, random.Random(seed)

    async def step(self) -> None:
        chosen: Callable[[], Any] = self.random.choice(
            (
                self.keys,
                self.keys,
                self.keys,
                self.static,
                self.side,
                self.theme,
                self.modal,
                self.resize,
                self.scroll,
                self.show,
                self.focus,
            )
        )
        await chosen()
        await settled(self.pilot)

    async def keys(self) -> None:
        keys = (
            "a",
            "space",
            "enter",
            "backspace",
            "delete",
            "up",
            "down",
            "left",
            "right",
            "home",
            "end",
            "pagedown",
            "pageup",
            "tab",
            "漢",
            "é",
            "*",
            "shift+down",
        )
        await self.pilot.press(*(self.random.choice(keys) for _ in range(self.random.randint(1, 6))))

    async def static(self) -> None:
        words = ("edited", "saved · verified 02:43", "漢字漢字", "", "e\u0301te\u0301", "x" * 90, "👍 ok")
        self.app.query_one("#bar", Static).update(
            Content.styled(self.random.choice(words), self.random.choice(("bold $accent", "", "reverse", "underline")))
        )

    async def side(self) -> None:
        start = self.random.randint(0, 9)
        self.app.query_one("#side", Static).update(Content("\n".join(f"{n} {'字' * (n % 5)}" for n in range(start, start + 40))))

    async def theme(self) -> None:
        self.app.theme = self.random.choice(("textual-dark", "nord", "textual-light", "ansi-dark"))

    async def modal(self) -> None:
        if isinstance(self.app.screen, Box):
            self.app.pop_screen()
        else:
            await self.app.push_screen(Box())

    async def resize(self) -> None:
        width, height = self.random.choice(((80, 24), (61, 12), (120, 40), (20, 5)))
        self.app.resize_emulators(width, height)
        await self.pilot.resize_terminal(width, height)

    async def scroll(self) -> None:
        for scroll in self.app.screen_stack[0].query(VerticalScroll):
            scroll.scroll_relative(y=self.random.choice((-5, -1, 1, 2, 7)), animate=False)

    async def show(self) -> None:
        side = self.app.screen_stack[0].query_one("#side")
        side.display = not side.display

    async def focus(self) -> None:
        if not isinstance(self.app.screen, Box):
            self.app.query_one(self.random.choice((Editor, OptionList, Input))).focus()


@pytest.mark.long
@pytest.mark.sweep(2)
@pytest.mark.parametrize("seed", range(4))
async def test_shows_what_stock_output_shows(seed: int) -> None:
    async with running() as (app, pilot):
        actions = Actions(app, pilot, seed)
        for _ in range(25):
            await actions.step()
            assert_same(app)


@pytest.mark.sweep(2)
@pytest.mark.parametrize("term", ["xterm-256color", "vt100", "screen-256color", "linux"])
async def test_shows_the_same_with_fewer_abilities(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    async with running() as (app, pilot):
        actions = Actions(app, pilot, seed=99)
        for _ in range(15):
            await actions.step()
            assert_same(app)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_a_key_costs_little(size: tuple[int, int]) -> None:
    async with running(*size) as (app, pilot):
        await pilot.press("right", "right", "right", "right", "right")
        for key, most in (("x", 60), ("space", 60), ("left", 8), ("right", 8), ("backspace", 60)):
            await settled(pilot)
            app.take_written()
            await pilot.press(key)
            await settled(pilot)
            assert 0 < len(app.take_written().encode()) <= most, key
        assert_same(app)


async def test_nothing_is_written_when_nothing_happens() -> None:
    async with running() as (app, pilot):
        await pilot.pause(0.6)
        app.query_one("#bar").refresh()
        app.query_one(Editor).refresh()
        await settled(pilot)
        assert app.take_written() == ""


async def test_a_new_line_scrolls_the_rest_instead_of_drawing_it() -> None:
    async with running(200, 50) as (app, pilot):
        await pilot.press("down", "end")
        await settled(pilot)
        app.take_written()
        before = app.stock_characters
        await pilot.press("enter")
        await settled(pilot)
        assert len(app.take_written()) < (app.stock_characters - before) / 8
        assert_same(app)


async def test_the_terminal_cursor_is_where_the_editor_says() -> None:
    async with running() as (app, pilot):
        await pilot.press("down", "end", "漢", "x", "left")
        await settled(pilot)
        cursor = app.shown_by_us.screen.cursor
        assert not cursor.hidden
        assert (cursor.x, cursor.y) == app.query_one(Editor).terminal_cursor
        app.query_one(OptionList).focus()
        await settled(pilot)
        assert app.shown_by_us.screen.cursor.hidden


async def test_a_frame_waits_for_the_disk_and_the_event_loop_does_not() -> None:
    async with running() as (app, pilot):
        saved = threading.Event()
        asked: list[threading.Thread] = []

        def on_disk(timeout: float) -> bool:
            asked.append(threading.current_thread())
            in_main = threading.current_thread() is threading.main_thread()
            return saved.wait(0 if in_main else PATIENCE)

        app.on_disk = on_disk
        await pilot.press("x", "y")
        await settled(pilot)
        assert app.query_one(Editor).text.count("xy") == 1, "keys are taken meanwhile"
        assert app.written == []
        saved.set()
        await until(lambda: app.written, "the frames")
        await settled(pilot)
        assert_same(app)
        assert {thread is threading.main_thread() for thread in asked} == {True, False}


async def test_a_disk_that_hangs_is_waited_for_once() -> None:
    async with running() as (app, pilot):
        threads: list[float] = []

        def on_disk(timeout: float) -> bool:
            if threading.current_thread() is not threading.main_thread():
                threads.append(timeout)
            return False

        app.on_disk = on_disk
        for key in "xyz":
            await pilot.press(key)
            await until(lambda: app.written, "the frame")
            app.take_written()
        await settled(pilot)
        assert threads == [held_frames.PATIENCE]
        assert_same(app)


async def test_no_control_reaches_the_terminal_even_unasked() -> None:
    async with running() as (app, pilot):
        app.query_one("#bar", Static).update(Content("a\x1b]0;title\x07b\x9b2Jc\x00d\u202ee\u200bf\x1bc"))
        await settled(pilot)
        written = app.take_written()
        assert "a" in written
        for bad in ("\x1b]0", "\x07", "\x9b", "\x00", "\u202e", "\u200b", "\x1bc"):
            assert bad not in written


async def test_repaint_all_draws_over_what_others_left() -> None:
    async with running() as (app, pilot):
        app.shown_by_us.feed("\x1b[5;5Hrubbish\x1b[2J")
        app.repaint_all()
        await settled(pilot)
        assert_same(app)


SUSPENDING = """
import subprocess
from textual.content import Content
from textual.widgets import Static
from pmtui.tui.terminal.app import ThinApp
from tests.pty_screen import PtyScreen
class Suspending(ThinApp):
    BINDINGS = [("e", "edit"), ("q", "quit")]
    def compose(self):
        yield Static(Content.styled("\\n".join(f"row {n} of the screen" for n in range(20)), "bold #ff0000 on #00ff00"))
    def action_edit(self):
        with self.suspend():
            subprocess.run(["sh", "-c", "printf '\\033[2J\\033[3;3Hother program'; sleep 0.3"])
Suspending().run()
"""


def test_another_program_may_have_the_screen_for_a_while() -> None:
    with PtyScreen([sys.executable, "-c", SUSPENDING]) as program:
        program.wait_for("row 19 of the screen")
        before = program.settle()
        program.send("e")
        program.wait_for("other program")
        program.wait_for("row 19 of the screen")
        assert program.settle() == before
        program.send("q")
        assert program.wait_exit() == 0
        assert program.output.rfind(b"\x1b[m") < program.output.rfind(b"\x1b[?1049l")
        assert program.output.rfind(b"\x1b[?1049h") < program.output.rfind(b"\x1b[H\x1b[2J") < program.output.rfind(b"\x1b[?1049l")
