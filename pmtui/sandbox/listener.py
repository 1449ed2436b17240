"""The socket side of the sandbox: HTTP/1.1 with keep-alive on loopback, one daemon thread a connection."""

from __future__ import annotations

import gzip
import re
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from pmtui.sandbox.access import AccessControl, Head
from pmtui.sandbox.fault_effects import Delivery
from pmtui.sandbox.http import Request, Response, json_response

ONCE = ("host", "origin", "content-length", "content-type", "transfer-encoding", "authorization")  # headers that must not be repeated
LINGER, LINGER_BYTES = 0.5, 1024 * 1024  # how long, and how much, a refused body may go on arriving
GZIP_FROM = 1024  # bytes; shorter answers are not worth packing


class Application(Protocol):
    """What the listener serves. Its methods are called from many threads."""

    @property
    def access(self) -> AccessControl:
        """Who may use it."""
        ...

    def refusal(self, head: Request) -> Response | None:
        """The answer to a request that the vendor refuses without its body."""
        ...

    def answer(self, request: Request) -> Delivery:
        """The answer to a whole request."""
        ...


class Listener:
    """Accepts requests on 127.0.0.1 and passes them to `application`. Raises ValueError for a port that cannot be used."""

    def __init__(self, port: int, application: Application) -> None:
        try:
            self._server = _Server(port, application)
        except (OSError, OverflowError) as error:
            raise ValueError(f"port {port} of 127.0.0.1 cannot be used: {error}; choose another, or none for any free one") from error
        self._thread = threading.Thread(target=self._server.serve, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.url

    def start(self) -> None:
        """Begin to accept requests."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting requests, and close the open connections."""
        if self._thread.is_alive():
            self._server.end()
            self._thread.join()
        self._server.server_close()
        self._server.close_connections()


class _Ended(Exception):
    """Leaves `serve_forever`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, application: Application) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.application = application
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._ending = False

    def serve(self) -> None:
        """Accept requests until `end`."""
        with suppress(_Ended):
            self.serve_forever()

    def end(self) -> None:
        """Let `serve` return, at once: `shutdown` would wait for the next look at its flag. A connection wakes it."""
        self._ending = True
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.server_address[1])).close()

    def service_actions(self) -> None:
        if self._ending:
            raise _Ended

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self._ending

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close idle keep-alive connections: a stopped server must not answer any more."""
        self.stopping.set()
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client closed it first

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect; any other error is a bug and is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: `Sandbox.requests` is the log."""

    def _serve(self) -> None:
        request = self._admitted()
        if request is not None:
            self._send(self.server.application.answer(replace(request, body=self.rfile.read(self._length(request.headers)))))

    def _admitted(self) -> Request | None:
        """The request without its body, None when it was refused, and its body discarded."""
        application = self.server.application
        repeated = any(len(self.headers.get_all(name, ())) > 1 for name in ONCE)
        head = Head(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        refusal = json_response(400, {"errors": ["a header is there twice"]}) if repeated else application.access.refusal(head)
        request = None
        if refusal is None:
            parts = urlsplit(application.access.inside(head))
            query = parse_qs(parts.query, keep_blank_values=True)
            request = Request(head.method, unquote(parts.path), query, head.headers, b"", self.server.url + application.access.prefix)
            refusal = application.refusal(request)
        if refusal is None:
            return request
        self._refuse(refusal, head.headers)
        return None

    @staticmethod
    def _length(headers: Mapping[str, str]) -> int:
        return int(headers.get("content-length", "0"))

    def _refuse(self, refusal: Response, headers: Mapping[str, str]) -> None:
        """Answer without the body. A short body is read and discarded, so that the connection can be used again."""
        length = headers.get("content-length", "0")
        short = "transfer-encoding" not in headers and re.fullmatch("[0-9]{1,5}", length) is not None
        self.close_connection = self.close_connection or not short
        self._send(Delivery(refusal))
        if short:
            self.rfile.read(int(length))
        else:  # closing a socket with unread bytes resets the connection, and the answer is lost
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER)
            with suppress(OSError):
                self.rfile.read(LINGER_BYTES)

    def _send(self, delivery: Delivery) -> None:
        if delivery.wait:
            self.server.stopping.wait(delivery.wait)
        if delivery.manner == "none":
            self.close_connection = True
            return
        response = self._packed(delivery.response)
        head = self._head(response)
        if self.command == "HEAD":
            self.wfile.write(head)
        elif delivery.manner == "cut":
            self.wfile.write(head + response.body[: len(response.body) // 2])
            self.close_connection = True
        elif delivery.manner == "drip":
            self.wfile.write(head)
            self._drip(response.body, delivery.interval)
        else:
            self.wfile.write(head + response.body)

    def _packed(self, response: Response) -> Response:
        named = {name.lower() for name, _ in response.headers}
        asked = "gzip" in self.headers.get("accept-encoding", "")
        if not asked or len(response.body) < GZIP_FROM or "content-encoding" in named:
            return response
        return Response(response.status, gzip.compress(response.body, 1, mtime=0), (*response.headers, ("content-encoding", "gzip")))

    def _head(self, response: Response) -> bytes:
        """Send status line and headers. A 204 has no length (RFC 9110, 8.6)."""
        reason = self.responses.get(response.status, ("Unknown", ""))[0]
        lines = [f"HTTP/1.1 {response.status} {reason}", f"date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines += ["connection: close"] if self.close_connection else []
        if response.status != 204:
            lines.append(f"content-length: {len(response.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _drip(self, body: bytes, interval: float) -> None:
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            if self.server.stopping.wait(interval):
                self.close_connection = True
                return
