"""Threads for what the event loop would wait for: slow calls of the system, and work on a long text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
LONG = 100_000
"""Characters of a text: up to here, work on each of them takes less than 50 ms."""


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


def is_long(characters: int) -> bool:
    """Whether whoever draws would wait for work on so many characters."""
    return characters > LONG


async def worked_out(work: Callable[[], T], characters: int) -> T:
    """The result of pure ``work`` on so many characters: at once, or in a thread where whoever draws would wait for it."""
    return await in_thread(work) if is_long(characters) else work()
