"""Opsgenie's error answers: ``{"message", "took", "requestId"}``, with ``code`` on 403 and ``errors`` on 422.

Sources: docs.opsgenie.com "Response" (recorded 2026-02); the texts for wrong keys and missing rights were seen in recordings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from pmtui.backends.base import Trouble
from pmtui.backends.http.client import Explained, seconds_told
from pmtui.backends.opsgenie.fields import BY_WRITE_KEY
from pmtui.backends.opsgenie.wire import Model

RIGHT_MISSING, NOT_SUPPORTED = "40301", "40302"
"""``code`` of an error, a number or a string."""
CONFIGURATION = "Configuration access"
RIGHTS: Mapping[str, str] = {
    "configuration": CONFIGURATION,
    "write": "Create and Update",
    "delete": "Delete",
    "read": "Read",
}
"""The word in ``API Key is not granted with … access.`` → the checkbox in Settings > API key management."""

_PLAN_ADVICE = "the account's plan does not include this; a postmortem can still be opened by its address or id"
_MISSING_ADVICE = "check the id; a team's API key sees only what belongs to its team"


def _words(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _by_key(value: Any) -> Any:
    return {key: _words(each) or str(each) for key, each in value.items()} if isinstance(value, dict) else {}


class Refusal(Model):
    """The body of an error. Parts that are not understood are left out: it is an error in any case."""

    message: Annotated[str, BeforeValidator(_words)] = ""
    code: Annotated[str, BeforeValidator(_words)] = ""
    request_id: Annotated[str, BeforeValidator(_words)] = ""
    errors: Annotated[dict[str, str], BeforeValidator(_by_key)] = Field(default_factory=dict)


class OpsgenieDialect:
    """Reads Opsgenie's error answers. ``place`` is the region, for the advice on refused keys."""

    def __init__(self, place: str) -> None:
        self._place = place

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> Explained:
        """The vendor's message, its meaning, and messages by field name."""
        answer = _parsed(body)
        message, errors = answer.message, answer.errors
        said = " · ".join([message, *(f"{key}: {words}" for key, words in errors.items())]).strip(" ·")
        trouble, advice, right = self._meaning(status, answer.code, message)
        fields = {BY_WRITE_KEY[key.split("#")[0]]: words for key, words in errors.items() if key.split("#")[0] in BY_WRITE_KEY}
        return Explained(said, trouble, fields, advice, right, answer.request_id)

    def wait(self, headers: Mapping[str, str]) -> float | None:
        """``Retry-After``, which is undocumented but honoured. Limits are per second or minute; only the first are worth waiting for."""
        told = seconds_told(headers, "retry-after")
        if told is None and headers.get("x-ratelimit-period-in-sec") == "1":
            return 1.0
        return told

    def _meaning(self, status: int, code: str, message: str) -> tuple[Trouble | None, str, str]:
        """The trouble, the advice and the missing right."""
        if status == 401 or (status == 422 and "key format" in message.lower()):
            advice = f"wrong key or wrong region: this is {self._place}, and a key of one region does not work in the other"
            return Trouble.CREDENTIALS, advice, ""
        if status == 402 or code == NOT_SUPPORTED:
            return Trouble.PLAN, _PLAN_ADVICE, ""
        if status == 403 and code == RIGHT_MISSING:
            right = next((right for word, right in RIGHTS.items() if word in message.lower()), "")
            advice = f"tick {right!r} for this key in Opsgenie: Settings > API key management" if right else ""
            return Trouble.RIGHTS, advice, right
        return None, _MISSING_ADVICE if status == 404 else "", ""


def _parsed(body: bytes) -> Refusal:
    try:
        return Refusal.model_validate(json.loads(body))
    except (ValueError, RecursionError, ValidationError):
        return Refusal()
