"""The rendered document, in pages of which only those near the window are drawn: see `column`."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cached_property

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.marks import height_of, marked, rows_of
from pmtui.tui.editor.search import Match, matches_in
from pmtui.tui.markdown.pieces import Piece, pieces_of
from pmtui.tui.markdown.render import render_lines
from pmtui.tui.widgets.column import GAP, Column, Item

LINE = 76
"""Cells that rules are drawn across, where there is room."""
ABOVE = 2
"""Rows that show above the place that is gone to."""
LOOKS = 3
"""How often the place is looked at again: what is above it may just have got another height than was guessed."""
PADDING = 4
LONGEST_OPAQUE = 10_000
"""Characters that show of a cell that is kept as it is."""


class PageSource:
    """What a page is drawn from."""

    def __init__(self, cell: Cell, piece: Piece) -> None:
        self.cell, self.piece = cell, piece

    def drawn(self, cells: int) -> Content:
        """The rendered text at this width."""
        cell = self.cell
        if not cell.editable:
            more = "…" if len(cell.text) > LONGEST_OPAQUE else ""
            return Content.assemble(("▦ ", "$secondary"), display(cell.text[:LONGEST_OPAQUE]) + more)
        named = cell.name and not self.piece.first
        name = Content.styled(display(cell.name) + "\n", "bold $primary") if named else Content("")
        return name + barred(render_lines(self.piece.lines, self.piece.code, min(LINE, cells)), cells)

    @cached_property
    def words(self) -> str:
        """The text that is searched."""
        return self.drawn(LINE).plain

    @property
    def above(self) -> int:
        """The lines above the text."""
        return 1 if self.cell.name and self.cell.editable and not self.piece.first else 0


class Pages(Column["Page"], can_focus=True):
    """Shows cells, rendered."""

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[PageSource] = []
        self._wanted, self._here = "", (-1, -1)
        self._gone_to: Callable[[Page], int] | None = None  # the row of the current page that was gone to
        self._scrolled = False  # by the user since

    def on_key(self) -> None:
        self._scrolled = True

    def on_mouse_scroll_down(self) -> None:
        self._scrolled = True

    def on_mouse_scroll_up(self) -> None:
        self._scrolled = True

    async def show(self, cells: Sequence[Cell]) -> None:
        """Show these; cutting a long document into pages takes a while."""
        pieces = await asyncio.to_thread(pieces_of, cells)
        self._sources = [PageSource(cells[piece.cell], piece) for piece in pieces if cells[piece.cell].editable or not piece.first]
        await self.keep([str(number) for number in range(len(self._sources))])

    def make(self, index: int) -> Page:
        page = Page(self._sources[index], max(1, self.width_inside - PADDING))
        self._mark(index, page)
        return page

    def guess(self, index: int, width: int) -> int:
        source, inside = self._sources[index], max(1, width - PADDING)
        if not source.cell.editable:
            return 1 + min(LONGEST_OPAQUE, len(source.cell.text)) // inside
        return source.above + sum([1 + (size > inside and (size - 1) // inside) for size in source.piece.sizes])

    def gap(self, index: int) -> int:
        source = self._sources[index]
        return GAP if source.piece.is_last or not source.cell.editable else 0

    # ---- going to a place ---------------------------------------------------------------------------------------
    async def go_to_line(self, cell: int, line: int) -> None:
        """Scroll to this line of a cell's text, both from 0, unless the user has scrolled meanwhile."""
        if self._scrolled:
            return
        places = [(each.piece.cell, each.piece.first) for each in self._sources]
        index = max((n for n, (number, first) in enumerate(places) if number == cell and first <= line), default=-1)
        if index >= 0:
            within = line - places[index][1]
            await self._go(index, lambda page: page.row_of(within))

    async def _go(self, index: int, row_of: Callable[[Page], int]) -> None:
        self.current, self._gone_to, self._scrolled = index, row_of, False
        await self.mount_near()
        page = self.item_at(index)
        if page is not None and self._is_shown(row_of):  # near enough for a key that scrolls on from there, and comes before the next frame
            self._show_row(self._sums().before(index) + row_of(page))
        self.call_after_refresh(self._reveal, index, row_of)

    def _is_shown(self, row_of: Callable[[Page], int]) -> bool:
        """Whether this is the place that was gone to last, and the user has not scrolled since."""
        return self._gone_to is row_of and not self._scrolled

    def _reveal(self, index: int, row_of: Callable[[Page], int], looks: int = LOOKS) -> None:
        page = self.item_at(index)
        if page is not None and self._is_shown(row_of):
            self._show_row(page.virtual_region.y + row_of(page))
            if looks:
                self.call_after_refresh(self._reveal, index, row_of, looks - 1)

    def _show_row(self, row: int) -> None:
        self.scroll_to(y=max(0, row - ABOVE), animate=False, immediate=True)

    @property
    def place(self) -> tuple[int, int]:
        """Where the window begins: a page, and a row of it. A row of all would be another one when a page above is drawn."""
        top = int(self.scroll_y)
        first = next((page for page in self._placed() if page.virtual_region.bottom > top), None)
        return (self.index_of(first), top - first.virtual_region.y) if first is not None else (0, 0)

    async def go_back(self, place: tuple[int, int]) -> None:
        """Scroll so that the window begins at this ``place``."""
        await self._go(place[0], lambda page: place[1] + ABOVE)

    # ---- finding ------------------------------------------------------------------------------------------------
    async def matches(self, wanted: str) -> tuple[Match, ...]:
        """Each match of a search, by its page. A long document takes a while."""
        return await asyncio.to_thread(self._found_in, wanted)

    def _found_in(self, wanted: str) -> tuple[Match, ...]:
        return matches_in((source.words for source in self._sources), wanted)

    def first_from(self, place: tuple[int, int], wanted: str, found: Sequence[Match]) -> int:
        """The index of the first of these matches from this ``place`` on, 0 when there is none."""
        number, row = place
        cells = max(1, self.width_inside - PADDING)
        above = sum(each < row for each in rows_of(self._sources[number].drawn(cells), wanted, cells)) if row else 0
        index = bisect_left(found, (number, 0)) + above
        return index if index < len(found) else 0

    def mark(self, wanted: str, here: tuple[int, int] = (-1, -1)) -> None:
        """Highlight the matches of a search; ``here`` is the current one: its page, and which of the page's matches it is."""
        self._wanted, self._here = wanted, here
        for key, page in self._items.items():
            self._mark(int(key), page)

    def _mark(self, index: int, page: Page) -> None:
        page.mark(self._wanted, self._here[1] if self._here[0] == index else -1)

    async def go_to_match(self, page: int, nth: int) -> None:
        """Scroll to this match of a page."""
        wanted = self._wanted

        def row_of(page: Page) -> int:
            rows = page.rows_of(wanted)
            return rows[min(nth, len(rows) - 1)] if rows else 0

        await self._go(page, row_of)


class Page(Item):
    """A piece of a cell, rendered at its current width."""

    def __init__(self, source: PageSource, cells: int) -> None:
        super().__init__(classes="preview-cell")
        self._source, self._drawn_at, self._shown = source, cells, source.drawn(cells)
        self._marked = ("", -1)
        self._text = Static(self._shown, markup=False)

    def compose(self) -> ComposeResult:
        yield self._text

    def rows_at(self, width: int) -> int:
        return max(1, self._shown.get_height({}, max(1, width - PADDING)))

    def row_of(self, line: int) -> int:
        """The first row of this line of the piece."""
        lines = self._shown.split("\n", allow_blank=True)[: line + self._source.above]
        return sum(height_of(line, self._drawn_at) for line in lines)

    def rows_of(self, wanted: str) -> list[int]:
        """The row of each match of a search."""
        return rows_of(self._shown, wanted, self._drawn_at)

    def mark(self, wanted: str, nth: int) -> None:
        """Highlight the matches of a search; the ``nth`` is the current one, -1 for none."""
        if (wanted, nth) != self._marked:
            self._marked = wanted, nth
            self._text.update(marked(self._shown, wanted, nth))

    def on_resize(self) -> None:
        cells = self.content_size.width
        if cells != self._drawn_at:
            self._drawn_at = cells
            self._shown = self._source.drawn(cells)
            self._text.update(marked(self._shown, *self._marked))


def barred(text: Content, cells: int) -> Content:
    """The text wrapped so that each row of a quote or panel begins with its bar."""
    found: list[Content] = []
    for line in text.split("\n", allow_blank=True):
        bars = len(line.plain) - len(line.plain.lstrip("▌"))
        if not bars or line.cell_length <= cells:
            found.append(line)
            continue
        bar, rest = line.divide([bars])
        gap = " " if rest.plain.startswith(" ") else ""
        rows = rest[len(gap) :].wrap(max(10, cells - bars - 1))
        found += [Content.assemble(bar, gap if not number else " ", row) for number, row in enumerate(rows)]
    return Content("\n").join(found)
