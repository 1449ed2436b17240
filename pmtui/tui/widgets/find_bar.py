"""The find bar: what to find, and the replacement. What its keys do is up to its ``hands``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Static

from pmtui.display import display
from pmtui.tui.editor.line_input import TextLine
from pmtui.tui.editor.search import case_matters
from pmtui.tui.widgets.bars import Key as Label

FINDING: tuple[Label, ...] = (("enter", "next"), ("tab", "replace"), ("ctrl+f", "edit"), ("↑", "previous"), ("f1", "help"), ("esc", "back"))
READING: tuple[Label, ...] = (("enter", "next"), ("↑", "previous"), ("ctrl+f", "stay"), ("f1", "help"), ("esc", "back"))
REPLACING: tuple[Label, ...] = (("enter", "replace"), ("ctrl+r", "all"), ("↓", "next"), ("tab", "find"), ("f1", "help"), ("esc", "back"))
"""The keys of the bar; where not all fit, the first ones and the last."""


@dataclass(frozen=True)
class Hands:
    """The actions of the bar's keys. Called at once, in the order of the keys."""

    typed: Callable[[str], None]
    walk: Callable[[int], Awaitable[None]]
    stay: Callable[[], Awaitable[None]]
    leave: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Replacing:
    """The actions of its keys where the text can be edited."""

    replace: Callable[[str], Awaitable[None]]
    replace_all: Callable[[str], Awaitable[None]]


class FindLine(TextLine):
    """An input that handles its bindings itself, so that keys typed after one of them come after it."""

    FIRST_IN_HELP: ClassVar = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "main", "next match, or replace it"),
        Binding("down", "walk(1)", "next match"),
        Binding("up,shift+enter", "walk(-1)", "match before"),
        Binding("ctrl+r", "all", "replace all: one undo"),
        Binding("tab,shift+tab", "other", "what to find, what to put there"),
        Binding("ctrl+f", "stay", "end here, the cursor at the match"),
        Binding("escape", "leave", "back to where the cursor was"),
    ]

    def __init__(self, bar: FindBar, placeholder: str, *, typed: Callable[[str], None] = lambda text: None) -> None:
        super().__init__("", placeholder, typed=typed)
        self._bar = bar

    async def on_key(self, event: Key) -> None:
        focused = self.screen.focused
        if focused is not None and focused is not self:  # typed after a key that moved the focus
            event.stop()
            event.prevent_default()
            focused.post_message(Key(event.key, event.character))

    async def action_main(self) -> None:
        await self._bar.enter()

    async def action_walk(self, by: int) -> None:
        await self._bar.hands.walk(by)

    async def action_all(self) -> None:
        await self._bar.replace_all()

    async def action_other(self) -> None:
        self._bar.other_line()

    async def action_stay(self) -> None:
        await self._bar.hands.stay()

    async def action_leave(self) -> None:
        await self._bar.hands.leave()


class FindBar(Vertical):
    """The bar. It has a line for the replacement where there is ``replacing``; a preview, which cannot be edited, has none."""

    def __init__(self, hands: Hands, replacing: Replacing | None = None) -> None:
        super().__init__(classes="find")
        self.hands, self._replacing = hands, replacing
        self._find = FindLine(self, "type what to find", typed=self._typed)
        self._instead = FindLine(self, "type what to put there")
        self._count, self._case = (Static("", classes="find-count", markup=False) for _ in range(2))
        self._second = Horizontal(_label(" replace"), self._instead, self._case, classes="find-line")
        self.display = self._second.display = False

    def _show(self) -> None:
        """Show the bar. Its lines are made when it is shown first: a postmortem would open later with them."""
        self.display = True
        if not self.children:
            first = Horizontal(_label(" find"), self._find, self._count, classes="find-line")
            self.mount(first, self._second)

    def _typed(self, wanted: str) -> None:
        self._say_case(wanted)
        self.hands.typed(wanted)

    def _say_case(self, wanted: str) -> None:
        """Say which matches are replaced: the replacement is put there as it was typed, whatever the case of the match."""
        has_case = wanted.lower() != wanted.upper()
        self._case.update(Content.styled(("this case " if case_matters(wanted) else "any case ") if has_case else "", "$muted"))

    @property
    def keys(self) -> tuple[Label, ...]:
        """The keys of the bar, for the last line."""
        return READING if self._replacing is None else REPLACING if self._is_second else FINDING

    @property
    def wanted(self) -> str:
        """The text to find."""
        return self._find.value

    @property
    def has_keys(self) -> bool:
        """Whether it has the focus."""
        return self.screen.focused in (self._find, self._instead)

    @property
    def _is_second(self) -> bool:
        """Whether the replacement line has the focus. Known at once, unlike a widget's ``has_focus``."""
        return self.screen.focused is self._instead

    def open(self) -> None:
        """Focus the bar. The last search text is selected."""
        self._show()
        self._focus(self._find)

    def open_both(self) -> None:
        """As ``open``, with the replacement line."""
        self._second.display = self._replacing is not None
        self._show()
        self._instead.select_all()
        self.open()

    def open_second(self) -> None:
        """Focus the replacement line."""
        if self._replacing is not None:
            self._second.display = True
            self._show()
            self._focus(self._instead)

    def _focus(self, line: FindLine) -> None:
        """Focus this line, with its text selected."""
        self.screen.set_focus(line, scroll_visible=False)
        line.select_all()

    def close(self) -> None:
        self.display = self._second.display = False

    def other_line(self) -> None:
        if self._is_second:
            self._focus(self._find)
        else:
            self.open_second()

    def show_count(self, words: str, style: str = "$muted") -> None:
        self._count.update(Content.styled(display(words) + " ", style))

    async def enter(self) -> None:
        if self._is_second and self._replacing is not None:
            await self._replacing.replace(self._instead.value)
        else:
            await self.hands.walk(1)

    async def replace_all(self) -> None:
        if self._is_second and self._replacing is not None:
            await self._replacing.replace_all(self._instead.value)
        else:
            self.open_second()


def _label(words: str) -> Static:
    return Static(Content.styled(words, "bold"), classes="find-label", markup=False)
