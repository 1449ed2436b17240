"""How the time of a piece of work grows with its input: the exponent between n and 4n, in time of the processor."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

EXPONENT = 1.35
"""Linear work measures about 1, n·log n up to 1.15, quadratic work 2. It is to stay under 1.3; the rest is a busy machine's."""
_ATTEMPTS = 12
_SURE, _LONG = 1.7, 0.1
"""Nothing that is so steep and takes so many seconds is measured again."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """Time of this thread: other programs, and other threads of the tests, do not count."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def exponent(work: Callable[[int], object], size: int, *, unnoticed: float) -> float:
    """The exponent between ``size`` and four times that; 0 where the longer one took less than ``unnoticed`` seconds.

    The least of several attempts counts for each size: a busy machine only ever makes work slower.
    """
    long = short = math.inf
    found = math.inf
    for _ in range(_ATTEMPTS):
        long = min(long, cpu_seconds(lambda: work(4 * size)))
        if long < unnoticed:
            return 0
        short = min(short, cpu_seconds(lambda: work(size)))
        found = math.log(long / max(short, 1e-7), 4)
        if found < EXPONENT or (found > _SURE and long > _LONG):
            return found
    return found
