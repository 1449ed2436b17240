"""A screen that takes only keys that were pressed after it was to be seen."""

from __future__ import annotations

from textual.content import Content
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen, ScreenResultType

from pmtui.tui.widgets.bars import KeyLine


class SeenKeys(KeyLine):
    """The line of keys; ``drawn_at`` is when it was drawn for the first time."""

    drawn_at: float | None = None

    def render(self) -> Content:
        if self.drawn_at is None:
            self.drawn_at = Message().time
        return super().render()


class SeenScreen(Screen[ScreenResultType]):
    """Keys wait in line while a screen comes up: who pressed one saw another screen. escape always acts. Show ``key_line``.

    ``early`` are keys that came before the screen was there at all, "" for none.
    """

    def __init__(self, early: str = "") -> None:
        super().__init__()
        self._early = early
        self.key_line = SeenKeys()

    @property
    def not_taken(self) -> str:
        """Which keys were pressed too early and do nothing, in a sentence; "" for none."""
        early = self._early.strip()
        return f"not taken, because it was typed before this was shown: {early}" if early else ""

    def tell_early(self) -> None:
        """Show ``not_taken``."""

    def keeps_out(self, event: Event) -> bool:
        """Whether this is a key that was pressed before: then nobody may act on it."""
        early = self.key_line.drawn_at is None or event.time < self.key_line.drawn_at
        if not early or not isinstance(event, Key) or event.key == "escape":
            return False
        self._early += in_words(event)
        self.tell_early()
        return True


def in_words(key: Key) -> str:
    """A key as it is told: a character as it is, else its name between blanks."""
    return key.character if key.is_printable and key.character else f" {key.key} "
