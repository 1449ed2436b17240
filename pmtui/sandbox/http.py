"""Requests and responses as the vendors' services see them. No sockets here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

JSON_HEADERS = (("content-type", "application/json"),)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a service.

    `path` is decoded and has no query; `query` is the result of `parse_qs`, with blank values; header names are lower case;
    `base_url` (`http://127.0.0.1:PORT`) is for absolute links.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    def whole_number(self, name: str, low: int, high: int | None) -> int:
        """A query parameter that is a whole number from `low` to `high` (None: without end). Raises ValueError."""
        text = self.param(name)
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else low - 1
        if number < low or (high is not None and number > high):
            raise ValueError(f"{name} is no whole number from {low} to {high}: {text}")
        return number

    def json(self) -> Any:
        """The body read as JSON.

        Raises:
            ValueError: the body is not UTF-8, not JSON (NaN is not), or nested too deeply.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("nested too deeply") from None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. The server adds the length and the date."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Service(Protocol):
    """One vendor. Every method is called under the server's lock, so a service may use its state freely."""

    def handles(self, path: str) -> bool:
        """Whether the path is this vendor's."""
        ...

    def routes(self) -> Iterable[tuple[str, str]]:
        """Method and path of every route; names in the path stand in braces."""
        ...

    def refusal(self, head: Request) -> Response | None:
        """The answer to a request that is refused whatever its body is: unknown route, or bad key. None when it is accepted."""
        ...

    def respond(self, request: Request) -> Response:
        """The answer. Changes are made when this returns."""
        ...

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON."""
        ...

    def dump_text(self) -> str:
        """The same as text, for `--state`: at each write, so it has to be quick."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """Restore a state that `dump` returned."""
        ...

    def failure(self, request: Request, status: int) -> Response:
        """A failure as this vendor returns it: body, content type, and for 429 its rate limit headers."""
        ...

    def edit_concurrently(self, request: Request) -> None:
        """Another person edits the resource that the request names, if it names one (fault `edit`)."""
        ...


def json_response(status: int, value: Any, headers: tuple[tuple[str, str], ...] = JSON_HEADERS) -> Response:
    """An answer with `value` as its JSON body."""
    # A lone surrogate stays escaped: \ud800 is valid JSON, but has no UTF-8.
    return Response(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"), headers)
