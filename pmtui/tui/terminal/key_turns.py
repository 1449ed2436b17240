"""Keys one after the other: each is handled once all that the key before it has set off is done.

Over a slow line several keys come in one packet. Textual passes each of them at once to what has the focus then: behind a key that
moves the focus, opens a dialog or closes one they would go to the wrong place. How the keys come in packets must not matter.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeAlias, runtime_checkable

from textual.app import App
from textual.dom import DOMNode
from textual.events import Key, Paste
from textual.geometry import Offset
from textual.screen import SystemModalScreen
from textual.widget import Widget

from pmtui.tui.textual_internals import has_more, is_idle

Typed: TypeAlias = Key | Paste

TURN = 0.002
"""Seconds between two looks, once a key has waited for a while."""
MANY = 50
"""Looks without a pause in between: most keys wait for a few turns of the loop only."""
LONGEST = 5.0
"""Seconds that a key waits at most: what hangs must not take the keyboard away."""
AT_ONCE = frozenset({"escape", "ctrl+q"})
"""Keys that do not wait for a question that is still to come, unless others wait before them: they give it up."""


DELETES = frozenset({"backspace", "delete"})
_MENTION = re.compile(r"@[\w.-]*$")
"""What may open a dialog while text is typed."""


@runtime_checkable
class ShowsCursor(Protocol):
    """A widget for text, with the terminal's own cursor."""

    @property
    def terminal_cursor(self) -> Offset | None:
        """The screen position of the cursor; None to hide it."""


class KeyTurns:
    """The keys that wait. ``handle`` is called with each in its turn; ``leads_on`` says whether a question is still to come."""

    def __init__(self, app: App[Any], handle: Callable[[Typed], Awaitable[None]], leads_on: Callable[[], bool]) -> None:
        self._app, self._handle, self._leads_on = app, handle, leads_on
        self._waiting: deque[Typed] = deque()
        self._passed_to: DOMNode = app
        self._typing: Widget | None = None  # what has got the latest text, if no other key has come since
        self._typed: str | None = ""  # the end of that text; None when something was deleted last
        self._since, self._looks = math.inf, 0

    async def take(self, event: Typed) -> None:
        """Handle this key now if nothing is under way, else in its turn."""
        if self._waiting or not self._is_free(event):
            self._waiting.append(event)
            self._begin_to_wait(len(self._waiting) == 1)
        else:
            await self._pass_on(event)

    def again(self, events: Iterable[Typed]) -> None:
        """Handle these before all others that wait: they were typed earlier."""
        idle = not self._waiting
        self._waiting.extendleft(reversed([*events]))
        self._begin_to_wait(idle and bool(self._waiting))

    def _begin_to_wait(self, is_first: bool) -> None:
        if is_first:
            self._since, self._looks = time.monotonic(), 0
            self._app.call_later(self._go_on)

    async def _go_on(self) -> None:
        """Handle the next key if it is its turn, and come back for the others."""
        if not self._is_free(self._waiting[0]) and time.monotonic() - self._since < LONGEST:
            self._looks += 1
            if self._looks < MANY:
                await asyncio.sleep(0)
                self._app.call_later(self._go_on)
            else:
                self._app.set_timer(TURN, self._go_on)
            return
        await self._pass_on(self._waiting.popleft())
        self._begin_to_wait(bool(self._waiting))

    async def _pass_on(self, event: Typed) -> None:
        if self._app.screen_stack:
            self._passed_to = self._app.focused or self._app.screen
            self._note(event)
        await self._handle(event)

    def _note(self, event: Typed) -> None:
        """Note what this types, and into which widget."""
        focused, text, deletes = self._app.focused, text_of(event), _deletes(event)
        goes_on = focused is self._typing
        self._typing = focused if (text or deletes) and isinstance(focused, ShowsCursor) else None
        self._typed = None if deletes else ((self._typed or "") * goes_on + text)[-64:]

    def _is_free(self, event: Typed) -> bool:
        """Whether all is done that the keys before have set off. The app asks while it handles a message itself."""
        app = self._app
        if not app.screen_stack or self._goes_on(event):
            return True
        if has_more(app):
            return False
        there = app.focused or app.screen
        passed: list[DOMNode] = [*there.ancestors_with_self, *self._passed_to.ancestors_with_self, app.screen]
        if isinstance(app.screen, SystemModalScreen):  # in Textual's own the widgets tell each other
            passed += app.screen.walk_children()
        if not all(is_idle(pump) for pump in passed if pump is not app):
            return False
        gives_up = isinstance(event, Key) and event.key in AT_ONCE and len(self._waiting) < 2
        return gives_up or not self._leads_on()

    def _goes_on(self, event: Typed) -> bool:
        """Whether this goes on typing or deleting in the same widget: only a mention could come between them."""
        if self._typing is None or self._typing is not self._app.focused:
            return False
        if _deletes(event):
            return True
        begins_mention = self._typed is None or _MENTION.search(self._typed) or getattr(self._typing, "begun_mention", None) is not None
        return bool(text_of(event)) and not begins_mention


def _deletes(event: Typed) -> bool:
    return isinstance(event, Key) and event.key in DELETES


def text_of(event: Typed) -> str:
    """What the event types into a widget for text, "" for a command."""
    if isinstance(event, Paste):
        return event.text
    return (event.character or "") if event.is_printable else ""
