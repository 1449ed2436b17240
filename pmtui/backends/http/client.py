"""The HTTP client of all backends: it decides when to wait and when to retry, and turns failures into BackendError.

httpx is imported in a thread at the first request, so constructing a client costs nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
import re
import time
from collections import deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from pmtui import __version__
from pmtui.backends.base import BackendError, RequestPreview, RequestRecord, Trouble, Waiting, WriteRefused
from pmtui.backends.http import failures
from pmtui.backends.http.body import BadBody, parse
from pmtui.backends.http.failures import Again, Dialect, Explained, Failure
from pmtui.backends.http.limiter import LIMITER, LONGEST_WAIT, route_of, seconds_told
from pmtui.credentials import ConfigError
from pmtui.redaction import redact, redact_bytes

if TYPE_CHECKING:
    from pmtui.backends.http.transport import Reply, Sealed, Transport

__all__ = ["Client", "Dialect", "Explained", "HttpAnswer", "seconds_told", "segment"]

RETRIES = 4  # both vendors' own clients stop at three or four
CONNECT_RETRIES = 2  # when there is no connection: a user who is offline wants to know it soon
BACKOFF = 0.4  # seconds before the first retry; then doubled each time, with jitter
DEADLINE = 30.0  # seconds for a request and its whole answer
DOWN = 0.5
"""For this many seconds after a failed connection no other is tried: opening a postmortem makes several requests in a row."""
RECORDS = 500
_LONG = 256 * 1024  # bytes: parsing a longer answer would delay a typed key
_NAMED_LOCALHOST = re.compile(r"^(http://)localhost(?=[:/]|$)", re.IGNORECASE)
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A successful answer. ``data`` is the JSON, None for an empty body; ``headers`` are case-insensitive."""

    status: int
    data: Any
    headers: Mapping[str, str]
    request_id: str


def segment(text: str) -> str:
    """Escape foreign text as one segment of a path, so that slashes and dots of an id cannot change the path."""
    return quote(text, safe="").replace(".", "%2E") if set(text) <= {"."} else quote(text, safe="")


class Client:
    """One vendor's API at one base URL.

    ``credentials`` returns the headers that identify the user; it is called before the first request, in a thread, because it may
    block (a password command). ``rejected`` is called when the vendor rejects them; then they are read again. ``deadline`` is in
    seconds for a request and its whole answer, ``limit`` in bytes of the unpacked answer, ``backoff`` in seconds before the first retry.
    """

    def __init__(
        self,
        base_url: str,
        *,
        vendor: str,
        credentials: Callable[[], Mapping[str, str]],
        dialect: Dialect,
        ca_file: str = "",
        read_only: bool = False,
        deadline: float = DEADLINE,
        limit: int = 32 * 2**20,
        concurrency: int = 4,
        backoff: float = BACKOFF,
        rejected: Callable[[], None] | None = None,
    ) -> None:
        self._base_url = _pinned(base_url).rstrip("/")
        self.host, self._loopback = _checked(self._base_url, vendor)
        self._vendor = vendor
        self._credentials = credentials
        self._dialect = dialect
        self._ca_file = ca_file
        self._read_only = read_only
        self._deadline = deadline
        self._limit = limit
        self._concurrency = concurrency
        self._backoff = backoff
        self._rejected = rejected
        self._transport: Transport | None = None
        self._sealed: asyncio.Task[Sealed] | None = None  # the credentials, as soon as they are read
        self._down: tuple[float, Failure] | None = None  # when the last connection failed, and why
        self._opening = asyncio.Lock()
        self._listeners: list[Callable[[Waiting], None]] = []
        self.records: deque[RequestRecord] = deque(maxlen=RECORDS)

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    def speaks(self, scheme: str) -> bool:
        """Whether its base URL has this scheme."""
        return self._base_url.startswith(f"{scheme.casefold()}://")

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        """Call this listener when a request waits. It runs on the event loop and must not block."""
        self._listeners.append(listener)

    def pause_left(self) -> float:
        """Seconds until no route of this host is paused, 0 when none is."""
        return LIMITER.paused_host(self.host)

    async def call(
        self,
        method: str,
        path: str,
        *,
        tried: str,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        deadline: float | None = None,
        retry: bool | None = None,
        ok: Container[int] = range(200, 300),
        read: Callable[[bytes], Any] = parse,
    ) -> HttpAnswer:
        """Make one request, with waits and retries where these are safe.

        ``tried`` says what is being done, for error messages. ``body`` is JSON, None for no body. ``retry``: whether a request
        that may have been applied can be sent again; None decides by method (GET, PUT, DELETE). 429 and refused connections
        are always retried. Statuses in ``ok`` are answers like a 2xx, all others are errors. ``read`` turns the body into the
        answer's ``data``; it raises BadBody for a body that is not the vendor's. Raises BackendError, with ``unknown`` when a
        write may have been applied.
        """
        content = None if body is None else _encode(body, tried)
        if self._read_only and method != "GET":
            raise WriteRefused(tried, _preview(method, path, params, content))
        within, route = self._deadline if deadline is None else deadline, route_of(method, self.host, path)
        job = _Job(method, path, params or {}, content, within, ok, tried, route, read)
        repeatable = method in _IDEMPOTENT if retry is None else retry
        if self._down is not None and time.monotonic() - self._down[0] < DOWN:
            raise self._down[1].error(tried, unknown=False)
        lost, waited = False, 0.0
        for attempt in count(1):
            waited += await self._wait_turn(job, waited)
            result = await self._attempt(job)
            if isinstance(result, HttpAnswer):
                return result
            if lost and method == "DELETE" and result.trouble is Trouble.MISSING:
                return HttpAnswer(204, None, {}, "")  # an earlier attempt, whose answer was lost, deleted it
            lost = lost or (result.applied and method != "GET")
            delay = self._delay(result, attempt, repeatable)
            if result.status == 401 and self._rejected is not None:
                self._sealed = None
                self._rejected()
            if delay is None or waited + delay > LONGEST_WAIT:
                self._down = (time.monotonic(), result) if result.unconnected else None
                raise result.error(tried, unknown=lost)
            if result.status == 429:
                LIMITER.pause(job.route, delay)
            else:
                await self._wait(delay, f"retrying: {result.explained.said}", attempt)
        raise AssertionError("count() does not end")

    async def aclose(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    def _delay(self, failure: Failure, attempt: int, repeatable: bool) -> float | None:
        """Seconds until the next attempt, None for no further attempt."""
        most = RETRIES if failure.status or failure.applied else CONNECT_RETRIES
        if attempt > most or failure.again is Again.NEVER or (failure.again is Again.IDEMPOTENT and not repeatable):
            return None
        backoff: float = self._backoff * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
        if failure.wait is None:
            return 4 * backoff if failure.status == 429 else backoff
        # A little later than the server said: clocks differ, and all other clients were told the same. "0" still waits a little.
        return max(failure.wait + random.uniform(0.02, 0.1), backoff)

    async def _wait_turn(self, job: _Job, before: float) -> float:
        """Wait for this request's turn; ``before`` seconds were waited already. Returns the total. Raises BackendError when too long."""
        waited = 0.0
        while (seconds := LIMITER.paused(job.route)) > 0:
            if before + waited + seconds > LONGEST_WAIT:
                said = f"{self._vendor} limits requests for another {seconds:.0f} s"
                raise BackendError(Trouble.LIMITED, job.tried, said, f"wait {seconds:.0f} s, then try again")
            await self._wait(seconds, f"{self._vendor} limits requests", 1)
            waited += seconds
        return waited

    async def _wait(self, seconds: float, reason: str, attempt: int) -> None:
        for listener in self._listeners:
            listener(Waiting(seconds, reason, attempt))
        await LIMITER.rest(seconds)

    async def _attempt(self, job: _Job) -> HttpAnswer | Failure:
        """One request and its answer, recorded."""
        async with LIMITER.slot(self.host, self._concurrency):
            transport = await self._open()
            auth = await self._identify(job.tried)
            started, status, note = time.monotonic(), 0, "cancelled"
            try:
                reply = await transport.exchange(
                    job.method, self._base_url + job.path, job.params, job.content, auth, job.deadline, self._limit
                )
                result = await self._judge(reply, job)
                status = result.status
                note = result.explained.said if isinstance(result, Failure) else ""
                return result
            finally:
                self._record(job, status, time.monotonic() - started, note)

    async def _judge(self, reply: Reply | Failure, job: _Job) -> HttpAnswer | Failure:
        if isinstance(reply, Failure):
            return reply
        LIMITER.learn(job.route, self.host, reply.headers.get("x-ratelimit-name", ""))
        if reply.headers.get("x-ratelimit-remaining") == "0" and reply.status != 429:
            # This was the last request that the vendor allows in this period.
            LIMITER.pause(job.route, self._dialect.wait(reply.headers) or 0.0)
        if reply.status not in job.ok:
            return self._refused(reply)
        request = failures.request_id(reply.headers)
        try:
            # A long answer is parsed in a thread, so that the screen stays responsive.
            data = job.read(reply.body) if len(reply.body) < _LONG else await asyncio.to_thread(job.read, reply.body)
            return HttpAnswer(reply.status, data, reply.headers, request)
        except BadBody as problem:
            if reply.status >= 300:  # a status that the caller expects, but only from the vendor, not from a gateway
                return self._refused(reply)
            return failures.of_body(str(problem), reply.status, reply.headers, self.host)

    def _refused(self, reply: Reply) -> Failure:
        """The failure for an error answer. It will be shown, so repeated secrets are removed from the body first, and it is cut."""
        return failures.of_status(reply.status, reply.headers, redact_bytes(reply.body), self._dialect, self.host)

    def _record(self, job: _Job, status: int, seconds: float, note: str) -> None:
        path = _with_params(job.path, job.params)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.records.append(RequestRecord(at, job.method, redact(path), status, seconds, redact(note)))

    async def _open(self) -> Transport:
        async with self._opening:
            if self._transport is None:
                # Importing httpx and reading the system's certificates takes 0.1 s, so it is done in a thread.
                self._transport = await asyncio.to_thread(_transport, self._base_url, self._ca_file, self._loopback)
            return self._transport

    async def _identify(self, tried: str) -> Sealed:
        """The credentials. Requests side by side share one reading, also one that fails; then the next request reads again."""
        if self._sealed is None:
            self._sealed = asyncio.create_task(asyncio.to_thread(_seal, self._credentials))
            self._sealed.add_done_callback(self._drop_failed)
        try:
            return await asyncio.shield(self._sealed)
        except ConfigError as error:
            raise BackendError(Trouble.CREDENTIALS, tried, str(error), "check the configuration: pmtui doctor") from None

    def _drop_failed(self, reading: asyncio.Task[Sealed]) -> None:
        if (reading.cancelled() or reading.exception() is not None) and self._sealed is reading:
            self._sealed = None


@dataclass(frozen=True, slots=True)
class _Job:
    method: str
    path: str
    params: Mapping[str, str | int]
    content: bytes | None
    deadline: float
    ok: Container[int]
    tried: str
    route: str
    read: Callable[[bytes], Any]


def _with_params(path: str, params: Mapping[str, str | int]) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def _preview(method: str, path: str, params: Mapping[str, str | int] | None, content: bytes | None) -> RequestPreview:
    """The preview of a request that is not sent. Its body is parsed from the bytes that would be sent."""
    return RequestPreview(method, _with_params(path, params or {}), None if content is None else json.loads(content))


def _transport(base_url: str, ca_file: str, loopback: bool) -> Transport:
    from pmtui.backends.http.transport import Transport

    parts = urlsplit(base_url)
    return Transport(parts.netloc, ca_file=ca_file, agent=f"pmtui/{__version__}", loopback=loopback, secure=parts.scheme == "https")


def _seal(credentials: Callable[[], Mapping[str, str]]) -> Sealed:
    from pmtui.backends.http.transport import Sealed

    return Sealed(credentials())


def _pinned(base_url: str) -> str:
    """Replace localhost by its address for plain http: whoever can redirect the name must not get the keys."""
    return _NAMED_LOCALHOST.sub(r"\g<1>127.0.0.1", base_url)


def _checked(base_url: str, vendor: str) -> tuple[str, bool]:
    """The host and port of a base URL, and whether it is loopback. Plain http is allowed for loopback only."""
    if "@" in base_url:  # first of all, so that no other error prints the password
        raise BackendError(Trouble.LOCAL, f"use the base URL for {vendor}", "it holds a user name or password", "leave that out")
    tried = f"use {base_url!r} for {vendor}"
    try:
        parts = urlsplit(base_url)
        name, host = parts.hostname or "", parts.netloc
    except ValueError as error:
        raise BackendError(Trouble.LOCAL, tried, f"it is not an address: {error}", "write https://HOST") from None
    loopback = _is_loopback(name)
    if not name or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise BackendError(Trouble.LOCAL, tried, "only https is allowed (plain http to this computer only)", "write https://HOST")
    return host, loopback


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _encode(body: Any, tried: str) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        said = f"the text holds half a surrogate pair (U+{ord(error.object[error.start]):04X}), which cannot be written as UTF-8"
    except ValueError as error:
        said = f"a value cannot be written as JSON: {error}"
    raise BackendError(Trouble.LOCAL, tried, said, "take it out of the text")
