"""A screen that takes only keys that were pressed after it was to be seen."""

from __future__ import annotations

from textual.content import Content
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen, ScreenResultType

from pmtui.tui.widgets.bars import Key as Shown
from pmtui.tui.widgets.bars import KeyLine


class SeenKeys(KeyLine):
    """The line of keys; ``drawn_at`` is when it was drawn for the first time."""

    drawn_at: float | None = None

    def render(self) -> Content:
        if self.drawn_at is None:
            self.drawn_at = Message().time
        return super().render()


class SeenScreen(Screen[ScreenResultType]):
    """Keys wait in line while a screen comes up: who pressed one saw another screen. escape always acts. Show ``key_line``."""

    def __init__(self, *keys: Shown) -> None:
        super().__init__()
        self.key_line = SeenKeys(keys)

    def too_early(self, key: Key) -> None:
        """Say that this key was pressed before, and does nothing."""

    def keeps_out(self, event: Event) -> bool:
        """Whether this is a key that was pressed before: then nobody may act on it."""
        early = self.key_line.drawn_at is None or event.time < self.key_line.drawn_at
        if not early or not isinstance(event, Key) or event.key == "escape":
            return False
        self.too_early(event)
        return True


def in_words(key: Key) -> str:
    """A key as it is told: a character as it is, else its name between blanks."""
    return key.character if key.is_printable and key.character else f" {key.key} "
