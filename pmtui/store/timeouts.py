"""Threads for what may take long: a disk that is slow or hangs, work on a long text.

A hanging system call cannot be cancelled, only abandoned in its thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
LONG = 100_000
"""Characters of a text: up to here, work on each of them takes less than 50 ms."""
STUCK = "the disk does not answer"


async def in_thread(work: Callable[[], T], undo: Callable[[T], object] = lambda done: None) -> T:
    """Run ``work`` in a thread and return its result. When cancelled, wait for its end, then undo what it did."""
    import asyncio  # not every command needs it

    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([working])
        if working.exception() is None:
            undo(working.result())
        raise


async def worked_out(work: Callable[[], T], characters: int) -> T:
    """The result of pure ``work`` on so many characters: at once, or in a thread where whoever draws would wait for it."""
    return await in_thread(work) if characters > LONG else work()


def in_time(work: Callable[[], None], seconds: float) -> bool:
    """Run ``work`` in a new thread. Returns False when it did not end in time. Raises its OSError."""
    raised: list[OSError] = []

    def run() -> None:
        try:
            work()
        except OSError as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="draft-end", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    return not thread.is_alive()


def taken(lock: threading.RLock, change: threading.Condition, seconds: float) -> bool:
    """Take the lock. Returns False when it was not free in time.

    Releases ``change`` meanwhile: in a signal handler the interrupted code may hold it, and the lock's holder may need it.
    """
    deadline = time.monotonic() + seconds
    with change:
        while not lock.acquire(blocking=False):
            if time.monotonic() > deadline:
                return False
            change.wait(0.005)
    return True
