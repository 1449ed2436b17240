"""Answers a request to Datadog: route, credentials, limits, error dialect."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pmtui.sandbox.datadog import configuration, directory, search
from pmtui.sandbox.datadog.answers import GATEWAY, LEGACY, Refusal, answer, gateway, limited, refusal
from pmtui.sandbox.datadog.auth import Limits, check_credentials, check_route
from pmtui.sandbox.datadog.call import Call, Route
from pmtui.sandbox.datadog.concurrent_edit import edit_concurrently
from pmtui.sandbox.datadog.incidents import attachments, impacts, incidents, integrations, postmortems, responders, timeline, todos
from pmtui.sandbox.datadog.notebooks import notebooks
from pmtui.sandbox.datadog.state import Clock, State
from pmtui.sandbox.datadog.switches import parse
from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.routing import Router

MODULES = (
    incidents,
    search,
    attachments,
    postmortems,
    notebooks,
    directory,
    configuration,
    integrations,
    responders,
    todos,
    impacts,
    timeline,
)
PREFIXES = (
    "/api/v1/notebooks",
    "/api/v1/validate",
    "/api/v2/incidents",
    "/api/v2/users",
    "/api/v2/current_user",
    "/api/v2/team",
    "/api/v2/services",
)
VALIDATE = "/api/v1/validate"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DatadogService:
    """One organisation. Tests may read the records in `state`. `clock` is the time of changes and of the search index."""

    def __init__(self, incidents: int, now: datetime, switches: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self._switches = parse(switches or {})
        self._router = Router(route for module in MODULES for route in module.ROUTES)
        self._limits = Limits(self._switches)
        self.state = State(incidents, now, self._switches, clock or _utc_now)

    def handles(self, path: str) -> bool:
        """Datadog's paths begin with /api/v1/ or /api/v2/."""
        return any(path == prefix or path.startswith(prefix + "/") for prefix in PREFIXES)

    def routes(self) -> list[tuple[str, str]]:
        """Method and path of every route."""
        return [(route.method, route.path) for route in self._router.routes]

    def refusal(self, head: Request) -> Response | None:
        """The refusal of an unknown route, or of bad credentials. `/validate` checks the API key itself."""
        match = self._router.match(head.method, head.path)
        route = match.route
        if route is None:
            error = Refusal(405, "Method Not Allowed") if match.at_path else Refusal(404, "Not Found")
            return refusal(match.at_path[0].dialect if match.at_path else LEGACY, error)
        try:
            if route.path != VALIDATE:
                check_credentials(head.headers, self._switches)
        except Refusal as error:
            return refusal(route.dialect, error)
        return None

    def respond(self, request: Request) -> Response:
        """The answer to a request that `refusal` accepts."""
        match = self._router.match(request.method, request.path)
        route = match.route
        assert route is not None
        passed, headers = self._limits.take(route.bucket, time.time())
        if not passed:
            return replace(
                answer(LEGACY, 429, {"errors": ["Rate limit exceeded"]}), headers=(("content-type", "application/json"), *headers)
            )
        response = self._handled(route, Call(request, match.args))
        if request.method != "GET":
            self.state.last_search = None
        return replace(response, headers=(*response.headers, *headers))

    def _handled(self, route: Route, call: Call) -> Response:
        try:
            check_route(route, self._switches)
            status, value = route.handler(self.state, call)
        except Refusal as error:
            return refusal(route.dialect, error)
        return answer(route.dialect, status, value)

    def failure(self, request: Request, status: int) -> Response:
        """A failure in the dialect of the route; 5xx in the words of the gateway in front of it."""
        if status == 429:
            headers = (("content-type", "application/json"), *limited(10, 1, 0, 1, "sandbox"))
            return replace(answer(LEGACY, 429, {"errors": ["Rate limit exceeded"]}), headers=headers)
        if status in GATEWAY:
            return gateway(status)
        route = self._router.match(request.method, request.path).route
        words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
        return refusal(route.dialect if route else LEGACY, Refusal(status, words.get(status, f"Error {status}")))

    def edit_concurrently(self, request: Request) -> None:
        """Another person edits the notebook or incident in the path."""
        edit_concurrently(self.state, request.path)
        self.state.last_search = None

    def dump(self) -> dict[str, Any]:
        """What differs from the seeded world, as plain JSON."""
        return self.state.dump()

    def dump_text(self) -> str:
        """The same as text."""
        return json.dumps(self.state.dump())

    def load(self, state: dict[str, Any]) -> None:
        """Restore a dumped state."""
        self.state.load(state)
