"""A one-line input. Unlike Textual's Input it never draws control characters, and draws only what is in sight."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.strip import Strip

from pmtui.display import clip, mask, width
from pmtui.tui.editor.graphemes import next_border, previous_border
from pmtui.tui.editor.key_order import take_own_key
from pmtui.tui.textual_internals import OpenInput

_LINE_ENDS = str.maketrans({"\t": " ", "\n": "␊"})


class TextLine(OpenInput):
    """An Input for foreign text: control characters show as stand-ins, and the cursor moves by grapheme clusters.

    Pasted line ends become blanks. The terminal draws the cursor. ``typed`` is called with each new value at once, because a
    message would come after the next key.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+backspace,alt+backspace", "delete_left_word", "Delete left to start of word", show=False),  # Input deletes the next
    ]

    def __init__(self, value: str = "", placeholder: str = "", *, typed: Callable[[str], None] = lambda text: None) -> None:
        self._source = self._shown = ""
        self._typed = typed
        super().__init__(value, placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False

    # ---- what shows ---------------------------------------------------------------------------------------------
    @property
    def shown(self) -> str:
        """The value made safe to show, with the same number of code points."""
        if self.value != self._source:
            self._source, self._shown = self.value, mask(self.value).translate(_LINE_ENDS)
        return self._shown

    @property
    def content_width(self) -> int:
        return width(self.shown) + 1

    @property
    def cursor_cells(self) -> int:
        return width(self.shown[: self.cursor_position])

    @property
    def terminal_cursor(self) -> Offset | None:
        """The screen position of the terminal's cursor; None when it is out of sight."""
        offset = self.cursor_screen_offset
        return offset if self.has_focus and self.region.contains_point(offset) else None

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        if y:
            return Strip.blank(self.size.width, base)
        if not self.value:
            muted = base + self.get_component_rich_style("input--placeholder")
            return Strip([Segment(self.placeholder, muted)]).adjust_cell_length(self.size.width, base)
        if not self.has_focus and self.content_width - 1 > self.size.width:
            return Strip([Segment(clip(self.shown, self.size.width), base)]).adjust_cell_length(self.size.width, base)
        start, end = sorted(self.selection)
        selected = base + self.get_component_rich_style("input--selection") if self.has_focus else base
        borders = (0, start, end, len(self.shown))
        pieces = [self.shown[first:last] for first, last in pairwise(borders)]
        strip = Strip([Segment(piece, style) for piece, style in zip(pieces, (base, selected, base), strict=True) if piece])
        left = self.scroll_offset.x
        return strip.crop(left, left + self.size.width).adjust_cell_length(self.size.width, base)

    def watch_value(self, value: str) -> None:
        self._typed(value)

    # ---- keys ---------------------------------------------------------------------------------------------------
    async def on_key(self, event: events.Key) -> None:
        await take_own_key(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Paste everything: a title that was copied with line ends stays one title."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.strip("\r\n").splitlines()), *sorted(self.selection))

    def action_cursor_left(self, select: bool = False) -> None:
        if select or self.selection.is_empty:
            self._go(previous_border(self.value, self.cursor_position), select)
        else:
            super().action_cursor_left()

    def action_cursor_right(self, select: bool = False) -> None:
        if select or self.selection.is_empty:
            self._go(next_border(self.value, self.cursor_position), select)
        else:
            super().action_cursor_right()

    def _go(self, position: int, select: bool) -> None:
        start = self.selection.start if select else position
        self.selection = type(self.selection)(start, position)

    def action_delete_left(self) -> None:
        if self.selection.is_empty:
            self.delete(previous_border(self.value, self.cursor_position), self.cursor_position)
        else:
            self.delete_selection()

    def action_delete_right(self) -> None:
        if self.selection.is_empty:
            self.delete(self.cursor_position, next_border(self.value, self.cursor_position))
        else:
            self.delete_selection()
