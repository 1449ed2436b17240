"""Who keeps the text of an editor: what the editor asks of its owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime


async def nowhere(direction: int) -> None:
    """A ``leave`` for an editor with nothing above or below it."""


async def no_gaps(direction: int) -> bool:
    """A ``gap`` for an editor without gaps: tab types blanks."""
    return False


@dataclass(frozen=True)
class Keeper:
    """The owner of an editor's text, as callbacks. They are called at once, because a message would come after keys typed behind it.

    ``typed`` gets each change by the user, before a frame can show it: the offset, the text removed, and the text inserted.
    ``undo`` and ``redo`` return the new text, None when the cell no longer exists. ``leave`` moves to the cell above (-1) or
    below (+1). ``gap`` goes to the next gap or the one before; it returns False when there is none, and tab types blanks.
    ``began`` is when the incident began, the reference for times in its timeline.
    """

    typed: Callable[[int, str, str], None] = lambda start, removed, inserted: None
    undo: Callable[[], str | None] = lambda: None
    redo: Callable[[], str | None] = lambda: None
    leave: Callable[[int], Awaitable[None]] = nowhere
    gap: Callable[[int], Awaitable[bool]] = no_gaps
    began: Callable[[], datetime | None] = lambda: None
