"""Keys that are typed before the place that they are meant for is on the screen.

Over a line of 300 ms people press enter on an incident and type on. What they type belongs to the postmortem that
enter opens, not to the list that is still on the screen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from textual.events import Key, Paste
from textual.screen import Screen

from pmtui.tui.dialogs.seen import SeenScreen

NOT_KEPT = frozenset({"escape", "ctrl+q"})
"""Keys that stop the opening: they act at once."""
SHOWN = 40
"""Characters that are quoted of a text that could not be typed."""


class TypedAhead:
    """Keeps keys and pastes from ``begin`` to ``end``, or to ``open``."""

    def __init__(self) -> None:
        self._waiting = False
        self._again = ""
        self._seen = 0.0
        self._kept: list[Key | Paste] = []

    def begin(self, again: str = "enter") -> None:
        """Something is being opened: from now on keys are kept for it. ``again`` is the key that opens it."""
        self._waiting, self._again, self._seen = True, again, math.inf

    def keep(self, event: Key | Paste) -> bool:
        """Whether the event was kept: then nobody else may act on it. Enter pressed again in impatience is no new line.

        When it was pressed tells, not when its turn comes: on a busy machine that may be after the opening.
        """
        key = event.key if isinstance(event, Key) else ""
        if key in NOT_KEPT:
            return False
        if key and key == self._again and event.time < self._seen:
            return True
        self._again = ""  # what was typed first is for what is being opened, and so is enter behind it
        if self._waiting:
            self._kept.append(event)
        return self._waiting

    def open(self) -> Sequence[Key | Paste]:
        """It is open. What was kept, in the order in which it was typed."""
        kept, self._kept, self._waiting = self._kept, [], False
        return kept

    def seen(self) -> None:
        """It is on the screen: enter that is pressed from now on is meant for it."""
        if self._seen == math.inf:
            self._seen = time.monotonic()

    def end(self) -> Sequence[Key | Paste]:
        """It will never be open. What was kept, in the order in which it was typed."""
        self._again = ""
        return self.open()


def kept_out(screen: Screen[Any], event: Key | Paste) -> bool:
    """Whether this was pressed before the screen was to be seen, which takes such keys for none of its own."""
    return isinstance(screen, SeenScreen) and screen.keeps_out(event)


def not_typed(events: Sequence[Key | Paste]) -> str:
    """What to say of text that found no place, "" when there was none."""
    text = "".join(event.text if isinstance(event, Paste) else event.character or "" for event in events if is_text(event))
    if not text:
        return ""
    return f"not typed: “{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”"


def is_text(event: Key | Paste) -> bool:
    """Whether this would be text in a cell."""
    return isinstance(event, Paste) or event.is_printable
