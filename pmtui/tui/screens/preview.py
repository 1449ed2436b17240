"""The whole document as a reader will see it; nothing can be changed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from pmtui.model.postmortem import Postmortem
from pmtui.tui.flows.addresses import address_of
from pmtui.tui.screens.addressed import AddressedScreen
from pmtui.tui.widgets.bars import Head, KeyLine, Line, StatusLine
from pmtui.tui.widgets.find_bar import FindBar, Hands
from pmtui.tui.widgets.page import Page

ABOVE = 2
"""Rows that show above the place that is gone to."""
KEYS = (("↑↓", "scroll"), ("/", "find"), ("o", "open"), ("y", "copy address"), ("esc", "document"))


class PreviewScreen(AddressedScreen):
    """Keys: up, down, page keys, and j, k as in less. ``cell`` and ``line``, both from 0, are where it opens."""

    HELP = "The document as it reads, with tables, panels and dates drawn."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3", "dismiss", "document", priority=True),
        Binding("q", "dismiss", "document", show=False),
        Binding("slash,ctrl+f", "find", "find", priority=True),
        Binding("o,ctrl+o", "open_address", "open or show the postmortem's address"),
        Binding("y,alt+y", "copy_address", "copy the postmortem's address"),
        Binding("question_mark", "app.help", "help", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("space,pagedown", "scroll(20)", "page down", show=False),
        Binding("pageup", "scroll(-20)", "page up", show=False),
    ]

    def __init__(self, postmortem: Postmortem, environment: Mapping[str, str], cell: int = 0, line: int = 0) -> None:
        super().__init__(environment)
        self._postmortem = postmortem
        self._place = (cell, line)
        self._pages = [Page(each) for each in postmortem.cells]
        self._head, self._scroll, self._key_line = Head(), VerticalScroll(), KeyLine(KEYS)
        self._status_line = StatusLine()
        self._bar = FindBar(Hands(self._typed, self._walk, _nothing, _nothing, self._stay, self._leave), replaces=False)
        self._origin = 0.0
        self._at = -1  # which of the matches is looked at

    def compose(self) -> ComposeResult:
        yield self._head
        yield Line()
        with self._scroll:
            yield from self._pages
        yield self._bar
        yield self._status_line
        yield self._key_line

    def on_mount(self) -> None:
        title = self._postmortem.fields.get("title")
        reference = self._postmortem.incident.reference
        self._head.show(reference, title if isinstance(title, str) else self._postmortem.incident.title, "preview")
        self._status_line.display = False
        self._scroll.focus()
        self.call_after_refresh(self.call_after_refresh, self._go_to_place)  # pages are drawn again once they know their width

    def _go_to_place(self) -> None:
        cell, line = self._place
        if self._place != (0, 0) and cell < len(self._pages):
            self._go_to(self._pages[cell], self._pages[cell].row_of(line))

    def _go_to(self, page: Page, row: int) -> None:
        self._scroll.scroll_to(y=max(0, page.virtual_region.y + row - ABOVE), animate=False)

    def on_resize(self) -> None:
        """What was found stays in sight: the pages are drawn again first."""
        self.call_after_refresh(self.call_after_refresh, self._look_again)

    async def _look_again(self) -> None:
        if self._bar.display and self._at >= 0:
            await self._walk(0)

    def action_scroll(self, by: int) -> None:
        self._scroll.scroll_relative(y=by, animate=False)

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.display = bool(text)
        self._status_line.show(text, "", style)

    @property
    def address(self) -> str:
        return address_of(self._postmortem)

    # ---- finding ------------------------------------------------------------------------------------------------
    async def action_find(self) -> None:
        """Find as one types; ctrl+f again stays there, and a / that is typed is looked for."""
        if not self._bar.display:
            self._origin = self._scroll.scroll_y
            self._bar.open()
            self._key_line.show(self._bar.keys)
            self._typed(self._bar.wanted)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action in ("find", "dismiss") and self._bar.display)  # then the keys are the bar's

    def _typed(self, wanted: str) -> None:
        self._at = -1
        self.call_next(self._walk, 1)

    async def _walk(self, by: int) -> None:
        wanted = self._bar.wanted if self._bar.display else ""
        places = [(page, nth, row) for page in self._pages for nth, row in enumerate(page.rows_of(wanted))]
        for page in self._pages:
            page.mark(wanted, -1)
        if not places:
            self._bar.show_count("not found" if wanted else "", "$warning")
            return
        if self._at < 0:  # the first one from where the search began
            here = (n for n, (page, _, row) in enumerate(places) if page.virtual_region.y + row >= self._origin)
            self._at = next(here, 0)
        else:
            self._at = (self._at + by) % len(places)
        page, nth, row = places[self._at]
        page.mark(wanted, nth)
        self._bar.show_count(f"{self._at + 1} of {len(places)}")
        self._go_to(page, row)

    async def _stay(self) -> None:
        self._bar.close()
        self._key_line.show(KEYS)
        self._scroll.focus()
        await self._walk(0)

    async def _leave(self) -> None:
        await self._stay()
        self._scroll.scroll_to(y=self._origin, animate=False)


async def _nothing(instead: str) -> None:
    """Nothing can be replaced here."""
