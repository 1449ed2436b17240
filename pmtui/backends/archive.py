"""What happened, and all that a vendor has on an incident and its postmortem, as values. Loads neither httpx nor pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry. ``at`` is aware; None where the vendor's answer does not tell it. ``author`` and ``text`` are foreign text.

    ``important`` marks what people wrote, or marked, over what was noted by itself. ``source`` is the kind of record that it
    comes from, in the vendor's word ("note", "log", "impact").
    """

    at: datetime | None
    author: str
    text: str
    important: bool = False
    source: str = ""


def in_order(entries: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Oldest first, those without a time last; of what is told twice in the same words at the same time only the first."""
    seen: set[tuple[datetime | None, str]] = set()
    kept: list[TimelineEntry] = []
    for entry in sorted(entries, key=lambda each: (each.at is None, each.at.timestamp() if each.at else 0.0)):
        if (entry.at, entry.text) not in seen:
            seen.add((entry.at, entry.text))
            kept.append(entry)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is there and did not come along: ``part`` names it ("notes"), ``why`` may be foreign text.

    ``passing``: the trouble may be over when it is asked for once more.
    """

    part: str
    why: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """What a vendor answered, and what of it people want to know.

    ``raw`` has the vendor's JSON unchanged, by what it is ("postmortem", "incident", "notes"). ``facts`` tells of the
    incident in JSON that people read: description, tags, times, responders by name. ``addresses`` are those of pictures
    and files in the text, ``unaddressed`` names those of which only the vendor knows where they are. ``fingerprint`` is
    a hash of ``raw`` without what moves by itself from one reading to the next.
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
    """Raw answers by name, and those that did not come."""

    raw: Mapping[str, Any]
    missing: tuple[Missing, ...] = ()


def fingerprint_of(data: Any) -> str:
    """A hash of JSON, whatever the order of its keys."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(data, sort_keys=True).encode("ascii")).hexdigest()
