"""Shows the whole document as its readers will see it. Read-only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pmtui.model.postmortem import Postmortem
from pmtui.tui.flows.addresses import address_of
from pmtui.tui.screens.addressed import AddressedScreen
from pmtui.tui.widgets.bars import Divider, Head, KeyLine, StatusLine
from pmtui.tui.widgets.find_bar import FindBar, Hands
from pmtui.tui.widgets.pages import Pages
from pmtui.tui.worker_groups import Group

KEYS = (("↑↓", "scroll"), ("/", "find"), ("o", "open"), ("y", "copy address"), ("esc", "document"))


class PreviewScreen(AddressedScreen):
    """The preview. Keys: up, down, page keys, and j, k as in less. ``cell`` and ``line``, from 0, are where it opens."""

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
        self._head, self._pages, self._key_line = Head(), Pages(), KeyLine(KEYS)
        self._status_line = StatusLine()
        self._bar = FindBar(Hands(self._typed, self._walk, _nothing, _nothing, self._stay, self._leave), replaces=False)
        self._looking = asyncio.Lock()
        self._origin = 0.0
        self._at = -1  # the index of the current match

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        yield self._pages
        yield self._bar
        yield self._status_line
        yield self._key_line

    async def on_mount(self) -> None:
        title = self._postmortem.fields.get("title")
        reference = self._postmortem.incident.reference
        self._head.show(reference, title if isinstance(title, str) else self._postmortem.incident.title, "preview")
        self._status_line.display = False
        self._pages.focus()
        await self._pages.show(self._postmortem.cells)
        if self._place != (0, 0):
            self.call_after_refresh(self._pages.go_to_line, *self._place)  # when the width is known

    def on_resize(self) -> None:
        """Keep the current match in view; the pages are drawn again first."""
        self.call_after_refresh(self.call_after_refresh, self._look_again)

    async def _look_again(self) -> None:
        if self._bar.display and self._at >= 0:
            await self._walk(0)

    def action_scroll(self, by: int) -> None:
        self._pages.scroll_relative(y=by, animate=False)

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.display = bool(text)
        self._status_line.show(text, "", style)

    @property
    def address(self) -> str:
        return address_of(self._postmortem)

    # ---- finding ------------------------------------------------------------------------------------------------
    async def action_find(self) -> None:
        """Find while typing; ctrl+f again stays at the match. A typed / is part of the search text."""
        if not self._bar.display:
            self._origin = self._pages.scroll_y
            self._bar.open()
            self._key_line.show(self._bar.keys)
            self._typed(self._bar.wanted)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action in ("find", "dismiss") and self._bar.display)  # then the keys are the bar's

    def _typed(self, wanted: str) -> None:
        self._at = -1
        self.run_worker(self._go_to(self._first_of), group=Group.FIND)  # no frame waits for the search

    @property
    def _wanted(self) -> str:
        return self._bar.wanted if self._bar.display else ""

    def _first_of(self, places: Sequence[tuple[int, int]]) -> int:
        return self._pages.from_row(places, self._origin)

    async def _walk(self, by: int) -> None:
        await self._go_to(lambda places: self._first_of(places) if self._at < 0 else (self._at + by) % len(places))

    async def _go_to(self, which: Callable[[Sequence[tuple[int, int]]], int]) -> None:
        """Look for what is wanted, and show one of the places: each letter of a word looks from the start, not one further."""
        async with self._looking:  # one after the other to its end: what was left is not scrolled to later
            wanted = self._wanted
            places = await self._pages.places_of(wanted)
            if wanted != self._wanted:  # more was typed meanwhile, and comes here, too
                return
            if not places:
                self._pages.mark(wanted)
                self._bar.show_count("not found" if wanted else "", "$warning")
                return
            self._pages.mark(wanted)
            self._at = which(places)
            self._pages.mark(wanted, places[self._at])
            self._bar.show_count(f"{self._at + 1} of {len(places)}")
            await self._pages.go_to_found(places[self._at])

    async def _stay(self) -> None:
        self._bar.close()
        self._key_line.show(KEYS)
        self._pages.focus()
        await self._walk(0)

    async def _leave(self) -> None:
        await self._stay()
        self._pages.go_back_to(self._origin)


async def _nothing(instead: str) -> None:
    """Does nothing: a preview cannot be edited."""
