"""Writes files later, in a thread, in the order in which they were given, so that typing never waits.

A disk that hangs holds this one thread, whatever is asked of it: nobody waits for it longer than ``PATIENCE``.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds of one piece of work after which the disk counts as one that does not answer."""
DELAY = 0.3
"""Seconds by which the first piece of work comes later, unless somebody waits for it: what was read is shown first."""


class WriteBehind:
    """A queue of work. Its thread ends when the queue is empty; the program waits for it before it ends, if the disk answers."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._thread: threading.Thread | None = None
        self._change = threading.Lock()
        self._awaited = threading.Event()
        self._since = 0.0
        atexit.register(self.finish)

    @property
    def is_stuck(self) -> bool:
        """Whether the disk does not answer: the present piece of work takes too long."""
        return self._thread is not None and time.monotonic() - self._since > PATIENCE

    def do(self, work: Callable[[], object]) -> bool:
        """Do this later; returns at once, False when it is refused because the disk does not answer.

        The work must handle its own errors.
        """
        with self._change:
            if self.is_stuck:
                return False
            self._waiting.append(work)
            if self._thread is None:
                self._awaited.clear()
                self._since = time.monotonic() + DELAY
                self._thread = threading.Thread(target=self._work_off, name="write-behind", daemon=True)
                self._thread.start()
            return True

    def hurry(self) -> None:
        """Do what was given now, without waiting for it."""
        self._awaited.set()

    def finish(self) -> bool:
        """Wait until everything that was given is done. Returns False when the disk does not answer."""
        self._awaited.set()
        thread = self._thread
        while thread is not None and thread is not threading.current_thread() and thread.is_alive():
            if self.is_stuck:
                return False
            thread.join(max(0.0, self._since + PATIENCE - time.monotonic()) + 0.001)
        return True

    def ask(self, work: Callable[[], T], otherwise: T) -> T:
        """The result of this, done behind everything that was given; ``otherwise`` when the disk does not answer."""
        if self._thread is threading.current_thread():
            return work()
        found: list[T] = []
        if self.do(lambda: found.append(work())):
            self.finish()
        return found[0] if found else otherwise

    async def answer(self, work: Callable[[], T], otherwise: T) -> T:
        """As ``ask``, on an event loop, which goes on meanwhile. No further thread waits."""
        import asyncio  # not every command needs it

        loop, found = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        def take(result: T) -> None:
            if not found.done():  # nobody may wait any more
                found.set_result(result)

        def tell() -> None:
            result = work()
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(take, result)

        waits = self.do(tell)
        self._awaited.set()
        while waits and not found.done() and not self.is_stuck:
            await asyncio.wait([found], timeout=PATIENCE / 2)
        return found.result() if found.done() else otherwise

    def _work_off(self) -> None:
        try:
            self._awaited.wait(DELAY)
            while (work := self._next()) is not None:
                work()
        except BaseException:
            with self._change:
                self._thread = None
            raise

    def _next(self) -> Callable[[], object] | None:
        with self._change:
            self._since = time.monotonic()
            if self._waiting:
                return self._waiting.popleft()
            self._thread = None
            return None
