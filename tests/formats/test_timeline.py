"""Timelines by hand: found, put in order without a byte lost, and added to in their own style."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pmtui.formats.timeline import (
    added,
    covered,
    entry_at,
    misplaced,
    moment_at,
    new_entry,
    new_entry_by_time,
    rearranged,
    said,
    style_of,
    timeline_entries,
)
from tests.growing_time import EXPONENT, exponent


def sorted_timeline(text: str, began: datetime | None = None) -> str:
    return rearranged(text, began).text


TEXT = """## Timeline

- 02:14 Alert fires
  - the second one, too
- 02:31 Rolled back
  ```
- not an item
  ```
- 02:17 Jane takes command
  who was asleep
- nobody knows when
- 03:20 Over

Words below.
"""
NOW = datetime(2026, 11, 14, 2, 40, tzinfo=UTC)

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
days = st.sampled_from(["", "", "2026-11-13 ", "2026-11-14 "])
bodies = st.sampled_from(["", " a", " a\n  - b", " a\nlazy", " a\n\n  more", " a\n- no time", " 🙂\r\n  b"])
items = st.builds(lambda day, clock, body: f"- {day}{clock}{body}", days, clocks, bodies)
others = st.sampled_from(["", "## T", "words", "- none", "```\n- 02:14 x\n```", "  ", "1. one", "> q"])
texts = st.lists(items | items | others, max_size=8).map("\n".join)


def times(text: str) -> list[str]:
    return [said(text, each) for each in timeline_entries(text)]


def test_entries_with_all_that_belongs_to_them() -> None:
    found = [TEXT[each.start : each.end] for each in timeline_entries(TEXT)]
    assert times(TEXT)[0] == "02:14"
    assert found[0] == "- 02:14 Alert fires\n  - the second one, too"
    assert "- 02:17 Jane takes command\n  who was asleep\n- nobody knows when" in found
    assert found[-1] == "- 03:20 Over"


@pytest.mark.parametrize("item", ["- **02:14** x", "* 02:14: x", "+ `02:14` x", "- [02:14] x", "- 2:14 x", "- 2026-11-14T02:14Z x"])
def test_a_time_is_known_in_any_dress(item: str) -> None:
    assert times(item) == ["02:14"]


@pytest.mark.parametrize("item", ["- 25:14 x", "- at 02:14", "1. 02:14 x", "02:14 x", "- 1:100", "- 10:02:1 x"])
def test_what_is_no_entry(item: str) -> None:
    assert times(item) == []


def test_what_is_out_of_order_is_known_and_midnight_is_none() -> None:
    text = "- 02:14 a\n- 02:31 b\n- 02:17 c"
    assert [said(text, each) for each in misplaced(timeline_entries(text))] == ["02:17"]
    assert times(sorted_timeline(text)) == ["02:14", "02:17", "02:31"]
    night = "- 23:50 a\n- 00:10 b\n- 23:55 c"
    assert times(sorted_timeline(night)) == ["23:50", "23:55", "00:10"]
    long = "- 00:10 a\n- 13:00 b"
    assert sorted_timeline(long) == long
    dated = "- 2026-11-14 00:10 b\n- 2026-11-13 23:50 a"
    assert times(sorted_timeline(dated)) == ["23:50", "00:10"]


@given(texts)
def test_sorting_keeps_every_entry_and_is_done_once(text: str) -> None:
    after = sorted_timeline(text)
    assert sorted(text[each.start : each.end] for each in timeline_entries(text)) == sorted(
        after[each.start : each.end] for each in timeline_entries(after)
    )
    assert sorted(text) == sorted(after)
    assert misplaced(timeline_entries(after)) == ()
    assert sorted_timeline(after) == after
    for each in timeline_entries(text):  # a cursor stays in its entry
        start, end = (rearranged(text).place(offset) for offset in (each.start, each.end))
        assert after[start:end] == text[each.start : each.end]
    if not misplaced(timeline_entries(text)):
        assert after == text


@given(st.text("-* 0123:\n\r`#x\t", max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = timeline_entries(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert sorted(sorted_timeline(text)) == sorted(text)


def test_times_covered_and_silences() -> None:
    found = covered("- 02:14 a\n- 03:20 c\n- 02:31 b")
    assert found is not None
    assert found == (("02:14", "03:20", 66), (("02:31", "03:20", 49),))
    assert covered("- 02:14 a") is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "- 02:40 |"),
        ("## T\n\n|", "## T\n\n- 02:40 |"),
        ("- 02:14 a|\n- 02:50 b", "- 02:14 a\n- 02:40 |\n- 02:50 b"),
        ("* **02:14** – a\n* |", "* **02:14** – a\n* **02:40** – |"),
        ("- 2026-11-14 02:14 UTC a\r\n|", "- 2026-11-14 02:14 UTC a\r\n- 2026-11-14 02:40 UTC |"),
    ],
)
def test_a_new_entry_is_in_the_style_of_the_others(text: str, after: str) -> None:
    offset = text.find("|") if "|" in text else len(text)
    text = text.replace("|", "")
    start, end, put = new_entry(text, offset, NOW)
    assert text[:start] + put + "|" + text[end:] == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("## T", "## T\n\n- 02:40 |"),
        ("## T\n\n- 02:14 a\n  more\n- 02:50 b\n", "## T\n\n- 02:14 a\n  more\n- 02:40 |\n- 02:50 b\n"),
        ("* **02:50** – b\r\n\r\nMore.", "* **02:40** – |\r\n* **02:50** – b\r\n\r\nMore."),
    ],
)
def test_a_new_entry_has_its_place_by_time(text: str, after: str) -> None:
    start, end, put, place = new_entry_by_time(text, NOW)
    made = text[:start] + put + text[end:]
    assert made[:place] + "|" + made[place:] == after


def test_a_place_outside_of_the_entries_stays_when_they_are_sorted() -> None:
    text = "# Title\n\n- 02:31 later\n- 02:14 b\n\nBehind."
    for word in ("Title", "Behind"):
        assert sorted_timeline(text)[rearranged(text).place(text.index(word)) :].startswith(word)
    assert rearranged(text).place(len(text)) == len(text)


def test_added_entries_come_in_order_and_once() -> None:
    text = "## Timeline\n\n- 02:14 Alert fires\n- 02:50 Over\n\nMore."
    entries = [(NOW, "See [the log](https://x/y)\nand more"), (NOW.replace(minute=14), "Alert  fires"), (NOW.replace(hour=1), "First")]
    after = added(text, entries)
    assert after == (
        "## Timeline\n\n- 01:40 First\n- 02:14 Alert fires\n- 02:40 See [the log](https://x/y)\n  and more\n- 02:50 Over\n\nMore."
    )
    assert added(after, entries) == after
    dressed = "- 02:40 It is _slow_ &amp; `cold`"
    assert added(dressed, [(NOW, "It is *slow* & cold")]) == dressed
    assert added("## Timeline", entries[:1]).startswith("## Timeline\n\n- 02:40 See")
    assert style_of(after).head(NOW) == "- 02:40 "


def test_the_entry_of_the_cursor() -> None:
    entry = entry_at(TEXT, TEXT.index("second"))
    assert entry is not None
    assert said(TEXT, entry) == "02:14"
    assert entry_at(TEXT, 3) is None


@pytest.mark.parametrize("piece", ["- 02:14 a\n", "- ", "- 02:14", "```\n", "  - x\n"])
def test_the_time_is_in_proportion(piece: str) -> None:
    assert exponent(sorted_timeline, lambda size: piece * size, 4000, unnoticed=0.3) < EXPONENT


# ---- entries of another day than the incident's -------------------------------------------------------------------------
BEGAN = datetime(2026, 11, 16, 23, 47, tzinfo=UTC)
MUCH_LATER = datetime(2027, 1, 1, tzinfo=UTC)
NIGHT = "- 23:47 Alert\n- 00:10 Paged\n- 2026-11-27 23:40 Written up"


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_entries_with_and_without_a_date_stand_in_one_order() -> None:
    assert misplaced(timeline_entries(NIGHT, BEGAN)) == ()
    first, *rest = NIGHT.split("\n")
    assert sorted_timeline("\n".join([rest[1], first, rest[0]]), BEGAN) == NIGHT
    assert [each.minute - 23 * 60 - 47 for each in timeline_entries(NIGHT, BEGAN)] == [0, 23, 11 * 24 * 60 - 7]
    found = covered(NIGHT, BEGAN)
    assert found is not None and found.whole[:2] == ("23:47", "11-27 23:40")


@pytest.mark.parametrize(
    ("text", "began", "minutes"),
    [
        ("- 22:00 Deploy\n- 23:47 Alert", BEGAN, [-107, 0]),
        ("- 23:40 Deploy", BEGAN, [-7]),
        ("- 00:10 Paged", BEGAN, [23]),
        ("- 23:50 Deploy\n- 00:40 Paged", at(17, 0, 10), [-20, 30]),
        ("- 23:47 a\n- 09:00 b\n- 18:00 c", BEGAN, [0, 553, 1093]),
    ],
)
def test_times_without_a_date_are_on_the_days_around_the_start(text: str, began: datetime, minutes: list[int]) -> None:
    start = began.hour * 60 + began.minute
    assert [each.minute - start for each in timeline_entries(text, began)] == minutes


@pytest.mark.parametrize(
    ("moment", "head"),
    [
        (at(16, 23, 40), "- 2026-11-16 23:40 "),  # the entry above is of the 17th
        (at(17, 0, 30), "- 00:30 "),
        (at(26, 23, 50), "- 2026-11-26 23:50 "),
        (at(27, 23, 40), "- 2026-11-27 23:40 "),
    ],
)
def test_a_new_entry_has_its_date_where_a_reader_would_assume_another_day(moment: datetime, head: str) -> None:
    text = "- 23:47 Alert\n- 00:10 Paged"
    assert new_entry(text, len(text), moment, BEGAN) == (len(text), len(text), "\n" + head)


def test_entries_that_are_added_stand_in_order_with_the_date_that_they_need() -> None:
    text = "- 23:47 Alert\n- 2026-11-27 23:40 Written up"
    assert added(text, [(at(20, 9, 0), "Asked"), (at(17, 0, 5), "Paged")], BEGAN).split("\n") == [
        "- 23:47 Alert",
        "- 2026-11-17 00:05 Paged",
        "- 2026-11-20 09:00 Asked",
        "- 2026-11-27 23:40 Written up",
    ]


def test_a_time_of_day_alone_is_that_of_the_timeline() -> None:
    assert moment_at("- 23:47 Alert", time(0, 10), BEGAN, now=MUCH_LATER) == at(17, 0, 10)
    assert moment_at("", time(23, 40), BEGAN, now=MUCH_LATER) == at(16, 23, 40)


def test_a_time_of_day_alone_is_none_that_is_still_to_come() -> None:
    same_day = "- 17:46 Alert\n- 18:09 Over"
    began, now = at(16, 17, 40), at(16, 20, 46)
    assert moment_at(same_day, time(2, 15), began, now=now) == at(16, 2, 15)
    assert moment_at(same_day, time(23, 40), began, now=now) == at(15, 23, 40)
    assert moment_at(same_day, time(20, 46), began, now=now) == at(16, 20, 46)
    assert moment_at("", time(2, 15), began, now=now) == at(16, 2, 15)
    planned = f"{same_day}\n- 2026-11-17 09:00 Review"
    assert moment_at(planned, time(10, 0), began, now=now) == at(17, 10, 0), "where what is to come is planned, so is this"
    start, end, put = new_entry(same_day, len(same_day), at(16, 2, 15), began)
    assert (same_day[:start] + put + same_day[end:]).endswith("\n- 2026-11-16 02:15 ")


DAYS = "- 23:47 Alert\n- 00:10 Paged\n- 2026-11-18 09:00 Root cause\n- 09:30 Mended\n- 23:50 Watched\n- 00:20 Over"


def test_below_a_date_a_time_is_of_the_day_of_the_entry_above() -> None:
    found = timeline_entries(DAYS, BEGAN)
    day = 24 * 60
    assert [divmod(each.minute, day)[0] for each in found] == [0, 1, 2, 2, 2, 3]
    assert misplaced(found) == () and sorted_timeline(DAYS, BEGAN) == DAYS
    # what is misplaced by less than half a day is so
    late = DAYS.replace("23:50 Watched\n- 00:20", "08:50 Watched\n- 10:20")
    assert [said(late, each) for each in misplaced(timeline_entries(late, BEGAN))] == ["08:50"]
    made = rearranged(late, BEGAN)
    assert (made.moved, made.left) == (0, 1), "above the entry with the date it would be of the start's day"
    # days before the start do not take the entries of the start with them
    before = "- 2026-11-13 09:00 Deployed\n- 23:47 Alert\n- 00:10 Paged"
    assert [divmod(each.minute, day)[0] for each in timeline_entries(before, BEGAN)] == [-3, 0, 1]
    assert sorted_timeline(before, BEGAN) == before
    # a gap is measured so, too
    found_gaps = covered(DAYS, BEGAN)
    assert found_gaps is not None
    silent = [each[:2] for each in found_gaps.silences]
    assert ("00:10", "11-18 09:00") in silent and ("23:50", "00:20") not in silent


def test_a_time_that_is_typed_is_of_the_day_where_it_comes() -> None:
    place = DAYS.index("\n- 23:50")
    assert moment_at(DAYS, time(10, 0), BEGAN, now=MUCH_LATER, offset=place) == at(18, 10, 0)
    assert moment_at(DAYS, time(0, 15), BEGAN, now=MUCH_LATER, offset=DAYS.index("\n- 2026")) == at(17, 0, 15)
    start, end, put = new_entry(DAYS, place, at(18, 10, 0), BEGAN)
    assert (start, end, put) == (place, place, "\n- 10:00 ")
    assert new_entry(DAYS, place, at(17, 10, 0), BEGAN)[2] == "\n- 2026-11-17 10:00 "
    start, end, put, _ = new_entry_by_time(DAYS, at(18, 10, 0), BEGAN)
    assert DAYS[:start].endswith("09:30 Mended") and put == "\n- 10:00 "


@given(texts, st.sampled_from([None, BEGAN, at(13, 22, 0), at(14, 1, 0)]))
def test_sorting_changes_no_day(text: str, began: datetime | None) -> None:
    after = sorted_timeline(text, began)
    assert sorted(text) == sorted(after)
    assert sorted_timeline(after, began) == after

    def minutes(text: str) -> list[int]:
        return sorted(each.minute for each in timeline_entries(text, began))

    assert minutes(after) == minutes(text), "no entry is of another day than before"
    assert len(misplaced(timeline_entries(after, began))) == len(misplaced(timeline_entries(text, began))) - rearranged(text, began).moved


@pytest.mark.parametrize(
    ("text", "moment", "began", "head"),
    [
        ("", at(16, 23, 50), BEGAN, "- 23:50 "),
        ("", at(17, 0, 10), BEGAN, "- 2026-11-17 00:10 "),  # not the day of the start
        ("- 23:47 Alert", at(17, 0, 10), BEGAN, "- 2026-11-17 00:10 "),
        ("- 23:47 Alert\n- 2026-11-17 00:10 Paged", at(17, 0, 25), BEGAN, "- 00:25 "),
        ("- **2026-11-16 23:47** Alert", at(16, 23, 50), BEGAN, "- **2026-11-16 23:50** "),  # the style of the section
        ("- 23:47 Alert\n- 2026-11-17 00:10 Paged", at(18, 0, 5), None, "- 2026-11-18 00:05 "),
        ("- 23:47 Alert", at(18, 0, 5), None, "- 00:05 "),  # no day is known here
    ],
)
def test_the_date_stands_with_the_first_entry_of_a_day(text: str, moment: datetime, began: datetime | None, head: str) -> None:
    assert new_entry(text, len(text), moment, began)[2].lstrip("\n") == head


def test_entries_of_several_days_are_added_with_a_date_for_each_day() -> None:
    entries = [(BEGAN, "Alert"), (at(16, 23, 59), "Paged"), (at(17, 0, 10), "Found"), (at(17, 9, 0), "Mended"), (at(27, 23, 40), "Written")]
    assert added("", entries, BEGAN).splitlines() == [
        "- 23:47 Alert",
        "- 23:59 Paged",
        "- 2026-11-17 00:10 Found",
        "- 09:00 Mended",
        "- 2026-11-27 23:40 Written",
    ]


after_start = st.integers(-90, 5 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.lists(after_start, min_size=1, max_size=8))
@example(at(26, 18, 17), [timedelta(minutes=each) for each in (0, 1793, 1808)])
def test_what_is_written_for_an_instant_is_read_as_that_instant(began: datetime, apart: list[timedelta]) -> None:
    text, moments = "", []
    for number, each in enumerate(apart):
        moment = (began + each).replace(second=0, microsecond=0)
        moments.append(moment)
        start, end, put, place = new_entry_by_time(text, moment, began)
        text = f"{text[:start]}{put[: place - start]}{number}{put[place - start :]}{text[end:]}"
    read = {text[each.clock[1] :].split()[0]: midnight(began) + timedelta(minutes=each.minute) for each in timeline_entries(text, began)}
    assert read == {str(number): moment for number, moment in enumerate(moments)}
    assert misplaced(timeline_entries(text, began)) == () and rearranged(text, began).text == text
    found = covered(text, began)
    order = sorted(moments)
    pauses = [int((late - early).total_seconds()) // 60 for early, late in pairwise(order) if late - early > timedelta(minutes=30)]
    assert [each.minutes for each in found.silences] == pauses if found is not None else len(moments) == 1
    for number, moment in enumerate(moments):  # the words at the bottom of the screen
        entry = entry_at(text, re.search(rf"\b{number}$", text, re.MULTILINE).start(), began)  # type: ignore[union-attr]
        assert entry is not None and midnight(began) + timedelta(minutes=entry.minute) == moment
    # a time of day alone, typed behind the last entry, is read as it is written
    typed = moment_at(text, moments[-1].time(), began, now=max(moments) + timedelta(days=9))
    start, end, put = new_entry(text, len(text), typed, began)
    last = timeline_entries(text[:start] + put + text[end:], began)[-1]
    assert midnight(began) + timedelta(minutes=last.minute) == typed


def midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(), UTC)
