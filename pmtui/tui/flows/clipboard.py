"""Copies to the terminal's clipboard (OSC 52)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import App

from pmtui.display import mask
from pmtui.threads import LONG, in_thread
from pmtui.tui.markdown.highlight import LINE_END
from pmtui.tui.worker_groups import Group


def put_in_clipboard(app: App[None], text: str, send: Callable[[str], None]) -> None:
    """Send the text without control characters; one that takes a while follows, unless something else is copied meanwhile."""
    if len(text) <= LONG:
        send(without_controls(text))
    else:
        app.run_worker(_sent(text, send), group=Group.CLIPBOARD, exclusive=True)


async def _sent(text: str, send: Callable[[str], None]) -> None:
    send(await in_thread(partial(without_controls, text)))


def without_controls(text: str) -> str:
    """The text as its lines are shown, with one kind of line end."""
    return "\n".join(mask(line) for line in LINE_END.split(text))
