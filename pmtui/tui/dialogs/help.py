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
    "@": "space",
}

TEXT_WORDS = {
    "cursor_word_left": "word left",
    "cursor_left_word": "word left",
    "cursor_word_right": "word right",
    "cursor_right_word": "word right",
    "cursor_line_start": "start of the line",
    "home": "start of the line",
    "cursor_line_end": "end of the line",
    "end": "end of the line",
    "delete_word_left": "delete the word before",
    "delete_left_word": "delete the word before",
    "delete_to_start_of_line": "delete to the start of the line",
    "delete_left_all": "delete to the start of the line",
    "delete_to_end_of_line_or_delete_line": "delete to the end of the line",
    "delete_right_all": "delete to the end of the line",
    "delete_line": "delete the line",
    **dict.fromkeys(("cursor_up(True)", "cursor_down(True)", "cursor_left(True)", "cursor_right(True)"), "select"),
    **dict.fromkeys(("cursor_word_left(True)", "cursor_word_right(True)"), "select a word"),
    "cursor_line_start(True)": "select to the start of the line",
    "cursor_line_end(True)": "select to the end of the line",
    "cut": "cut",
    "copy": "copy",
    "paste": "paste",
    "submit": "accept",
    "undo": "undo",
    "redo": "redo",
    "scroll_up": "up",
    "scroll_down": "down",
    "page_up": "page up",
    "page_down": "page down",
}
"""What Textual's own keys do, in a text and where there is more than fits.

What is missing here needs no words (the arrows), or does not belong here.
"""


def key_name(key: str) -> str:
    """A key as people write it: ``ctrl+↑``, ``/``, ``esc``."""
    return "+".join(NAMES.get(part, part) for part in key.split("+"))


def words_of(binding: Binding) -> str:
    """What a key does, in our words; "" for what Textual binds and nobody looks up. Ours begin with a small letter."""
    ours = not binding.description[:1].isupper()
    return binding.description if ours else TEXT_WORDS.get(binding.action, "")


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
