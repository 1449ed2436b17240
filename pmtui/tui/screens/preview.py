"""The whole document as a reader will see it; nothing can be changed here."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.tui.markdown.render import render_markdown
from pmtui.tui.widgets.bars import Head, KeyLine, Line

LINE = 76
"""Cells that rules are drawn across, where there is room."""
KEYS = (("↑↓", "scroll"), ("esc", "document"))


class PreviewScreen(Screen[None]):
    """Keys: up, down, page keys, and j, k as in less."""

    HELP = "The document as it reads, with tables, panels and dates drawn."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3", "dismiss", "document", priority=True),
        Binding("q", "dismiss", "document", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("space,pagedown", "scroll(20)", "page down", show=False),
        Binding("pageup", "scroll(-20)", "page up", show=False),
    ]

    def __init__(self, postmortem: Postmortem) -> None:
        super().__init__()
        self._postmortem = postmortem
        self._head, self._scroll = Head(), VerticalScroll()

    def compose(self) -> ComposeResult:
        yield self._head
        yield Line()
        with self._scroll:
            for cell in self._postmortem.cells:
                yield Page(cell)
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        title = self._postmortem.fields.get("title")
        reference = self._postmortem.incident.reference
        self._head.show(reference, title if isinstance(title, str) else self._postmortem.incident.title, "preview")
        self._scroll.focus()

    def action_scroll(self, by: int) -> None:
        self._scroll.scroll_relative(y=by, animate=False)


class Page(Static):
    """One cell as it reads, drawn for the width that it has."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(_read(cell, LINE), classes="preview-cell", markup=False)
        self._cell, self._drawn_at = cell, 0

    def on_resize(self) -> None:
        cells = self.content_size.width
        if cells != self._drawn_at:
            self._drawn_at = cells
            self.update(_read(self._cell, cells))


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
