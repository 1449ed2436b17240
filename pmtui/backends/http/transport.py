"""One exchange over httpx: a request and its whole answer, with a deadline and a size limit. It never retries."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http import failures
from pmtui.backends.http.body import BadBody, Unpacker
from pmtui.backends.http.failures import PROXY_ADVICE, Failure
from pmtui.backends.http.proxies import VARIABLES, needs_none, proxies_of
from pmtui.redaction import register

# httpx has a command line, for which it imports click and rich if they are installed. This prevents it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

SOCKS = find_spec("socksio") is not None
"""Whether SOCKS is supported: the extra ``pmtui[socks]`` installs it."""
CONNECT_TIMEOUT = 10.0  # seconds, within the deadline of the whole exchange
_TIMEOUTS = httpx.Timeout(None, connect=CONNECT_TIMEOUT).as_dict()


class Sealed:
    """Headers that identify the user. They are added only when a request is sent, so no repr and no default header shows them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        for value in headers.values():
            register(value.rpartition(" ")[2])  # without the scheme (Bearer)

    def reveal(self) -> Mapping[str, str]:
        """The headers, for the request that is sent."""
        return self._headers

    def __repr__(self) -> str:
        return "Sealed(…)"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. ``headers`` are case-insensitive; ``body`` is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Connections to one host."""

    def __init__(self, host: str, *, ca_file: str, agent: str, loopback: bool, secure: bool) -> None:
        # Loopback needs no proxy, so the sandbox works where HTTP_PROXY is set.
        proxy, self._host = (None, host) if loopback else _proxy(host)
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": agent}
        # Only the transport of httpx: its client adds redirects, cookies and a jar for them, which no request here wants.
        self._http = httpx.AsyncHTTPTransport(
            verify=tls_context(ca_file) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            proxy=proxy,
            trust_env=False,  # we read the environment ourselves: a bad entry of NO_PROXY must not raise
        )

    async def exchange(
        self, method: str, url: str, params: Mapping[str, str | int], body: bytes | None, auth: Sealed, deadline: float, limit: int
    ) -> Reply | Failure:
        """Send a request and read the whole answer within ``deadline`` seconds, at most ``limit`` bytes unpacked."""
        sent = Sent()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        headers = {**self._headers, **kind, **auth.reveal()}
        extensions = {"trace": sent.trace, "timeout": _TIMEOUTS}
        try:
            request = httpx.Request(method, url, params=dict(params) or None, headers=headers, content=body, extensions=extensions)
            async with asyncio.timeout(deadline):
                response = await self._http.handle_async_request(request)
                try:
                    return await self._read(response, limit)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return failures.of_exception(error, self._host, sent=sent.yes, deadline=deadline)

    async def _read(self, response: httpx.Response, limit: int) -> Reply | Failure:
        try:
            unpacker = Unpacker(response.headers.get("content-encoding", ""), limit)
            async for chunk in response.aiter_raw():
                unpacker.feed(chunk)
            return Reply(response.status_code, response.headers, unpacker.finish())
        except BadBody as problem:
            return failures.of_body(str(problem), response.status_code, response.headers, self._host)

    async def aclose(self) -> None:
        await self._http.aclose()


def _proxy(host: str) -> tuple[httpx.Proxy | None, str]:
    """The proxy for a host, and the host with the proxy in words. Raises BackendError when no named proxy can be used."""
    parts = urlsplit(f"//{host}")
    environ = os.environ if any(os.environ.get(name) for name in VARIABLES) else _of_system()
    if needs_none(parts.hostname or "", parts.port or 443, os.environ):
        return None, host
    found = proxies_of(environ, socks=SOCKS)
    if found.proxy is None:
        if found.wanted:
            raise BackendError(
                Trouble.OFFLINE, f"connect to {host}", f"no proxy of the environment can be used: {'; '.join(found.problems)}", PROXY_ADVICE
            )
        return None, host
    proxy = found.proxy
    login = (proxy.username, proxy.password) if proxy.username or proxy.password else None
    return httpx.Proxy(proxy.url, auth=login), f"{host} through the proxy {proxy.shown}"


def _of_system() -> Mapping[str, str]:
    """The proxy settings of the desktop (macOS) as variables."""
    return {f"{scheme}_proxy": address for scheme, address in getproxies().items() if scheme in ("https", "all")}


class Sent:
    """Learns from httpcore's trace whether bytes of the request itself, not of a proxy's CONNECT, were sent."""

    def __init__(self) -> None:
        self.yes = False

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started") and getattr(info.get("request"), "method", b"") != b"CONNECT":
            self.yes = True


def tls_context(ca_file: str) -> ssl.SSLContext:
    """A TLS context with the system's certificates as OpenSSL finds them (also SSL_CERT_FILE and SSL_CERT_DIR), and ``ca_file``.

    If the system has none (slim containers), certifi's are used. Raises BackendError that names a file that cannot be read.
    """
    named = [(ca_file, "ca_file"), (os.environ.get("SSL_CERT_FILE", ""), "SSL_CERT_FILE")]
    context = ssl.create_default_context()
    for path, name in named:
        if not path:
            continue
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError) as error:
            said = f"{name} names {path}, which has no readable certificates: {error}"
            raise BackendError(Trouble.OFFLINE, "prepare TLS", said, f"correct {name}") from None
    if not context.cert_store_stats()["x509_ca"] and not _has_directory():
        import certifi

        context.load_verify_locations(cafile=certifi.where())
    return context


def _has_directory() -> bool:
    capath = ssl.get_default_verify_paths().capath
    return bool(capath) and any(Path(str(capath)).iterdir())
