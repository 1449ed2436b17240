"""Keys in the same packet as the one that opens a dialog: they are for the dialog, which takes none yet."""

from __future__ import annotations

from textual.events import Key
from textual.widget import Widget

from pmtui.tui.flows.typed_ahead import again
from pmtui.tui.worker_groups import Group, is_running

TURN = 0.002
"""Seconds between two looks whether the dialog takes keys."""


class KeysForDialog:
    """Keeps keys of this widget while a worker of this group opens a dialog above it."""

    def __init__(self, widget: Widget, group: Group) -> None:
        self._widget, self._group = widget, group
        self._kept: list[Key] = []

    def keep(self, event: Key) -> bool:
        """Whether the key is for the dialog, and must not be handled by anything else."""
        if not is_running(self._widget, self._group):
            return False
        event.stop()
        event.prevent_default()
        self._kept.append(event)
        if len(self._kept) == 1:
            self._pass_on()
        return True

    def _pass_on(self) -> None:
        """Give the keys to the dialog as soon as it takes any, or to whatever there is when none was opened."""
        widget, app = self._widget, self._widget.app
        if is_running(widget, self._group) and (app.screen is widget.screen or app.focused is None):
            widget.set_timer(TURN, self._pass_on)
            return
        kept, self._kept = self._kept, []
        for each in kept:
            app.post_message(again(each))
