"""The outline beside the document: a line a cell, where I am, what is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from pmtui.display import clip, display, width
from pmtui.formats.gaps import is_unwritten
from pmtui.model.postmortem import Cell

UNWRITTEN = "○"
"""Behind the number of a section in which nobody has written anything yet."""


class Outline(Widget, can_focus=True):
    """Keys, when it has the focus: up and down choose, enter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("enter,right", "go", "go to the cell"),
        Binding("slash", "screen.find", "find", show=False),
    ]

    @dataclass
    class Chosen(Message):
        index: int

    def __init__(self) -> None:
        super().__init__(id="outline")
        self._cells: tuple[Cell, ...] = ()
        self._changed: frozenset[str] = frozenset()
        self._unwritten: frozenset[str] = frozenset()
        self._current = 0
        self._away = False
        self._top = 0

    def show(self, cells: Sequence[Cell], changed: frozenset[str], current: int, *, away: bool = False) -> None:
        """``away``: the cursor is in the form, which marks its row then. There is one mark, where the keys go."""
        state = (tuple(cells), changed, current, away)
        if state != (self._cells, self._changed, self._current, self._away):
            self._cells, self._changed, self._current, self._away = state
            self._unwritten = frozenset(cell.key for cell in cells if cell.editable and is_unwritten(cell.text))
            self.refresh()

    def action_move(self, by: int) -> None:
        self._current = max(0, min(self._current + by, len(self._cells) - 1))
        self.refresh()

    def action_go(self) -> None:
        self.post_message(self.Chosen(self._current))

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
            (f"{row + 1:>{digits}}{UNWRITTEN if cell.key in self._unwritten else ' '}", "$muted"),
            (title + pad, style),
            (" ±" if changed else "  ", "$changed"),
        )

    def call(self) -> None:
        """Take the focus, and for as long a place where windows of this width have none for it."""
        self.add_class("called")
        self.focus()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.remove_class("called")
        self.refresh()
