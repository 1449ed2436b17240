"""A small HTTP server on loopback. The test decides every byte, so it can send what the sandbox never would."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Play: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]
Reply: TypeAlias = bytes | Play


def answer(
    status: int = 200,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    body: bytes | None = None,
    kind: str = "application/json",
) -> bytes:
    """A complete HTTP answer."""
    content = body if body is not None else b"" if data is None else json.dumps(data).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close without an answer."""
    writer.close()


def drip(seconds: float, begun: Callable[[], None] = lambda: None) -> Play:
    """Send one byte of a long answer every ``seconds``; ``begun`` is called at its beginning."""

    async def play(writer: asyncio.StreamWriter) -> None:
        begun()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
        for _ in range(100_000):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(seconds)

    return play


@dataclass
class Loopback:
    """Answers by method and path pattern. Several replies are used one by one, and the last one is repeated."""

    routes: list[tuple[str, re.Pattern[str], list[Reply | Callable[[Seen], Reply]]]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def on(self, method: str, pattern: str, *replies: Reply | Callable[[Seen], bytes]) -> None:
        """Add a rule. Later rules win."""
        self.routes.insert(0, (method, re.compile(pattern), list(replies)))

    def calls(self, method: str = "") -> list[str]:
        return [f"{each.method} {each.path}" for each in self.seen if method in ("", each.method)]

    def reply_to(self, seen: Seen) -> Reply:
        for method, pattern, replies in self.routes:
            if method in ("*", seen.method) and pattern.fullmatch(seen.path):
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                return _made(reply, seen)
        return answer(404, {"errors": [f"no route for {seen.method} {seen.path}"]})

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _request(reader):
                self.seen.append(request)
                reply = self.reply_to(request)
                if isinstance(reply, bytes):
                    writer.write(reply)
                    await writer.drain()
                else:
                    await reply(writer)
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client hung up, as it may
        finally:
            writer.close()


def _made(reply: Reply | Callable[[Seen], Reply], seen: Seen) -> Reply:
    if isinstance(reply, bytes) or reply is hang_up or asyncio.iscoroutinefunction(reply):
        return reply  # type: ignore[return-value]
    return reply(seen)  # type: ignore[arg-type, return-value]


async def _request(reader: asyncio.StreamReader) -> Seen | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Seen(method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


@asynccontextmanager
async def loopback(tls: ssl.SSLContext | None = None, *, port: int = 0) -> AsyncIterator[Loopback]:
    """A running server, which ends with the block, and so do its connections."""
    site = Loopback()
    server = await asyncio.start_server(site.handle, "127.0.0.1", port, ssl=tls)
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
