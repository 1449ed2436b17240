"""What a fault does to one request and its answer. The actions are listed in `fault_injection`."""

from __future__ import annotations

import json
import zlib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pmtui.sandbox.fault_injection import COMPANIONS, Action
from pmtui.sandbox.http import Request, Response, Service

BOMB_MEBIBYTES = 256
REMEMBERED = 500  # answers, for `stale`
LOGIN_PAGE = b"""<!DOCTYPE html>
<html><head><title>Sign in - Corporate proxy</title></head>
<body><h1>Your session has expired</h1><form method="post" action="https://proxy.example.com/login">
<input name="user"><input name="password" type="password"><button>Sign in</button></form></body></html>
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer is sent: after `wait` seconds; `manner` is whole, none (close at once), cut or drip."""

    response: Response
    wait: float = 0.0
    manner: str = "whole"
    interval: float = 0.0


def deliver(actions: Sequence[Action], request: Request, service: Service, earlier: MutableMapping[str, Response]) -> Delivery:
    """Let the service answer, with the faults that are due.

    `earlier` has the last answer to each GET, for `stale`; this answer is added to it.
    """
    for action in actions:
        if action.kind == "edit":
            service.edit_concurrently(request)
    wait = sum(action.seconds for action in actions if action.kind == "delay")
    fault = next((action for action in actions if action.kind not in COMPANIONS), None)
    if fault is not None and not fault.applied:
        return replace(_refuse(fault, request, service), wait=wait)
    response = service.respond(request)
    before = _remember(request, response, earlier)
    if fault is None:
        return Delivery(response, wait)
    if fault.kind == "stale":
        return Delivery(before or response, wait)
    return replace(_spoil(fault, request, service, response), wait=wait)


def _remember(request: Request, response: Response, earlier: MutableMapping[str, Response]) -> Response | None:
    if request.method != "GET" or response.status != 200:
        return None
    key = json.dumps([request.path, dict(request.query)], sort_keys=True)
    before = earlier.pop(key, None)
    earlier[key] = response
    if len(earlier) > REMEMBERED:
        del earlier[next(iter(earlier))]
    return before


def _refuse(fault: Action, request: Request, service: Service) -> Delivery:
    match fault.kind:
        case "html":
            return Delivery(Response(fault.status, LOGIN_PAGE, (("content-type", "text/html; charset=utf-8"),)))
        case "empty":
            return Delivery(Response(fault.status))
        case "redirect":
            return Delivery(Response(fault.status, b"", (("location", fault.url),)))
        case "drop-before":
            return Delivery(Response(0), manner="none")
    return Delivery(service.failure(request, fault.status))


def _spoil(fault: Action, request: Request, service: Service, response: Response) -> Delivery:
    match fault.kind:
        case "drop-after":
            return Delivery(Response(0), manner="none")
        case "truncate":
            return Delivery(replace(response, body=response.body[: len(response.body) // 2]))
        case "cut":
            return Delivery(response, manner="cut")
        case "drip":
            return Delivery(response, manner="drip", interval=fault.seconds)
        case "empty":
            return Delivery(replace(response, body=b""))
        case "garbage":
            return Delivery(replace(response, body=b'{"data": "\xff\xfe\xc3\x28"}'))
        case "bomb":
            return Delivery(Response(response.status, _bomb(), (("content-type", "application/json"), ("content-encoding", "gzip"))))
        case "mismatch":
            return Delivery(replace(response, body=_altered(response.body)))
    return Delivery(service.failure(request, fault.status))


@cache
def _bomb() -> bytes:
    """A JSON string of `BOMB_MEBIBYTES` of the letter A, as one gzip stream of about 250 KB."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    mebibyte = b"A" * 1024 * 1024
    parts = [packer.compress(b'"')] + [packer.compress(mebibyte) for _ in range(BOMB_MEBIBYTES)]
    return b"".join([*parts, packer.compress(b'"'), packer.flush()])


def _altered(body: bytes) -> bytes:
    """The JSON with its longest prose (a string with a space) slightly changed."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    places: list[tuple[int, Any, Any]] = []
    _prose(value, places)
    if places:
        _, parent, key = max(places, key=lambda place: place[0])
        parent[key] = parent[key].replace(" ", "  ", 1)
    return json.dumps(value, ensure_ascii=False).encode()


def _prose(value: Any, places: list[tuple[int, Any, Any]]) -> None:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if isinstance(item, str) and " " in item:
            places.append((len(item), value, key))
        else:
            _prose(item, places)
