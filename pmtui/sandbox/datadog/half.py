"""The Datadog half: finds the route, guards it, and words the answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pmtui.sandbox.datadog import (
    attachments,
    config,
    impacts,
    incidents,
    integrations,
    notebooks,
    people,
    postmortems,
    responders,
    search,
    timeline,
    todos,
)
from pmtui.sandbox.datadog.call import Call
from pmtui.sandbox.datadog.gate import Limits, check_credentials, check_route
from pmtui.sandbox.datadog.intruder import intrude
from pmtui.sandbox.datadog.routes import Route, Table
from pmtui.sandbox.datadog.store import Clock, Store
from pmtui.sandbox.datadog.switches import parse
from pmtui.sandbox.datadog.wire import GATEWAY, LEGACY, Refusal, answer, gateway, limited, refusal
from pmtui.sandbox.http import Request, Response

MODULES = (incidents, search, attachments, postmortems, notebooks, people, config, integrations, responders, todos, impacts, timeline)
PREFIXES = (
    "/api/v1/notebooks",
    "/api/v1/validate",
    "/api/v2/incidents",
    "/api/v2/users",
    "/api/v2/current_user",
    "/api/v2/team",
    "/api/v2/services",
    "/api/v2/catalog",
    "/api/v2/apm",
)
VALIDATE = "/api/v1/validate"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DatadogHalf:
    """`store` is the state; its records may be read in tests. `clock` tells the time of changes and of the index."""

    def __init__(self, incidents: int, now: datetime, switches: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self._switches = parse(switches or {})
        self._table = Table(route for module in MODULES for route in module.ROUTES)
        self._limits = Limits(self._switches)
        self.store = Store(incidents, now, self._switches, clock or _utc_now)

    def handles(self, path: str) -> bool:
        return any(path == prefix or path.startswith(prefix + "/") for prefix in PREFIXES)

    def refusal(self, head: Request) -> Response | None:
        route, _, known = self._table.find(head.method, head.path)
        if route is None:
            error = Refusal(405, "Method Not Allowed") if known else Refusal(404, "Not Found")
            return refusal(self._table.dialect(head.path), error)
        try:
            if route.path != VALIDATE:
                check_credentials(head.headers, self._switches)
        except Refusal as error:
            return refusal(route.dialect, error)
        return None

    def respond(self, request: Request) -> Response:
        """The answer to a request that `refusal` lets in."""
        route, ids, _ = self._table.find(request.method, request.path)
        assert route is not None
        passed, headers = self._limits.take(route.bucket, time.time())
        if not passed:
            return replace(
                answer(LEGACY, 429, {"errors": ["Rate limit exceeded"]}), headers=(("content-type", "application/json"), *headers)
            )
        response = self._handled(route, Call(request, ids))
        return replace(response, headers=(*response.headers, *headers))

    def _handled(self, route: Route, call: Call) -> Response:
        try:
            check_route(route, self._switches)
            status, value = route.handler(self.store, call)
        except Refusal as error:
            return refusal(route.dialect, error)
        return answer(route.dialect, status, value)

    def failure(self, request: Request, status: int) -> Response:
        if status == 429:
            headers = (("content-type", "application/json"), *limited(10, 1, 0, 1, "sandbox"))
            return replace(answer(LEGACY, 429, {"errors": ["Rate limit exceeded"]}), headers=headers)
        if status in GATEWAY:
            return gateway(status)
        route, _, _ = self._table.find(request.method, request.path)
        words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
        return refusal(route.dialect if route else LEGACY, Refusal(status, words.get(status, f"Error {status}")))

    def intrude(self, request: Request) -> None:
        intrude(self.store, request.path)

    def dump(self) -> dict[str, Any]:
        return self.store.dump()

    def load(self, state: dict[str, Any]) -> None:
        self.store.load(state)
