"""What happens when the session drops: the draft is flushed, the terminal restored, and the process is gone.

Textual 8 installs no handler for SIGHUP or SIGTERM, and spins on a terminal that hung up while SIGHUP is ignored.
A Python signal handler runs even while the event loop is blocked on a stalled terminal.
"""

from __future__ import annotations

import math
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from pmtui.tui.terminal import setup as terminal

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)
GRACE = 1.5
"""Seconds that flushing the draft may take before the process goes anyway."""
TICK = 0.25
LAST = GRACE + TICK + 0.15


class Lifeline:
    """``flush`` puts what was typed on disk and returns the words that tell where it is."""

    def __init__(self, flush: Callable[[], str]) -> None:
        self._flush = flush
        self._before: dict[signal.Signals, object] = {}
        self._stop = threading.Event()
        self._due = math.inf  # when an end that has begun must be over

    def __enter__(self) -> Lifeline:
        terminal.remember()
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._signalled)
        threading.Thread(target=self._watch, name="hang-up", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _signalled(self, number: int, _: FrameType | None) -> None:
        self._end(128 + number)

    def _watch(self) -> None:
        """Notice a terminal that is gone though nobody sent a signal (nohup, a lost parent), and an end that takes too long."""
        poll = select.poll()
        poll.register(sys.__stdin__.fileno() if sys.__stdin__ is not None else 0, 0)
        while not self._stop.wait(TICK):
            if time.monotonic() > self._due:  # the disk is stuck
                terminal.restore()
                farewell("the disk does not answer: what was typed last may not be in the draft; `pmtui recover` tells what is")
                os._exit(128 + signal.SIGALRM)
            if any(event & (select.POLLHUP | select.POLLNVAL | select.POLLERR) for _, event in poll.poll(0)):
                self._end(128 + signal.SIGHUP)

    def _end(self, code: int) -> None:
        """In this thread, and without another: the one that was interrupted may hold the locks of journal or threading."""
        self._due = time.monotonic() + GRACE
        signal.setitimer(signal.ITIMER_REAL, LAST)  # then the kernel ends what not even the watching thread could
        try:
            words = self._flush()
            terminal.restore()
            farewell(words)
        finally:
            os._exit(code)


def farewell(text: str) -> None:
    """The last lines on the terminal, if there still is one and there is something to say."""
    lines = "".join(f"{line}\r\n" for line in ("", *text.splitlines())) if text else ""
    try:
        os.write(2, lines.encode("utf-8", "backslashreplace"))
    except OSError:
        return
