"""Ends the process cleanly when the connection drops: the draft is flushed, the terminal restored.

Textual 8 installs no handler for signals that end it, and spins on a terminal that hung up while SIGHUP is ignored. A Python
signal handler runs even while the event loop is blocked on a stalled terminal.
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

from pmtui.tui.terminal import kept_frame
from pmtui.tui.terminal import setup as terminal

_FAULTS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}  # a Python handler would never get to run
_JOB_CONTROL = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGCONT, signal.SIGTTIN, signal.SIGTTOU}  # Textual's, and the kernel's
_HARMLESS = {signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGPIPE, signal.SIGXFSZ}  # ignored, or Python ignores them
_OTHERS = {signal.SIGKILL, signal.SIGINT, signal.SIGALRM}  # cannot be caught; asyncio's; our own last resort
SIGNALS = frozenset(map(int, signal.valid_signals() - _FAULTS - _JOB_CONTROL - _HARMLESS - _OTHERS))
"""The signals whose default is to end the process."""
GRACE = 1.0
"""Seconds that flushing the draft may take before the text goes elsewhere."""
LAST = GRACE + 0.9
"""Seconds after which the kernel ends the process, whatever it does."""
NOT_KNOWN = "what was typed last may not be in the draft; `pmtui recover` tells what is"


class SignalHandlers:
    """Installed while the app runs. ``flush`` puts what was typed on disk and returns the words that tell where it is.

    ``elsewhere`` does so in another place, while the disk holds ``flush``: in a thread, and without any lock.
    """

    def __init__(self, flush: Callable[[], str], elsewhere: Callable[[], str]) -> None:
        self._flush, self._elsewhere = flush, elsewhere
        self._before: dict[int, object] = {}
        self._wakes, self._wake = os.pipe()
        self._stopped = False
        self._due = math.inf  # when an end that has begun must be over
        self._flushing = False

    def __enter__(self) -> SignalHandlers:
        if not kept_frame.is_painted():  # then they were remembered before it was
            terminal.remember()
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._signalled)
        threading.Thread(target=self._watch, name="hang-up", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        os.write(self._wake, b"\x00")
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _signalled(self, number: int, _: FrameType | None) -> None:
        self._end(128 + number)

    def _watch(self) -> None:
        """Notice a terminal that is gone without a signal (nohup, a lost parent), and an end that takes too long.

        The main thread flushes: this one must stay free to end the process when the flush does not come back.
        """
        poll, stdin = select.poll(), sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
        poll.register(stdin, 0)
        poll.register(self._wakes, select.POLLIN)
        while True:
            left = self._due - time.monotonic()
            ready = poll.poll(max(0.0, left) * 1000 if left < math.inf else None)
            if self._stopped:
                return
            if time.monotonic() > self._due:
                self._end_without_the_disk()
            if any(fd != self._wakes and event & (select.POLLHUP | select.POLLNVAL | select.POLLERR) for fd, event in ready):
                poll.unregister(stdin)
                self._limit()
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)
            if any(fd == self._wakes for fd, _ in ready):
                os.read(self._wakes, 64)

    def _limit(self) -> None:
        """From now on the end may take ``GRACE`` seconds, and then ``LAST`` at most."""
        if self._due == math.inf:
            self._due = time.monotonic() + GRACE
            os.write(self._wake, b"\x00")
            signal.setitimer(signal.ITIMER_REAL, LAST)  # then the kernel ends what not even the watching thread could

    def _end_without_the_disk(self) -> None:
        """The flush does not come back. The timer of the kernel goes on: the other place may be stuck, too."""
        words = ""
        try:
            words = self._elsewhere()
        finally:
            try:
                terminal.restore()
                farewell(words or f"the disk does not answer: {NOT_KNOWN}")
            finally:
                os._exit(128 + signal.SIGALRM)

    def _end(self, code: int) -> None:
        """Flush and end, in this thread and without others: the interrupted code may hold the locks of journal or threading."""
        if self._flushing:
            return  # a second signal during the flush of the first, which continues afterwards
        self._flushing = True
        self._limit()
        words = NOT_KNOWN  # said where the flush itself fails
        try:
            words = self._flush()
        finally:
            try:
                terminal.restore()
                farewell(words)
            finally:
                os._exit(code)


def farewell(text: str) -> None:
    """Print the last lines, if the terminal still exists and there is something to say."""
    lines = "".join(f"{line}\r\n" for line in ("", *text.splitlines())) if text else ""
    try:
        os.write(2, lines.encode("utf-8", "backslashreplace"))
    except OSError:
        return
