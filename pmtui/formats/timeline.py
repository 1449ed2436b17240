"""A timeline as people write it: list items that begin with a time of day, in UTC. Pure; no byte of an entry is ever changed.

    - 02:14 Alert `checkout-5xx` fires
      - the second one, too
    - **2026-11-14 02:17 UTC** – Jane takes command

An item without a time belongs to the entry above it. Times without a date go over midnight where that makes the silence
in the timeline the longest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby, pairwise

SILENCE = 30
"""Minutes without an entry from which on a gap is worth naming."""
DAY = 24 * 60
_SPLIT = 14 * 60
"""Minutes that nothing happened in, from which on a timeline without dates is taken to begin behind them."""

_BULLET = re.compile(r"([ \t]*)([-*+])[ \t]+")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_TIME = re.compile(r"(?:\*\*|__|[*_`\[(])?((?:(\d{4}-\d\d-\d\d)[ T])?([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?)(?!\d|:\d)", re.ASCII)
_TAIL = re.compile(r"(?:Z\b|[ \t]?UTC\b)?(?:\*\*|__|[*_`\])])?:?(?:[ \t]+[-–—|](?=[ \t]))?[ \t]*")
_OTHER = re.compile(r" {0,3}(?:#{1,6}(?:[ \t]|$)|>|:::|`{3}|~{3}|\||(?:[-*_][ \t]*){3,}$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """Characters ``start`` to ``end`` of the text, lines below it included, without the line end behind it.

    ``clock`` is where the time stands in the text. ``minute`` orders entries of one text, and tells how far apart they are.
    ``run`` numbers the lists: only within one is there an order.
    """

    start: int
    end: int
    clock: tuple[int, int]
    minute: int
    run: int


@dataclass(frozen=True, slots=True)
class Style:
    """How the entries of a text begin: before the time, and behind it; ``dated`` with the day."""

    before: str = "- "
    behind: str = " "
    dated: bool = False

    def head(self, moment: datetime) -> str:
        """What a new entry begins with."""
        at = moment.astimezone(UTC)
        return f"{self.before}{at:%Y-%m-%d %H:%M}{self.behind}" if self.dated else f"{self.before}{at:%H:%M}{self.behind}"


@dataclass(frozen=True, slots=True)
class Covered:
    """From when to when a timeline goes, and between which times nothing stands for longer than ``SILENCE``."""

    first: str
    last: str
    silences: tuple[tuple[str, str], ...]


def timeline_entries(text: str) -> tuple[Entry, ...]:
    """The entries of a text, as they stand."""
    found = list(_entries(text))
    days = [day for each in found if (day := _day(text, each))]
    undated = _minutes([_clock(text, each) for each in found if _day(text, each) is None])
    first = min(days).toordinal() if days else 0
    made = []
    for each in found:
        day, clock = _day(text, each), _clock(text, each)
        minute = undated[clock] if day is None else (day.toordinal() - first) * DAY + clock
        made.append(Entry(each.start, each.end, each.clock, minute, each.run))
    return tuple(made)


def misplaced(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those that stand below a later one of the same list."""
    found = []
    for _, run in groupby(entries, key=lambda each: each.run):
        latest = None
        for each in run:
            if latest is not None and each.minute < latest:
                found.append(each)
            latest = max(each.minute, latest if latest is not None else each.minute)
    return tuple(found)


def sorted_timeline(text: str) -> str:
    """The text with the entries of each list in order of time; of the same time as they stood."""
    pieces: list[str] = []
    at = 0
    for _, group in groupby(timeline_entries(text), key=lambda each: each.run):
        run = list(group)
        for place, each in zip(run, sorted(run, key=lambda each: each.minute), strict=True):
            pieces += [text[at : place.start], text[each.start : each.end]]
            at = place.end
    return "".join([*pieces, text[at:]])


def covered(text: str) -> Covered | None:
    """What the entries of a text cover; None where there are fewer than two."""
    entries = sorted(timeline_entries(text), key=lambda each: each.minute)
    if len(entries) < 2:
        return None
    silences = [(said(text, one), said(text, other)) for one, other in pairwise(entries) if other.minute - one.minute > SILENCE]
    return Covered(said(text, entries[0]), said(text, entries[-1]), tuple(silences))


def said(text: str, entry: Entry) -> str:
    """The time of day of an entry: ``02:14``."""
    return f"{_clock(text, entry) // 60:02}:{_clock(text, entry) % 60:02}"


def entry_at(text: str, offset: int) -> Entry | None:
    """The entry in which this character stands."""
    return next((each for each in timeline_entries(text) if each.start <= offset <= each.end), None)


def style_of(text: str) -> Style:
    """How the last entry of a text begins; ours where there is none."""
    last = max(_entries(text), key=lambda each: each.start, default=None)
    if last is None:
        return Style()
    start, end = last.clock
    tail = _TAIL.match(text, end, last.end)
    behind = tail[0] if tail else ""
    return Style(text[last.start : start], behind if behind.endswith((" ", "\t")) else behind + " ", _day(text, last) is not None)


def new_entry(text: str, offset: int, moment: datetime) -> tuple[int, int, str]:
    """What puts a new entry where the cursor is: from where to where, and what comes there. The cursor goes behind it.

    It takes the place of an empty line or item, and comes below a line on which something stands.
    """
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    end = min((at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0), default=len(text))
    line = text[start:end]
    style = style_of(text)
    head = style.head(moment)
    begun = entry_at(text, start)
    if begun is not None and begun.start == start and _TAIL.fullmatch(text, begun.clock[1], end):
        return start, end, head  # its time is all that it has
    item = _ITEM.match(line)
    if not line[item.end() if item else 0 :].strip():
        return start, end, head
    newline = "\r\n" if "\r\n" in text else "\n"
    return end, end, newline + head


def is_there(text: str, words: str) -> bool:
    """Whether the text has an entry that says this already."""
    return any(_words(text[each.clock[1] : each.end]) == _words(words) for each in _entries(text))


def added(text: str, entries: Sequence[tuple[datetime, str]]) -> str:
    """The text with these entries in the order of their times among those that stand there; what is there already stays single."""
    style, newline = style_of(text), "\r\n" if "\r\n" in text else "\n"
    there = {_words(text[each.clock[1] : each.end]) for each in _entries(text)}
    for moment, words in entries:
        if _words(words) in there:
            continue
        there.add(_words(words))
        below = newline + " " * (len(style.before) - len(style.before.lstrip()) + 2)
        item = style.head(moment) + below.join(line.rstrip() for line in words.splitlines() if line.strip())
        text = _with(text, item, moment, newline)
    return text


def _with(text: str, item: str, moment: datetime, newline: str) -> str:
    """The text with an item behind the last entry that is not later; at the end where there is none."""
    entries = timeline_entries(text)
    if not entries:
        body = text.rstrip()
        apart = newline * 2 if body and not body.endswith(("\n", "\r")) else ""
        return f"{body}{apart}{item}" + (newline if text.endswith(("\n", "\r")) and body else "")
    run = [each for each in entries if each.run == entries[-1].run]
    (own,) = timeline_entries(item)
    last_day = _day(text, run[-1])
    if last_day is None:
        minutes = _minutes([*(_clock(text, each) for each in run), own.minute % DAY])
        before = [each for each in run if minutes[_clock(text, each)] <= minutes[own.minute % DAY]]
    else:
        at = moment.astimezone(UTC)
        here = (at.date().toordinal() * DAY) + at.hour * 60 + at.minute
        before = [each for each in run if (_day(text, each) or last_day).toordinal() * DAY + _clock(text, each) <= here]
    if before:
        return f"{text[: before[-1].end]}{newline}{item}{text[before[-1].end :]}"
    return f"{text[: run[0].start]}{item}{newline}{text[run[0].start :]}"


def _words(text: str) -> str:
    """What an entry says, without marks, so that it is known again."""
    return " ".join(re.findall(r"\w+", re.sub(r"^(?:Z|\s*UTC)\b", "", text))).casefold()


def _entries(text: str) -> Iterator[Entry]:
    """Entries whose ``minute`` is not known yet."""
    run, indent, fenced = 0, -1, ""
    begun: Entry | None = None
    blank = True
    for start, end in _lines(text):
        line = text[start:end]
        width = len(line) - len(line.lstrip(" \t"))
        fence = re.match(r"[ \t]*(`{3,}|~{3,})", line)
        if fenced:
            fenced = "" if fence and fence[1].startswith(fenced) and not line.strip(" \t`~") else fenced
        elif fence:
            fenced = fence[1]
        if not line.strip():
            blank = True
            continue
        item = None if fenced or fence else _ITEM.match(line)
        inside = width > indent or bool(fenced and width)
        goes_on = inside or _lazy(line, item, blank) or (item is not None and width == indent and not _timed(line))
        if begun is not None and goes_on:
            begun = Entry(begun.start, end, begun.clock, 0, run)
        else:
            if begun is not None:
                yield begun
            timed = _timed(line) if item else None
            if begun is None or timed is None or width != indent:
                run += 1
            indent = width
            begun = Entry(start, end, (start + timed.start(1), start + timed.end(1)), 0, run) if timed else None
        blank = False
    if begun is not None:
        yield begun


def _lazy(line: str, item: re.Match[str] | None, blank: bool) -> bool:
    """Whether the line goes on with the paragraph above it."""
    return not blank and item is None and not _OTHER.match(line)


def _timed(line: str) -> re.Match[str] | None:
    """The time that a list item begins with."""
    bullet = _BULLET.match(line)
    return _TIME.match(line, bullet.end()) if bullet else None


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in re.finditer(r"\r\n|\r|\n", text):
        yield at, found.start()
        at = found.end()
    yield at, len(text)


def _clock(text: str, entry: Entry) -> int:
    """Minutes since midnight."""
    hour, _, rest = text[slice(*entry.clock)].replace("T", " ").rpartition(" ")[2].partition(":")
    return int(hour) * 60 + int(rest[:2])


def _day(text: str, entry: Entry) -> date | None:
    try:
        return date.fromisoformat(text[entry.clock[0] : entry.clock[0] + 10]) if entry.clock[1] - entry.clock[0] > 10 else None
    except ValueError:  # the 31st of February
        return None


def _minutes(clocks: Sequence[int]) -> dict[int, int]:
    """Minutes of the day as minutes of the timeline, whatever order they stand in."""
    ordered = sorted(set(clocks))
    if not ordered:
        return {}
    around = [(later - earlier, later) for earlier, later in pairwise([*ordered, ordered[0] + DAY])]
    longest, begins = max(around)
    first = begins % DAY if longest >= _SPLIT else 0
    return {clock: clock if clock >= first else clock + DAY for clock in ordered}
