"""Turns every failure on the wire into a BackendError with its message."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.body import is_page
from pmtui.backends.http.limiter import seconds_told


@dataclass(frozen=True, slots=True)
class Explained:
    """The content of a vendor's error answer. ``trouble`` None: the status decides. ``fields`` has messages by field name."""

    said: str
    trouble: Trouble | None = None
    fields: dict[str, str] = field(default_factory=dict)
    advice: str = ""
    missing_right: str = ""
    request_id: str = ""


class Dialect(Protocol):
    """The format of one vendor's error answers."""

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> Explained:
        """Read an error answer; never raises, whatever the body is."""

    def wait(self, headers: Mapping[str, str]) -> float | None:
        """Seconds to wait after a 429, None when the vendor does not say."""


class Again(Enum):
    """Whether the request may be sent again."""

    NEVER = "never"
    IDEMPOTENT = "idempotent"  # GET, PUT, DELETE
    ALWAYS = "always"  # the vendor certainly did not apply it


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt. ``applied``: a write may have been applied nevertheless. ``wait`` is in seconds."""

    explained: Explained
    trouble: Trouble
    status: int = 0
    applied: bool = False
    again: Again = Again.NEVER
    wait: float | None = None

    @property
    def unconnected(self) -> bool:
        """Whether there was no connection, so that no server has seen the request."""
        return not self.status and not self.applied and self.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT)

    def error(self, tried: str, *, unknown: bool) -> BackendError:
        """The error to raise. ``unknown``: it is not known whether a write was applied."""
        told = self.explained
        advice = told.advice
        if unknown:
            other = "" if "try again" in advice else advice  # what was applied must not be sent twice
            advice = " · ".join(filter(None, ("it is not known whether it was applied: read before sending again", other)))
        return BackendError(
            self.trouble,
            tried,
            told.said,
            advice,
            status=self.status,
            request_id=told.request_id,
            fields=dict(told.fields),
            missing_right=told.missing_right,
            unknown=unknown,
        )


_BY_STATUS: Mapping[int, Trouble] = {
    400: Trouble.INVALID,
    401: Trouble.CREDENTIALS,
    402: Trouble.PLAN,
    403: Trouble.RIGHTS,
    404: Trouble.MISSING,
    405: Trouble.ANSWER,
    407: Trouble.OFFLINE,
    408: Trouble.TIMEOUT,
    409: Trouble.CONFLICT,
    410: Trouble.MISSING,
    412: Trouble.CONFLICT,
    423: Trouble.CONFLICT,
    429: Trouble.LIMITED,
}

_ADVICE: Mapping[Trouble, str] = {
    Trouble.MISSING: "it may have been deleted, or this key may not see it: read the list again",
    Trouble.INVALID: "correct what it names, then try again",
    Trouble.ANSWER: "this server does not know the request: check the base URL, and proxies in between",
    Trouble.PLAN: "the account's plan does not include this",
    Trouble.CREDENTIALS: "check the key and the site or region: pmtui doctor",
    Trouble.RIGHTS: "ask for the missing right, or use a key that has it: pmtui doctor",
    Trouble.CONFLICT: "somebody changed it meanwhile: read again",
    Trouble.LIMITED: "wait, then try again",
    Trouble.SERVER: "the vendor has a problem: try again in a while",
}

_TOO_LARGE: Mapping[int, str] = {413: "it is too large for the server: shorten it, then try again"}

# Statuses of gateways that are trusted even when they come with a web page.
_PLAIN_STATUSES = frozenset({401, 407, 408, 413, 429})


def of_status(status: int, headers: Mapping[str, str], body: bytes, dialect: Dialect, host: str) -> Failure:
    """The failure for an error status."""
    if 300 <= status < 400:
        return _of_redirect(status, headers, host)
    trouble = _BY_STATUS.get(status, Trouble.SERVER if status >= 500 else Trouble.INVALID)
    if status == 407:
        return Failure(Explained("the proxy requires a login", advice=PROXY_ADVICE), trouble, status)
    if is_page(body):
        plain = status in _PLAIN_STATUSES or status >= 500
        said = f"{host} sent a web page instead of data"
        told = Explained(
            said, None if plain else Trouble.ANSWER, advice="a proxy or gateway answers in its place: check the network and the base URL"
        )
    else:
        told = dialect.explain(status, headers, body)
    trouble = told.trouble or trouble
    told = replace(
        told,
        said=told.said or "no reason given",
        advice=told.advice or _TOO_LARGE.get(status) or _ADVICE.get(trouble, ""),
        request_id=told.request_id or request_id(headers),
    )
    if status == 429:
        wait = dialect.wait(headers)
        told = replace(told, advice=f"wait {wait:.0f} s, then try again") if wait else told
        return Failure(told, trouble, status, again=Again.ALWAYS, wait=wait)
    lost = status == 408 or (status >= 500 and status != 501)
    return Failure(
        told, trouble, status, applied=lost, again=Again.IDEMPOTENT if lost else Again.NEVER, wait=seconds_told(headers, "retry-after")
    )


def of_body(what: str, status: int, headers: Mapping[str, str], host: str) -> Failure:
    """The failure for a body that cannot be read; ``what`` it is instead of JSON. A write may have been applied."""
    advice = (
        "a proxy may be in the way: check the network and the base URL"
        if "web page" in what
        else "try again; if it happens again, check proxies in between"
    )
    return Failure(
        Explained(f"the answer of {host} is {what}", advice=advice, request_id=request_id(headers)),
        Trouble.ANSWER,
        status,
        applied=status < 300,
    )


def of_exception(error: BaseException, host: str, *, sent: bool, deadline: float) -> Failure:
    """The failure for a transport error. ``sent``: bytes of the request had been sent, so a write may have been applied."""
    if any("ProxyError" in type(each).__name__ for each in _chain(error)):
        return Failure(Explained(f"the proxy refused: {error}", advice=PROXY_ADVICE), Trouble.OFFLINE)
    if any(isinstance(each, TimeoutError) or "Timeout" in type(each).__name__ for each in _chain(error)):
        said = f"no complete answer from {host} within {deadline:g} s"
        return Failure(Explained(said, advice="try again; the network or the vendor is slow"), Trouble.TIMEOUT, applied=sent)
    for each in _chain(error):
        if isinstance(each, ssl.SSLError) and not sent:
            return Failure(_of_tls(each, host), Trouble.OFFLINE)
        if isinstance(each, socket.gaierror):
            said = f"the name {host} was not found ({each.strerror})"
            return Failure(Explained(said, advice="check the network, DNS and the site or region"), Trouble.OFFLINE)
        if isinstance(each, ConnectionRefusedError):
            return Failure(
                Explained(f"{host} refused the connection", advice="check the network and the base URL"),
                Trouble.OFFLINE,
                again=Again.ALWAYS,
            )
    words = _reason(error)
    if sent:
        return Failure(
            Explained(f"the connection to {host} was lost: {words}", advice="try again"),
            Trouble.OFFLINE,
            applied=True,
            again=Again.IDEMPOTENT,
        )
    return Failure(Explained(f"no connection to {host}: {words}", advice="check the network"), Trouble.OFFLINE, again=Again.IDEMPOTENT)


PROXY_ADVICE = "check HTTPS_PROXY (with user:password@ when it wants a login) and NO_PROXY"


def _of_redirect(status: int, headers: Mapping[str, str], host: str) -> Failure:
    try:
        there = urlsplit(headers.get("location", "")).netloc.rpartition("@")[2] or host
    except ValueError:
        there = "an invalid address"
    said = f"{host} redirects to {there}; redirects are not followed, because the keys would be sent there"
    return Failure(
        Explained(said, advice="check the site, the region or the base URL", request_id=request_id(headers)), Trouble.ANSWER, status
    )


def _of_tls(error: ssl.SSLError, host: str) -> Explained:
    reason = getattr(error, "verify_message", "") or error.reason or str(error)
    advice = "if a company's proxy re-signs TLS, name its CA in ca_file or SSL_CERT_FILE"
    return Explained(f"TLS to {host} failed: {reason}", advice=advice)


def _reason(error: BaseException) -> str:
    for each in _chain(error):
        if isinstance(each, OSError) and each.strerror:
            return each.strerror
    return str(error) or type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        pending += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            pending += each.exceptions


def request_id(headers: Mapping[str, str]) -> str:
    """The vendor's id for this request, "" when there is none."""
    for name in ("x-request-id", "dd-request-id", "x-dd-request-id", "x-amzn-requestid"):
        if headers.get(name):
            return headers[name]
    return ""
