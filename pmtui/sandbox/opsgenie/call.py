"""One call as its handler sees it, and the table of routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pmtui.sandbox.http import Request
from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, body_object, not_found
from pmtui.sandbox.opsgenie.state import State
from pmtui.sandbox.opsgenie.switches import Switches
from pmtui.sandbox.routing import Router

VENDOR_URL = "https://api.opsgenie.com"


@dataclass(frozen=True, slots=True)
class Call:
    """`args` are the parameters in the path; `team` is the id of the team whose key it is, "" for an account's key."""

    request: Request
    args: Mapping[str, str]
    state: State
    switches: Switches
    now: datetime
    team: str

    def body(self) -> Json:
        """The JSON object in the body. Raises Refusal (400, 415, 422) for anything else."""
        return body_object(self.request)

    def base_url(self) -> str:
        """The base of absolute links."""
        return VENDOR_URL if self.switches.paging == "vendor" else self.request.base_url

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A query parameter that is a whole number.

        Raises:
            Refusal: 422 when it is no number or out of range.
        """
        if not self.request.param(name):
            return default
        try:
            return self.request.whole_number(name, low, high)
        except ValueError as error:
            said = {name: f"Invalid value '{self.request.param(name)}'"}
            raise Refusal(422, f"Parameter '{name}' must be a whole number from {low} to {high}", said) from error

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        """A query parameter with a few allowed words, ignoring case. Raises Refusal: 422 for another word."""
        text = self.request.param(name) or default
        found = next((choice for choice in choices if choice.casefold() == text.casefold()), None)
        if found is None:
            raise Refusal(422, f"Parameter '{name}' must be one of [{', '.join(choices)}]", {name: f"Invalid value '{text}'"})
        return found

    def incident(self) -> Json:
        """The incident in the path. Raises Refusal: 404 when there is none, or this key may not see it."""
        kind = self.choice("identifierType", "id", ("id", "tiny"))
        found = self.state.incident(self.args["id"], kind)
        if found is None or not self.state.team_sees(self.team, found):
            raise not_found("Incident", self.args["id"])
        return found


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has `{name}` for one segment; `right` is what the key needs: read, write, delete or config."""

    method: str
    path: str
    right: str
    handler: Handler


def find(router: Router[Route], method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route and the parameters in the path. Raises Refusal: 404 for an unknown path, 405 for a wrong method."""
    # One recorded reading of the vendor's page writes a slash at the end of /v1/services.
    match = router.match(method, path.rstrip("/"))
    if match.route is not None:
        return match.route, match.args
    if match.at_path:
        allowed = ", ".join(sorted({route.method for route in match.at_path}))
        raise Refusal(405, f"Method {method} is not allowed for this resource", headers=(("Allow", allowed),))
    raise Refusal(404, f"There is no resource at {path}")
