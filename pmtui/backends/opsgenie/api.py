"""Calls to one Opsgenie account, and what this process has learned about the account and the key."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from pmtui.backends.answer import not_understood, understand
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.body import BadBody, is_page, parse
from pmtui.backends.http.client import Client, HttpAnswer, segment
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.opsgenie.errors import RIGHTS
from pmtui.backends.opsgenie.wire import Accepted, Processed, WirePostmortem, data_of
from pmtui.config import ConfigError, Credential

HOSTS: Mapping[str, str] = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}
LAST_DAY = date(2027, 4, 5)
"""The day on which Opsgenie's support and REST API end (banner of the vendor's support pages, recorded 2026-02)."""
POLLS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between checks whether an accepted write to an incident was applied."""

_KEY = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_STILL_THERE = (
    "what is on this computer stays: drafts (pmtui drafts show REF), postmortems that were opened here, as they were last read, "
    "and exported files; copy elsewhere what you want to keep"
)
_SILENT = frozenset({Trouble.OFFLINE, Trouble.SERVER, Trouble.ANSWER})
"""After the last day each of these means the end: no such host, 5xx, a web page, a redirect."""
_GONE_STATUSES = frozenset({401, 403, 404, 405})
"""After the last day these mean the end, too, unless the service still answers other calls."""


class Api:
    """The calls of one account. After Opsgenie's last day network failures mean that the service has ended; ``today`` returns the date."""

    def __init__(self, client: Client, today: Callable[[], date]) -> None:
        self.client = client
        self._today = today
        self.missing_rights: set[str] = set()
        self._lives_on = False  # whether it has answered after its last day

    @property
    def over(self) -> bool:
        """Whether the last day has passed."""
        return self._today() > LAST_DAY

    @property
    def days_left(self) -> int:
        """Days until Opsgenie's API ends, 0 afterwards."""
        return max(0, (LAST_DAY - self._today()).days)

    async def call(
        self,
        method: str,
        path: str,
        *,
        tried: str,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        deadline: float | None = None,
        retry: bool | None = None,
        ok: Container[int] = range(200, 300),
        read: Callable[[bytes], Any] = parse,
    ) -> HttpAnswer:
        """As ``Client.call``. Remembers a missing right until a call shows it is there, and recognises the end of the service.

        A service that has ended is not retried.
        """
        retry = False if self.over else retry
        try:
            answer = await self.client.call(
                method, path, tried=tried, params=params, body=body, deadline=deadline, retry=retry, ok=ok, read=read
            )
        except BackendError as error:
            if error.missing_right and (method != "GET" or error.missing_right != RIGHTS["write"]):  # only a refused write shows it
                self.missing_rights.add(error.missing_right)
            ended = self._ended(error)
            if ended is None:
                raise
            raise ended from error
        if method != "GET" and answer.status < 300:  # the right was given meanwhile
            self.missing_rights.discard(RIGHTS["write"])
        self._lives_on = self._lives_on or (self.over and answer.status < 300)
        return answer

    async def postmortem(self, postmortem_id: str, tried: str) -> WirePostmortem:
        """Read a postmortem, as the wire model."""
        answer = await self.call("GET", f"/v2/postmortem/{segment(postmortem_id)}", tried=tried)
        return data_of(WirePostmortem, answer.data, tried, identity="postmortemId")

    async def write_incident(
        self, method: str, path: str, *, tried: str, body: Any = None, params: Mapping[str, str] | None = None
    ) -> None:
        """Write to an incident, and wait for the result: Opsgenie accepts these writes and applies them later.

        Raises BackendError: INVALID when it was accepted and then failed; ``unknown`` when there was no result in time.
        """
        answer = await self.call(method, path, tried=tried, body=body, params=params)
        if answer.status != 202:
            return None
        with _unknown():
            request = understand(Accepted, answer.data, tried).request_id
        for seconds in POLLS:
            await LIMITER.rest(seconds)
            asked = await self.call("GET", f"/v1/incidents/requests/{segment(request)}", tried=tried, ok=(200, 404))
            if asked.status == 200:
                with _unknown():
                    outcome = data_of(Processed, asked.data, tried)
                return _check_processed(outcome, tried, request)
        raise BackendError(
            Trouble.TIMEOUT, tried, "accepted, but not confirmed", "check in Opsgenie whether it was done", request_id=request, unknown=True
        )

    def _ended(self, error: BackendError) -> BackendError | None:
        if error.status != 410 and not (self.over and self._is_farewell(error)):
            return None
        when = f"its API was to work until {LAST_DAY}" if self.over else "this account has been switched off"
        return BackendError(
            Trouble.ENDED,
            error.tried,
            f"Opsgenie has ended: {when} · {error.said}",
            _STILL_THERE,
            status=error.status,
            request_id=error.request_id,
            unknown=error.unknown,
        )

    def _is_farewell(self, error: BackendError) -> bool:
        """Whether this error, after the last day, means the end. What a service that has ended answers is not documented."""
        if error.status in _GONE_STATUSES and self._lives_on:
            return False
        return error.trouble in _SILENT or error.status in _GONE_STATUSES


def acknowledgement(body: bytes) -> Any:
    """The JSON of an answer whose body does not matter, None for other text: one update was seen to answer with an empty body.

    Raises BadBody for a web page, which is not Opsgenie's answer.
    """
    try:
        return parse(body)
    except BadBody:
        if is_page(body):
            raise
        return None


@contextmanager
def _unknown() -> Iterator[None]:
    """Mark errors of this block as ``unknown``: an answer that was not understood does not say whether a write was applied."""
    try:
        yield
    except BackendError as error:
        error.unknown = True
        raise


def _check_processed(outcome: Processed, tried: str, request: str) -> None:
    done = outcome.success if outcome.is_success is None else outcome.is_success
    if done is None:
        error = not_understood(tried, "data.isSuccess is missing")
        error.unknown, error.request_id = True, request
        raise error
    if not done:
        raise BackendError(Trouble.INVALID, tried, outcome.status or "Opsgenie could not do it", request_id=request)


def authorization(credential: Credential | None) -> Callable[[], Mapping[str, str]]:
    """A function that returns the header for a request. It raises ConfigError for a malformed key, before anything is sent."""

    def headers() -> Mapping[str, str]:
        if credential is None:
            raise ConfigError("no Opsgenie API key is configured: set OPSGENIE_API_KEY or api_key in the profile")
        key = credential.get().reveal().strip()
        if _KEY.fullmatch(key) is None:
            raise ConfigError(
                f"the Opsgenie key from {credential.source} has {len(key)} characters and is not a key: "
                "keys are UUIDs, 8-4-4-4-12 hexadecimal digits"
            )
        return {"Authorization": f"GenieKey {key}"}

    return headers
