"""Access control of the sandbox.

It listens on loopback, where every user of the machine can reach it, and every page in a browser. All checks need only the head
of a request; the body of a refused request is discarded.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from pmtui.sandbox.http import Response, json_response

MAX_BODY = 32 * 1024 * 1024
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_JSON = frozenset({"application/json", "application/vnd.api+json"})
_LENGTH = re.compile(r"[0-9]{1,12}")
_OWN = frozenset({"same-origin", "none"})
"""The values of `Sec-Fetch-Site` for requests that no page of another site made."""


def new_token() -> str:
    """An unguessable token that fits into a path."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body. `target` is as it was sent; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]


class AccessControl:
    """Accepts requests that carry the token and come from a program on this machine.

    `token` is the first segment of every path; with "" every local user is accepted.
    """

    def __init__(self, token: str) -> None:
        self.prefix = f"/{token}" if token else ""

    def refusal(self, head: Head) -> Response | None:
        """The answer to a request that is refused, None when it is accepted."""
        host, origin = head.headers.get("host", ""), head.headers.get("origin")
        if not _LOOPBACK.fullmatch(host):  # DNS rebinding: another name that resolves to this machine
            return _refused(421, "this server answers to the names of the loopback address only")
        if (origin is not None and origin != f"http://{host}") or head.headers.get("sec-fetch-site", "none") not in _OWN:
            return _refused(403, "pages of other sites may not use this server")
        if not hmac.compare_digest(head.target[: len(self.prefix)].encode(), self.prefix.encode()) or not self.inside(head).startswith("/"):
            return _refused(403, "this sandbox is private: use the whole address that it printed when it was started")
        return self._body_refusal(head)

    def inside(self, head: Head) -> str:
        """The target without the token, as the vendors' services see it."""
        return head.target[len(self.prefix) :]

    def _body_refusal(self, head: Head) -> Response | None:
        length = head.headers.get("content-length", "0")
        if "transfer-encoding" in head.headers or not _LENGTH.fullmatch(length):
            return _refused(411, "a body needs its length in Content-Length")
        if int(length) > MAX_BODY:
            return _refused(413, f"a body may have {MAX_BODY} bytes at most")
        kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        if int(length) and kind not in _JSON:  # forms of other sites cannot send JSON without a preflight
            return _refused(415, "Unsupported Media Type. Content-Type must be application/json")
        return None


def _refused(status: int, words: str) -> Response:
    """A refusal that clients of either vendor can read."""
    return json_response(status, {"errors": [words], "message": words})
