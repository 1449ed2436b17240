"""What the lines around a document say of one section: whether it is written, and of a timeline its times. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pmtui.formats.gaps import is_unwritten
from pmtui.formats.timeline import Entry, covered, entry_at, misplaced, said, timeline_entries
from pmtui.formats.typed_time import span
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem

LONGEST = 20_000
"""Characters of a section of which more is said than its title: what is longer was pasted, and would cost time with each key."""


@dataclass(frozen=True, slots=True)
class Notes:
    """``times`` are short lines: what a timeline covers, its silences, whether it is in order."""

    unwritten: bool = False
    times: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Notes:
        """Of the text of a cell that can be edited."""
        if len(text) > LONGEST:
            return cls()
        return cls(is_unwritten(text), _times(text))


def _times(text: str) -> tuple[str, ...]:
    found = covered(text)
    if found is None:
        return ()
    disorder = ["! not in order"] if misplaced(timeline_entries(text)) else []
    silences = [f"! gap {start}–{end}" for start, end in found.silences]
    more = [f"! {len(silences) - 1} more gaps"] if len(silences) > 2 else silences[1:]
    return (f"{found.first}–{found.last}", *disorder, *silences[:1], *more)


def since(mine: Postmortem, text: str, offset: int) -> str:
    """How long after the start and after detection the entry at the cursor is: ``12 min after start, 3 min after detection``."""
    entry = entry_at(text, offset) if len(text) <= LONGEST else None
    if entry is None:
        return ""
    parts = {"start": _time(mine, "start") or mine.incident.created, "detection": _time(mine, "detect")}
    return " · ".join(_apart(name, moment, text, entry) for name, moment in parts.items() if moment is not None)


def _apart(name: str, moment: datetime, text: str, entry: Entry) -> str:
    """The day of an entry is the one on which it is nearest behind, or within an hour before."""
    hour, minute = map(int, said(text, entry).split(":"))
    at = moment.astimezone(UTC)
    apart = (hour * 60 + minute - at.hour * 60 - at.minute + 60) % (24 * 60) - 60
    return f"at {name}" if not apart else f"{span(apart * 60)} {'after' if apart > 0 else 'before'} {name}"


def _time(mine: Postmortem, word: str) -> datetime | None:
    """The first time in the form whose name has this word."""
    for each in mine.form:
        value = mine.fields.get(each.name)
        if each.kind is Kind.TIME and word in each.name.casefold() and isinstance(value, str) and value:
            try:
                moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                continue
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None
