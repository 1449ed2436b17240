"""Every key of the screen below, from the bindings themselves: what is not bound cannot be listed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from pmtui.display import display
from pmtui.tui.key_words import key_name, words_of
from pmtui.tui.keymap import with_keys

WIDTH, AROUND = 76, 6
"""Cells of the window, as in the style sheet, and those of its border, its padding and the scroll bar."""
ALT = "alt+"
KEPT_BY_TERMINALS = "no alt in your terminal? ctrl+p does these, too"


@dataclass(frozen=True, slots=True)
class Line:
    """Keys, what they do, and why they do not here; "" where they do. The reason may be foreign text."""

    keys: str
    what: str
    why_not: str = ""


def described(screen: Screen[Any]) -> list[ActiveBinding]:
    """The bindings that do something here: those of a focused list, of the screen, of the program, of a text."""
    active = [b for b in screen.active_bindings.values() if words_of(b.binding)]
    return sorted(active, key=_rank)


def _rank(each: ActiveBinding) -> int:
    if isinstance(each.node, TextArea | Input) or each.binding.description[:1].isupper():
        return 3
    return 1 if isinstance(each.node, Screen) else 2 if isinstance(each.node, App) else 0


def why_not(screen: Screen[Any], binding: Binding) -> str:
    """Why a key does nothing on this screen now, "" where it does what it says."""
    ask = getattr(screen, "why_not", None)
    return str(ask(binding.action.partition("(")[0].rpartition(".")[2])) if ask is not None else ""


def lines(screen: Screen[Any]) -> list[Line]:
    """What is done on this screen, each thing once, with all its keys; last what cannot be done now."""
    found: dict[str, list[str]] = {what: [key] for key, what in getattr(screen, "answers", ())}
    reasons: dict[str, str] = {}
    for active in described(screen):
        what = words_of(active.binding)
        found.setdefault(what, []).append(key_name(active.binding.key))
        reasons.setdefault(what, why_not(screen, active.binding))
    made = [Line(" ".join(keys), what, reasons.get(what, "")) for what, keys in found.items()]
    return sorted(made, key=lambda line: line.why_not)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "dismiss", "back", show=False, priority=True),
        Binding("q", "dismiss", "back", show=False),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._intro, self._lines = with_keys(getattr(screen, "HELP", ""), screen), lines(screen)
        self._scroll, self._keys = VerticalScroll(classes="help-keys"), Static(markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            with self._scroll:  # the words as well: in a small window they would leave no room for the keys
                yield Static(Content(f"{self._intro}\n" if self._intro else ""), markup=False)
                yield self._keys
            yield Static("ctrl+p finds any action by name · esc back", classes="dialog-detail", markup=False)

    def on_mount(self) -> None:
        self._scroll.focus()

    def on_resize(self) -> None:
        self._keys.update(Content("\n").join(_drawn(self._lines, min(WIDTH, self.size.width * 24 // 25) - AROUND)))


def _needs_alt(line: Line) -> bool:
    return all(key.startswith(ALT) for key in line.keys.split())


def _drawn(found: Iterable[Line], cells: int) -> Iterator[Content]:
    """The lines in so many cells; behind the last key with alt what to do without it, above what cannot be done the reason."""
    found = list(found)
    last_alt = next((line for line in reversed(found) if not line.why_not and _needs_alt(line)), None)
    reason = ""
    for line in found:
        if line.why_not != reason:
            reason = line.why_not
            yield Content.styled(f"\n Not here: {display(reason)}", "$warning")
        style = "$muted" if reason else "bold $secondary"
        rows = Content.styled(line.what, "$muted" if reason else "").wrap(max(10, cells - max(20, len(line.keys) + 2)))
        for number, row in enumerate(rows):
            yield Content.assemble((f" {'' if number else line.keys:<18} ", style), row)
        if line is last_alt:
            yield Content.styled(f"{'':19} {KEPT_BY_TERMINALS}", "$muted")
