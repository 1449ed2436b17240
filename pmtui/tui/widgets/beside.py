"""A second postmortem beside the open one, read-only, with its own scrolling."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from pmtui.model.fields import TITLE
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import label_of
from pmtui.tui import words
from pmtui.tui.widgets import bars
from pmtui.tui.widgets.pages import Pages

KEYS: tuple[bars.Key, ...] = (
    ("↑↓", "scroll"),
    ("o", "address"),
    ("y", "copy it"),
    ("alt+o", "close"),
    ("esc", "text"),
    ("f1", "help"),
)


class BesidePages(Pages, can_focus=True, inherit_bindings=False):
    """The text. Keys: arrows, page keys, home, end, and j, k, space as in less."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", "back to the text", show=False),
        Binding("o", "screen.open_address", "open or show the address of the postmortem beside", show=False),
        Binding("y", "screen.copy_address", "copy the address of the postmortem beside", show=False),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
        Binding("pagedown,space", "page(1)", "page down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("home", "edge(0)", "start", show=False),
        Binding("end", "edge(1)", "end", show=False),
    ]

    def action_scroll(self, by: int) -> None:
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_edge(self, last: int) -> None:
        self.scroll_to(y=self.max_scroll_y if last else 0, animate=False)


class Beside(Vertical):
    """Shows one postmortem, or nothing. The screen decides whether there is room for it."""

    def __init__(self) -> None:
        super().__init__(id="beside")
        self._head, self._pages = bars.Head(), BesidePages()
        self.postmortem: Postmortem | None = None

    @property
    def has_keys(self) -> bool:
        """Whether it has the focus."""
        return self.screen.focused is self._pages

    def take_keys(self) -> None:
        self.screen.set_focus(self._pages, scroll_visible=False)

    async def show(self, postmortem: Postmortem) -> None:
        """Show this postmortem. The scroll position stays if it was shown already."""
        before, self.postmortem = self.postmortem, postmortem
        if not self.children:  # while nothing is beside it, a postmortem opens sooner
            await self.mount(self._head, self._pages)
        said = label_of(postmortem.fields.get(TITLE)) or postmortem.incident.title
        read = words.read_at(postmortem.read_at, words.now())
        self._head.show(postmortem.incident.reference, said, read)
        if before is None or before.cells != postmortem.cells:
            await self._pages.show(())  # pages are kept by their place
            await self._pages.show(postmortem.cells)

    async def close(self) -> None:
        self.postmortem = None
        if self.children:
            await self._pages.show(())
