"""Holds frames back until the text they show is on disk.

The event loop waits as long as a disk usually takes, then a thread does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

AT_ONCE = 0.05
"""Seconds that the event loop waits for the disk with each frame: a disk that is as quick as usual has it by then."""
PATIENCE = 1.0
"""Seconds that a frame waits; from then on the status line says that the text is not on disk yet."""

OnDisk = Callable[[float], bool]
"""Waits at most so many seconds, in any thread; whether everything up to the call is on disk."""


class HeldFrames:
    """A queue of frames. ``show`` writes a frame to the terminal; the order is kept."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._frames: deque[str] = deque()
        self._waiting: asyncio.Task[None] | None = None
        self._hangs = False  # then a frame waits ``AT_ONCE`` only, until the disk has caught up

    def put(self, frame: str, on_disk: OnDisk) -> None:
        """Show a frame as soon as the text it shows is on disk."""
        self._frames.append(frame)
        if self._waiting is not None:
            return
        if on_disk(AT_ONCE):
            self._hangs = False
        elif not self._hangs:
            self._waiting = asyncio.create_task(self._wait(on_disk))
            return
        self._let_go(len(self._frames))

    async def _wait(self, on_disk: OnDisk) -> None:
        try:
            while count := len(self._frames):  # frames drawn meanwhile show what was typed meanwhile
                self._hangs = not await asyncio.to_thread(on_disk, PATIENCE)
                self._let_go(count)
        finally:
            self._waiting = None

    def _let_go(self, count: int) -> None:
        for _ in range(count):
            self._show(self._frames.popleft())
