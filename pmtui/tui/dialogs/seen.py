"""A screen that ignores keys pressed before it was drawn."""

from __future__ import annotations

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


class SeenScreen(ClosesOnce[ScreenResultType]):
    """Ignores keys that were pressed before it was drawn, because the user pressed them on another screen.

    escape always works. Subclasses show ``key_line``. ``early`` names keys that came before this screen existed, "" for none.
    """

    def __init__(self, early: str = "") -> None:
        super().__init__()
        self._early = early
        self.key_line = SeenKeys()

    @property
    def not_taken(self) -> str:
        """A sentence that names the keys that were pressed too early, "" for none."""
        early = self._early.strip()
        return f"not taken, because it was typed before this was shown: {early}" if early else ""

    def tell_early(self) -> None:
        """Show ``not_taken``."""

    def keeps_out(self, event: Event) -> bool:
        """Whether this key was pressed before the screen was drawn, and must be ignored."""
        if super().keeps_out(event):
            return True
        early = self.key_line.drawn_at is None or event.time < self.key_line.drawn_at
        if not early or not isinstance(event, Key) or event.key == "escape":
            return False
        self._early += in_words(event)
        self.tell_early()
        return True


def in_words(key: Key) -> str:
    """A key in a message: a character as it is, other keys by name between blanks."""
    return key.character if key.is_printable and key.character else f" {key.key} "
