"""Adds impacts to imported incidents, each once.

"Imported incidents do not execute integrations or notification rules" (vendor's OpenAPI, 2026-10), so an impact notifies nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.wire.values import leaf, moment
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.trouble import REFUSALS

_Likeness: TypeAlias = tuple[str, datetime | None, datetime | None]
"""The description, start and end of an impact: what it has in common with its copy, whose id is another."""

_LOOKS = 3
_BETWEEN_LOOKS = 1.0  # seconds; a request without an answer may still be running


async def add(api: Api, incident: str, wanted: Sequence[Any]) -> str:
    """Add the impacts that the incident lacks. Returns why one was refused, "" when it has all. Raises BackendError."""
    there, needed, refusal = await _counted(api, incident), Counter[_Likeness](), ""
    for each in wanted:
        likeness = _likeness(each)
        needed[likeness] += 1
        if there[likeness] >= needed[likeness]:
            continue
        try:
            await api.add_impact(incident, _attributes(each))
        except BackendError as error:
            if error.unknown:
                await _settle(api, incident, likeness, needed[likeness], error)
            elif error.trouble in REFUSALS:
                refusal = refusal or error.said
            else:
                raise
    return refusal


async def _settle(api: Api, incident: str, likeness: _Likeness, number: int, failure: BackendError) -> None:
    """Find out by reading whether the incident has so many of these impacts. Raises ``failure`` when it has not."""
    for look in range(_LOOKS):
        await LIMITER.rest(_BETWEEN_LOOKS if look else 0)
        if (await _counted(api, incident))[likeness] >= number:
            return
    raise failure


async def _counted(api: Api, incident: str) -> Counter[_Likeness]:
    return Counter(map(_likeness, await api.impacts(incident)))


def _likeness(impact: Any) -> _Likeness:
    return leaf(impact, "attributes", "description"), _second(impact, "start_at"), _second(impact, "end_at")


def _second(impact: Any, name: str) -> datetime | None:
    found = moment(leaf(impact, "attributes", name))
    return found.replace(microsecond=0) if found is not None else None


def _attributes(impact: Any) -> Json:
    """The attributes that a new impact may have, as they were read."""
    told = impact.get("attributes") if isinstance(impact, dict) else None
    known = told if isinstance(told, dict) else {}
    return {name: known[name] for name in ("description", "start_at", "end_at", "fields") if known.get(name)}
