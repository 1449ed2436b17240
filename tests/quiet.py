"""Waits for a backend's background requests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


async def quiet(requests: Sequence[object]) -> None:
    """Wait until no request has come for a while."""
    count = -1
    while count != len(requests):
        count = len(requests)
        await asyncio.sleep(0.1)
