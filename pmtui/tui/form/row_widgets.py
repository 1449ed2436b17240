"""One row of the form on the screen: mark, label, value, note. Typed values have a line to type in, others are chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Click, DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pmtui.display import clip, display, width
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.form.rows import ADD, CHANGED, REMOVED, Row

LABEL_CELLS = 23
"""Cells before the value: focus, mark, label, and the mark of an item."""
NOTE_SHARE = 0.45
"""How much of the rest a note may take; the line below the form has all of it."""


class FormRow(Widget):
    """A row, whichever way its value is changed."""

    row: Row

    def show(self, row: Row) -> None:
        """Show another state of the same field or item."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Take the focus and come into sight, in one frame."""
        self.screen.set_focus(self.focused_part, scroll_visible=False)
        if isinstance(self.parent, Widget):
            self.parent.scroll_to_widget(self, animate=False, immediate=True)

    @property
    def focused_part(self) -> Widget:
        return self


class ValueRow(FormRow, can_focus=True):
    """A value that is changed by choosing, or not at all."""

    @dataclass
    class Chosen(Message):
        row: Row

    def __init__(self, row: Row) -> None:
        super().__init__(classes="form-row")
        self.row = row

    def show(self, row: Row) -> None:
        if row != self.row:
            self.row = row
            self.refresh()

    def render(self) -> Content:
        room = max(0, self.size.width - LABEL_CELLS)
        note = note_of(self.row, room)
        value = value_of(self.row, max(0, room - note.cell_length), focused=self.has_focus)
        gap = " " * max(0, room - value.cell_length - note.cell_length)
        return Content("").join([label_of_row(self.row, focused=self.has_focus), value, Content(gap), note])

    def on_click(self, event: Click) -> None:
        if event.chain > 1:
            self.post_message(self.Chosen(self.row))


class LineRow(FormRow):
    """A value that is typed into its row. ``typed`` hears of each key at once: no frame and no undo comes between."""

    def __init__(self, row: Row, typed: Callable[[Row, str], None]) -> None:
        super().__init__(classes="form-row")
        self.row = row
        self._typed = typed
        self._label = Static("", classes="form-label", markup=False)
        self._line = TextLine(row.text, typed=self._typing)
        self._note = Static("", classes="form-note", markup=False)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._line
        yield self._note

    def on_mount(self) -> None:
        self._draw()

    def show(self, row: Row) -> None:
        if row != self.row:
            self.row = row
            self._line.value = row.text
            self._draw()

    @property
    def focused_part(self) -> Widget:
        return self._line

    def _typing(self, text: str) -> None:
        if text != self.row.text:
            self._typed(self.row, text)

    @on(DescendantFocus)
    @on(DescendantBlur)
    def _draw(self) -> None:
        self._label.update(label_of_row(self.row, focused=self.has_focus_within))
        note = note_of(self.row, max(0, (self.size.width or self.app.size.width) - LABEL_CELLS))
        self._note.update(note)
        self._note.styles.width = note.cell_length

    def on_resize(self) -> None:
        self._draw()


def label_of_row(row: Row, *, focused: bool) -> Content:
    """Where the focus is, whether the field is changed, its label, and the mark of an item."""
    label = clip(display(row.label), LABEL_CELLS - 5)
    return Content.assemble(
        ("▌" if focused else " ", "bold $primary"),
        (f"{CHANGED if row.changed else ' '} ", "bold $changed"),
        (label + " " * (LABEL_CELLS - 5 - width(label)), "bold" if focused else "$muted"),
        (row.mark or " ", "bold $changed"),
        " ",
    )


def value_of(row: Row, room: int, *, focused: bool) -> Content:
    """The value, cut with an ellipsis where there is no room for all of it."""
    arrow = "" if row.field.locked or row.field.kind.is_list else " ▾"
    text = clip(display(row.text) or "–", max(0, room - len(arrow)))
    plain = row.item == ADD or bool(row.field.locked)
    style = "strike $muted" if row.mark == REMOVED else "$muted" if plain else "$foreground"
    return Content.assemble((text, f"bold {style}" if focused else style), (arrow, "$muted"))


def note_of(row: Row, room: int) -> Content:
    """What stands at the right of the row."""
    text = clip(display(row.problem or row.note), int(room * NOTE_SHARE))
    return Content.styled(f"  {text} ", "$error" if row.problem else "$muted") if text else Content("")
