"""A Textual app with little output: of each frame only the cells that changed are sent to the terminal.

Textual repaints whole widgets and writes each of their cells, 4 KB for a key in a small window. `ThinApp` keeps what the terminal
shows and writes the difference. How it gets hold of the frames is in `textual_internals`. Input comes through `driver`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any, Generic

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ReturnType
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.geometry import Offset
from textual.screen import Screen, SystemModalScreen

from pmtui.display import mask
from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.terminal import kept_frame
from pmtui.tui.terminal.driver import TerminalDriver
from pmtui.tui.terminal.held_frames import HeldFrames, OnDisk
from pmtui.tui.terminal.kept_frame import Cells, Frame
from pmtui.tui.terminal.key_turns import KeyTurns, ShowsCursor
from pmtui.tui.terminal.keys import latin_of, name_of
from pmtui.tui.terminal.painter import Abilities, Painter, ScreenRow
from pmtui.tui.terminal.sgr import without_colours
from pmtui.tui.textual_internals import OpenApp, Update, is_partial, pen_of, strips
from pmtui.tui.worker_groups import Asking

SYNCHRONISED = 1024
"""Characters of a frame from which on it is worth telling the terminal to show it all at once."""


class ThinApp(OpenApp[ReturnType], Generic[ReturnType]):
    """Textual's App with our own output and input."""

    on_disk: OnDisk | None = None
    """Asked before a frame is written, whether what it shows is on disk: until then it is held back."""

    _painter: Painter | None = None
    _painted: Frame | None = None
    """What was painted before the program came, until the first frame is drawn over it."""
    holds = False
    """Whether nothing is drawn yet."""

    @cached_property
    def _held(self) -> HeldFrames:
        return HeldFrames(self._write_frame)

    def hold(self) -> None:
        """Draw nothing until ``release``, if a kept frame is on the terminal, so that it stays until the list is ready."""
        self._painted = kept_frame.on_terminal()
        self.holds = self._painted is not None

    def release(self) -> None:
        """Draw from now on, at first only what differs from the kept frame."""
        if self.holds:
            self.holds = False
            self.screen.refresh()

    def shown(self) -> tuple[Cells, ...] | None:
        """What the terminal shows, None when that is not known."""
        return self._painter.shown() if self._painter is not None else None

    @property
    def colourless(self) -> bool:
        """Whether the user wants no colours: NO_COLOR is set and not empty (no-color.org)."""
        return bool(os.environ.get("NO_COLOR"))

    @property
    def few_colours(self) -> bool:
        """Whether the terminal has sixteen colours or fewer."""
        return self.color_system in (ColorSystem.STANDARD, ColorSystem.WINDOWS)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters without those that map colours to greys, which are colours, too."""
        return [each for each in super().get_line_filters() if not isinstance(each, Monochrome | NoColor)]

    def _pen(self, style: Style | None) -> str:
        pen = pen_of(style, self.color_system)
        return without_colours(pen) if self.colourless else pen

    def get_driver_class(self) -> type[Driver]:
        return TerminalDriver

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.repaint_all())

    def on_resize(self, event: events.Resize) -> None:
        self._painter = None  # terminals reflow differently

    @cached_property
    def turns(self) -> KeyTurns:
        """The keys that wait for their turn."""
        return KeyTurns(self, self.handle, self._leads_on)

    @cached_property
    def asking(self) -> Asking:
        """The workers that ask."""
        return Asking(self)

    def _leads_on(self) -> bool:
        """Whether the keys before lead to a question, or to the end of one, that is still to come: those behind are meant for that."""
        screen = self.screen
        if isinstance(screen, SystemModalScreen):  # the palette, which looks for what was typed
            return any(each.node is screen and not each.is_finished for each in self.workers)
        return (isinstance(screen, ClosesOnce) and screen.is_deciding) or self.asking.leads_on()

    async def push_screen_wait(self, screen: Screen[Any], *, mode: str | None = None) -> Any:  # type: ignore[override]
        with self.asking.showing(screen):
            return await super().push_screen_wait(screen, mode=mode)

    async def on_event(self, event: events.Event) -> None:
        """Handle the event, but a key only in its turn. One that was passed on, and bubbled up to here, has had it."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.turns.take(event)
        else:
            await self.handle(event)

    async def handle(self, event: events.Event) -> None:
        """Handle the event as Textual does."""
        await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """Translate an unused letter to the key at its place on a US keyboard, so that bindings work in every layout."""
        latin = latin_of(event.key) if len(event.key) == 1 else None
        if latin and await self.run_binding(name_of(latin)):
            event.stop()
            event.prevent_default()
        else:
            self.no_layout_has(event)

    def no_layout_has(self, event: events.Key) -> None:
        """Called for an unused key that has no binding in any layout."""

    def repaint_all(self) -> None:
        """Draw the whole screen again, whatever the terminal shows."""
        self._painter = None
        self.screen.refresh()

    def drawn_otherwise(self) -> None:
        self._painter = None

    def draw(self, driver: Driver, update: Update) -> None:
        if self.holds:
            return
        if not (frame := self._frame(update)):
            return
        if self.on_disk is not None:
            self._held.put(frame, self.on_disk)
        else:
            self._write_frame(frame)

    def _frame(self, update: Update) -> str:
        width, height = self.size
        painter = self._painter
        if painter is None or (painter.width, painter.height) != (width, height):
            painter = self._painter = Painter(width, height, Abilities.of(os.environ.get("TERM", "")))
            painted, self._painted = self._painted, None
            if painted is not None and (painted.width, painted.height) == (width, height):
                painter.begin_with(painted.rows)
            if is_partial(update):  # the rest is not known
                self.screen.refresh()
        rows: dict[int, ScreenRow] = {}
        for x, y, strip in strips(update):
            if 0 <= y < height and 0 <= x < width:
                row = rows.get(y) or rows.setdefault(y, painter.row(y))
                row.put(x, *cells(strip, self._pen))
        cursor = self._terminal_cursor()
        resting = self.screen.outer_size.clamp_offset(self.cursor_position)
        return painter.frame(rows, cursor or resting, cursor_shown=cursor is not None)

    def _terminal_cursor(self) -> Offset | None:
        focused = self.screen.focused
        return focused.terminal_cursor if isinstance(focused, ShowsCursor) else None

    def _write_frame(self, frame: str) -> None:
        driver = self.drawing_driver
        if driver is None:  # it has ended while the frame was held
            return
        large = len(frame) > SYNCHRONISED
        if large:
            self.begin_frame()
        driver.write(frame)
        if large:
            self.end_frame()
        driver.flush()
        self.looked_at()

    def looked_at(self) -> None:
        """Called after a frame was written: the user has seen it from now on."""


def cells(segments: Iterable[Segment], pen: Callable[[Style | None], str]) -> tuple[list[str], list[str]]:
    """The characters and pens (SGR codes: colours and attributes) of a strip's cells.

    This is the last gate to the terminal: a control character that came so far becomes a stand-in or vanishes.
    """
    chars: list[str] = []
    pens: list[str] = []
    for text, style, control in segments:
        if control:
            continue
        if text.isascii() and text.isprintable():
            drawn: list[str] = list(text)
        else:
            drawn = _wide_cells(text, chars)
        chars += drawn
        pens += [pen(style)] * len(drawn)
    return chars, pens


def _wide_cells(text: str, before: list[str]) -> list[str]:
    """The cells of text that is not plain ASCII; combining marks at its start join the last cell of `before`."""
    drawn: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        char = _harmless(text[start:end])
        if width:
            drawn += [char or "�", *["" if char else " "] * (width - 1)]
        elif before and not drawn and before[-1]:
            before[-1] += char
    return drawn


@lru_cache(maxsize=1024)  # a frame has hundreds of the same line characters
def _harmless(cluster: str) -> str:
    """A character without control characters; "" when nothing is left."""
    masked = mask(f"a{cluster}")[1:]
    return "".join(char for char, shown in zip(cluster, masked, strict=True) if char == shown)
