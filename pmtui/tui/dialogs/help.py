"""Every key of the screen below, from the bindings themselves: what is not bound cannot be listed here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from pmtui.tui.key_words import key_name, words_of


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
    return [(" ".join(keys), what) for what, keys in found.items()]


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "back", show=False, priority=True),
        Binding("q", "dismiss", "back", show=False),
    ]

    def __init__(self, intro: str, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._intro, self._keys = intro, list(keys)
        self._scroll = VerticalScroll(classes="help-keys")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content(self._intro), markup=False)
            with self._scroll:
                rows = [Content.assemble((f" {keys:<18}", "bold $secondary"), " " + what) for keys, what in self._keys]
                yield Static(Content("\n").join(rows), markup=False)
            yield Static("ctrl+p finds any action by name · esc back", classes="dialog-detail", markup=False)

    def on_mount(self) -> None:
        self._scroll.focus()
