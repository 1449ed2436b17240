"""What the lines around a document say of one section: whether it is written, and of a timeline its times. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pmtui.formats.gaps import is_unwritten
from pmtui.formats.timeline import Entry, covered, entry_at, misplaced, said, timeline_entries
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
    """How long after the start and after detection the entry at the cursor is: ``T+12m · detected +3m``."""
    entry = entry_at(text, offset) if len(text) <= LONGEST else None
    if entry is None:
        return ""
    began, detected = _time(mine, "start") or mine.incident.created, _time(mine, "detect")
    parts = [f"T{_apart(began, text, entry)}"] if began is not None else []
    parts += [f"detected {_apart(detected, text, entry)}"] if detected is not None else []
    return " · ".join(parts)


def _apart(moment: datetime, text: str, entry: Entry) -> str:
    """``+12m``, ``-5m``, ``+1h05m``. The day of an entry is the one on which it is nearest behind, or within an hour before."""
    hour, minute = map(int, said(text, entry).split(":"))
    at = moment.astimezone(UTC)
    apart = (hour * 60 + minute - at.hour * 60 - at.minute + 60) % (24 * 60) - 60
    hours, minutes = divmod(abs(apart), 60)
    return f"{'-' if apart < 0 else '+'}{f'{hours}h{minutes:02}m' if hours else f'{minutes}m'}"


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
