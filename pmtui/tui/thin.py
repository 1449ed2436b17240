"""The thin output layer: of each frame that Textual displays, only the cells that changed reach the terminal.

Textual repaints whole widgets and writes each of their cells, 4 KB for a key in a small window. `ThinApp` keeps what
the terminal shows and writes the difference.

All that leans on Textual's private parts is in this module: `App._display`, how `LayoutUpdate` and `ChopsUpdate` hold
what they draw, and `App._fatal_error`. `tests/tui/test_thin.py` and `test_crash.py` fail when these move.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, Protocol, runtime_checkable

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ReturnType
from textual.driver import Driver
from textual.geometry import Offset
from textual.screen import Screen
from textual.strip import Strip

from pmtui.display import mask
from pmtui.tui.frame import Abilities, Painter, Row

SYNCHRONISED = 1024
"""Characters of a frame from which on it is worth telling the terminal to show it all at once."""


@runtime_checkable
class ShowsCursor(Protocol):
    """A widget that uses the terminal's own cursor."""

    @property
    def terminal_cursor(self) -> Offset | None:
        """Where on the screen the cursor belongs; None to hide it."""


class ThinApp(App[ReturnType], Generic[ReturnType]):
    """An App that writes little. Everything else is as in Textual."""

    before_frame: Callable[[], None] | None = None
    """Called before the bytes of a frame are written, to put on disk what the frame will show."""

    _painter: Painter | None = None

    def crash_words(self, error: BaseException) -> str:
        """What to print when the program ends because of an error that nobody handled."""
        return f"{type(error).__name__}: {error}"

    def _fatal_error(self) -> None:
        # Textual prints the traceback with every local variable: keys, and texts that are nobody's business.
        error = self._exception or sys.exception()
        self.bell()
        self._exit_renderables.append(Text(self.crash_words(error) if error is not None else "stopped"))
        self._close_messages_no_wait()

    def get_driver_class(self) -> type[Driver]:
        return _with_clean_pen(super().get_driver_class())

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.repaint_all())

    def on_resize(self, event: events.Resize) -> None:
        self._painter = None  # terminals reflow in their own ways

    def repaint_all(self) -> None:
        """Forget what the terminal shows, and draw all of it."""
        self._painter = None
        self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: object) -> None:
        """Write what `renderable` changes on the terminal (overrides App: called for each frame)."""
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            if renderable is not None:
                self._painter = None
            super()._display(screen, renderable)  # type: ignore[arg-type]
            return
        driver = self._driver
        shows = self._running and not self._closed and not self.is_headless and not self._batch_count
        if driver is not None and shows and (frame := self._frame(renderable)):
            self._write_frame(driver, frame)
        self.post_display_hook()

    def _frame(self, update: LayoutUpdate | ChopsUpdate) -> str:
        width, height = self.size
        painter = self._painter
        if painter is None or (painter.width, painter.height) != (width, height):
            painter = self._painter = Painter(width, height, Abilities.of(os.environ.get("TERM", "")))
            if isinstance(update, ChopsUpdate):  # draws a part, and the rest is not known
                self.screen.refresh()
        rows: dict[int, Row] = {}
        system = self.console._color_system or ColorSystem.TRUECOLOR
        for x, y, strip in _strips(update):
            if 0 <= y < height and 0 <= x < width:
                row = rows.get(y) or rows.setdefault(y, painter.row(y))
                row.put(x, *cells(strip, system))
        cursor = self._terminal_cursor()
        resting = self.screen.outer_size.clamp_offset(self.cursor_position)
        return painter.frame(rows, cursor or resting, cursor_shown=cursor is not None)

    def _terminal_cursor(self) -> Offset | None:
        focused = self.screen.focused
        return focused.terminal_cursor if isinstance(focused, ShowsCursor) else None

    def _write_frame(self, driver: Driver, frame: str) -> None:
        if self.before_frame is not None:
            self.before_frame()
        large = len(frame) > SYNCHRONISED
        if large:
            self._begin_update()
        driver.write(frame)
        if large:
            self._end_update()
        driver.flush()


def _with_clean_pen(driver: type[Driver]) -> type[Driver]:
    """The driver class, leaving no colour behind: frames end in whatever pen they drew last."""

    class ThinDriver(driver):  # type: ignore[valid-type, misc]
        def stop_application_mode(self) -> None:
            self.write("\x1b[m")
            super().stop_application_mode()

    return ThinDriver


def _strips(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """What an update draws: strips and where they begin. As in the `render_segments` of both classes."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield x, y, strip
                x += strip.cell_length
        return
    for y, x1, x2 in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is not None and x <= x2 and end > x1:
                whole = x2 > x >= x1 and end <= x2
                yield x, y, chop if whole else chop.crop(0, min(end, x2) - x)


def cells(segments: Iterable[Segment], system: ColorSystem) -> tuple[list[str], list[str]]:
    """The characters and the pens (SGR codes) of a strip's cells.

    The last gate to the terminal: a control character that came so far shows as a stand-in or not at all.
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
        pen = "" if style is None else Strip.render_ansi(style, system) if style._ansi is None else style._ansi
        chars += drawn
        pens += [pen] * len(drawn)
    return chars, pens


def _wide_cells(text: str, before: list[str]) -> list[str]:
    """Cells of text that is not plain ASCII; marks at its start join the last cell of `before`."""
    drawn: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        char = _harmless(text[start:end])
        if width:
            drawn += [char or "�", *["" if char else " "] * (width - 1)]
        elif before and not drawn and before[-1]:
            before[-1] += char
    return drawn


def _harmless(cluster: str) -> str:
    """A character without what a terminal would obey; "" when nothing is left."""
    masked = mask(f"a{cluster}")[1:]
    return "".join(char for char, shown in zip(cluster, masked, strict=True) if char == shown)
