"""Times as people type them at three in the morning."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.typed_time import as_kept, day_of, distance, in_full, moment_of, readable, said, span, stamp, start_of, told_apart
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem

NOW = datetime(2026, 11, 27, 8, 30, 22, 417000, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("now", "2026-11-27 08:30"),
        (" NOW ", "2026-11-27 08:30"),
        ("06:30", "2026-11-27 06:30"),
        ("6:30", "2026-11-27 06:30"),
        ("06:30 UTC", "2026-11-27 06:30"),
        ("06:30Z", "2026-11-27 06:30"),
        ("06:30:15", "2026-11-27 06:30:15"),
        ("0630", "2026-11-27 06:30"),
        ("0630z", "2026-11-27 06:30"),
        ("yesterday 1400", "2026-11-26 14:00"),
        ("thu 0900 utc", "2026-11-26 09:00"),
        ("08:31", "2026-11-26 08:31"),  # the last one before now
        ("23:50", "2026-11-26 23:50"),
        ("today 23:50", "2026-11-27 23:50"),
        ("tomorrow 9:00", "2026-11-28 09:00"),
        ("yesterday 14:00", "2026-11-26 14:00"),
        ("-20m", "2026-11-27 08:10"),
        ("-20 min", "2026-11-27 08:10"),
        ("20m ago", "2026-11-27 08:10"),
        ("-1h20m", "2026-11-27 07:10"),
        ("-1d 2h", "2026-11-26 06:30"),
        ("+30m", "2026-11-27 09:00"),
        ("fri 8:00", "2026-11-27 08:00"),
        ("fri 9:00", "2026-11-20 09:00"),
        ("thu 9:00", "2026-11-26 09:00"),
        ("22 nov 3:10", "2026-11-22 03:10"),
        ("Nov 22 03:10 UTC", "2026-11-22 03:10"),
        ("22. November, 2024 3:10", "2024-11-22 03:10"),
        ("27 nov 23:40", "2026-11-27 23:40"),
        ("28-dec 9:00", "2025-12-28 09:00"),
        ("last thursday 09:00", "2026-11-26 09:00"),
        ("2026-11-22", "2026-11-22 00:00"),
        ("2026-11-22 3:10", "2026-11-22 03:10"),
        ("2026-11-22 03:10 UTC", "2026-11-22 03:10"),
        ("2026-11-22T03:10Z", "2026-11-22 03:10"),
        ("2026-11-22T03:10:00.123456+02:00", "2026-11-22 01:10"),
    ],
)
def test_a_time_is_understood(text: str, wanted: str) -> None:
    moment = moment_of(text, NOW)
    assert moment is not None
    assert moment.utcoffset() == timedelta()
    assert moment == datetime.fromisoformat(f"{wanted}+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "6:3",
        "06:60",
        "-",
        "-20",
        "20m",
        "-20x",
        "fr 9:00",
        "someday 9:00",
        "2026-13-01",
        "2026-11-22 ab",
        "UTC",
        "2026-11-22 UTC",
        "-999999w",
        "9999-12-31 23:59-23:00",
        "６:30",
        "now now",
        "1764230000",
        "2460",
        "630",
        "22 nov 2025",
        "nov 22 2025",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment_of(text, NOW) is None


def test_now_may_be_told_in_any_zone() -> None:
    assert moment_of("now", NOW.astimezone(timezone(timedelta(hours=9)))) == moment_of("now", NOW)


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_what_is_said_can_be_typed_again(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    assert moment_of(said(aware), NOW) == aware.replace(second=0)
    assert moment_of(stamp(aware), NOW) == aware
    assert "." not in stamp(moment.replace(tzinfo=UTC))


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    moment, day = moment_of(text, NOW), day_of(text, NOW.date())
    assert moment is None or moment.utcoffset() == timedelta(0)
    assert day is None or date.min <= day <= date.max


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("today", date(2026, 11, 27)),
        ("Tomorrow", date(2026, 11, 28)),
        ("fri", date(2026, 12, 4)),
        ("mon", date(2026, 11, 30)),
        ("+3d", date(2026, 11, 30)),
        ("+2w", date(2026, 12, 11)),
        ("-1d", date(2026, 11, 26)),
        ("", None),
        ("06:30", None),
        ("2026-02-30", None),
        ("someday", None),
    ],
)
def test_a_day_is_understood(text: str, wanted: date | None) -> None:
    assert day_of(text, NOW.date()) == wanted


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=2, seconds=9), "2 h ago"),
        (timedelta(hours=2, minutes=5), "2 h ago"),
        (timedelta(hours=30), "30 h ago"),
        (timedelta(days=5), "5 d ago"),
        (timedelta(hours=-3), "in 3 h"),
    ],
)
def test_how_far_off(before: timedelta, words: str) -> None:
    assert distance(NOW - before, NOW) == words


def test_how_far_from_the_start() -> None:
    start = NOW - timedelta(hours=2)
    assert distance(start + timedelta(minutes=12), NOW, start) == "2 h ago, 12 min after the start"
    assert distance(start + timedelta(minutes=50), NOW, start) == "1 h ago, 50 min after the start"
    long_ago = NOW - timedelta(days=25, minutes=10)
    for after, words in ((16, "25 d ago, 16 min after the start"), (60 * 20, "24 d ago, 20 h after the start")):
        assert distance(long_ago + timedelta(minutes=after), NOW, long_ago) == words
    assert distance(start - timedelta(minutes=2), NOW, start) == "2 h ago, 2 min before the start"
    assert distance(start, NOW, start) == "2 h ago, at the start"
    assert span(45) == "45 s"
    assert span(7500) == "2 h 5 min"


def test_what_a_field_keeps_and_how_it_reads() -> None:
    assert as_kept("-20m", NOW) == "2026-11-27T08:10:00Z"
    assert as_kept("soon", NOW) == "soon"
    assert as_kept("", NOW) == ""
    assert readable("2026-11-27T17:45:01.000000+00:00") == "2026-11-27 17:45 UTC"
    assert readable("2026-11-22T03:10:00+02:00") == "2026-11-22 01:10 UTC"
    assert readable("2026-11-22") == "2026-11-22"
    assert readable("-20m") == "-20m", "only what is written in full is the same at any time"
    start = NOW.replace(hour=6, minute=18, second=0, microsecond=0)
    assert in_full("2026-11-27T06:30:00Z", NOW, start) == "06:30 UTC, 2 h ago, 12 min after the start"
    assert in_full("2026-11-22T06:30:00Z", NOW) == "2026-11-22 06:30 UTC, 5 d ago"
    assert in_full("soon", NOW) == "soon"


def test_times_that_differ_are_told_apart_as_people_read_them() -> None:
    first = "2026-11-27T17:45:01.250000+00:00"
    assert told_apart((first, "2026-11-27T18:45:01Z")) == ("2026-11-27 17:45 UTC", "2026-11-27 18:45 UTC")
    assert told_apart((first, "2026-11-27T17:45:03.5Z")) == ("2026-11-27 17:45:01 UTC", "2026-11-27 17:45:03 UTC")
    assert told_apart((first, "2026-11-27T17:45:01.5+00:00")) == ("2026-11-27 17:45:01.25 UTC", "2026-11-27 17:45:01.5 UTC")
    assert told_apart((first, first)) == ("2026-11-27 17:45 UTC",) * 2
    assert told_apart(("nothing", first)) == ("nothing", "2026-11-27 17:45 UTC")
    assert told_apart(("2026-11-27T17:45:00Z", "2026-11-27T18:45:00+01:00"))[0] == "2026-11-27T17:45:00Z", "only spelt in another way"


def test_when_an_incident_began() -> None:
    created = NOW - timedelta(hours=1)
    postmortem = Postmortem(Incident("1", "IR-1", "t", created=created))
    assert start_of(postmortem) == created
    assert start_of(postmortem.with_field("impact_start", "2026-11-27T06:30:00Z")) == NOW.replace(
        hour=6, minute=30, second=0, microsecond=0
    )
    assert start_of(postmortem.with_field("impact_start", "")) == created
