"""Lies below the dialogs of a save, so that a key typed between two of them does not go into the text."""

from __future__ import annotations

from textual.events import Key

from pmtui.tui.closes_once import Dialog
from pmtui.tui.dialogs.seen import in_words


class Curtain(Dialog[None]):
    """An empty screen. ``caught`` has the keys that were typed and reached no dialog. After ``end`` it takes no key."""

    def __init__(self) -> None:
        super().__init__()
        self.caught = ""

    def end(self) -> None:
        """The save is over, however it ended: go now, or as soon as the dialog above is closed."""
        self.dismiss(None)

    def on_key(self, event: Key) -> None:
        event.stop()
        self.caught += in_words(event)

    def taken(self) -> str:
        """The keys caught since the last call."""
        caught, self.caught = self.caught, ""
        return caught.strip()
