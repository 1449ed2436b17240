"""A disk that is slow or hangs.

A hanging system call cannot be cancelled, only abandoned in its thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

STUCK = "the disk does not answer"


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
