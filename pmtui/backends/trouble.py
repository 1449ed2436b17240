"""The error of all backends, and its kinds.

Importing this loads neither httpx nor pydantic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pmtui.redaction import redact

if TYPE_CHECKING:
    from asyncio import Future

T = TypeVar("T")


class Trouble(StrEnum):
    """The kind of a failure. It decides the exit code and what the screens offer, never the wording."""

    OFFLINE = "offline"  # no name, no route, refused, proxy, TLS
    TIMEOUT = "timeout"
    ANSWER = "answer"  # not JSON, truncated, oversized, bad UTF-8, HTML, a redirect
    CREDENTIALS = "credentials"  # missing or wrong key, wrong region
    RIGHTS = "rights"  # the key may not do this
    MISSING = "missing"  # no such thing
    CONFLICT = "conflict"  # 409, 412
    INVALID = "invalid"  # the vendor refuses the values: 400, 413, 422
    LIMITED = "limited"  # 429 after waiting as told
    SERVER = "server"  # 5xx
    PLAN = "plan"  # not in the account's plan
    ENDED = "ended"  # the service has been switched off
    READ_ONLY = "read-only"  # pmtui was told not to write
    DISK = "disk"  # the disk fails or is full
    UNABLE = "unable"  # the vendor, or pmtui with it, cannot do this at all
    LOCAL = "local"  # nothing was sent: bad reference, missing actor


REFUSALS = frozenset({Trouble.RIGHTS, Trouble.MISSING, Trouble.PLAN, Trouble.INVALID})
"""The vendor has answered, and does not give or do this one thing: asked again, it says the same; asked for another, it may."""
NO_SERVICE = frozenset({Trouble.OFFLINE, Trouble.TIMEOUT, Trouble.CREDENTIALS, Trouble.LIMITED, Trouble.ENDED})
"""Every further request would fail alike."""
PASSING = frozenset({Trouble.ANSWER, Trouble.SERVER})
"""The same request may be answered a moment later."""


class BackendError(Exception):
    """A failure that a user can understand: everything that can go wrong between pmtui and a vendor.

    ``tried``: what pmtui was doing ("read postmortem 42"). ``said``: the server's or system's own words, which are foreign
    text: pass them through ``display``. ``advice``: what to do next. ``request_id``: for the vendor's support, "" for none.
    ``fields``: messages by field name (standard names), for the form. ``missing_right``: the missing scope or right.
    ``unknown``: the outcome of a write is not known (time-out, reset after sending): read before sending again.
    """

    def __init__(
        self,
        trouble: Trouble,
        tried: str,
        said: str,
        advice: str = "",
        *,
        status: int = 0,
        request_id: str = "",
        fields: dict[str, str] | None = None,
        missing_right: str = "",
        unknown: bool = False,
    ) -> None:
        self.trouble = trouble
        self.tried = redact(tried)
        self.said = redact(said)  # the server may repeat our keys: they are removed here, for all uses
        self.advice = redact(advice)
        self.status = status
        self.request_id = redact(request_id)
        self.fields = {name: redact(message) for name, message in (fields or {}).items()}
        self.missing_right = missing_right
        self.unknown = unknown
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """One line: what was tried, what was found, what to do next, and the request id."""
        code = f" ({self.status})" if self.status else ""
        parts = [f"could not {self.tried}: {self.said}{code}"]
        if self.advice:
            parts.append(self.advice)
        if self.request_id:
            parts.append(f"request {self.request_id}")
        return " · ".join(parts)


class RequestPreview(NamedTuple):
    """A write as the vendor would get it: ``body`` is its JSON, None for none. Headers, which have credentials, are left out.

    Without HTTP ``method`` is a verb ("write") and ``path`` its object.
    """

    method: str
    path: str
    body: Any = None


class WriteRefused(BackendError):
    """A write on a backend that refuses writes. ``request`` is the request that was not sent."""

    def __init__(self, tried: str, request: RequestPreview) -> None:
        advice = "leave out --read-only, PMTUI_READ_ONLY or read_only to write"
        super().__init__(Trouble.READ_ONLY, tried, "pmtui is read-only here", advice)
        self.request = request


class NotApplied(BackendError):
    """The server accepted a write, and does not show it when it is read back."""


async def answer_or_known(
    answer: Coroutine[Any, Any, T] | Future[T], tried: str, patience: float | None, known: Callable[[Trouble], Awaitable[T | None]]
) -> tuple[T, BackendError | None]:
    """The answer and None; or, in trouble or after ``patience`` seconds, what ``known`` gives for that trouble, and the error.

    When nothing is known, a late answer is waited for as long as the backend does. A future is left running. Raises BackendError.
    """
    import asyncio  # a start that asks no server does without

    asked = asyncio.ensure_future(answer)
    try:
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(asked), None
        except TimeoutError:
            error = BackendError(Trouble.TIMEOUT, tried, f"no answer within {patience:.0f} s")
        except BackendError as refused:
            error = refused
        instead = await known(error.trouble)
        came = asked.done() and not asked.cancelled() and asked.exception() is None  # meanwhile
        return (instead, error) if instead is not None and not came else (await asked, None)
    finally:
        if asked is not answer:
            asked.cancel()
