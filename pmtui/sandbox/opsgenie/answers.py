"""The envelope that every answer comes in, and refusals as exceptions.

Shapes: docs.opsgenie.com "Response" (recorded 2026-02); `code` on 403 and the texts for wrong keys were seen in recordings.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pmtui.sandbox.http import Request, Response

Json = dict[str, Any]

UNPROCESSABLE = "Request body is not processable. Please check the errors."
THROTTLED = "You are making too many requests! To avoid errors, we recommend you limit requests."
_RIGHT_WORDS = {"read": "read", "write": "write", "delete": "delete", "config": "configuration"}
_FAILURES = {
    400: "Malformed request",
    401: "Could not authenticate",
    403: "API Key is not granted with write access.",
    404: "Not found",
    409: "Conflict",
    422: UNPROCESSABLE,
    429: THROTTLED,
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returns, before it is put into the envelope. `body` is merged with `took` and `requestId`; None is an empty body.

    `bare` omits those two.
    """

    status: int
    body: Json | None
    headers: tuple[tuple[str, str], ...] = ()
    bare: bool = False


@dataclass
class Refusal(Exception):
    """A call that is answered with an error."""

    status: int
    message: str
    errors: Mapping[str, str] = field(default_factory=dict)
    code: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def answer(self) -> Answer:
        """The error as an answer: `message`, and `errors` and `code` where there are any."""
        body: Json = {"message": self.message}
        if self.errors:
            body["errors"] = dict(self.errors)
        if self.code is not None:
            body["code"] = self.code
        return Answer(self.status, body, self.headers)


def data(value: Any, status: int = 200) -> Answer:
    """The usual envelope around a value."""
    return Answer(status, {"data": value})


def accepted(request_id: str) -> Answer:
    """The answer to a write that is applied later; its status is found by `request_id`."""
    return Answer(202, {"result": "Request will be processed", "requestId": request_id})


def not_found(what: str, identifier: str) -> Refusal:
    """404 for an unknown identifier."""
    return Refusal(404, f"{what} with id [{identifier}] not found")


def invalid(**errors: str) -> Refusal:
    """422 with a text for each wrong field."""
    return Refusal(422, UNPROCESSABLE, errors)


def forbidden(right: str) -> Refusal:
    """403 for a key without a right (read, write, delete, config)."""
    return Refusal(403, f"API Key is not granted with {_RIGHT_WORDS[right]} access.", code=40301)


def failure_body(status: int) -> Refusal:
    """A failure with the vendor's own words, for injected faults."""
    return Refusal(status, _FAILURES.get(status, "Internal Server Error"), code=40301 if status == 403 else None)


def body_object(request: Request) -> Json:
    """The request's JSON object; an absent body is an empty one.

    Raises:
        Refusal: 400 for malformed JSON, 422 when it is no object.
    """
    if not request.body.strip():
        return {}
    try:
        value = request.json()
        json.dumps(value, ensure_ascii=False).encode()  # an escaped half of a surrogate pair is no text either
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"Request body is not valid JSON: {type(error).__name__}") from error
    if not isinstance(value, dict):
        raise Refusal(422, UNPROCESSABLE, {"body": "must be a JSON object"})
    return value


def rate_headers(state: str = "OK", period: int = 60) -> tuple[tuple[str, str], ...]:
    """The three rate limit headers. `period` is in seconds: 1 or 60."""
    return (("X-RateLimit-State", state), ("X-RateLimit-Reason", "ACCOUNT"), ("X-RateLimit-Period-In-Sec", str(period)))


def envelope(answer: Answer, took: float) -> Response:
    """The answer on the wire: `took` in seconds, a request id, and the headers that every answer has."""
    request_id = str(uuid.uuid4())
    body = b""
    if answer.body is not None:
        if not answer.bare:
            request_id = answer.body.get("requestId", request_id)
        full = answer.body if answer.bare else {**answer.body, "took": round(took, 3), "requestId": request_id}
        body = json.dumps(full, ensure_ascii=False).encode()
    own = {name.lower() for name, _ in answer.headers}
    usual = (("X-Request-ID", request_id), ("X-Response-Time", f"{took:.3f}"), *rate_headers())
    kind = (("Content-Type", "application/json; charset=utf-8"),) if body else ()
    return Response(answer.status, body, (*kind, *answer.headers, *(pair for pair in usual if pair[0].lower() not in own)))
