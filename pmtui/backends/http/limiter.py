"""Limits the requests that run at once, and pauses routes as vendors ask. There is one limiter per process."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from weakref import WeakKeyDictionary

LONGEST_WAIT = 120.0
"""Seconds. A request that would wait longer fails at once, with the time in its error, so that no screen seems frozen."""

_EPOCH_LIKE = 1_000_000_000  # X-RateLimit-Reset is in seconds from now; some gateways send a Unix time, which is above this
_WORD = re.compile(r"v\d+|[A-Za-z][A-Za-z_-]*")


class Limiter:
    """Slots per host, and pauses per bucket, the group of routes that the vendor counts together.

    Answers of the vendor name the bucket; until then it is the host and the first segments of the path.

    ``pace`` is the real length of a second of waiting. Tests make it short.
    """

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._pauses: dict[str, float] = {}
        self._buckets: dict[str, str] = {}
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()

    def slot(self, host: str, concurrency: int) -> asyncio.Semaphore:
        """The semaphore to hold during a request to this host. The first caller sets the number of slots."""
        by_host = self._slots.setdefault(asyncio.get_running_loop(), {})
        return by_host.setdefault(host, asyncio.Semaphore(concurrency))

    def learn(self, route: str, host: str, name: str) -> None:
        """Note the bucket that an answer on this route names; "" is ignored."""
        if name:
            self._buckets[route] = f"{host} {name}"

    def pause(self, route: str, seconds: float) -> None:
        """Pause this route's bucket for ``seconds``. Pauses never get shorter.

        A pause longer than any request would wait is ignored: the vendor then says again how long it still is.
        """
        if seconds <= LONGEST_WAIT:
            bucket = self._bucket(route)
            self._pauses[bucket] = max(time.monotonic() + seconds * self.pace, self._pauses.get(bucket, 0.0))

    def paused(self, route: str) -> float:
        """Seconds that this route is still paused, 0 when it is not."""
        return max(0.0, self._pauses.get(self._bucket(route), 0.0) - time.monotonic()) / self.pace

    def paused_host(self, host: str) -> float:
        """Seconds until no route of this host is paused, 0 when none is."""
        ends = (end for bucket, end in self._pauses.items() if bucket.partition(" ")[0].partition("/")[0] == host)
        return max(0.0, max(ends, default=0.0) - time.monotonic()) / self.pace

    def _bucket(self, route: str) -> str:
        return self._buckets.get(route) or family_of(route)

    async def rest(self, seconds: float) -> None:
        """Sleep for this long. It can be cancelled."""
        await asyncio.sleep(seconds * self.pace)


LIMITER = Limiter()


def route_of(method: str, host: str, path: str) -> str:
    """``("GET", "h", "/api/v2/incidents/6f…/attachments")`` → ``"GET h/api/v2/incidents/*/attachments"``."""
    segments = path.partition("?")[0].strip("/").split("/")
    return f"{method} {host}/" + "/".join(each if _WORD.fullmatch(each) else "*" for each in segments)


def family_of(route: str) -> str:
    """``"h/api/v2/incidents"``: the route up to the first id."""
    host, *segments = route.partition(" ")[2].split("/")
    words = segments[:3]
    return "/".join([host, *(words[: words.index("*")] if "*" in words else words)])


def seconds_told(headers: Mapping[str, str], *names: str) -> float | None:
    """The longest wait that these headers ask for, in seconds; None for none. They may have seconds, a Unix time, or an HTTP date."""
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
