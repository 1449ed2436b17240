"""The outline beside the document: one line per cell, with the current one and changed ones marked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget

from pmtui.display import clip, display, width
from pmtui.formats.gaps import has_title
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.key_order import take_own_key
from pmtui.tui.widgets import bars
from pmtui.tui.widgets.section_notes import Notes

KEYS: tuple[bars.Key, ...] = (
    ("1…9", "goes to a cell"),
    ("↑↓", "choose"),
    ("enter", "go"),
    ("/", "find"),
    ("o", "address"),
    ("y", "copy it"),
    ("esc", "text"),
    ("f1", "help"),
)
AT_ONCE = 20_000
"""Characters of sections that are read before the next frame; what is said of the others follows."""
UNWRITTEN = "○"
"""Behind the number of a section in which nobody has written anything yet."""

NOTHING = ("", Notes())
"""What is known of a section that was not read yet."""


def _notes(cells: Iterable[Cell], began: datetime | None) -> dict[str, tuple[str, Notes]]:
    """The notes on these cells, and the texts they were made from, by key."""
    return {cell.key: (cell.text, Notes.of(cell.text, began) if cell.editable else Notes()) for cell in cells}


class Outline(Widget, can_focus=True):
    """Keys with the focus: up, down and numbers choose; enter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("home", "move(-10000)", "first cell", show=False),
        Binding("end", "move(10000)", "last cell", show=False),
        Binding("enter,right", "go", "go to the cell"),
        Binding("slash", "screen.find", "find", show=False),
        Binding("o", "screen.open_address", "open or show the postmortem's address", show=False),
        Binding("y", "screen.copy_address", "copy the postmortem's address", show=False),
    ]

    @dataclass
    class Chosen(Message):
        index: int

    class KeysChanged(Message):
        """``keys`` changed: the number of a cell was begun, or is no longer typed."""

    def __init__(self) -> None:
        super().__init__(id="outline")
        self._cells: tuple[Cell, ...] = ()
        self._changed: frozenset[str] = frozenset()
        self._known: dict[str, tuple[str, Notes]] = {}
        self._began: datetime | None = None
        self._here = self._current = 0  # the cell with the document's cursor, and the chosen one
        self._away = self._titled = False
        self._top = 0
        self._number = ""  # the typed digits of a cell's number
        self._going = self._reading = False
        self._typed_behind: list[Key] = []

    def show(
        self, cells: Sequence[Cell], changed: frozenset[str], current: int, *, away: bool = False, began: datetime | None = None
    ) -> None:
        """Show these cells. ``away``: the cursor is in the form, which then shows the only mark.

        ``began`` is the start of the incident, the reference for times without a date.
        """
        if began != self._began:
            self._began, self._known = began, {}
            self.refresh()
        self._read_first(cells)
        self._titled = has_title([cell.text if cell.editable else "" for cell in cells[:2]])
        state = (tuple(cells), changed, current, away)
        if state != (self._cells, self._changed, self._here, self._away):
            if current != self._here:  # else a key that chose another one came before the focus was told of
                self._current = current
            self._cells, self._changed, self._here, self._away = state
            self._current = max(0, min(self._current, len(self._cells) - 1))
            self.refresh()
        self._go_on_reading()

    def on_resize(self) -> None:
        self._go_on_reading()

    def _go_on_reading(self) -> None:
        """Read the other sections once this is laid out, behind the next frame: the first one does not share the processor with it."""
        if self.size.height and not self._reading and any(map(self._is_unread, self._cells)):
            self._reading = True
            self.call_after_refresh(self._read_others)

    def _is_unread(self, cell: Cell) -> bool:
        known = self._known.get(cell.key)
        return known is None or known[0] != cell.text

    def _read_first(self, cells: Sequence[Cell]) -> None:
        """Make the notes on these cells, once per text, up to a number of characters.

        While the thread reads, only on what was typed since: else every look here would take some of its work.
        """
        unread = [cell for cell in cells if self._is_unread(cell) and (not self._reading or cell.key in self._known)]
        until = accumulate(len(cell.text) for cell in unread)
        first = [cell for cell, size in zip(unread, until, strict=True) if size <= AT_ONCE]
        self._known = {cell.key: self._known[cell.key] for cell in cells if cell.key in self._known} | _notes(first, self._began)

    @work
    async def _read_others(self) -> None:
        """Make the other notes in a thread: a long document takes a while."""
        try:
            while unread := [cell for cell in self._cells if self._is_unread(cell)]:
                began = self._began
                read = await asyncio.to_thread(_notes, unread, began)
                if began == self._began:  # else all of them are read again
                    self._known |= read
                self.refresh()
        finally:
            self._reading = False

    def _said(self, cell: Cell) -> Notes:
        return self._known.get(cell.key, NOTHING)[1]

    def _digit(self, digit: str) -> bool:
        """Choose the cell with the typed number, if there is one; go there when no longer number is possible."""
        count = len(self._cells)
        number = next((int(each) for each in (self._number + digit, digit) if 0 < int(each) <= count), 0)
        if not number:
            return False
        self._current = number - 1
        self.refresh()
        if number * 10 > count:
            self.action_go()
        else:
            self._typed(str(number))
        return True

    @property
    def keys(self) -> Sequence[bars.Key]:
        """The keys to show: those that go on with a number that has more digits where there are so many cells."""
        if not self._number:
            return KEYS
        return (("0…9", "next digit"), ("enter", f"go to cell {self._number}"), *KEYS[-2:])

    def _typed(self, number: str) -> None:
        if number != self._number:
            self._number = number
            self.post_message(self.KeysChanged())

    def action_move(self, by: int) -> None:
        self._typed("")
        self._current = max(0, min(self._current + by, len(self._cells) - 1))
        self.refresh()

    def action_go(self) -> None:
        self._going = True
        self.post_message(self.Chosen(self._current))

    async def on_key(self, event: Key) -> None:
        """Keys typed after the one that goes to a cell belong to the cell, which may have to be created first."""
        if self._going and event.is_printable:
            self._typed_behind.append(event)
            event.stop()
        elif event.character is not None and event.character in "0123456789" and self._digit(event.character):
            event.stop()
        else:
            await take_own_key(self, event)

    def on_click(self, event: Click) -> None:
        row = self._top + event.y
        if row < len(rows := self._rows()):
            self.post_message(self.Chosen(rows[row][0]))

    def render(self) -> Content:
        height, cells = max(1, self.size.height), self.size.width
        rows = self._rows()
        current = next((n for n, (index, _) in enumerate(rows) if index == self._current), 0)
        self._top = max(0, min(self._top, current))
        self._top = max(self._top, current - height + 1)
        return Content("\n").join(self._line(index, cells, note) for index, note in rows[self._top : self._top + height])

    def _rows(self) -> list[tuple[int, str]]:
        """The index of each cell with "", then again with each line about its times."""
        return [(index, note) for index, cell in enumerate(self._cells) for note in ("", *self._said(cell).times)]

    def _line(self, row: int, cells: int, note: str) -> Content:
        cell = self._cells[row]
        if note:
            return Content.styled(clip("    " + note, cells - 1), "$warning" if note.startswith("!") else "$muted")
        here = row == self._current
        changed = cell.key in self._changed
        digits = len(str(len(self._cells)))
        room = max(1, cells - digits - 4)
        title = clip(display(("" if cell.editable else "▦ ") + (cell.title or "empty")), room)
        pad = " " * (room - width(title))
        style = "bold $primary" if here and self.has_focus else "bold" if here else "" if cell.editable else "$muted"
        return Content.assemble(
            ("▌" if here and not self._away else " ", "$primary"),
            (f"{row + 1:>{digits}}{UNWRITTEN if self._is_unwritten(row) else ' '}", "$muted"),
            (title + pad, style),
            (" ±" if changed else "  ", "$changed"),
        )

    def _is_unwritten(self, row: int) -> bool:
        """Whether a cell that somebody must write is still empty."""
        return self._said(self._cells[row]).unwritten and not (row == 0 and self._titled)

    def call(self) -> None:
        """Focus the outline, and show it meanwhile if windows of this width hide it."""
        self.add_class("called")
        self.screen.set_focus(self)  # at once: the next key is meant for it

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        behind, self._typed_behind, self._going, self._number = self._typed_behind, [], False, ""
        self._current = max(0, self._here)
        if (focused := self.screen.focused) is not None:
            for key in behind:
                focused.post_message(Key(key.key, key.character))
        self.remove_class("called")
        self.refresh()
