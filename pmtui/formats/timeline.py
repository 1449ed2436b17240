"""Reads and sorts a timeline: list items that begin with a time of day, in UTC. Pure; it never changes a byte of an entry.

    - 02:14 Alert `checkout-5xx` fires
      - the second one, too
    - **2026-11-14 02:17 UTC** – Jane takes command

An item without a time belongs to the entry above it. ``timeline_days`` says which day a time without a date is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from pmtui.formats.timeline_days import DAY, Written, first_day, minutes_of_clocks, not_to_come, resolved
from pmtui.formats.words import resolve

SILENCE = 30
"""A gap of more than this many minutes is reported."""

_BULLETED = r"([ \t]*+)([-*+])[ \t]+"
_BULLET = re.compile(rf"^{_BULLETED}")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_TIME = re.compile(r"(?:\*\*|__|[*_`\[(])?((?:(\d{4}-\d\d-\d\d)[ T])?([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?)(?!\d|:\d)", re.ASCII)
_SOME_TIME = re.compile(r"[0-9]:[0-5][0-9]")  # every time has this
_SOME_ENTRY = re.compile(rf"(?:^|(?<=\r)){_BULLETED}{_TIME.pattern}", re.ASCII | re.MULTILINE)
_TAIL = re.compile(r"(?:Z\b|[ \t]?UTC\b)?(?:\*\*|__|[*_`\])])?:?(?:[ \t]+[-–—|](?=[ \t]))?[ \t]*")
_OTHER = re.compile(r" {0,3}(?:#{1,6}(?:[ \t]|$)|>|:::|`{3}|~{3}|\||(?:[-*_][ \t]*){3,}$)")


@dataclass(frozen=True, slots=True)
class Entry:
    """Characters ``start`` to ``end`` of the text, including the lines below it, without the final line end.

    ``clock`` is the place of the time in the text. ``minute`` orders the entries of one text, and gives their distance; it
    counts from the midnight before the start, where that is known. ``run`` numbers the lists: entries are only ordered within one.
    """

    start: int
    end: int
    clock: tuple[int, int]
    minute: int
    run: int


@dataclass(frozen=True, slots=True)
class Style:
    """How the entries of a text begin: the characters before and after the time; ``dated``: the time has a date."""

    before: str = "- "
    behind: str = " "
    dated: bool = False

    def head(self, moment: datetime) -> str:
        """The beginning of a new entry."""
        at = moment.astimezone(UTC)
        return f"{self.before}{at:%Y-%m-%d %H:%M}{self.behind}" if self.dated else f"{self.before}{at:%H:%M}{self.behind}"


class Span(NamedTuple):
    """From one entry to another: their times, and the minutes between them."""

    first: str
    last: str
    minutes: int


class Covered(NamedTuple):
    """The whole of a timeline, and its gaps longer than ``SILENCE``."""

    whole: Span
    silences: tuple[Span, ...]


def timeline_entries(text: str, began: datetime | None = None) -> tuple[Entry, ...]:
    """The entries of a text, in their order in the text. ``began`` is the start of the incident."""
    found = list(_entries(text))
    minutes = resolved([_written(text, each) for each in found], began)
    return tuple(replace(each, minute=minute) for each, minute in zip(found, minutes, strict=True))


def _written(text: str, entry: Entry) -> Written:
    return Written(_day(text, entry), _clock(text, entry), entry.run)


def misplaced(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries below a later one of the same list."""
    found = []
    for _, run in groupby(entries, key=lambda each: each.run):
        latest = None
        for each in run:
            if latest is not None and each.minute < latest:
                found.append(each)
            latest = max(each.minute, latest if latest is not None else each.minute)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rearranged:
    """A text with the entries of each list sorted by time; equal times keep their order.

    ``pieces`` are the ranges of the text before, in their new order: what stands between two entries, and an entry, by turns.
    ``entries`` is how many there are, ``moved`` how many stood below a later one, ``left`` how many still do: see ``_in_order``.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]
    entries: int
    moved: int
    left: int = 0

    def place(self, offset: int) -> int:
        """Where this character of the text before is now: at the same place of its entry, or between the same lines."""
        at, between = 0, offset
        for number, (start, end) in enumerate(self.pieces):
            if number % 2:
                if start <= offset <= end:
                    return at + offset - start
            elif start <= offset:
                between = at + offset - start
            at += end - start
        return between


def rearranged(text: str, began: datetime | None = None) -> Rearranged:
    """The text with its entries sorted."""
    entries = timeline_entries(text, began)
    pieces: list[tuple[int, int]] = []
    at = 0
    for place, each in zip(entries, _in_order(text, entries, began), strict=True):
        pieces += [(at, place.start), (each.start, each.end)]
        at = place.end
    pieces.append((at, len(text)))
    after = "".join(text[start:end] for start, end in pieces)
    before, left = len(misplaced(entries)), len(misplaced(timeline_entries(after, began)))
    return Rearranged(after, tuple(pieces), len(entries), before - left, left)


def _in_order(text: str, entries: Sequence[Entry], began: datetime | None) -> Sequence[Entry]:
    """The entries of each list by their time.

    Where a time would be of another day at its new place, it stays below the entry with the date that it is of.
    """
    heads = _dated_above(text, entries)
    by_time = sorted(entries, key=lambda each: (each.run, each.minute))
    below_heads = [entries[number] for number in sorted(range(len(entries)), key=lambda number: (entries[number].run, heads[number]))]
    for order in (by_time, below_heads):
        if resolved([_written(text, each) for each in order], began) == [each.minute for each in order]:
            return order
    return entries


def _dated_above(text: str, entries: Sequence[Entry]) -> list[int]:
    """For each entry its minute, or that of the entry with a date above it in its list if that is later."""
    made: list[int] = []
    head, run = 0, -1
    for each in entries:
        if _day(text, each) is not None:
            head, run = each.minute, each.run
        made.append(max(each.minute, head) if each.run == run else each.minute)
    return made


def covered(text: str, began: datetime | None = None) -> Covered | None:
    """The time that the entries of a text cover; None for fewer than two entries. Times have a date if there are several dates."""
    entries = sorted(timeline_entries(text, began), key=lambda each: each.minute)
    if len(entries) < 2:
        return None
    days = {_day(text, each) for each in entries}

    def named(each: Entry) -> str:
        day = _day(text, each)
        return f"{day:%m-%d} {said(text, each)}" if day is not None and len(days) > 1 else said(text, each)

    def apart(one: Entry, other: Entry) -> Span:
        return Span(named(one), named(other), other.minute - one.minute)

    spans = [apart(one, other) for one, other in pairwise(entries)]
    return Covered(apart(entries[0], entries[-1]), tuple(each for each in spans if each.minutes > SILENCE))


def said(text: str, entry: Entry) -> str:
    """The time of day of an entry: ``02:14``."""
    return f"{_clock(text, entry) // 60:02}:{_clock(text, entry) % 60:02}"


def entry_at(text: str, offset: int, began: datetime | None = None) -> Entry | None:
    """The entry around this character, None for none."""
    return next((each for each in timeline_entries(text, began) if each.start <= offset <= each.end), None)


def moment_at(text: str, clock: time, began: datetime, *, now: datetime, offset: int | None = None) -> datetime:
    """The moment, not one still to come, of an entry with this time and no date behind the one at this character; at the end for None."""
    times, place, run = [], 0, 0
    for each in _entries(text):
        times.append(_written(text, each))
        if offset is None or each.start < offset:
            place, run = len(times), each.run
    times.insert(place, Written(None, clock.hour * 60 + clock.minute, run))
    return not_to_come(times, place, began, now)


def style_of(text: str) -> Style:
    """The style of the text's last entry, with a date if all entries have one; our own if there are no entries."""
    entries = list(_entries(text))
    if not entries:
        return Style()
    last = entries[-1]
    start, end = last.clock
    tail = _TAIL.match(text, end, last.end)
    behind = tail[0] if tail else ""
    dated = all(_day(text, each) is not None for each in entries)
    return Style(text[last.start : start], behind if behind.endswith((" ", "\t")) else behind + " ", dated)


def _head(text: str, moment: datetime, began: datetime | None, place: tuple[int, int], around: tuple[str, str]) -> str:
    """The beginning of a new entry that replaces this range, between these characters; with a date if it needs one."""
    style, (start, end), (before, behind) = style_of(text), place, around
    head = style.head(moment)
    if style.dated or _needs_no_date(text, f"{text[:start]}{before}{head}{behind}{text[end:]}", start + len(before), moment, began):
        return head
    return replace(style, dated=True).head(moment)


def _needs_no_date(text: str, after: str, start: int, moment: datetime, began: datetime | None) -> bool:
    """Whether the entry that begins at ``start`` of the text after is read as this moment by all.

    People read a time as of the day of the entry above, the first one as of the start's; no entry of the text before changes its day.
    """
    entries = timeline_entries(after, began)
    times = [_written(after, each) for each in entries]
    number = next((number for number, each in enumerate(entries) if each.start == start), None)
    if number is None or (began is None and not any(each.day for each in times)):  # no time there, or no day is known
        return True
    at = moment.astimezone(UTC)
    day = at.date().toordinal() - first_day(times, began)
    assumed = entries[number - 1].minute // DAY if number else 0 if began is not None else None
    read = [each.minute for each in entries]
    others = [each.minute for each in timeline_entries(text, began)]
    return assumed == day and read[number] == day * DAY + at.hour * 60 + at.minute and read[:number] + read[number + 1 :] == others


def new_entry(text: str, offset: int, moment: datetime, began: datetime | None = None) -> tuple[int, int, str]:
    """The replacement that puts a new entry at the cursor: start, end, and text. The cursor goes to its end.

    It replaces an empty line or item, and goes below a line with text. ``began`` is the start of the incident.
    """
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    end = min((at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0), default=len(text))
    line = text[start:end]
    begun = entry_at(text, start)
    only_a_time = begun is not None and begun.start == start and _TAIL.fullmatch(text, begun.clock[1], end)
    item = _ITEM.match(line)
    if only_a_time or not line[item.end() if item else 0 :].strip():
        without = text[:start] + text[end:]  # what is replaced says nothing of the style and the days
        return start, end, _head(without, moment, began, (start, start), ("", ""))
    newline = "\r\n" if "\r\n" in text else "\n"
    return end, end, newline + _head(text, moment, began, (end, end), (newline, ""))


def new_entry_by_time(text: str, moment: datetime, began: datetime | None = None) -> tuple[int, int, str, int]:
    """As ``new_entry``, at its place by time: start, end, text, and the offset behind its head, where the cursor goes."""
    style = style_of(text)
    start, end, before, behind = _place_of(text, style.head(moment), moment, "\r\n" if "\r\n" in text else "\n", began)
    head = _head(text, moment, began, (start, end), (before, behind))
    return start, end, f"{before}{head}{behind}", start + len(before) + len(head)


def has_entries(text: str) -> bool:
    """Whether the text has any entry."""
    return _SOME_ENTRY.search(text) is not None and next(_entries(text), None) is not None


def those_there(text: str, said: Iterable[str]) -> list[bool]:
    """For each of these, whether the text already has an entry with its words."""
    there = {_words(text[each.clock[1] : each.end]) for each in _entries(text)}
    return [_words(each) in there for each in said]


def added(text: str, entries: Sequence[tuple[datetime, str]], began: datetime | None = None) -> str:
    """The text with these entries inserted by time. Entries that it already has are not added again."""
    style, newline = style_of(text), "\r\n" if "\r\n" in text else "\n"
    there = {_words(text[each.clock[1] : each.end]) for each in _entries(text)}
    for moment, words in entries:
        if _words(words) in there:
            continue
        there.add(_words(words))
        below = newline + " " * (len(style.before) - len(style.before.lstrip()) + 2)
        start, end, before, behind = _place_of(text, style.head(moment), moment, newline, began)
        item = _head(text, moment, began, (start, end), (before, behind)) + below.join(
            line.rstrip() for line in words.splitlines() if line.strip()
        )
        text = f"{text[:start]}{before}{item}{behind}{text[end:]}"
    return text


def _place_of(text: str, item: str, moment: datetime, newline: str, began: datetime | None) -> tuple[int, int, str, str]:
    """The range that an item replaces, and what stands before and behind it there.

    It is behind the last entry that is not later; at the end without entries.
    """
    entries = timeline_entries(text, began)
    if not entries:
        body = text.rstrip()
        apart = newline * 2 if body and not body.endswith(("\n", "\r")) else ""
        return len(body), len(text), apart, newline if text.endswith(("\n", "\r")) and body else ""
    run = [each for each in entries if each.run == entries[-1].run]
    (own,) = timeline_entries(item)
    last_day = _day(text, run[-1])
    if began is not None:
        midnight = datetime.combine(began.astimezone(UTC).date(), time(), UTC)
        before = [each for each in run if midnight + timedelta(minutes=each.minute) <= moment]
    elif last_day is None:
        minutes = minutes_of_clocks([*(_clock(text, each) for each in run), own.minute % DAY])
        before = [each for each in run if minutes[_clock(text, each)] <= minutes[own.minute % DAY]]
    else:
        at = moment.astimezone(UTC)
        here = (at.date().toordinal() * DAY) + at.hour * 60 + at.minute
        before = [each for each in run if (_day(text, each) or last_day).toordinal() * DAY + _clock(text, each) <= here]
    place = before[-1].end if before else run[0].start
    return (place, place, newline, "") if before else (place, place, "", newline)


def _words(text: str) -> str:
    """The words of an entry without marks, for comparing: ``_slow_`` and ``*slow*`` are the same."""
    return " ".join(re.findall(r"[^\W_]+", resolve(re.sub(r"^(?:Z|\s*UTC)\b", "", text)))).casefold()


def _entries(text: str) -> Iterator[Entry]:
    """The entries, without their ``minute``."""
    if not _SOME_TIME.search(text):  # most texts: their lines need not be read
        return
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
    """Whether the line continues the paragraph above it."""
    return not blank and item is None and not _OTHER.match(line)


def _timed(line: str) -> re.Match[str] | None:
    """The time at the beginning of a list item, None for none."""
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
    except ValueError:  # such as 31 February
        return None
