"""What a request must pass before its handler is called: credentials, scopes, previews and rate limits."""

from __future__ import annotations

from collections.abc import Mapping

from pmtui.sandbox.datadog.answers import LEGACY, Refusal, limited
from pmtui.sandbox.datadog.call import Route
from pmtui.sandbox.datadog.switches import Switches

TOKENS = ("ddpat_", "ddsat_")  # personal and service access tokens may stand alone as the application key


def check_credentials(headers: Mapping[str, str], switches: Switches) -> None:
    """Raise Refusal without credentials: a key pair, a bearer token, or an access token as the application key. Any text will do."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    api, app = headers.get("dd-api-key", "").strip(), headers.get("dd-application-key", "").strip()
    known = bool(api and app) or (scheme.casefold() == "bearer" and bool(token.strip())) or app.startswith(TOKENS)
    if not known or switches.credentials == "none":
        status = int(switches.unauthorized)
        raise Refusal(status, "Unauthorized" if status == 401 else "Forbidden", dialect=LEGACY)


def check_route(route: Route, switches: Switches) -> None:
    """Raise Refusal for a preview that is off in this organisation, and for a scope that the key lacks."""
    if route.preview and (status := getattr(switches, route.preview)) != "on":
        words = {"404": "Not Found", "403": "Forbidden", "405": "Method Not Allowed"}
        raise Refusal(int(status), words.get(status, "Internal Server Error"))
    if route.scope in switches.denied:
        raise Refusal(403, "Forbidden")


class Limits:
    """Rate limits: a bucket for each group of endpoints; periods are aligned with the clock."""

    def __init__(self, switches: Switches) -> None:
        self._limit, self._period = switches.limit
        self._used: dict[str, tuple[int, int]] = {}

    def take(self, bucket: str, now: float) -> tuple[bool, tuple[tuple[str, str], ...]]:
        """Take from a bucket. Returns whether the request may pass, and the rate limit headers (none without a limit)."""
        if not self._limit:
            return True, ()
        period = int(now) // self._period
        begun, used = self._used.get(bucket, (period, 0))
        used = used + 1 if begun == period else 1
        self._used[bucket] = (period, used)
        reset = max(1, (period + 1) * self._period - int(now))
        return used <= self._limit, limited(self._limit, self._period, max(0, self._limit - used), reset, bucket)
