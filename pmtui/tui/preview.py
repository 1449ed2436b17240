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
from pmtui.tui.chrome import Head, KeyLine, Line
from pmtui.tui.render import render_markdown

KEYS = (("↑↓", "scroll"), ("esc", "document"))


class PreviewScreen(Screen[None]):
    """Keys: up, down, page keys, and j, k as in less."""

    HELP = "The document as it reads, with tables, panels and dates drawn."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,q", "dismiss", "document"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("space,pagedown", "scroll(20)", "page down", show=False),
        Binding("pageup", "scroll(-20)", "page up", show=False),
    ]

    def __init__(self, postmortem: Postmortem) -> None:
        super().__init__()
        self._postmortem = postmortem

    def compose(self) -> ComposeResult:
        yield Head()
        yield Line()
        with VerticalScroll():
            for cell in self._postmortem.cells:
                yield Static(_read(cell), classes="preview-cell", markup=False)
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        title = self._postmortem.fields.get("title")
        reference = self._postmortem.incident.reference
        self.query_one(Head).show(reference, title if isinstance(title, str) else self._postmortem.incident.title, "preview")
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def _read(cell: Cell) -> Content:
    if not cell.editable:
        return Content.assemble(("▦ ", "$secondary"), display(cell.text))
    name = Content.styled(display(cell.name) + "\n", "bold $primary") if cell.name else Content("")
    return name + render_markdown(cell.text, 76)
