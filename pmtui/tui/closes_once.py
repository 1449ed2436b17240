"""The base of screens that close: whatever is typed, a screen closes once, and nothing that was typed at it closes another one."""

from __future__ import annotations

from typing import ClassVar

from textual.await_complete import AwaitComplete
from textual.events import Event, Key, ScreenResume
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType


class ClosesOnce(Screen[ScreenResultType]):
    """Textual's ``dismiss`` closes whatever screen is on top, as often as it is called. Here a screen closes itself, once.

    Covered by another screen it closes when that is gone. Keys that reach it later do nothing. The key that closed it does nothing
    in the screen below either, when it was pressed again before that was shown. That is not so for ``escape``: each goes one step back.
    Nor is it for what ends a text (``typed_on_with``): people type on, and what they type must not depend on the line.
    """

    typed_on_with: ClassVar[frozenset[str]] = frozenset()

    _closed_with: tuple[ScreenResultType | None] | None = None
    _latest_key = ""
    closed_above: tuple[str, float] = ("", 0.0)
    """The key that closed the screen above, and when that was."""

    @property
    def is_deciding(self) -> bool:
        """Whether a key may still close this screen, once something has come that it waits for: what is typed behind it waits, too."""
        return False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        if self._closed_with is None:
            self._closed_with = (result,)
            if self.app.screen is self:
                return self._close(result)
        return AwaitComplete()

    def on_screen_resume(self, event: ScreenResume) -> None:
        if not self.stack_updates:
            event.refresh_styles = False  # it was mounted just now, and Textual would apply all styles again
        if self._closed_with is not None and self.app.screen is self:
            self._close(*self._closed_with)

    def _close(self, result: ScreenResultType | None) -> AwaitComplete:
        closed = super().dismiss(result)
        below = self.app.screen
        if isinstance(below, ClosesOnce):
            key = self._latest_key or self.closed_above[0]
            below.closed_above = ("" if key in self.typed_on_with else key), Message().time
        return closed

    def keeps_out(self, event: Event) -> bool:
        """Whether this key was not meant for this screen, and must be ignored. The app asks before anything else sees the key."""
        if not isinstance(event, Key):
            return False
        self._latest_key = event.key
        key, at = self.closed_above
        if event.key != key:  # the same key behind another one is meant for this screen
            self.closed_above = ("", 0.0)
        return event.key == key != "escape" and event.time <= at

    async def on_event(self, event: Event) -> None:
        if self._closed_with is None or not isinstance(event, Key):
            await super().on_event(event)


class Dialog(ModalScreen[ScreenResultType], ClosesOnce[ScreenResultType]):  # the first one's styles hold
    """A screen above others, which stay in sight. The result is its answer."""

    HAS_PALETTE: ClassVar[bool] = True
    """Whether the key of the palette opens it here."""
