"""Timelines, and everything a vendor has on an incident and its postmortem, as values. Imports neither httpx nor pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry. ``at`` is timezone-aware; None when the vendor's answer has no time. ``author`` and ``text`` are foreign text.

    ``important``: people wrote or marked it; it was not recorded automatically. ``source`` is the kind of record it comes from,
    by the vendor's name ("note", "log", "impact").
    """

    at: datetime | None
    author: str
    text: str
    important: bool = False
    source: str = ""


def in_order(entries: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Oldest first, those without a time last. Of entries with the same time and words only the first is kept."""
    seen: set[tuple[datetime | None, str]] = set()
    kept: list[TimelineEntry] = []
    for entry in sorted(entries, key=lambda each: (each.at is None, each.at.timestamp() if each.at else 0.0)):
        if (entry.at, entry.text) not in seen:
            seen.add((entry.at, entry.text))
            kept.append(entry)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that exists and could not be read: ``part`` names it ("notes"), ``why`` may be foreign text.

    ``passing``: another attempt may succeed.
    """

    part: str
    why: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """A vendor's answers, and the facts in them that people need.

    ``raw`` has the vendor's unchanged JSON by name ("postmortem", "incident", "notes"). ``facts`` describes the incident in
    readable JSON: description, tags, times, responders by name. ``addresses`` are those of pictures and files in the text;
    ``unaddressed`` names those whose address only the vendor knows. ``fingerprint`` is a hash of ``raw`` without values that
    change from one reading to the next by themselves.
    """

    raw: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    timeline: tuple[TimelineEntry, ...] = ()
    addresses: tuple[str, ...] = ()
    unaddressed: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Raw answers by name, and what could not be read."""

    raw: Mapping[str, Any]
    missing: tuple[Missing, ...] = ()


def addresses_in(listed: Any) -> dict[str, str]:
    """The e-mail addresses of people by their id, from the answers of a ``directory`` as they were kept."""
    kinds = listed.values() if isinstance(listed, dict) else ()
    rows = [row for rows in kinds if isinstance(rows, list) for row in rows if isinstance(row, dict)]
    return {row["id"]: address for row in rows if isinstance(row.get("id"), str) and (address := _address(row))}


def _address(row: Mapping[str, Any]) -> str:
    """Where vendors write it: as the e-mail address, or as the name with which the person logs in; JSON:API nests both."""
    attributes = row.get("attributes")
    told = {**row, **attributes} if isinstance(attributes, dict) else row
    return next((each for name in ("email", "username") if isinstance(each := told.get(name), str) and "@" in each), "")


def fingerprint_of(data: Any) -> str:
    """A hash of JSON that ignores the order of keys."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(data, sort_keys=True).encode("ascii")).hexdigest()
