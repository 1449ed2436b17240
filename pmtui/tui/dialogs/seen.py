"""Screens that ignore keys pressed before they were there, or before they were drawn."""

from __future__ import annotations

import math

from textual.content import Content
from textual.events import Event, Key
from textual.message import Message
from textual.screen import ScreenResultType

from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.widgets.bars import KeyLine


class SeenKeys(KeyLine):
    """The line of keys; ``drawn_at`` is when it was first drawn."""

    drawn_at: float | None = None

    def render(self) -> Content:
        if self.drawn_at is None:
            self.drawn_at = Message().time
        return super().render()


class WaryScreen(ClosesOnce[ScreenResultType]):
    """Ignores keys that were pressed before there was this screen, because the user pressed them on another one.

    escape always works.
    """

    _early = ""  # the keys that came too early, in words
    _there_since = math.inf

    def on_mount(self) -> None:
        self._there_since = Message().time

    @property
    def not_taken(self) -> str:
        """A sentence that names the keys that were pressed too early, "" for none."""
        early = self._early.strip()
        return f"not taken, because it was typed before this was shown: {early}" if early else ""

    def tell_early(self) -> None:
        """Show ``not_taken``."""

    def is_early(self, event: Event) -> bool:
        """Whether this was pressed before the user could see the screen."""
        return event.time < self._there_since

    def keeps_out(self, event: Event) -> bool:
        """Whether this key was pressed too early, and must be ignored."""
        if super().keeps_out(event):
            return True
        if not self.is_early(event) or not isinstance(event, Key) or event.key == "escape":
            return False
        self._early += in_words(event)
        self.tell_early()
        return True


class SeenScreen(WaryScreen[ScreenResultType]):
    """Ignores keys that were pressed before it was drawn.

    Subclasses show ``key_line``. ``early`` names keys that came before this screen existed, "" for none.
    """

    def __init__(self, early: str = "") -> None:
        super().__init__()
        self._early = early
        self.key_line = SeenKeys()

    def is_early(self, event: Event) -> bool:
        return self.key_line.drawn_at is None or event.time < self.key_line.drawn_at


def in_words(key: Key) -> str:
    """A key in a message: a character as it is, other keys by name between blanks."""
    return key.character if key.is_printable and key.character else f" {key.key} "
