"""Datadog's answers: two error dialects, their content types, dates and ids.

Two back ends answer: "legacy" (`application/json`, errors are strings, bodies end with a line feed) and "rapid"
(`application/vnd.api+json`, errors are objects, `&` is escaped). Source: answers recorded in the vendor's client
(datadog-api-client 2.62.0, recordings of 2022 to 2026).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pmtui.sandbox.http import Response

LEGACY, RAPID = "legacy", "rapid"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GATEWAY = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}

Answer = tuple[int, Any]  # status and JSON body; None is an empty body


class Refusal(Exception):
    """A request that is answered with an error.

    `dialect` overrides the route's; `pointer` names the place in the request. With a title of its own the rapid back end leaves
    the status out of the body (recorded both ways).
    """

    def __init__(self, status: int, detail: str, *, title: str = "", pointer: str = "", dialect: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.title = title
        self.pointer = pointer
        self.dialect = dialect


def not_found(what: str) -> Refusal:
    """The rapid back end's words for an id that it does not know."""
    return Refusal(404, what, title="Generic Error")


def answer(dialect: str, status: int, value: Any) -> Response:
    """The body in the dialect, empty for None (legacy 204 answers have the content type HTML)."""
    if value is None:
        return Response(status, b"", (("content-type", "text/html; charset=utf-8"),) if dialect == LEGACY else ())
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if dialect == LEGACY:
        return Response(status, (text + "\n").encode("utf-8", "backslashreplace"), (("content-type", "application/json"),))
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Response(status, text.encode("utf-8", "backslashreplace"), (("content-type", "application/vnd.api+json"),))


def refusal(dialect: str, error: Refusal) -> Response:
    """The error body in the dialect."""
    spoken = error.dialect or dialect
    if spoken == LEGACY:
        return answer(LEGACY, error.status, {"errors": [error.detail]})
    entry: dict[str, Any] = {"title": error.title}
    if not error.title:
        entry = {"status": str(error.status), "title": TITLES.get(error.status, "Error")}
    if error.detail and error.detail != entry["title"]:
        entry["detail"] = error.detail
    if error.pointer:
        entry["source"] = {"pointer": error.pointer}
    return answer(RAPID, error.status, {"errors": [entry]})


def gateway(status: int) -> Response:
    """The error of the gateway in front of both back ends."""
    body = {
        "status": "error",
        "code": status,
        "errors": [GATEWAY.get(status, "Error")],
        "statuspage": "http://status.datadoghq.com",
        "twitter": "http://twitter.com/datadogops",
        "email": "support@datadoghq.com",
    }
    return answer(LEGACY, status, body)


def limited(limit: int, period: int, remaining: int, reset: int, name: str) -> tuple[tuple[str, str], ...]:
    """Rate limit headers. `reset` is in seconds from now; there is no Retry-After."""
    values: Mapping[str, object] = {"limit": limit, "period": period, "remaining": remaining, "reset": reset, "name": name}
    return tuple((f"x-ratelimit-{key}", str(value)) for key, value in values.items())


def named_id(name: str) -> str:
    """A UUID that looks like version 5, the same in every run. (`uuid.uuid5` takes ten times as long.)"""
    digest = hashlib.sha1(b"pmtui sandbox datadog " + name.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def stamp(moment: datetime) -> str:
    """Microseconds and +00:00, as the legacy back end writes and as the state keeps."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat(timespec="microseconds")


def zulu(text: str | None) -> str | None:
    """`…35.513880+00:00` → `…35.51388Z`, as the rapid back end writes: no trailing zeros in the fraction."""
    if text is None:
        return None
    head, _, fraction = text.removesuffix("+00:00").partition(".")
    fraction = fraction.rstrip("0")
    return f"{head}.{fraction}Z" if fraction else f"{head}Z"


def seconds_only(text: str | None) -> str | None:
    """`…35.513888+00:00` → `…35+00:00`, as search writes."""
    return None if text is None else re.sub(r"\.\d+", "", text)


def moment(value: Any, where: str) -> str | None:
    """Parse a date-time of a request into the state's format. Raises Refusal."""
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refusal(400, f"Invalid date-time for {where}: {value!r}") from None
    return stamp(read if read.tzinfo else read.replace(tzinfo=UTC))
