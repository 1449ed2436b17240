"""Writes files later, in a thread, in the order in which they were given, so that typing never waits."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class WriteBehind:
    """A queue of work. Its thread ends when the queue is empty; the program waits for it before it ends."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        self._change = threading.Lock()

    def do(self, work: Callable[[], None]) -> None:
        """Do this later; returns at once. The work must handle its own errors."""
        with self._change:
            self._waiting.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work_off, name="write-behind")
                self._thread.start()

    def finish(self) -> None:
        """Wait until everything that was given is done."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work_off(self) -> None:
        try:
            while (work := self._next()) is not None:
                work()
        except BaseException:
            with self._change:
                self._thread = None
            raise

    def _next(self) -> Callable[[], None] | None:
        with self._change:
            if self._waiting:
                return self._waiting.popleft()
            self._thread = None
            return None
