"""Waiting for what a backend asks beside what it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence


async def quiet(requests: Sequence[object]) -> None:
    """Return when no request has come for a while."""
    count = -1
    while count != len(requests):
        count = len(requests)
        await asyncio.sleep(0.1)
