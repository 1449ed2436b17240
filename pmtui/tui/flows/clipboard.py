"""Copies to the terminal's clipboard (OSC 52). Of several copies the one that was asked for last stays."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial

from textual.app import App
from textual.worker import NoActiveWorker, Worker, get_current_worker

from pmtui.display import mask
from pmtui.threads import in_thread, is_long
from pmtui.tui.markdown.highlight import LINE_END
from pmtui.tui.worker_groups import Group


def put_in_clipboard(app: App[None], text: str, send: Callable[[str], None]) -> None:
    """Send the text without control characters; a long one follows later. What was to be copied before it is not sent any more."""
    if is_long(len(text)):
        begin_copying(app, partial(_sent, text, send))
    else:
        _give_up_earlier(app)
        send(without_controls(text))


def begin_copying(app: App[None], copying: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
    """Run what prepares a text and copies it, unless something else is copied meanwhile: the order is that of the keys."""
    _give_up_earlier(app)
    return app.run_worker(copying, group=Group.CLIPBOARD, description="copying")  # Textual would write out all that it is given


def _give_up_earlier(app: App[None]) -> None:
    """Cancel all copying but that which this is the end of."""
    own = None
    with suppress(NoActiveWorker):
        own = get_current_worker()
    for worker in list(app.workers):
        if worker.group == Group.CLIPBOARD and worker is not own:
            worker.cancel()


async def _sent(text: str, send: Callable[[str], None]) -> None:
    send(await in_thread(partial(without_controls, text)))


def without_controls(text: str) -> str:
    """The text as its lines are shown, with one kind of line end."""
    return "\n".join(mask(line) for line in LINE_END.split(text))
