"""Keys that are typed before the screen they are meant for is shown.

Over a line of 300 ms people press enter on an incident and type on. That text belongs to the postmortem being opened, not to the
list that is still on the screen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from textual.events import Key, Paste
from textual.screen import Screen

from pmtui.tui.closes_once import ClosesOnce
from pmtui.tui.dialogs.seen import WaryScreen

NOT_KEPT = frozenset({"escape", "ctrl+q"})
"""Keys that cancel the opening; they act at once."""
NOT_TYPED = "not typed: "
SHOWN = 40
"""The most characters that a message quotes of dropped text."""


class TypedAhead:
    """Queues keys and pastes from ``begin`` to ``end``, or to ``open``."""

    def __init__(self) -> None:
        self._waiting = False
        self._again = ""
        self._seen = 0.0
        self._kept: list[Key | Paste] = []

    def begin(self, again: str = "enter") -> None:
        """Something is being opened: queue keys from now on. ``again`` is the key that opens it."""
        self._waiting, self._again, self._seen = True, again, math.inf

    def keep(self, event: Key | Paste) -> bool:
        """Whether the event was queued, and must not be handled by anything else.

        Pressing enter again in impatience must not type a new line. The time at which it was pressed decides: on a busy machine
        it may be handled after the opening.
        """
        key = event.key if isinstance(event, Key) else ""
        if key in NOT_KEPT:
            return False
        if key and key == self._again and event.time < self._seen:
            return True
        self._again = ""  # enter typed after text belongs to the text
        if self._waiting:
            self._kept.append(event)
        return self._waiting

    def open(self) -> Sequence[Key | Paste]:
        """It is open. Returns the queued events, in order."""
        kept, self._kept, self._waiting = self._kept, [], False
        return kept

    def tell(self, screen: Screen[Any]) -> None:
        """Let the question that comes before the queued text say so."""
        if isinstance(screen, WaryScreen) and (text := not_typed(self._kept)):
            screen.tell_kept(f"typed before this was shown, and kept for the text: {text.removeprefix(NOT_TYPED)}")

    def seen(self) -> None:
        """It was drawn: enter pressed from now on is meant for it."""
        if self._seen == math.inf:
            self._seen = time.monotonic()

    def end(self) -> Sequence[Key | Paste]:
        """It will not be opened. Returns the queued events, in order."""
        self._again = ""
        return self.open()


def kept_out(screen: Screen[Any], event: Key | Paste) -> bool:
    """Whether this key was not meant for the screen: it closed the one before, or was pressed before a screen was drawn that minds that."""
    return isinstance(screen, ClosesOnce) and screen.keeps_out(event)


def not_typed(events: Sequence[Key | Paste]) -> str:
    """What to say about text that was dropped, "" when there was none."""
    text = "".join(event.text if isinstance(event, Paste) else event.character or "" for event in events if is_text(event))
    if not text:
        return ""
    return f"{NOT_TYPED}“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”"


def again(key: Key) -> Key:
    """The key as it was pressed, for whatever has the focus now."""
    found = Key(key.key, key.character)
    found.time = key.time
    return found


def is_text(event: Key | Paste) -> bool:
    """Whether this event would type text into a cell."""
    return isinstance(event, Paste) or event.is_printable
