"""Waits and deadlines of the HTTP client that end when a test says so, not after a while."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from pmtui.backends.http import limiter, transport


class Clock:
    """The limiter's time, which stands still but for its waits: each of them is over at once, or once ``goes_on`` is set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        self.goes_on, self.rests = asyncio.Event(), asyncio.Event()
        self.goes_on.set()
        patch.setattr(limiter, "time", SimpleNamespace(monotonic=lambda: self.now, time=time.time))
        patch.setattr(limiter.LIMITER, "rest", self._rest)

    async def _rest(self, seconds: float) -> None:
        until = self.now + seconds
        self.rests.set()
        await self.goes_on.wait()
        self.now = max(self.now, until)


class Deadline:
    """The deadline of an exchange: it strikes when the server says so, however long the request has taken until then."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._timeouts: list[asyncio.Timeout] = []
        patch.setattr(transport, "asyncio", SimpleNamespace(timeout=self._timeout))

    def _timeout(self, seconds: float) -> asyncio.Timeout:
        self._timeouts.append(asyncio.timeout(None))
        return self._timeouts[-1]

    def strike(self) -> None:
        """End the last exchange that was begun."""
        self._timeouts[-1].reschedule(asyncio.get_running_loop().time())
