"""Lists every key of the screen below, generated from its bindings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static, TextArea

from pmtui.display import display, width
from pmtui.tui.closes_once import Dialog
from pmtui.tui.key_words import key_name, words_of
from pmtui.tui.keymap import with_keys

ALT = "alt+"
KEPT_BY_TERMINALS = "no alt in your terminal? ctrl+p does these, too"


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """One entry: the keys, what they do, and why they do nothing now, "" when they work. The reason may be foreign text."""

    keys: str
    what: str
    why_not: str = ""


_KEYS = 18
"""The width of the column of keys."""
_LEAST = 20


def described(screen: Screen[Any]) -> list[ActiveBinding]:
    """The bindings that work here: of the focused widget, the screen, the app, and the text."""
    active = [b for b in screen.active_bindings.values() if words_of(b.binding)]
    return sorted(active, key=_rank)


def _rank(each: ActiveBinding) -> int:
    if _is_first(each):
        return 0
    if isinstance(each.node, TextArea | Input) or each.binding.description[:1].isupper():
        return 3
    return 1 if isinstance(each.node, Screen) else 2 if isinstance(each.node, App) else 0


def _is_first(each: ActiveBinding) -> bool:
    """Whether it is of a widget that sets ``FIRST_IN_HELP``, and not of its base: while one finds, the keys of that come first."""
    return getattr(each.node, "FIRST_IN_HELP", False) and f"action_{each.binding.action.partition('(')[0]}" in vars(type(each.node))


def why_not(screen: Screen[Any], binding: Binding) -> str:
    """Why a key does nothing on this screen now, "" when it works."""
    ask = getattr(screen, "why_not", None)
    return str(ask(binding.action.partition("(")[0].rpartition(".")[2])) if ask is not None else ""


def lines(screen: Screen[Any]) -> list[HelpEntry]:
    """Every action on this screen once, with all its keys; those that cannot be done now come last."""
    found: dict[str, list[str]] = {what: [key] for key, what in getattr(screen, "answers", ())}
    reasons: dict[str, str] = {}
    for active in described(screen):
        what = words_of(active.binding)
        found.setdefault(what, []).append(key_name(active.binding.key))
        reasons.setdefault(what, why_not(screen, active.binding))
    made = [HelpEntry(" ".join(dict.fromkeys(keys)), what, reasons.get(what, "")) for what, keys in found.items()]
    return sorted(made, key=lambda line: line.why_not)


class HelpScreen(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark", "dismiss", "back", show=False, priority=True),
        Binding("q", "dismiss", "back", show=False),
    ]

    def __init__(self, below: Screen[Any]) -> None:
        """``below`` is the screen to explain: its words, what can be typed, and its keys."""
        super().__init__()
        self._intro = with_keys(getattr(below, "HELP", ""), below)
        self._lines = [*(HelpEntry(keys, what) for keys, what in getattr(below, "words_to_type", ())), *lines(below)]
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
        """Draw the entries. Long explanations wrap within their column."""
        self._listed.update(Content("\n").join(_drawn(self._lines, self._scroll.scrollable_content_region.width)))


def _needs_alt(line: HelpEntry) -> bool:
    return all(key.startswith(ALT) for key in line.keys.split())


def _drawn(found: Sequence[HelpEntry], cells: int) -> Iterator[Content]:
    """The lines; behind the last key with alt what to do where a terminal takes it, above what cannot be done the reason."""
    last_alt = next((line for line in reversed(found) if not line.why_not and _needs_alt(line)), None)
    reason = ""
    for line in found:
        if line.why_not != reason:
            reason = line.why_not
            yield Content.styled(f"\n Not here: {display(reason)}", "$warning")
        yield from _wrapped(line, cells)
        if line is last_alt:
            yield Content.styled(f"{'':{_KEYS + 1}} {KEPT_BY_TERMINALS}", "$muted")


def _wrapped(line: HelpEntry, cells: int) -> list[Content]:
    """The rows of one entry. Keys that are wider than their column stand before the words, or above them when both do not fit in a line."""
    style, words_style = ("$muted", "$muted") if line.why_not else ("bold $secondary", "")
    before, what = f" {line.keys:<{_KEYS}} ", display(line.what)
    if width(before) + width(what) <= cells:
        return [Content.assemble((before, style), (what, words_style))]
    first, *others = wrap(what, max(_LEAST, cells - _KEYS - 2)) or [""]
    indent = " " * (_KEYS + 2)
    below = [Content.styled(indent + row, words_style) for row in others]
    if width(before) > len(indent):
        return [Content.styled(before.rstrip(), style), Content.styled(indent + first, words_style), *below]
    return [Content.assemble((before, style), (first, words_style)), *below]
