"""One cell of the document: a line with its number and title, and under it its text, rendered or in the editor."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static
from textual.widgets.text_area import Selection

from pmtui.display import display
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.cell_editor import Editor, Keeper
from pmtui.tui.editor.marks import marked
from pmtui.tui.markdown.highlight import Kind, read_line
from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.widgets.bars import rule


class Rule(Static):
    """The line above a cell."""

    def __init__(self) -> None:
        super().__init__(classes="cell-rule", markup=False)
        self._label, self._changed, self._current = "", False, False

    def show(self, label: str, changed: bool, current: bool) -> None:
        shown = (label, changed, current)
        if shown != (self._label, self._changed, self._current):
            self._label, self._changed, self._current = shown
            self.refresh()

    def render(self) -> Content:
        label = f"{self._label} ±" if self._changed else self._label
        style = "bold $primary" if self._current else "$muted"
        return rule(label, self.size.width, label_style=style)


class Opaque(Static, can_focus=True):
    """What stands for a cell that is read-only here. It takes the focus, so that it can be moved and deleted."""


class CellBlock(Vertical):
    """``number`` counts from 1. The editor is made when it is first needed and kept, with its cursor."""

    @dataclass
    class Entered(Message):
        block: CellBlock

    def __init__(self, cell: Cell, number: int, keeper: Keeper, *, locked: bool) -> None:
        super().__init__(classes="cell")
        self._keeper = keeper
        self.cell, self.number = cell, number
        self._locked, self._changed, self._current = locked, False, False
        self._editor: Editor | None = None
        self._marked = ("", -1)
        self._rule = Rule()
        kind = Opaque if locked or not cell.editable else Static
        self._text = kind("", classes="cell-text", markup=False)

    def compose(self) -> ComposeResult:
        self._text.update(self._rendered())  # it is as wide as the block, which has its size by now
        yield self._rule
        yield self._text

    def on_mount(self) -> None:
        self._label()

    # ---- what is shown ----------------------------------------------------------------------------------
    def show(self, cell: Cell, number: int, changed: bool) -> None:
        """Show this state of the cell; the editor keeps its cursor as near as it can."""
        before, self.cell, self.number, self._changed = self.cell, cell, number, changed
        if cell.text != before.text or cell.kind is not before.kind:
            if self._editor is not None and self._editor.kept_text != cell.text:
                self._editor.show_text(cell.text)
            if not self.editing:
                self._text.update(self._rendered())
        self._label()

    def _label(self) -> None:
        title = self.cell.title or "empty"
        if not self.cell.editable:
            title = "▦ " + title.partition(":")[0]  # what it is; the line below says all of it
        self._rule.show(f"{self.number} {title}", self._changed, self._current)

    def _rendered(self) -> Content:
        return marked(self._read(), *self._marked)

    def _read(self) -> Content:
        if not self.cell.editable:
            return Content.assemble(("▦ ", "$secondary"), display(self.cell.text), (" · read-only here, kept as it is", "$muted"))
        if not self.cell.text.strip():
            return Content.styled(display(self.cell.prompt) or "empty", "$muted italic")
        shown = render_markdown(self.cell.text, max(20, self.size.width or 76))
        text = self.cell.text.strip()
        if self.cell.prompt and "\n" not in text and read_line(text).kind is Kind.HEADING:  # and nothing under it yet
            return Content("\n\n").join([shown, Content.styled(display(self.cell.prompt), "$muted italic")])
        return shown

    # ---- editing ------------------------------------------------------------------------------------------
    @property
    def editing(self) -> bool:
        return self._editor is not None and bool(self._editor.display)

    @property
    def editor(self) -> Editor | None:
        return self._editor

    async def enter(self, *, at_end: bool | None = None) -> None:
        """Give this cell the focus: the editor where it can be edited.

        ``at_end`` puts the cursor there, False at the start; without it the cursor is where it was, at first at the end.
        """
        await self.open()
        if self._editor is not None and at_end:
            self._editor.go_to_end()
        elif self._editor is not None and at_end is not None:
            self._editor.move_cursor((0, 0))
        self.take_focus()

    async def open(self) -> None:
        """Show the editor where the cell can be edited, its cursor at the end at first. The focus stays where it is."""
        self._current = True
        self._label()
        if isinstance(self._text, Opaque):
            return
        if self._editor is None:
            self._editor = Editor(self.cell.text, placeholder=display(self.cell.prompt), keeper=self._keeper)
            await self.mount(self._editor)
            self._editor.go_to_end()
            self._editor.mark(*self._marked)
        self._text.display = False
        self._editor.display = True

    def take_focus(self) -> None:
        """Let what is typed come here."""
        place = self._text if self._editor is None else self._editor
        self.screen.set_focus(place, scroll_visible=False)

    def select(self, start: int, end: int) -> None:
        """Put the cursor so many characters into the text, where there is one, with all before it from ``start`` on selected."""
        if self._editor is not None:
            place = self._editor.source.location_of
            self._editor.selection = Selection(place(start), place(end))

    def mark(self, wanted: str, nth: int) -> None:
        """Mark where this stands in the text; the ``nth`` place, from 0, is the one to look at, -1 for none."""
        if (wanted, nth) != self._marked:
            self._marked = wanted, nth
            if self._editor is not None:
                self._editor.mark(wanted, nth)
            if not self.editing:
                self._text.update(self._rendered())

    def leave(self) -> None:
        """Show the rendered text again."""
        self._current = False
        self._label()
        if self._editor is not None and self._editor.display:
            self._text.update(self._rendered())
            self._editor.display = False
            self._text.display = True

    def on_click(self, event: Click) -> None:
        if not self._current:
            self.post_message(self.Entered(self))
