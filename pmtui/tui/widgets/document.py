"""The document: its cells under one another, one of them in the editor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from pmtui.model.postmortem import Cell
from pmtui.tui.editor.cell_editor import Editor, Keeper, no_gaps
from pmtui.tui.widgets.cell import CellBlock

FIRST_SECTION = "ctrl+n writes the first section, so does a letter"
"""What a document without cells says."""


@dataclass(frozen=True)
class Texts:
    """What the cells' texts are kept in, by the cell's key: see ``Keeper``."""

    typed: Callable[[str, int, str, str], None]
    undo: Callable[[str], str | None]
    redo: Callable[[str], str | None]
    gap: Callable[[int], Awaitable[bool]] = no_gaps


class Document(VerticalScroll, can_focus=False):
    """Shows cells, whose texts are kept in ``texts``."""

    @dataclass
    class CellEntered(Message):
        index: int

    def __init__(self, texts: Texts) -> None:
        super().__init__(id="document")
        self._texts = texts
        self.current = -1
        self._wanted = self._hint = ""
        self._locked = False

    def render(self) -> Content:
        return Content.styled(self._hint, "$muted italic")

    @property
    def blocks(self) -> list[CellBlock]:
        return [child for child in self.children if isinstance(child, CellBlock)]

    @property
    def block(self) -> CellBlock | None:
        blocks = self.blocks
        return blocks[self.current] if 0 <= self.current < len(blocks) else None

    @property
    def editor(self) -> Editor | None:
        """The editor that has the cursor, None when the current cell is opaque or locked."""
        return self.block.editor if self.block is not None and self.block.editing else None

    def text_of(self, key: str) -> str:
        """The text in the editor of the cell with this key, "" when there is none."""
        found = next((block.editor for block in self.blocks if block.cell.key == key), None)
        return found.kept_text if found is not None else ""

    async def lay_out(self, cells: Sequence[Cell], *, locked: bool) -> None:
        """Bring the blocks to these cells: blocks of cells that stay keep their editor, cursor and place.

        It waits for the screen: what is typed meanwhile is newer than ``cells``. Call ``show`` with the newest then.
        """
        here = self.block.cell.key if self.block is not None else None
        if locked is not self._locked:  # every block is made anew: with an editor, or without
            self._locked = locked
            await self.remove_children()
        known = {block.cell.key: block for block in self.blocks}
        wanted = {cell.key for cell in cells}
        for key, block in known.items():
            if key not in wanted:
                await block.remove()
        for index, cell in enumerate(cells):
            existing = known.get(cell.key)
            if existing is None:
                fresh = CellBlock(cell, index + 1, self._keeper(cell.key), locked=locked)
                await self.mount(fresh, before=index if index < len(self.blocks) else None)
                if not fresh.is_attached:  # the document is being closed, and takes none any more
                    return
                continue
            at = self.blocks.index(existing)
            if at != index:
                self.move_child(existing, before=index) if at > index else self.move_child(existing, after=index)
        keys = [cell.key for cell in cells]
        self.current = keys.index(here) if here in keys else min(self.current, len(keys) - 1)

    def show(self, cells: Sequence[Cell], changed: frozenset[str]) -> None:
        """Show these states of the cells that have a block."""
        hint = "" if cells or self._locked else FIRST_SECTION
        if hint != self._hint:
            self._hint = hint
            self.refresh()
        known = {block.cell.key: block for block in self.blocks}
        for number, cell in enumerate(cells, 1):
            if cell.key in known:
                known[cell.key].show(cell, number, cell.key in changed)

    async def go(self, index: int, *, at_end: bool | None = None) -> None:
        """Make this cell the current one."""
        if (block := self._make_current(index)) is not None:
            await block.enter(at_end=at_end)
            self._shown(block)

    async def go_to(self, index: int, start: int, end: int | None = None) -> None:
        """Make this cell the current one, with the cursor so many characters into its text, or all up to ``end`` selected."""
        await self.show_at(index, start, end)
        if self.block is not None:
            self.block.take_focus()

    async def show_at(self, index: int, start: int, end: int | None = None) -> None:
        """As ``go_to``, but the keys go where they went."""
        if (block := self._make_current(index)) is not None:
            await block.open()
            block.select(start, start if end is None else end)
            self._shown(block)

    def _make_current(self, index: int) -> CellBlock | None:
        blocks = self.blocks
        if not blocks:
            return None
        index = max(0, min(index, len(blocks) - 1))
        if self.block is not None and index != self.current:
            self.block.leave()
        self.current = index
        return blocks[index]

    def _shown(self, block: CellBlock) -> None:
        self.call_after_refresh(self._reveal, block)
        self.post_message(self.CellEntered(self.current))

    @property
    def cursor_offset(self) -> int:
        """Characters of the current cell before the cursor; 0 where there is none."""
        return self.editor.cursor_offset if self.editor is not None else 0

    @property
    def selected_span(self) -> tuple[int, int]:
        """From where to where the current cell is selected; twice the cursor's place where nothing is."""
        if self.editor is None:
            return (0, 0)
        start, end = sorted(self.editor.selection)
        return self.editor.source.offset_of(start), self.editor.source.offset_of(end)

    def mark(self, wanted: str, here: tuple[int, int] | None) -> None:
        """Mark where this stands; ``here``, a cell's index and which of its matches, is the one to look at."""
        self._wanted = wanted
        for index, block in enumerate(self.blocks):
            block.mark(wanted, here[1] if here is not None and here[0] == index else -1)

    def on_resize(self) -> None:
        self.follow()

    def follow(self) -> None:
        """Bring the cursor back into sight: the window, or the text above it, has another size."""
        if self.block is not None:
            self.call_after_refresh(self._reveal, self.block)

    def _reveal(self, block: CellBlock) -> None:
        """Show all of the cell where it fits; of a longer one the editor shows the cursor."""
        if block.is_attached and block.outer_size.height <= self.size.height:
            self.scroll_to_widget(block, animate=False)
        elif block.editing and block.editor is not None:
            block.editor.scroll_cursor_visible()

    @on(CellBlock.Entered)
    async def _entered(self, event: CellBlock.Entered) -> None:
        event.stop()
        await self.go(self.blocks.index(event.block))

    def _keeper(self, key: str) -> Keeper:
        texts = self._texts
        return Keeper(partial(texts.typed, key), partial(texts.undo, key), partial(texts.redo, key), self._leave, texts.gap)

    async def _leave(self, direction: int) -> None:
        index = self.current + direction
        if 0 <= index < len(self.blocks):
            await self.go(index, at_end=direction < 0)
