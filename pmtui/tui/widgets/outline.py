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
from pmtui.model.postmortem import Cell
from pmtui.tui.widgets.bars import Key
from pmtui.tui.widgets.section_notes import Notes

KEYS: tuple[Key, ...] = (
    ("↑↓", "choose"),
    ("enter", "go"),
    ("/", "find"),
    ("o", "address"),
    ("y", "copy it"),
    ("esc", "text"),
    ("f1", "help"),
)
UNWRITTEN = "○"
"""Behind the number of a section in which nobody has written anything yet."""


class Outline(Widget, can_focus=True):
    """Keys, when it has the focus: up and down choose, enter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("enter,right", "go", "go to the cell"),
        Binding("slash", "screen.find", "find", show=False),
        Binding("o", "screen.open_address", "open or show the postmortem's address", show=False),
        Binding("y", "screen.copy_address", "copy the postmortem's address", show=False),
        Binding("question_mark", "app.help", "help", show=False),
    ]

    @dataclass
    class Chosen(Message):
        index: int

    def __init__(self) -> None:
        super().__init__(id="outline")
        self._cells: tuple[Cell, ...] = ()
        self._changed: frozenset[str] = frozenset()
        self._known: dict[str, tuple[str, Notes]] = {}
        self._current = 0
        self._away = False
        self._top = 0

    def show(self, cells: Sequence[Cell], changed: frozenset[str], current: int, *, away: bool = False) -> None:
        """``away``: the cursor is in the form, which marks its row then. There is one mark, where the keys go."""
        self._known = {cell.key: self._notes(cell) for cell in cells}
        state = (tuple(cells), changed, current, away)
        if state != (self._cells, self._changed, self._current, self._away):
            self._cells, self._changed, self._current, self._away = state
            self.refresh()

    def _notes(self, cell: Cell) -> tuple[str, Notes]:
        """What is said of a cell, worked out once for each text."""
        known = self._known.get(cell.key)
        if known is not None and known[0] == cell.text:
            return known
        return cell.text, Notes.of(cell.text) if cell.editable else Notes()

    def action_move(self, by: int) -> None:
        self._current = max(0, min(self._current + by, len(self._cells) - 1))
        self.refresh()

    def action_go(self) -> None:
        self.post_message(self.Chosen(self._current))

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
        """Each cell's index with "", and again with each line that is said of its times."""
        return [(index, note) for index, cell in enumerate(self._cells) for note in ("", *self._known[cell.key][1].times)]

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
            (f"{row + 1:>{digits}}{UNWRITTEN if self._known[cell.key][1].unwritten else ' '}", "$muted"),
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
