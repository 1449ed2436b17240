"""The widgets of a form's row: mark, label, value, note. Some values are typed into the row, others are chosen in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Click, DescendantBlur, DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pmtui.display import clip, display, width
from pmtui.formats.action_items import TaskColumns
from pmtui.model.fields import Kind
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.form.rows import ADD, CHANGED, REMOVED, Row

LABEL_CELLS, FEW_LABEL_CELLS, ROOMY = 23, 19, 48
"""Cells before the value: focus, mark, label, and the mark of an item; fewer in a form that is not roomy."""
NOTE_SHARE = 0.45
"""How much of the rest a note may take; the line below the form has all of it."""
TABLE_INDENT, OWNER_CELLS, DUE_CELLS, NARROW = 4, 24, 12, 56
"""Cells of the columns of the action items; a narrower form leaves the owner out."""
LATE = "!"
"""Before a day that has passed: not told by its colour alone."""


class FormRow(Widget):
    """A row of the form: the base of both kinds."""

    row: Row

    def show(self, row: Row) -> None:
        """Show another state of the same field or item."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Take the focus and scroll into view, in one frame."""
        self.screen.set_focus(self.focused_part, scroll_visible=False)
        self._come_into_sight()
        if not self.size:  # it has no place yet
            self.call_after_refresh(self._come_into_sight)

    def _come_into_sight(self) -> None:
        if isinstance(self.parent, Widget):
            self.parent.scroll_to_widget(self, animate=False, immediate=True)

    @property
    def focused_part(self) -> Widget:
        return self


class ValueRow(FormRow, can_focus=True):
    """A value that is changed in a dialog, or not at all."""

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
        if self.row.columns is not None:
            return table_row(self.row, self.row.columns, self.size.width, focused=self.has_focus)
        room = max(0, self.size.width - label_cells(self.size.width))
        note = note_of(self.row, room)
        value = value_of(self.row, max(0, room - note.cell_length), focused=self.has_focus)
        gap = " " * max(0, room - value.cell_length - note.cell_length)
        return Content("").join([label_of_row(self.row, self.size.width, focused=self.has_focus), value, Content(gap), note])

    def on_click(self, event: Click) -> None:
        if event.chain > 1:
            self.post_message(self.Chosen(self.row))


class LineRow(FormRow):
    """A value that is typed into its row.

    ``typed`` is called at each key, before the next frame and before an undo. It returns what the field stores (for ``-20m``, the
    time). What was typed stays visible until the row is left.
    """

    def __init__(self, row: Row, typed: Callable[[Row, str], str]) -> None:
        super().__init__(classes="form-row")
        self.row = row
        self._typed = typed
        self._kept: str | None = None  # the value that the text gave
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
            if self._kept != row.value or not self.has_focus_within:
                self._read_back()
            self._draw()

    @property
    def focused_part(self) -> Widget:
        return self._line

    def _typing(self, text: str) -> None:
        if text != self.row.text:
            self._kept = self._typed(self.row, text)
            if self.row.field.kind is Kind.TIME:  # the formatted time may be longer; the note makes room
                self._draw()

    def _read_back(self) -> None:
        """Show the formatted value in place of what was typed."""
        self._kept = None
        self._line.value = self.row.text

    @on(DescendantBlur)
    def _left(self) -> None:
        self._draw()
        self.call_after_refresh(self._show_formatted)  # the mark of the focus goes first: one thing a frame

    def _show_formatted(self) -> None:
        """Show the formatted value, unless the row does not know the typed one yet; then ``show`` does it."""
        if not self.has_focus_within and self._kept is not None and self._kept == self.row.value:
            self._read_back()
            self._draw()

    @on(DescendantFocus)
    def _draw(self) -> None:
        cells = self.size.width or self.app.size.width
        self._label.update(label_of_row(self.row, cells, focused=self.has_focus_within))
        self._label.styles.width = label_cells(cells)
        note = note_of(replace(self.row, text=self._line.value), max(0, cells - label_cells(cells)))  # what is typed may be longer
        self._note.update(note)
        self._note.styles.width = note.cell_length

    def on_resize(self) -> None:
        self._draw()


def label_cells(cells: int) -> int:
    """The cells before the value, in a form of this width."""
    return LABEL_CELLS if cells >= ROOMY else FEW_LABEL_CELLS


def label_of_row(row: Row, cells: int, *, focused: bool) -> Content:
    """The start of a row: the focus, whether the field is changed, its label, and the mark of an item."""
    if row.field.kind is Kind.TASKS and row.item == ADD:  # below the boxes of the table
        return Content.assemble(("▌" if focused else " ", "bold $primary"), " " * (TABLE_INDENT + 1))
    room = label_cells(cells) - 5
    label = clip(display(row.label), room - len(row.mark))  # a blank before the mark
    return Content.assemble(
        ("▌" if focused else " ", "bold $primary"),
        (f"{CHANGED} " if row.changed else "  ", "bold $changed" if row.changed else ""),
        (label + " " * (room - width(label)), "bold" if focused else "$muted"),
        (row.mark or " ", "bold $changed" if row.mark else ""),
        " ",
    )


def value_of(row: Row, room: int, *, focused: bool) -> Content:
    """The value, cut with an ellipsis when it is too long."""
    arrow = "" if row.field.locked or row.field.kind.is_list else " ▾"
    text = clip(display(row.text) or "–", max(0, room - len(arrow)))
    plain = row.item == ADD or bool(row.field.locked)
    style = "strike $muted" if row.mark == REMOVED else "$muted" if plain else "$foreground"
    return Content.assemble((text, f"bold {style}" if focused else style), (arrow, "$muted"))


def table_row(row: Row, columns: TaskColumns, cells: int, *, focused: bool) -> Content:
    """An action item across the whole form: box, text, owner, day. A narrow form keeps the day."""
    due = f"{LATE if columns.overdue else ' '} {display(columns.due)}" if columns.due else ""
    due = row.note if row.mark == REMOVED else due
    due = due + " " * max(0, DUE_CELLS - width(due))
    owner_cells = 0 if cells < NARROW else min(OWNER_CELLS, cells // 5)
    room = max(0, cells - TABLE_INDENT - width(columns.box) - 1 - owner_cells - DUE_CELLS - 1)
    style = "strike $muted" if row.mark == REMOVED else "$muted" if columns.done or row.field.locked else "$foreground"
    return Content.assemble(
        ("▌" if focused else " ", "bold $primary"),
        (f" {row.mark or ' '} ", "bold $changed" if row.mark else ""),
        (f"{columns.box} ", style),
        (_padded(columns.text, room), f"bold {style}" if focused else style),
        (_padded(columns.owner, owner_cells), "$muted"),
        (due, "bold $error" if columns.overdue else "$muted"),
    )


def _padded(text: str, cells: int) -> str:
    """The text padded to this width, with two blanks behind it."""
    shown = clip(display(text), max(0, cells - 2))
    return shown + " " * (cells - width(shown))


def note_of(row: Row, room: int) -> Content:
    """The note at the right of the row."""
    beside = room - width(display(row.text)) - 4  # a short value leaves it more
    note = row.whole_note if row.whole_note and width(display(row.whole_note)) <= beside else row.note
    said, most = display(row.problem or note), max(int(room * NOTE_SHARE), beside)
    if row.field.kind is Kind.TIME and not row.problem:  # the time in whole, and of how far off it is what there is room for
        said, most = said if width(said) <= beside else said.partition(", ")[0], max(0, beside)
    text = clip(said, most)
    return Content.styled(f"  {text}", "$error" if row.problem else "$muted") if text else Content("")
