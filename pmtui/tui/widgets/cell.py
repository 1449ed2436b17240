"""One cell of the document: a line with its number and title, and below it its text, rendered or in the editor."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static
from textual.widgets.text_area import Selection

from pmtui.display import display
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.editor.keeper import Keeper
from pmtui.tui.editor.marks import NONE_HERE, CurrentMatch, marked, rows_of
from pmtui.tui.editor.read_text import ReadText
from pmtui.tui.markdown.highlight import LineKind, read_line
from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.widgets.bars import Key, rule
from pmtui.tui.widgets.column import Item

LONG = 10_000
"""Characters from which on a cell is shown as it is edited, which draws the lines in sight only."""
HUGE = 100_000
"""Characters from which on a cell is read for its editor in a thread; until then its first lines show."""
FIRST_LINES = 100
RULE = 1
PADDING = 2
FOR_CURSOR = 1
"""The cell that the editor keeps behind a full line. The text has it, too: so its lines end alike with and without the cursor."""


def estimated_rows(text: str, width: int) -> int:
    """About how many rows a cell with this text takes; counted without drawing."""
    if len(text) > LONG:
        return RULE + text.count("\n") + len(text) // width
    lines = text.split("\n")
    return RULE + len(lines) + sum([(len(line) - 1) // width for line in lines if len(line) > width])


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
    """The placeholder of a cell that is read-only here. It can have the focus, so that the cell can be moved and deleted."""

    KEYS: ClassVar[tuple[Key, ...]] = (("↑↓", "cell"), ("f6", "up"), ("f7", "down"), ("f8", "delete"), ("f3", "preview"), ("f1", "help"))


class CellBlock(Item):
    """A cell. ``number`` counts from 1. The editor is created when first needed, and kept; ``cursor`` is where it was left."""

    @dataclass
    class Entered(Message):
        block: CellBlock

    @dataclass
    class Unfolded(Message):
        """The editor of a long cell replaced its placeholder; the height may have changed."""

        block: CellBlock

    def __init__(self, cell: Cell, number: int, keeper: Keeper, *, locked: bool, width: int, cursor: Selection | None = None) -> None:
        super().__init__(classes="cell")
        self._keeper = keeper
        self.cell, self.number = cell, number
        self._locked, self._changed, self._current = locked, False, False
        self._width, self._cursor, self._is_new = width, cursor, True
        self._editor: Editor | None = None
        self._wanted, self._here = "", NONE_HERE
        self._unfolding = asyncio.Lock()
        self._rule = Rule()
        kind = Opaque if not cell.editable or (locked and not self._is_long) else Static
        self._text = kind("", classes="cell-text", markup=False)

    def compose(self) -> ComposeResult:
        yield self._rule
        yield self._text
        if self._is_huge:
            self._text.update("\n".join(map(display, self._first_lines)))
        elif self._is_long:
            self._text.display = False
            yield self._make_editor(self.cell.text)
        else:
            self._text.update(self._rendered())

    def on_mount(self) -> None:
        self._label()
        if self._is_huge:
            self.call_after_refresh(self._unfold_later)  # the width is known then

    @work
    async def _unfold_later(self) -> None:
        await self._unfold()
        self.post_message(self.Unfolded(self))

    @property
    def _is_huge(self) -> bool:
        return self.cell.editable and len(self.cell.text) > HUGE

    @property
    def _is_long(self) -> bool:
        return self.cell.editable and len(self.cell.text) > LONG

    @property
    def _first_lines(self) -> list[str]:
        """The text shown of a huge cell until its editor is ready."""
        return self.cell.text[:LONG].split("\n")[:FIRST_LINES]

    def rows_at(self, width: int) -> int:
        inside = max(1, width - PADDING)
        if self._editor is not None and self._editor.display:
            return RULE + self._editor.rows_at(inside)
        if self._is_huge:
            return estimated_rows("\n".join(self._first_lines), inside)
        return RULE + max(1, self._rendered().get_height({}, max(1, inside - FOR_CURSOR)))

    # ---- what is shown ----------------------------------------------------------------------------------
    def show(self, cell: Cell, number: int, changed: bool) -> None:
        """Show this state of the cell; the editor keeps its cursor as near as possible."""
        before, self.cell, self.number, self._changed = self.cell, cell, number, changed
        if cell.text != before.text or cell.kind is not before.kind:
            if self._editor is not None and self._editor.kept_text != cell.text:
                self._editor.show_text(cell.text)
            if not self.editing and self._is_long and self.is_attached:
                self.call_next(self._unfold)
            elif not self.editing:
                self._text.update(self._rendered())
        self._label()

    def _label(self) -> None:
        title = self.cell.title or "empty"
        if not self.cell.editable:
            title = "▦ " + title.partition(":")[0]  # what it is; the line below says all of it
        self._rule.show(f"{self.number} {title}", self._changed, self._current)

    def _rendered(self) -> Content:
        return marked(self._read(), self._wanted, self._here.nth)

    def _read(self) -> Content:
        if not self.cell.editable:
            start = display(self.cell.text[:LONG]) + ("…" if len(self.cell.text) > LONG else "")
            return Content.assemble(("▦ ", "$secondary"), start, (" · read-only here, kept as it is", "$muted"))
        if not self.cell.text.strip():
            return Content.styled(display(self.cell.prompt) or "empty", "$muted italic")
        width, text = max(20, self.size.width or self._width), self.cell.text.strip()
        if self.cell.prompt and "\n" not in text and read_line(text).kind is LineKind.HEADING:  # and nothing under it yet
            return Content("\n\n").join([render_markdown(text, width), Content.styled(display(self.cell.prompt), "$muted italic")])
        return render_markdown(self.cell.text, width)

    # ---- editing ------------------------------------------------------------------------------------------
    @property
    def editing(self) -> bool:
        return self._editor is not None and bool(self._editor.display)

    @property
    def editor(self) -> Editor | None:
        return self._editor

    async def enter(self, *, at_end: bool | None = None) -> None:
        """Focus this cell: the editor if it can be edited.

        ``at_end`` puts the cursor at the end, False at the start; without it the cursor is where it was, at first at the gap,
        else at the end.
        """
        await self.open()
        if self._editor is not None and at_end:
            self._editor.go_to_end()
        elif self._editor is not None and at_end is not None:
            self._editor.move_cursor((0, 0))
        self.take_focus()

    async def open(self) -> None:
        """Show the editor if the cell can be edited, at first with the cursor where it was left. The focus does not move."""
        self._current = True
        self._label()
        if self._editor is not None:
            self._editor.is_followed = True
        if isinstance(self._text, Opaque):
            return
        editor = await self._unfold()
        if self._is_new and self._cursor is None:
            editor.go_to_gap()
        elif self._is_new and self._cursor is not None:
            self.put(self._cursor)
        self._is_new = False

    def take_focus(self) -> None:
        """Focus the editor, or the placeholder."""
        place = self._text if self._editor is None else self._editor
        self.screen.set_focus(place, scroll_visible=False)

    def select(self, start: int, end: int) -> None:
        """Place the cursor at this offset of the text, if there is one, with everything from ``start`` on selected."""
        if self._editor is not None:
            place = self._editor.source.location_of
            self._editor.selection = Selection(place(start), place(end))

    def put(self, selection: Selection) -> None:
        """Place the cursor as it was, if there is one, with what was selected."""
        if self._editor is not None:
            self._editor.selection = Selection(*map(self._editor.clamp_visitable, selection))
            if selection.end > self._editor.document.end:  # it was in room in which nothing was typed
                self._editor.go_to_end()

    def mark(self, wanted: str, here: CurrentMatch) -> None:
        """Highlight the matches of a search."""
        if (wanted, here) != (self._wanted, self._here):
            self._wanted, self._here = wanted, here
            if self._editor is not None:
                self._editor.mark(wanted, here.start)
            if not self.editing and not self._is_long and self.is_attached:
                self._text.update(self._rendered())

    @property
    def row_looked_at(self) -> int:
        """The row of the current match in rendered text; -1 for none, or in the editor."""
        nth = self._here.nth
        found = rows_of(self._read(), self._wanted, self._text.content_size.width) if nth >= 0 and not self.editing else []
        return RULE + found[min(nth, len(found) - 1)] if found else -1

    async def _unfold(self) -> Editor:
        """Replace the rendered text by the editor."""
        async with self._unfolding:
            editor = self._editor
            if editor is None:
                text = self.cell.text
                editor = self._make_editor(await self._read_in_thread(text) if self._is_huge else text)
                if self.cell.text != text:  # a merge came meanwhile
                    editor.show_text(self.cell.text)
                if self.is_attached:
                    await self.mount(editor)
        self._text.display = False
        editor.display = True
        return editor

    async def _read_in_thread(self, text: str) -> ReadText:
        """The text for the editor, wrapped at the width that this has by then: the first layout may come meanwhile."""
        while True:
            width = self._width_inside
            read = await asyncio.to_thread(ReadText.of, text, width)
            if width == self._width_inside:
                return read

    @property
    def _width_inside(self) -> int:
        return (self.size.width or self._width) - PADDING

    def _make_editor(self, text: str | ReadText) -> Editor:
        prompt = display(self.cell.prompt)
        self._editor = Editor(text, read_only=self._locked, placeholder=prompt, keeper=self._keeper)
        self._editor.mark(self._wanted, self._here.start)
        self._editor.is_followed = self._current
        return self._editor

    def leave(self) -> None:
        """Replace the editor by the rendered text."""
        self._current = False
        self._label()
        if self._editor is not None:
            self._editor.is_followed = False
        if self._editor is not None and self._editor.display and not self._is_long:
            self._text.update(self._rendered())
            self._editor.display = False
            self._text.display = True

    def on_click(self, event: Click) -> None:
        if not self._current:
            self.post_message(self.Entered(self))
