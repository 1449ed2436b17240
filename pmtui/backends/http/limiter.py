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
    """Slots by host, and pauses by the bucket in which the vendor counts a route.

    A bucket has the name that the vendor's answers give it; until one came it is the host and the first words of the path.

    ``pace`` is how long a second of waiting lasts: tests make it short, and what is told of a wait stays true.
    """

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._pauses: dict[str, float] = {}
        self._buckets: dict[str, str] = {}
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()

    def slot(self, host: str, concurrency: int) -> asyncio.Semaphore:
        """What to hold while a request to this host runs. The first caller decides how many there are."""
        by_host = self._slots.setdefault(asyncio.get_running_loop(), {})
        return by_host.setdefault(host, asyncio.Semaphore(concurrency))

    def learn(self, route: str, host: str, name: str) -> None:
        """An answer on this route says in which bucket it is counted; "" says nothing."""
        if name:
            self._buckets[route] = f"{host} {name}"

    def pause(self, route: str, seconds: float) -> None:
        """Nobody asks for this route's bucket again before ``seconds`` have passed. Pauses only grow.

        A pause that nobody sits out is none: whoever asks then is told by the vendor how long it still takes.
        """
        if seconds <= LONGEST_WAIT:
            bucket = self._bucket(route)
            self._pauses[bucket] = max(time.monotonic() + seconds * self.pace, self._pauses.get(bucket, 0.0))

    def paused(self, route: str) -> float:
        """Seconds that this route still has to wait, 0 when it may go."""
        return max(0.0, self._pauses.get(self._bucket(route), 0.0) - time.monotonic()) / self.pace

    def _bucket(self, route: str) -> str:
        return self._buckets.get(route) or family_of(route)

    async def rest(self, seconds: float) -> None:
        """Let this time pass. Cancelling ends it."""
        await asyncio.sleep(seconds * self.pace)


LIMITER = Limiter()


def route_of(method: str, host: str, path: str) -> str:
    """``("GET", "h", "/api/v2/incidents/6f…/attachments")`` → ``"GET h/api/v2/incidents/*/attachments"``."""
    segments = path.partition("?")[0].strip("/").split("/")
    return f"{method} {host}/" + "/".join(each if _WORD.fullmatch(each) else "*" for each in segments)


def family_of(route: str) -> str:
    """``"h/api/v2/incidents"``: ids and what follows them do not count."""
    host, *segments = route.partition(" ")[2].split("/")
    words = segments[:3]
    return "/".join([host, *(words[: words.index("*")] if "*" in words else words)])


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
