"""Pictures and files that a text names: on the API's own host with the key, elsewhere over public https and without any."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from pmtui import __version__
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.body import BadBody, is_page
from pmtui.backends.http.failures import Failure

if TYPE_CHECKING:
    from pmtui.backends.http.client import Client

MOST = 20 * 2**20
"""Bytes of one file."""
DEADLINE = 60.0
"""Seconds for one file."""


async def own_file(client: Client, address: str) -> bytes | None:
    """What lies at an address on the client's own host, asked for with its key; None for an address that is on another host.

    Where the vendor sends on to another place, the key is not sent there. Raises BackendError.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    here = parts.netloc.casefold() == client.host.casefold() and client.speaks(parts.scheme)
    if not (here or (not parts.scheme and not parts.netloc)) or not parts.path.startswith("/"):
        return None
    tried = f"load {address}"
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    answer = await client.call("GET", parts.path, tried=tried, params=query, deadline=DEADLINE, ok=range(200, 400), read=_small)
    if answer.status >= 300:
        return await public_file(urljoin(f"https://{client.host}{parts.path}", answer.headers.get("location", "")))
    return _file(answer.data, tried)


async def public_file(address: str) -> bytes:
    """What lies at a public https address, asked for without a key and without following it elsewhere. Raises BackendError."""
    tried = f"load {address}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise BackendError(Trouble.LOCAL, tried, "this is no address") from None
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise BackendError(Trouble.LOCAL, tried, "only https addresses without a user name are loaded")
    await _check_public(host, port, tried)
    from pmtui.backends.http.transport import Sealed, Transport

    def opened() -> Transport:
        return Transport(parts.netloc, ca_file="", agent=f"pmtui/{__version__}", loopback=False, secure=True)

    transport = await asyncio.to_thread(opened)  # reading certificates takes a while
    try:
        reply = await transport.exchange("GET", address, {}, None, Sealed({}), DEADLINE, MOST)
    finally:
        await transport.aclose()
    if isinstance(reply, Failure):
        raise reply.error(tried, unknown=False)
    if reply.status != 200:
        raise BackendError(Trouble.MISSING, tried, f"its host answered {reply.status}", status=reply.status)
    return _file(reply.body, tried)


async def _check_public(host: str, port: int, tried: str) -> None:
    """Raises BackendError for a host that is in a network of one's own: a text may name it, and must not have it asked.

    A name that cannot be looked up here may be known to a proxy.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    if not all(ipaddress.ip_address(str(each[4][0]).partition("%")[0]).is_global for each in found):
        raise BackendError(Trouble.LOCAL, tried, "its host is not on the public internet")


def _small(body: bytes) -> bytes:
    if len(body) > MOST:
        raise BadBody(f"larger than {MOST // 2**20} MiB")
    return body


def _file(body: bytes, tried: str) -> bytes:
    """Raises BackendError for what is no file: nothing, or the page of a login."""
    if not body or is_page(body):
        raise BackendError(Trouble.ANSWER, tried, "there is a web page instead of a file" if body else "the answer is empty")
    return body
