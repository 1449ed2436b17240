"""Reads a list on, page after page: the next page is asked for while one is taken in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pmtui.backends.page import Page

SOON = 0.01
"""Seconds within which a request is on the wire: it is waited for so long before the page is taken in, which holds the event loop up."""


class Onward(Enum):
    """How far a list is read on."""

    NEXT = auto()
    """The next page, which is wanted now."""
    AHEAD = auto()
    """The next page, before it is wanted."""
    ALL = auto()


async def read_on(read: Callable[[str], Coroutine[Any, Any, Page]], cursor: str, onward: Onward) -> AsyncGenerator[Page, None]:
    """The page that this cursor gets, or that and all later ones. Of these one is being read while the one before is taken in.

    Whoever stops before the last one must close this, which ends the reading, too.
    """
    reading = asyncio.create_task(read(cursor))
    try:
        while (following := (page := await reading).cursor) is not None and onward is Onward.ALL:
            reading = asyncio.create_task(read(following))
            await asyncio.wait({reading}, timeout=SOON)
            yield page
        yield page
    finally:
        if not reading.cancel() and not reading.cancelled():
            reading.exception()  # it was seen, or nobody waits for it any more
