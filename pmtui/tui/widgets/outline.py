"""The outline beside the document: a line a cell, where I am, what is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget

from pmtui.display import clip, display, width
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.key_order import take_own_key


class Outline(Widget, can_focus=True):
    """Keys, when it has the focus: up and down choose, enter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("enter,right", "go", "go to the cell"),
    ]

    @dataclass
    class Chosen(Message):
        index: int

    def __init__(self) -> None:
        super().__init__(id="outline")
        self._cells: tuple[Cell, ...] = ()
        self._changed: frozenset[str] = frozenset()
        self._here = self._current = 0  # where the cursor of the document is, and what is chosen
        self._away = False
        self._top = 0
        self._going = False
        self._typed_behind: list[Key] = []

    def show(self, cells: Sequence[Cell], changed: frozenset[str], current: int, *, away: bool = False) -> None:
        """``away``: the cursor is in the form, which marks its row then. There is one mark, where the keys go."""
        state = (tuple(cells), changed, current, away)
        if state != (self._cells, self._changed, self._here, self._away):
            if current != self._here:  # else a key that chose another one came before the focus was told of
                self._current = current
            self._cells, self._changed, self._here, self._away = state
            self._current = max(0, min(self._current, len(self._cells) - 1))
            self.refresh()

    def action_move(self, by: int) -> None:
        self._current = max(0, min(self._current + by, len(self._cells) - 1))
        self.refresh()

    def action_go(self) -> None:
        self._going = True
        self.post_message(self.Chosen(self._current))

    async def on_key(self, event: Key) -> None:
        """What is typed behind the key that goes to a cell is meant for the cell, which may have to be drawn first."""
        if self._going and event.is_printable:
            self._typed_behind.append(event)
            event.stop()
        else:
            await take_own_key(self, event)

    def on_click(self, event: Click) -> None:
        index = self._top + event.y
        if index < len(self._cells):
            self.post_message(self.Chosen(index))

    def render(self) -> Content:
        height, cells = max(1, self.size.height), self.size.width
        self._top = max(0, min(self._top, self._current))
        self._top = max(self._top, self._current - height + 1)
        rows = range(self._top, min(len(self._cells), self._top + height))
        return Content("\n").join(self._line(row, cells) for row in rows)

    def _line(self, row: int, cells: int) -> Content:
        cell = self._cells[row]
        here = row == self._current
        changed = cell.key in self._changed
        digits = len(str(len(self._cells)))
        room = max(1, cells - digits - 4)
        title = clip(display(("" if cell.editable else "▦ ") + (cell.title or "empty")), room)
        pad = " " * (room - width(title))
        style = "bold $primary" if here and self.has_focus else "bold" if here else "" if cell.editable else "$muted"
        return Content.assemble(
            ("▌" if here and not self._away else " ", "$primary"),
            (f"{row + 1:>{digits}} ", "$muted"),
            (title + pad, style),
            (" ±" if changed else "  ", "$changed"),
        )

    def call(self) -> None:
        """Take the focus, and for as long a place where windows of this width have none for it."""
        self.add_class("called")
        self.screen.set_focus(self)  # at once: the next key is meant for it

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        behind, self._typed_behind, self._going = self._typed_behind, [], False
        self._current = max(0, self._here)
        if (focused := self.screen.focused) is not None:
            for key in behind:
                focused.post_message(Key(key.key, key.character))
        self.remove_class("called")
        self.refresh()
