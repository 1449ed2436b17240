"""One cell as it reads, with tables, panels and dates drawn: what the preview and the postmortem beside are made of."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.postmortem import Cell
from pmtui.tui.editor.marks import height_of, marked, rows_of
from pmtui.tui.markdown.render import render_markdown

LINE = 76
"""Cells that rules are drawn across, where there is room."""


class Page(Static):
    """One cell as it reads, drawn for the width that it has."""

    def __init__(self, cell: Cell) -> None:
        self._cell, self._drawn_at, self._shown = cell, 0, _read(cell, LINE)
        self._marked = ("", -1)
        super().__init__(self._shown, classes="preview-cell", markup=False)

    def row_of(self, line: int) -> int:
        """The row in which this line of the cell's text begins to be drawn."""
        lines = self._shown.split("\n", allow_blank=True)[: line + (1 if self._cell.name else 0)]
        return sum(height_of(line, self._drawn_at) for line in lines)

    def rows_of(self, wanted: str) -> list[int]:
        """The row of each place where this stands in what shows."""
        return rows_of(self._shown, wanted, self._drawn_at)

    def mark(self, wanted: str, nth: int) -> None:
        """Mark where this stands; the ``nth`` place is the one to look at, -1 for none."""
        self._marked = wanted, nth
        self.update(marked(self._shown, wanted, nth))

    def on_resize(self) -> None:
        cells = self.content_size.width
        if cells != self._drawn_at:
            self._drawn_at = cells
            self._shown = _read(self._cell, cells)
            self.mark(*self._marked)


def _read(cell: Cell, cells: int) -> Content:
    if not cell.editable:
        return Content.assemble(("▦ ", "$secondary"), display(cell.text))
    name = Content.styled(display(cell.name) + "\n", "bold $primary") if cell.name else Content("")
    return name + barred(render_markdown(cell.text, min(LINE, cells)), cells)


def barred(text: Content, cells: int) -> Content:
    """The text with the bar of a quote or panel before each line into which one of its lines must be broken."""
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
