"""Textual's and Rich's private parts under our own names: everything that pmtui needs beyond their documented interfaces.

`tests/tui/test_textual_internals.py` fails when one of them moves, and when another module uses one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeAlias

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._cells import cell_len
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._styles_cache import StylesCache
from textual._wrap import compute_wrap_offsets
from textual.app import App, ReturnType
from textual.binding import Binding, BindingsMap, NoBinding
from textual.cache import FIFOCache
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.expand_tabs import get_tab_widths
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import AwaitMount, Widget
from textual.widgets import Input

Update: TypeAlias = LayoutUpdate | ChopsUpdate
"""What one frame draws: all of the screen, or the parts of it that changed."""


CACHES_OF_A_STRIP = {
    "_divide_cache": 4,
    "_crop_cache": 16,
    "_style_cache": 16,
    "_filter_cache": 4,
    "_line_length_cache": 4,
    "_crop_extend_cache": 4,
    "_offsets_cache": 4,
}
"""The sizes that Textual gives them."""


def _begin_strip(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    """As `Strip.__init__`, but for the seven caches: a frame makes hundreds of strips, and most never look into one."""
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def _cache_of_strip(strip: Strip, name: str) -> FIFOCache[Any, Any]:
    """Python asks this where an attribute is missing: a cache is made when it is first looked into."""
    if name not in CACHES_OF_A_STRIP:
        raise AttributeError(name)
    made: FIFOCache[Any, Any] = FIFOCache(CACHES_OF_A_STRIP[name])
    setattr(strip, name, made)
    return made


Strip.__init__ = _begin_strip  # type: ignore[assignment, method-assign]
Strip.__getattr__ = _cache_of_strip  # type: ignore[attr-defined]


def key_of_character(character: str) -> str:
    """Textual's name for the key of a character: ``slash`` for ``/``."""
    return _character_to_key(character)


def default_bindings(node: type[DOMNode]) -> BindingsMap:
    """The bindings of a class, with inherited ones."""
    return node._merged_bindings or BindingsMap()


class OpenApp(App[ReturnType], Generic[ReturnType]):
    """An App whose subclass writes the frames itself, and decides what is printed after a crash."""

    def draw(self, driver: Driver, update: Update) -> None:
        """Write this update to the terminal."""
        raise AssertionError(f"{type(self).__name__} draws nothing")

    def drawn_otherwise(self) -> None:
        """Called when Textual wrote something other than an update: what the terminal shows is not known any more."""

    def crash_words(self, error: BaseException) -> str:
        """What to print when the program ends because of an error that nobody handled."""
        return f"{type(error).__name__}: {error}"

    def bindings_of(self, node: DOMNode, bindings: BindingsMap) -> BindingsMap:
        """The bindings of a widget or screen; called when it is created, with those of its class."""
        return bindings

    def prepare(self, screen: Screen[Any]) -> None:
        """Called with each new screen before it has any styles."""

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        child._bindings = self.bindings_of(child, child._bindings)
        if isinstance(child, Screen):
            self.prepare(child)
            self._fit(child)
        super()._register_child(parent, child, before, after)

    def mount_aside(self, screen: Screen[Any]) -> AwaitMount:
        """Mount a screen that is pushed later. Await the result before that."""
        return AwaitMount(screen, self._register(self, screen))

    def replace_first_screen(self, screen: Screen[None]) -> None:
        """Show a screen in the place of the one that the app began with, which gives no result. Those above it close."""
        for above in reversed(self.screen_stack[1:]):
            above.dismiss()
            if self.screen is above:  # it is closing already
                self.pop_screen()
        self.screen._push_result_callback(self, None)
        self.switch_screen(screen)

    def _fit(self, screen: Screen[Any]) -> None:
        """Give a screen the classes of the window's size before its styles are read: after them, all are read again."""
        width, height = self.size
        for size, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            screen.update_classes(dict.fromkeys(screen._get_breakpoint_classes(size, breakpoints or []), True), update=False)

    def rebind_itself(self) -> None:
        """Pass the app's own bindings through ``bindings_of``."""
        self._bindings = self.bindings_of(self, self._bindings)

    async def run_binding(self, key: str) -> bool:
        """Run the binding of a key, from the focused widget up to the app. Returns False when there is none."""
        return await self._check_bindings(key, priority=True) or await self._check_bindings(key)

    def begin_with_theme(self, name: str) -> None:
        """Set the theme before the start. Set as usual, Textual would read and apply all its styles twice."""
        self.set_reactive(App.theme, name)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def color_system(self) -> ColorSystem:
        return self.console._color_system or ColorSystem.TRUECOLOR

    def begin_frame(self) -> None:
        """Start synchronised output, if the terminal has it: it shows nothing new until ``end_frame``."""
        self._begin_update()

    def end_frame(self) -> None:
        self._end_update()

    @property
    def drawing_driver(self) -> Driver | None:
        """The driver to write to; None without a terminal, and once the program ends."""
        return self._driver if self._running and not self._closed and not self.is_headless else None

    def _display(self, screen: Screen[Any], renderable: object) -> None:
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            if renderable is not None:
                self.drawn_otherwise()
            super()._display(screen, renderable)  # type: ignore[arg-type]
            return
        driver = self.drawing_driver
        if driver is not None and not self._batch_count:
            self.draw(driver, renderable)
        self.post_display_hook()

    def _fatal_error(self) -> None:
        # Textual prints the traceback with every local variable: API keys, and private texts.
        error = self._exception or sys.exception()
        self.bell()
        self._exit_renderables.append(Text(self.crash_words(error) if error is not None else "stopped"))
        self._close_messages_no_wait()


class OpenDriver(LinuxDriver):
    """Textual's driver, which tells whether it has the terminal."""

    @property
    def is_started(self) -> bool:
        """Whether it is in application mode: false before the start, in the background and while suspended."""
        return self._writer_thread is not None and self._writer_thread.is_alive()

    _is_stopping = False

    def _sigtstp_application(self, *_: object) -> None:
        """Stop between two steps of the event loop. A signal may come in the midst of a write, which holds a lock that this needs."""
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._is_stopping = True
        try:
            super()._sigtstp_application()
        finally:
            self._is_stopping = False

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal again: at once behind ``_stop``, before anything is drawn; else between two steps, as above."""
        if self._is_stopping:
            super()._sigcont_application()
        else:
            self._loop.call_soon_threadsafe(super()._sigcont_application)


def strips(update: Update) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, and the (x, y) where each begins. As in the `render_segments` of both classes."""
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


def is_partial(update: Update) -> bool:
    """Whether the update draws only a part of the screen."""
    return isinstance(update, ChopsUpdate)


def pen_of(style: Style | None, system: ColorSystem) -> str:
    """The SGR codes of a style, from Rich's cache if it has them."""
    if style is None:
        return ""
    return Strip.render_ansi(style, system) if style._ansi is None else style._ansi


def is_idle(pump: MessagePump) -> bool:
    """Whether it has handled all that was sent to it, and waits for more. One that is closed has."""
    if pump._closing or pump._closed:
        return True
    sent: Any = pump._message_queue.ready_event
    return not has_more(pump) and not sent.is_set() and bool(sent._waiters)


def has_more(pump: MessagePump) -> bool:
    """Whether anything was sent to it that comes behind the message that it handles now."""
    return pump._pending_message is not None or not pump._message_queue.empty() or bool(pump._next_callbacks)


def forget_drawn() -> None:
    """Clear caches that keep closed widgets alive: Textual caches colours together with the last thousand widgets."""
    StylesCache.get_inner_outer.cache_clear()


def cells_of(text: str) -> int:
    """The width of a text in a TextArea, in cells."""
    return cell_len(text)


def line_breaks(line: str, width: int, tab_width: int) -> list[int]:
    """Where TextArea wraps a line of this width."""
    return compute_wrap_offsets(line, width, tab_width, precomputed_tab_sections=get_tab_widths(line, tab_width))


def bindings_of(widget: Widget | None, key: str) -> Sequence[Binding]:
    """The widget's own bindings for a key; () for none, and for no widget."""
    try:
        return widget._bindings.get_bindings_for_key(key) if widget is not None else ()
    except NoBinding:
        return ()


class OpenInput(Input):
    """An Input whose subclass tells where its cursor is."""

    @property
    def cursor_cells(self) -> int:
        """Cells before the cursor."""
        return super()._cursor_offset

    @property
    def _cursor_offset(self) -> int:
        return self.cursor_cells
