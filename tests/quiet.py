"""Waits for a backend's requests: for one to come, and for those in the background to end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.patience import PATIENCE


async def quiet() -> None:
    """Wait until everything that runs beside the test in its loop has ended."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        _, running = await asyncio.wait(others, timeout=PATIENCE)
        assert not running, running


async def until(seen: Callable[[], object]) -> None:
    """Wait until this is so."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)
