"""Every key of the screen below, from the bindings themselves: what is not bound cannot be listed here."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from pmtui.display import display, width
from pmtui.tui.key_words import key_name, words_of

_KEYS = 18
"""Cells of the column of keys."""
_LEAST = 20


def described(screen: Screen[Any]) -> list[ActiveBinding]:
    """The bindings that do something here: those of a focused list, of the screen, of the program, of a text."""
    active = [b for b in screen.active_bindings.values() if words_of(b.binding)]
    return sorted(active, key=_rank)


def _rank(each: ActiveBinding) -> int:
    if isinstance(each.node, TextArea | Input) or each.binding.description[:1].isupper():
        return 3
    return 1 if isinstance(each.node, Screen) else 2 if isinstance(each.node, App) else 0


def lines(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Keys and what they do on this screen, each thing that is done once, with all its keys."""
    found: dict[str, list[str]] = {what: [key] for key, what in getattr(screen, "answers", ())}
    for active in described(screen):
        found.setdefault(words_of(active.binding), []).append(key_name(active.binding.key))
    return [(" ".join(dict.fromkeys(keys)), what) for what, keys in found.items()]


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "back", show=False, priority=True),
        Binding("q", "dismiss", "back", show=False),
    ]

    def __init__(self, below: Screen[Any]) -> None:
        """Help on the screen ``below``: its words, what can be typed there, and its keys."""
        super().__init__()
        self._intro: str = getattr(below, "HELP", "")
        self._keys = [*getattr(below, "words_to_type", ()), *lines(below)]
        self._listed = Static(markup=False)
        self._scroll = VerticalScroll(classes="help-keys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            with self._scroll:
                yield Static(Content(self._intro), markup=False, classes="help-intro")
                yield self._listed
            yield Static("ctrl+p finds any action by name · esc back", classes="dialog-detail", markup=False)

    def on_mount(self) -> None:
        self._scroll.focus()
        self.call_after_refresh(self._list_keys)

    def on_resize(self) -> None:
        self.call_after_refresh(self._list_keys)

    def _list_keys(self) -> None:
        """What does not fit beside its keys goes on below itself, not below the keys."""
        cells = self._scroll.scrollable_content_region.width
        rows = [row for keys, what in self._keys for row in _wrapped(keys, what, cells)]
        self._listed.update(Content("\n").join(rows))


def _wrapped(keys: str, what: str, cells: int) -> list[Content]:
    """The lines of one entry. Keys that take more than their column stand before the words, or above them where both do not fit."""
    before = f" {keys:<{_KEYS}} "
    if width(before) + width(display(what)) <= cells:
        return [Content.assemble((before, "bold $secondary"), display(what))]
    first, *others = wrap(display(what), max(_LEAST, cells - _KEYS - 2)) or [""]
    indent = " " * (_KEYS + 2)
    if width(before) > len(indent):
        return [Content.styled(before.rstrip(), "bold $secondary"), *(Content(indent + line) for line in (first, *others))]
    return [Content.assemble((before, "bold $secondary"), first), *(Content(indent + line) for line in others)]
