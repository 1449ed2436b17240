"""Lies below the dialogs of a save, so that a key typed between two of them does not go into the text."""

from __future__ import annotations

from textual.events import Event, Key

from pmtui.tui.closes_once import Dialog
from pmtui.tui.dialogs.seen import in_words
from pmtui.tui.flows.typed_ahead import again

NOT_PASSED_ON = frozenset({"enter", "escape", "tab", "space", "backspace", "delete"})
"""Keys that answer dialogs: pressed twice, they must not change the document."""


class Curtain(Dialog[None]):
    """An empty screen, which catches the keys that reach no dialog. After ``end`` commands go on to the document."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[Key] = []
        """The keys that no dialog took."""

    def end(self) -> None:
        """The save is over, however it ended: go now, or as soon as the dialog above is closed. Commands (`f5`) go to the document."""
        self._latest_key = ""  # none of them has closed it
        self.dismiss(None)
        for key in self.caught:
            self._pass_on(key)
        self.caught.clear()

    def _pass_on(self, key: Key) -> None:
        if not key.is_printable and key.key not in NOT_PASSED_ON:
            self.app.post_message(again(key))

    async def on_event(self, event: Event) -> None:
        if self._closed_with is not None and isinstance(event, Key) and self.app.screen is not self:
            self._pass_on(event)  # it was on its way here when this ended
        else:
            await super().on_event(event)

    def on_key(self, event: Key) -> None:
        event.stop()
        self.caught.append(event)

    def taken(self) -> str:
        """The keys caught since the last call, in words."""
        caught = "".join(map(in_words, self.caught)).strip()
        self.caught.clear()
        return caught
