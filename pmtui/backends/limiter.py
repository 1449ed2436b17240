"""Turns: how many requests run at once, and who waits because a vendor said so. One limiter for the whole process."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from weakref import WeakKeyDictionary

LONGEST_WAIT = 120.0
"""Seconds. Who is told to wait longer gets the error now and the time in it; nobody watches a frozen screen."""

_EPOCH_LIKE = 1_000_000_000  # X-RateLimit-Reset is seconds to go; gateways that send a moment send one above this
_WORD = re.compile(r"v\d+|[A-Za-z][A-Za-z_-]*")


class Limiter:
    """Slots by host and pauses by family (a host and the first words of a path: vendors count by such buckets).

    ``pace`` is how long a second of waiting lasts: tests make it short, and what is told of a wait stays true.
    """

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._pauses: dict[str, float] = {}
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()

    def slot(self, host: str, concurrency: int) -> asyncio.Semaphore:
        """What to hold while a request to this host runs. The first caller decides how many there are."""
        by_host = self._slots.setdefault(asyncio.get_running_loop(), {})
        return by_host.setdefault(host, asyncio.Semaphore(concurrency))

    def pause(self, family: str, seconds: float) -> None:
        """Nobody asks this family again before ``seconds`` have passed. Pauses only grow."""
        until = time.monotonic() + min(seconds, LONGEST_WAIT) * self.pace
        self._pauses[family] = max(until, self._pauses.get(family, 0.0))

    def paused(self, family: str) -> float:
        """Seconds that this family still has to wait, 0 when it may go."""
        return max(0.0, self._pauses.get(family, 0.0) - time.monotonic()) / self.pace

    async def rest(self, seconds: float) -> None:
        """Let this time pass. Cancelling ends it."""
        await asyncio.sleep(seconds * self.pace)


LIMITER = Limiter()


def family_of(host: str, path: str) -> str:
    """``("h", "/api/v2/incidents/6f…/attachments")`` → ``"h/api/v2/incidents"``: ids and what follows them do not count."""
    words: list[str] = []
    for segment in path.partition("?")[0].strip("/").split("/")[:3]:
        if not _WORD.fullmatch(segment):
            break
        words.append(segment)
    return "/".join([host, *words])


def seconds_told(headers: Mapping[str, str], *names: str) -> float | None:
    """The longest wait that these headers ask for: seconds, a moment since 1970, or an HTTP date. None when they ask for none."""
    waits = [wait for name in names if (wait := _seconds(headers.get(name))) is not None]
    return max(waits, default=None)


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return _until(text)
    if not 0 <= number < float("inf"):
        return None
    return max(0.0, number - time.time()) if number > _EPOCH_LIKE else number


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
