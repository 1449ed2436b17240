"""What lies under the dialogs of a save: a key between two of them falls into it, and not into the text."""

from __future__ import annotations

from textual.events import Key
from textual.screen import ModalScreen

from pmtui.tui.dialogs.seen import in_words


class Curtain(ModalScreen[None]):
    """Shows nothing. ``caught`` has what was typed and reached no dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.caught = ""

    def on_key(self, event: Key) -> None:
        event.stop()
        self.caught += in_words(event)

    def taken(self) -> str:
        """What was caught since this was asked last."""
        caught, self.caught = self.caught, ""
        return caught.strip()
