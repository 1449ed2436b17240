"""Answers a request to Opsgenie: route, key and rights, plan, envelope."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.http import Request, Response
from pmtui.sandbox.opsgenie import directory
from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, envelope, failure_body, forbidden
from pmtui.sandbox.opsgenie.auth import KeyRing, Throttle, throttled
from pmtui.sandbox.opsgenie.call import Call, Route, find
from pmtui.sandbox.opsgenie.concurrent_edit import edit_concurrently
from pmtui.sandbox.opsgenie.incidents import details, incidents, timeline
from pmtui.sandbox.opsgenie.postmortems import postmortems
from pmtui.sandbox.opsgenie.scenario import seed
from pmtui.sandbox.opsgenie.state import State
from pmtui.sandbox.opsgenie.switches import Switches, parse
from pmtui.sandbox.routing import Router
from pmtui.sandbox.world.build import build

GONE_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Opsgenie</title></head>"
    "<body><h1>Opsgenie has been shut down</h1><p>Support ended on April 5, 2027.</p></body></html>\n"
)


GONE_PAGES = {1: 410, 200: 200, 503: 503}  # value of the switch → status of the page


class OpsgenieService:
    """One account. `now` is the time of its state; `clock` (seconds, monotonic) moves it on."""

    def __init__(self, incidents: int, now: datetime, switches: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self.switches = parse(switches)
        self.state = seed(build(incidents, now))
        self.router = Router(_routes(self.switches))
        self._keys = KeyRing(self.switches, {team["name"]: key for key, team in self.state.teams.items()})
        self._throttle = Throttle(self.switches.rate, retry_after=bool(self.switches.retry_after))
        self._clock = clock
        self._started = clock()
        self._begin = now

    def handles(self, path: str) -> bool:
        """Opsgenie's paths begin with /v1/ or /v2/."""
        return path.startswith(("/v1/", "/v2/"))

    def routes(self) -> list[tuple[str, str]]:
        """Method and path of every route."""
        return [(route.method, route.path) for route in self.router.routes]

    def refusal(self, head: Request) -> Response | None:
        """The refusal of an unknown route, or a bad key. Routes come first, so that a wrong route differs from a wrong key (assumed)."""
        if self.switches.ended:
            return self._ended()
        try:
            find(self.router, head.method, head.path)
            self._keys.identify(head)
        except Refusal as refusal:
            return envelope(refusal.answer(), 0.0)
        return None

    def respond(self, request: Request) -> Response:
        """The answer to a request that `refusal` accepts; accepted writes that are due are applied first."""
        started = self._clock()
        try:
            answer = self._answer(request)
        except Refusal as refusal:
            answer = refusal.answer()
        return envelope(answer, self._clock() - started)

    def failure(self, request: Request, status: int) -> Response:
        """A failure in the vendor's words; 429 says that the limit per second was exceeded."""
        refusal = throttled(retry_after=bool(self.switches.retry_after)) if status == 429 else failure_body(status)
        return envelope(refusal.answer(), 0.0)

    def edit_concurrently(self, request: Request) -> None:
        """Another person edits the postmortem or incident in the path."""
        edit_concurrently(self.state, request.path, self._now())

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON; switches and buckets are not part of it."""
        return self.state.dump()

    def dump_text(self) -> str:
        """The same as text."""
        return self.state.dump_text()

    def load(self, state: dict[str, Any]) -> None:
        """Restore a dumped state."""
        self.state = State.load(state)

    def _now(self) -> datetime:
        return self._begin + timedelta(seconds=self._clock() - self._started)

    def _answer(self, request: Request) -> Answer:
        details.apply_due(self.state, self._now())
        route, args = find(self.router, request.method, request.path)
        key = self._keys.identify(request)
        self._throttle.take(key.text, self._clock())
        if route.right not in key.rights:
            raise forbidden(route.right)
        self._check_plan(request.path)
        return route.handler(Call(request, args, self.state, self.switches, self._now(), key.team))

    def _check_plan(self, path: str) -> None:
        """The calls on incidents and services belong to the plans Standard and Enterprise."""
        if self.switches.plan == "Essentials" and path.startswith(("/v1/incidents", "/v1/services", "/v2/incident-timelines")):
            raise Refusal(402, "This feature is not included in your plan.")

    def _ended(self) -> Response:
        status = self.switches.ended
        if status in GONE_PAGES:
            return Response(GONE_PAGES[status], GONE_PAGE.encode(), (("Content-Type", "text/html; charset=utf-8"),))
        body: Json = {"message": "Could not authenticate" if status == 401 else "Opsgenie is no longer available."}
        return envelope(Answer(status, body), 0.0)


def _routes(switches: Switches) -> list[Route]:
    return [
        *postmortems.routes(switches.routes, switches.missing()),
        *incidents.routes(),
        *details.routes(),
        *timeline.routes(),
        *directory.routes(),
    ]
