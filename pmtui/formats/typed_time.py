"""Parses and formats typed times and days. Pure: ``now`` is an argument, and everything is UTC.

``now``, ``06:30``, ``0630``, ``-20m``, ``yesterday 14:00``, ``fri 9:00``, ``22 nov 3:10``, ``2026-11-22 03:10``; days also ``tomorrow``
and ``+3d``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pmtui.model.postmortem import Postmortem

EXAMPLES: Final = "06:30, now, -20m, yesterday 14:00, fri 9:00, 22 nov 3:10 or 2026-11-22 03:10"
"""What may be typed for a time, for hints and errors."""
DAY_EXAMPLES: Final = "2026-12-01, today, tomorrow, fri or +3d"
"""What may be typed for a day."""

_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORTEST_NAME: Final = 3
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?z?", re.ASCII)
_DIGITS = re.compile(r"(\d\d)(\d\d)z?", re.ASCII)
_SPAN = re.compile(r"(?:\d{1,6} ?(?:min|[smhdw]) ?)+", re.ASCII)
_PIECE = re.compile(r"(\d{1,6}) ?([smhdw])", re.ASCII)
_WRITTEN = re.compile(r"\d{4}-?\d\d-?\d\d(?:[t ]\d.*)?", re.ASCII)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", re.ASCII)
_FRACTION = re.compile(r"(?<=:\d\d)[.,]\d+", re.ASCII)
_DAY_OF_MONTH = re.compile(r"(?:(\d{1,2})\.?[ -]?([a-z]{3,9})|([a-z]{3,9})[ -]?(\d{1,2}))\.?,?(?: (\d{4}))?", re.ASCII)
_DAY_SPAN = re.compile(r"([+-])(\d{1,4})([dw])", re.ASCII)


def moment_of(text: str, now: datetime) -> datetime | None:
    """Parse a time, in UTC; None when it is not a time.

    A clock time or a weekday is the last one before now: at 00:10, ``23:50`` is yesterday's. A day of a month is the last
    one, or tomorrow. Relative times give whole minutes.
    """
    words = " ".join(text.casefold().split())
    now = now.astimezone(UTC)
    try:
        return _written(words) or _counted(words, now) or _on_a_day(words, now)
    except (OverflowError, ValueError):  # the year 9999, 25:00
        return None


def is_clock(text: str) -> bool:
    """Whether this is a time of day without a day: ``6:30``, ``0630``, ``06:30 UTC``."""
    clock = text.casefold().strip().removesuffix("utc").rstrip()
    return (_CLOCK.fullmatch(clock) or _DIGITS.fullmatch(clock)) is not None


def day_of(text: str, today: date) -> date | None:
    """Parse a day; None when it is not a day. A weekday is the next one, because due dates are in the future."""
    words = " ".join(text.casefold().split())
    try:
        if span := _DAY_SPAN.fullmatch(words):
            days = int(span[2]) * (7 if span[3] == "w" else 1)
            return today + timedelta(days=days if span[1] == "+" else -days)
        if words in ("today", "tomorrow", "yesterday"):
            return today + timedelta(days=("yesterday", "today", "tomorrow").index(words) - 1)
        weekday = _weekday(words)
        if weekday is not None:
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        if named := _day_of_month(words, today.year):
            return named if named >= today or words.endswith(str(today.year)) else _day_of_month(words, today.year + 1)
        return date.fromisoformat(words)
    except (OverflowError, ValueError):
        return None


def stamp(moment: datetime) -> str:
    """The time as fields and files have it: ``2026-11-22T03:10:00Z``, ISO 8601 in UTC, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_kept(text: str, now: datetime) -> str:
    """What a field stores for a typed time. Text that is not a time is returned unchanged, for the validation to report."""
    moment = moment_of(text, now)
    return text if moment is None else stamp(moment)


def written(text: str) -> datetime | None:
    """The time in a field's text, which has day, hour and minute; None when it is not a time."""
    return moment_of(text, _SOME_DAY) if _STAMP.match(text) else None


def readable(text: str) -> str:
    """The time in a field's text as people read it. Text that is not a time is returned unchanged."""
    moment = written(text)
    return text if moment is None else said(moment)


def told_apart(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts, the times among them as people read them: to the minute, or as exactly as it takes to tell times apart that differ."""
    for read in (readable, _to_the_second, _with_its_fraction):
        shown = tuple(map(read, texts))
        if len(set(shown)) == len(set(texts)):
            return shown
    return tuple(texts)


def _to_the_second(text: str) -> str:
    moment = written(text)
    return text if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _with_its_fraction(text: str) -> str:
    fraction = _FRACTION.search(text)
    shown = _to_the_second(text)
    return shown.replace(" UTC", f"{fraction[0].rstrip('0.')} UTC") if fraction and shown != text else shown


def in_full(text: str, now: datetime, start: datetime | None = None) -> str:
    """``06:30 UTC, 2 h ago, 12 min after the start``, with the day if it is not today. Other text is returned unchanged."""
    moment = written(text)
    if moment is None:
        return text
    words = said(moment)
    return f"{words.removeprefix(f'{now.astimezone(UTC):%Y-%m-%d} ')}, {distance(moment, now, start)}"


def start_of(postmortem: Postmortem) -> datetime | None:
    """When the incident began: the earliest start among the fields, else its creation; None when neither is known."""
    told = (written(value) for name, value in postmortem.fields.items() if "start" in name and isinstance(value, str))
    return min((moment for moment in told if moment is not None), default=postmortem.incident.created)


def said(moment: datetime) -> str:
    """The time as it can be typed: ``2026-11-22 03:10 UTC``, to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def distance(moment: datetime, now: datetime, start: datetime | None = None) -> str:
    """The distance of a time from now and from the start of the incident: ``2 h ago, 12 min after the start``."""
    if start is None:
        return _off((now - moment).total_seconds())
    after = (moment.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds()
    began = (now - start).total_seconds()
    near = abs(after) < _unit(began) / 2  # rounded alike: what began 25 days ago did not end 24 days ago after some minutes
    ago = _off(began if near else (now - moment).total_seconds())
    return f"{ago}, {'at' if abs(after) < 60 else f'{span(after)} after' if after > 0 else f'{span(after)} before'} the start"


def _off(seconds: float) -> str:
    return "now" if abs(seconds) < 60 else f"{_roughly(seconds)} ago" if seconds > 0 else f"in {_roughly(seconds)}"


def _unit(seconds: float) -> int:
    """The seconds of the unit in which this is said."""
    return 86400 if abs(seconds) >= 48 * 3600 else 3600 if abs(seconds) >= 3600 else 60


def span(seconds: float) -> str:
    """A duration in at most two units: ``45 s``, ``12 min``, ``2 h 5 min``, ``3 d``."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    if hours < 10 and minutes:
        return f"{hours} h {minutes} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def _roughly(seconds: float) -> str:
    """The largest unit alone."""
    return " ".join(span(seconds).split()[:2])


def _written(words: str) -> datetime | None:
    """Parse a full date, with or without a time."""
    if not _WRITTEN.fullmatch(words):
        return None
    zone = next((each for each in ("utc", "z") if words.endswith(each)), "")
    text = words.removesuffix(zone).rstrip() + "+00:00" if zone else words
    if text.endswith("+00:00") and len(text) < len("2026-11-22 03+00:00"):
        return None
    read = datetime.fromisoformat(re.sub(r"^(\d{4}-\d\d-\d\d[t ])(\d:)", r"\g<1>0\2", text)).replace(microsecond=0)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _counted(words: str, now: datetime) -> datetime | None:
    """``now``, ``-20m``, ``20 min ago``, ``+1h30m``."""
    whole = now.replace(second=0, microsecond=0)
    if words == "now":
        return whole
    ago = words.endswith(" ago")
    sign, amount = ("-", words.removesuffix(" ago")) if ago else (words[:1], words[1:].strip())
    if sign not in ("-", "−", "+") or not _SPAN.fullmatch(amount):
        return None
    length = sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PIECE.findall(amount)), timedelta())
    return whole + length if sign == "+" else whole - length


def _on_a_day(words: str, now: datetime) -> datetime | None:
    """``06:30``, ``yesterday 14:00``, ``fri 9:00``."""
    name, _, clock = words.rpartition(" ")
    if clock in ("utc", "z"):
        name, _, clock = name.rpartition(" ")
    at = _clock(clock) or (None if _ends_with_day(name) else _clock_of_digits(clock))
    if at is None:
        return None
    here = datetime.combine(now.date(), at, UTC)
    if not name:
        return here if here <= now else here - timedelta(days=1)
    if name in ("today", "yesterday", "tomorrow"):
        return here + timedelta(days=("yesterday", "today", "tomorrow").index(name) - 1)
    if named := _day_of_month(name, now.year):
        later = named > now.date() + timedelta(days=1) and not name.endswith(str(now.year))
        return datetime.combine(_day_of_month(name, now.year - 1) or named, at, UTC) if later else datetime.combine(named, at, UTC)
    weekday = _weekday(name.removeprefix("last "))
    if weekday is None:
        return None
    back = (now.weekday() - weekday) % 7
    return here - timedelta(days=back if back or here <= now else 7)


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def _clock_of_digits(text: str) -> time | None:
    """``0214``, as on a radio."""
    found = _DIGITS.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _ends_with_day(name: str) -> bool:
    """Whether four digits behind this are a year: ``27 nov``, ``nov 27``."""
    return _DAY_OF_MONTH.fullmatch(name) is not None


def _day_of_month(words: str, year: int) -> date | None:
    """The date in ``27 nov``, ``nov 27`` or ``27. november 2025``; ``year`` is used when none is named. None for other text.

    Raises ValueError for a day that its month does not have.
    """
    found = _DAY_OF_MONTH.fullmatch(words)
    if found is None:
        return None
    name = found[2] or found[3]
    month = next((number for number, each in enumerate(_MONTHS, 1) if each.startswith(name)), None)
    return date(int(found[5] or year), month, int(found[1] or found[4])) if month is not None else None


def _weekday(word: str) -> int | None:
    """The day of the week, Monday is 0, by its name or the beginning of its name."""
    if len(word) < _SHORTEST_NAME:
        return None
    return next((number for number, name in enumerate(_WEEKDAYS) if name.startswith(word)), None)
