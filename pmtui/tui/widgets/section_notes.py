"""Notes on one section, for the lines around a document: whether it is written, and the times of a timeline. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pmtui.formats.gaps import has_placeholder, is_unwritten
from pmtui.formats.timeline import Span, covered, entry_at, misplaced, timeline_entries
from pmtui.formats.typed_time import start_of
from pmtui.model.fields import Kind
from pmtui.model.postmortem import Postmortem

LONGEST = 20_000
"""Characters of a section of which more is said than its title: what is longer was pasted, and would cost time with each key."""

CLOCK = len("02:14")
LONG = 48
"""Hours from which on a distance is said in days."""


@dataclass(frozen=True, slots=True)
class Notes:
    """``unwritten``: nothing is written yet, or a placeholder stands in it.

    ``times`` are short lines: what a timeline covers, its gaps in time, whether it is in order.
    """

    unwritten: bool = False
    times: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, began: datetime | None = None) -> Notes:
        """The notes on the text of an editable cell. ``began`` is the start of the incident."""
        if len(text) > LONGEST:
            return cls()
        return cls(is_unwritten(text) or has_placeholder(text), _times(text, began))


def _times(text: str, began: datetime | None) -> tuple[str, ...]:
    found = covered(text, began)
    if found is None:
        return ()
    disorder = ["! not in order"] if misplaced(timeline_entries(text, began)) else []
    silences = [f"! gap {_words(each._replace(first=_clock(each.first), last=_clock(each.last)))}" for each in found.silences]
    more = [f"! {len(silences) - 1} more gaps"] if len(silences) > 2 else silences[1:]
    return (_words(found.whole), *disorder, *silences[:1], *more)


def _clock(named: str) -> str:
    """A time without its date."""
    return named[-CLOCK:]


def _words(span: Span) -> str:
    """``18:17–09:00`` up to a day, then ``18:17 +29h`` or ``+10d``: two dates, or one in a gap, would be cut in the outline."""
    first, last, minutes = span
    hours = minutes // 60
    if hours < 24 or (len(first) == CLOCK and len(last) > CLOCK):
        return f"{first}–{last if len(first) == CLOCK else _clock(last)}"
    return f"{first} +{hours // 24}d" if hours >= LONG else f"{first} +{hours}h"


def since(mine: Postmortem, text: str, offset: int) -> str:
    """How long the entry at the cursor is after start and detection: ``T+12m · detected +3m``."""
    detected = _time(mine, "detect")
    began = start_of(mine) or detected
    entry = entry_at(text, offset, began) if began is not None and len(text) <= LONGEST else None
    if entry is None or began is None:
        return ""
    at = datetime.combine(began.astimezone(UTC).date(), time(), UTC) + timedelta(minutes=entry.minute)
    parts = [f"T{_apart(began, at)}"] if began is not detected else []
    parts += [f"detected {_apart(detected, at)}"] if detected is not None else []
    return " · ".join(parts)


def _apart(moment: datetime, at: datetime) -> str:
    """``+12m``, ``-5m``, ``+1h05m``, ``+10d23h``."""
    minutes = int((at - moment.astimezone(UTC).replace(second=0, microsecond=0)).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    words = f"{hours // 24}d{hours % 24}h" if hours >= LONG else f"{hours}h{rest:02}m" if hours else f"{rest}m"
    return f"{'-' if minutes < 0 else '+'}{words}"


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
