"""Keys in the order in which they were typed, and those that were not typed but pasted.

Textual lets a widget take a character at once, but a key that is bound bubbles up to the app first: of what is typed
ahead, or comes in one packet over a slow line, ``a ← b`` arrives as ``a b ←``. A widget that takes its own keys itself
keeps the order.
"""

from __future__ import annotations

from textual.events import Key
from textual.widget import Widget

from pmtui.tui.terminal.keys import PASTED_LINE_END, PASTED_TAB
from pmtui.tui.textual_internals import bindings_of


async def take_own_key(widget: Widget, event: Key) -> bool:
    """Run the widget's own binding for this key now. Returns False when it has none, or the binding is disabled."""
    for binding in bindings_of(widget, event.key):
        if await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return True
    return False


def pasted_text(event: Key) -> str | None:
    """The text of a line end or tab from a paste without brackets, which must be inserted literally. None for pressed keys."""
    return event.character if (event.key, event.character) in (PASTED_LINE_END, PASTED_TAB) else None
