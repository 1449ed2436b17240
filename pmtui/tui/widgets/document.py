"""The document: its cells below one another, one of them in the editor. Only cells near the window are widgets: see `column`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from textual import events, on
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget
from textual.widgets.text_area import Selection

from pmtui.model.postmortem import Cell
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.editor.keeper import Keeper, no_gaps
from pmtui.tui.editor.marks import NONE_HERE, CurrentMatch
from pmtui.tui.keymap import with_keys
from pmtui.tui.widgets.cell import PADDING, CellBlock, estimated_rows
from pmtui.tui.widgets.column import Column

FIRST_SECTION = "{ctrl+n} writes the first section, so does a letter"
"""What a document without cells says."""
LOOKS = 3
"""How often a cell's place is looked at again after it was entered."""


@dataclass(frozen=True)
class Texts:
    """The store of the cells' texts, by the cell's key: see ``Keeper``."""

    typed: Callable[[str, int, str, str], None]
    undo: Callable[[str], str | None]
    redo: Callable[[str], str | None]
    gap: Callable[[int], Awaitable[bool]] = no_gaps
    began: Callable[[], datetime | None] = lambda: None


@dataclass(frozen=True)
class Place:
    """Where the user is: the widget with the focus, and what is selected in which cell. ``scroll_back`` brings it in sight as it is now."""

    focused: Widget | None
    key: str
    text: str
    selection: Selection
    scroll_back: Callable[[], object]


class DocumentView(Column[CellBlock], can_focus=False):
    """Shows cells, whose texts are kept in ``texts``."""

    @dataclass
    class CellEntered(Message):
        index: int

    def __init__(self, texts: Texts) -> None:
        super().__init__(id="document")
        self._texts = texts
        self._locked = self._following = False
        self._is_counted = False  # it follows its cursor, wherever that is when all are counted
        self._cells: tuple[Cell, ...] = ()
        self._changed: frozenset[str] = frozenset()
        self._guesses: dict[str, tuple[str, int, int]] = {}  # the rows of cells: for which text and width, and how many
        self._cursors: dict[str, Selection] = {}  # of cells without a block
        self._wanted, self._found_in, self._here, self._hint = "", -1, NONE_HERE, ""

    def render(self) -> Content:
        return Content.styled(with_keys(self._hint, self), "$muted italic")

    @property
    def block(self) -> CellBlock | None:
        """The block of the current cell."""
        return self.item_at(self.current)

    @property
    def editor(self) -> Editor | None:
        """The editor with the cursor, None when the current cell is opaque or locked."""
        return self.block.editor if self.block is not None and self.block.editing and not self._locked else None

    def shown(self, key: str) -> Cell | None:
        """The cell with this key as it is shown: with its editor's text, apart from what was typed since."""
        block = self._items.get(key)
        return block.cell if block is not None else None

    def take(self, cell: Cell) -> None:
        """The cell with what was just typed into its editor."""
        if (block := self._items.get(cell.key)) is not None:
            block.cell = cell

    def text_of(self, key: str) -> str:
        """The text in the editor of the cell with this key, "" when there is none."""
        block = self._items.get(key)
        return block.editor.kept_text if block is not None and block.editor is not None else ""

    async def lay_out(self, cells: Sequence[Cell], *, locked: bool) -> None:
        """Create and remove blocks for these cells; blocks that stay keep their editor, cursor and place.

        It waits for the screen, and text may be typed meanwhile: call ``show`` with the newest cells afterwards.
        """
        here = self._keys[self.current] if 0 <= self.current < len(self._keys) else None
        if locked is not self._locked:  # every block is made anew: with an editor, or without
            self._locked = locked
            await self.forget_all()
        before, self._cells = self._cells, tuple(cells)
        keys = [cell.key for cell in cells]
        self.current = keys.index(here) if here in keys else min(self.current, len(keys) - 1)
        await self.keep(keys)
        if keys == [cell.key for cell in before]:
            self.guess_again(index for index, (old, new) in enumerate(zip(before, cells, strict=True)) if old is not new)

    def show(self, cells: Sequence[Cell], changed: frozenset[str]) -> None:
        """Update the blocks to these states of their cells."""
        self._changed = changed
        hint = "" if cells or self._locked else FIRST_SECTION
        if hint != self._hint:
            self._hint = hint
            self.refresh()
        for number, cell in enumerate(cells, 1):
            if (block := self._items.get(cell.key)) is not None:
                block.show(cell, number, cell.key in changed)

    def make(self, index: int) -> CellBlock:
        cell = self._cells[index]
        cursor = self._cursors.get(cell.key)
        block = CellBlock(cell, index + 1, self._keeper(cell.key), locked=self._locked, width=self.width_inside, cursor=cursor)
        block.show(cell, index + 1, cell.key in self._changed)
        self._mark(block, index)
        return block

    def guess(self, index: int, width: int) -> int:
        key, text = self._cells[index].key, self._cells[index].text
        known = self._guesses.get(key)
        if known is None or known[0] is not text or known[1] != width:
            known = self._guesses[key] = (text, width, estimated_rows(text, max(1, width - PADDING)))
        return known[2]

    def taken_away(self, key: str, item: CellBlock) -> None:
        if item.editor is not None:
            self._cursors[key] = item.editor.selection

    async def go(self, index: int, *, at_end: bool | None = None) -> None:
        """Make this cell the current one."""
        if (block := await self._make_current(index)) is not None:
            await block.enter(at_end=at_end)
            self._shown(block)

    async def go_to(self, index: int, start: int, end: int | None = None) -> None:
        """Make this cell the current one, with the cursor at this offset of its text, or everything up to ``end`` selected."""
        await self.show_at(index, start, end)
        if self.block is not None:
            self.block.take_focus()

    async def show_at(self, index: int, start: int, end: int | None = None) -> None:
        """As ``go_to``, without moving the focus."""
        if (block := await self._make_current(index)) is not None:
            await block.open()
            block.select(start, start if end is None else end)
            self._shown(block)

    def place(self) -> Place:
        """Where the user is, to come back with ``go_back``. The document has a cell."""
        key, editor = self._keys[max(0, self.current)], self.editor
        selection = editor.selection if editor is not None else Selection()
        return Place(self.screen.focused, key, self.text_of(key), selection, self.hold())

    async def go_back(self, place: Place) -> None:
        """Go where the user was: with the focus, and what is selected, unless other words stand there now."""
        block = await self._make_current(self._places.get(place.key, self.current))
        if block is not None:
            await block.open()
            if block.cell.key == place.key:
                block.put(place.selection if self.text_of(place.key) == place.text else Selection.cursor(min(place.selection)))
            self._shown(block)
            place.scroll_back()
        focused = place.focused
        if focused is not None and focused.is_attached and focused.focusable and self not in focused.ancestors:
            self.screen.set_focus(focused, scroll_visible=False)
        elif block is not None:
            block.take_focus()

    async def _make_current(self, index: int) -> CellBlock | None:
        if not self._keys:
            return None
        index = max(0, min(index, len(self._keys) - 1))
        if self.block is not None and index != self.current:
            self.block.leave()
        self.current = index
        await self.mount_near()
        block = self.block
        return block if block is not None and block.is_attached else None  # the document is being closed

    def _shown(self, block: CellBlock) -> None:
        self.follow()
        self.post_message(self.CellEntered(self.current))

    @property
    def row(self) -> int:
        """The line of the cursor in the current cell, from 0."""
        return self.editor.cursor_location[0] if self.editor is not None else 0

    @property
    def selected_span(self) -> tuple[int, int]:
        """Start and end of the selection in the current cell; both the cursor's offset when nothing is selected."""
        if self.editor is None:
            return (0, 0)
        start, end = sorted(self.editor.selection)
        return self.editor.source.offset_of(start), self.editor.source.offset_of(end)

    def mark(self, wanted: str, cell: int = -1, here: CurrentMatch = NONE_HERE) -> None:
        """Highlight the matches of a search; the current one is in this cell."""
        self._wanted, self._found_in, self._here = wanted, cell, here
        for index, key in enumerate(self._keys):
            if (block := self._items.get(key)) is not None:
                self._mark(block, index)

    def _mark(self, block: CellBlock, index: int) -> None:
        block.mark(self._wanted, self._here if self._found_in == index else NONE_HERE)

    def on_resize(self) -> None:
        self.follow()

    def watch_virtual_size(self) -> None:
        """Keep the current cell in view when heights above it change, unless the user has scrolled away."""
        if self._following:
            self.follow()

    @on(events.MouseScrollUp)
    @on(events.MouseScrollDown)
    def _scrolled_away(self) -> None:
        self._following = False

    def follow(self) -> None:
        """Scroll to the cursor after a resize of the window, or of the text above it."""
        self._following = True
        if self.block is not None:
            self.call_after_refresh(self._reveal, self.block)

    def hold(self) -> Callable[[], object]:
        """Note the row of the screen where one is. Returns what scrolls it back there, when the text above it has changed."""
        block, row = self.block, self._row_of_screen
        if block is None or row is None:
            return self.follow
        return partial(self.call_after_refresh, self._put_back, block, row)

    @property
    def _row_of_screen(self) -> int | None:
        """Where the cursor is, or the cell that has none; None when that is out of sight, or was not laid out yet."""
        if self.block is None or not self.block.is_attached:
            return None
        place = self._looked_at(self.block)
        return place.y if self.region.contains_point(place) else None

    def _looked_at(self, block: CellBlock) -> Offset:
        return self.editor.cursor_screen_offset if self.editor is not None else block.region.offset

    def _put_back(self, block: CellBlock, row: int, looks: int = LOOKS) -> None:
        """Scroll, and look again: what is above may not have its height yet."""
        if block is not self.block or not block.is_attached:
            return
        if moved := self._looked_at(block).y - row:
            self.scroll_to(y=self.scroll_y + moved, animate=False, immediate=True)
        if looks:
            self.call_after_refresh(self._put_back, block, row, looks - 1)

    def _reveal(self, block: CellBlock, looks: int = LOOKS) -> None:
        """Scroll to the cell; in one that is higher than the window, the editor scrolls to the cursor.

        Repeats, because items above may just have got another height than guessed.
        """
        if not block.is_attached or block is not self.block:
            return
        if block.outer_size.height <= self.size.height:
            self.scroll_to_widget(block, animate=False, immediate=True)
            if looks and not self._in_sight(block):
                self.call_after_refresh(self._reveal, block, looks - 1)
        elif block.editing and block.editor is not None:
            block.editor.scroll_cursor_visible()
            if looks and not self.region.contains_point(block.editor.cursor_screen_offset):
                self.call_after_refresh(self._reveal, block, looks - 1)
        elif (row := block.row_looked_at) >= 0:
            self.scroll_to(y=block.virtual_region.y + row - self.size.height // 2, animate=False, immediate=True)

    def _in_sight(self, block: CellBlock) -> bool:
        """Whether the whole block is visible, and laid out."""
        top, height = block.virtual_region.y - self.scroll_y, block.outer_size.height
        return height > 0 and 0 <= top <= self.size.height - height

    @on(CellBlock.Entered)
    async def _entered(self, event: CellBlock.Entered) -> None:
        event.stop()
        await self.go(self.index_of(event.block))

    @on(CellBlock.Unfolded)
    def _unfolded(self, event: CellBlock.Unfolded) -> None:
        event.stop()
        if 0 <= self.index_of(event.block) < self.current:
            self.follow()

    def _keeper(self, key: str) -> Keeper:
        texts = self._texts
        return Keeper(partial(texts.typed, key), partial(texts.undo, key), partial(texts.redo, key), self._leave, texts.gap, texts.began)

    async def _leave(self, direction: int) -> None:
        index = self.current + direction
        if 0 <= index < len(self._keys):
            await self.go(index, at_end=direction < 0)
