"""Shows the whole document as its readers will see it. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pmtui.model.postmortem import Postmortem
from pmtui.tui.editor.search import Match
from pmtui.tui.flows.addresses import address_of
from pmtui.tui.flows.document.incremental_search import IncrementalSearch
from pmtui.tui.screens.addressed import AddressedScreen
from pmtui.tui.widgets.bars import Divider, Head, KeyLine, StatusLine
from pmtui.tui.widgets.pages import Pages

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
        self._finder = PagesFinder(self._pages, self._show_keys)

    def compose(self) -> ComposeResult:
        yield self._head
        yield Divider()
        yield self._pages
        yield self._finder.bar
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
        self.call_after_refresh(self.call_after_refresh, self._finder.resized)

    def action_scroll(self, by: int) -> None:
        self._pages.scroll_relative(y=by, animate=False, immediate=True)

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.display = bool(text)
        self._status_line.show(text, "", style)

    @property
    def address(self) -> str:
        return address_of(self._postmortem)

    # ---- finding ------------------------------------------------------------------------------------------------
    def action_find(self) -> None:
        """Find while typing; ctrl+f again stays at the match. A typed / is part of the search text."""
        self._finder.begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action in ("find", "dismiss") and self._finder.is_open)  # then the keys are the bar's

    def _show_keys(self) -> None:
        """The keys of the bar, or of the pages."""
        self._key_line.show(self._finder.keys or KEYS)


class PagesFinder(IncrementalSearch):
    """A search through pages. It begins at what is in sight. ``turned`` is told when the bar opens or closes."""

    def __init__(self, pages: Pages, turned: Callable[[], None]) -> None:
        super().__init__()
        self._pages, self._turned = pages, turned
        self._origin = (0, 0)

    def begin(self) -> None:
        """Focus the find bar."""
        self._origin = self._pages.place
        self.bar.open()
        self._turned()
        self.look()

    async def resized(self) -> None:
        """Keep the current match in sight: the pages have other heights."""
        if (match := self.match) is not None:
            await self.in_turn(self.show_from)(match[:2])

    async def matches(self, wanted: str) -> tuple[Match, ...]:
        return await self._pages.matches(wanted)

    def first(self, found: Sequence[Match]) -> int:
        return self._pages.first_from(self._origin, self.bar.wanted, found)

    def mark(self, wanted: str, match: Match | None = None, nth: int = -1) -> None:
        self._pages.mark(wanted, (match.cell, nth) if match is not None else (-1, -1))

    async def reveal(self, match: Match, nth: int) -> None:
        await self._pages.go_to_match(match.cell, nth)

    def end(self) -> None:
        super().end()
        self._pages.screen.set_focus(self._pages, scroll_visible=False)  # at once: the next key is for the pages
        self._turned()

    async def go_to(self, match: Match) -> None:
        """It is in sight."""

    async def go_back(self) -> None:
        await self._pages.go_back(self._origin)
