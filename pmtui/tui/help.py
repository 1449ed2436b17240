"""Every key of the screen below, from the bindings themselves: what is not bound cannot be listed here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

NAMES = {
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "escape": "esc",
    "delete": "del",
    "question_mark": "?",
}

COMMON = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text", "screen.minimize", "app.help_quit"})
"""Actions that every Textual program binds: no help needed for tab."""


def key_name(key: str) -> str:
    """A key as people write it: ``ctrl+↑``, ``/``, ``esc``."""
    return "+".join(NAMES.get(part, part) for part in key.split("+"))


def described(screen: Screen[Any]) -> list[ActiveBinding]:
    """The bindings that do something here: the screen's own, then the program's, then those of the focused widget."""
    active = [b for b in screen.active_bindings.values() if b.binding.description and b.binding.action not in COMMON]
    return sorted(active, key=lambda each: 0 if isinstance(each.node, Screen) else 1 if isinstance(each.node, App) else 2)


def lines(screen: Screen[Any]) -> list[tuple[str, str]]:
    """Keys and what they do on this screen, each thing that is done once, with all its keys."""
    found: dict[str, list[str]] = {}
    for active in described(screen):
        found.setdefault(active.binding.description, []).append(key_name(active.binding.key))
    return [(" ".join(keys), what) for what, keys in found.items()]


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "back", show=False)]

    def __init__(self, intro: str, keys: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._intro, self._keys = intro, list(keys)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content(self._intro), markup=False)
            with VerticalScroll(classes="help-keys"):
                rows = [Content.assemble((f" {keys:<18}", "bold $secondary"), " " + what) for keys, what in self._keys]
                yield Static(Content("\n").join(rows), markup=False)
            yield Static("ctrl+p finds any action by name · esc back", classes="dialog-detail", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
