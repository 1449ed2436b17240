"""The days of a timeline's times: most are written without one. Pure.

Times without a date pass midnight at the longest gap of the timeline. If the start of the incident is known, they are on the days
around it, so that they can be mixed with times that have a date. But in a list that begins around the start, none goes back by
that behind an entry above it, once an entry has a date: it is on the day of the entry above, as people write it who give each
day's first entry a date; on the next day, if that were more than half a day earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

DAY = 24 * 60
EARLY = 60
"""A timeline without a long gap may begin this many minutes before the start."""
_SPLIT = 14 * 60
"""A timeline without dates begins after its longest gap if that has at least this many minutes."""


class Written(NamedTuple):
    """The time of an entry as it stands in the text, and the number of its list."""

    day: date | None
    clock: int
    run: int


def resolved(times: Sequence[Written], began: datetime | None) -> list[int]:
    """The minute of each of these times, in the order of the text: see the module; counted from the midnight of ``first_day``."""
    undated = minutes_of_clocks([each.clock for each in times if each.day is None], began)
    first = first_day(times, began)
    start = 0 if began is None else began.astimezone(UTC).hour * 60 + began.astimezone(UTC).minute
    made: list[int] = []
    run, follows, dated = 0, False, False
    for each in times:
        minute = undated[each.clock] if each.day is None else (each.day.toordinal() - first) * DAY + each.clock
        if not made or each.run != run:
            run, follows, dated = each.run, began is not None and minute <= start + DAY, False
        elif each.day is None and follows and dated and minute < made[-1]:
            minute = made[-1] // DAY * DAY + each.clock
            minute += DAY if made[-1] - minute > DAY // 2 else 0
        dated = dated or each.day is not None
        made.append(minute)
    return made


def not_to_come(times: Sequence[Written], place: int, began: datetime, now: datetime) -> datetime:
    """The moment of the time at this place; in a timeline of what has happened none that is still to come: the last such time before."""
    midnight = datetime.combine(began.astimezone(UTC).date(), time(), UTC)
    moments = [midnight + timedelta(minutes=minute) for minute in resolved(times, began)]
    moment = moments.pop(place)
    days = -((now - moment) // timedelta(days=1))
    return moment - timedelta(days=max(0, days)) if all(each <= now for each in moments) else moment


def first_day(times: Sequence[Written], began: datetime | None) -> int:
    """The day from whose midnight minutes are counted."""
    days = [each.day.toordinal() for each in times if each.day is not None]
    return began.astimezone(UTC).date().toordinal() if began is not None else min(days, default=0)


def minutes_of_clocks(clocks: Sequence[int], began: datetime | None = None) -> dict[int, int]:
    """Minutes of the day → minutes of the timeline, in any order; counted from the midnight before the start, where that is known."""
    ordered = sorted(set(clocks))
    if not ordered:
        return {}
    around = [(later - earlier, later) for earlier, later in pairwise([*ordered, ordered[0] + DAY])]
    longest, begins = max(around)
    start = 0 if began is None else began.astimezone(UTC).hour * 60 + began.astimezone(UTC).minute
    first = begins % DAY if longest >= _SPLIT else 0 if began is None else (start - EARLY) % DAY
    found = {clock: clock if clock >= first else clock + DAY for clock in ordered}
    if began is None:
        return found
    low, high = min(found.values()), max(found.values())
    shift = min((0, -DAY, DAY), key=lambda by: max(low + by - start, start - high - by, 0))  # the days around the start
    return {clock: minute + shift for clock, minute in found.items()}
