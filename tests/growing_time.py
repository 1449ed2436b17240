"""Measures how processor time grows with the input: the exponent between n and 4n."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

Input = TypeVar("Input")

EXPONENT = 1.3
"""Linear work measures about 1, n·log n up to 1.15, quadratic work 2."""
_ATTEMPTS = 8
_SURE, _LONG, _ENOUGH = 1.7, 0.1, 3
"""Work steeper than the first and longer than the second (seconds) is not measured more often than the third."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread, without other programs, other threads, and garbage of earlier tests."""
    gc.disable()
    try:
        started = time.thread_time()
        work()
        return time.thread_time() - started
    finally:
        gc.enable()


def exponent(work: Callable[[Input], object], make: Callable[[int], Input], size: int, *, unnoticed: float) -> float:
    """The exponent between ``make(size)`` and four times that; 0 where the longer one took less than ``unnoticed`` seconds.

    The least of several attempts counts for each size: a busy machine only ever makes work slower. A machine whose cache the
    longer input leaves makes linear work look steeper, once; so what looks too steep is measured at four times the size, too.
    Work that grows too fast does so there as well.
    """
    made = cache(make)
    found = _between(work, made, size, unnoticed)
    if EXPONENT <= found < _SURE:
        return min(found, _between(work, made, 4 * size, unnoticed))
    return found


def _between(work: Callable[[Input], object], made: Callable[[int], Input], size: int, unnoticed: float) -> float:
    short_input, long_input = made(size), made(4 * size)
    long = short = math.inf
    found = math.inf
    for attempt in range(1, _ATTEMPTS + 1):
        long = min(long, cpu_seconds(lambda: work(long_input)))
        if long < unnoticed:
            return 0
        short = min(short, cpu_seconds(lambda: work(short_input)))
        found = math.log(long / max(short, 1e-7), 4)
        if found < EXPONENT or (found > _SURE and long > _LONG and attempt >= _ENOUGH):
            return found
    return found
