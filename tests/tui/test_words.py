"""How the screens say ages and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from pmtui.display import count
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Postmortem, Unread
from pmtui.session.review import News
from pmtui.session.session import Session
from pmtui.tui.flows.edit_guard import Guard
from pmtui.tui.widgets.summary import notices
from pmtui.tui.words import age, created, existence, of_news, read_at, sentence, unreadable

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "now"), (59, "now"), (60, "1m"), (3 * 3600, "3h"), (86400, "1d"), (99 * 86400, "99d"), (150 * 86400, "21w"), (800 * 86400, "2y")],
)
def test_age_fits_four_cells(seconds: int, words: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == words
    assert len(words) <= 4


def test_an_old_list_says_how_old_it_is() -> None:
    assert read_at(NOW - timedelta(minutes=3), NOW).startswith("read ")
    assert read_at(NOW - timedelta(hours=5), NOW) == "last seen 5h ago"


def test_every_state_of_a_postmortem_has_a_word() -> None:
    assert existence(Existence.IN_REVIEW) == "in-review"
    assert len({existence(each) for each in Existence}) == len(Existence)


def test_an_unknown_creation_time_is_not_1970() -> None:
    assert created(None, NOW) == ""
    assert created(NOW - timedelta(days=5), NOW).endswith("5d ago")


def test_count() -> None:
    assert count(1, "change") == "1 change"
    assert count(12345, "change") == "12,345 changes"


def test_a_sentence_has_a_capital_and_a_full_stop_and_an_address_a_line() -> None:
    assert sentence("it is deleted") == "It is deleted."
    assert sentence("its document stays: https://x.example/a") == "Its document stays:\nhttps://x.example/a"


def test_rows_that_could_not_be_read_are_counted() -> None:
    assert unreadable([]) == ""
    assert unreadable(["data[3].id is missing"]) == "1 row could not be read: data[3].id is missing"
    assert unreadable(["a", "b"]) == "2 rows could not be read: a, …"


def test_what_could_not_be_read_of_a_postmortem_is_said_once() -> None:
    mine = Postmortem(
        Incident("1", "IR-1", "t"),
        text_locked="the answer was not understood",
        unread=(Unread(TEXT, "the answer was not understood"), Unread("responders", "data is null, not a list")),
    )
    session = SimpleNamespace(mine=mine, base=mine, offline="", unfinished="", read_only="", notices=("n",))
    guard = SimpleNamespace(why="", accepted_why="")
    said = notices(cast(Session, session), cast(Guard, guard), edit="ctrl+u")
    assert said == ["the answer was not understood", "responders could not be read: data is null, not a list", "n"]


def test_of_many_news_a_few_are_named() -> None:
    four = News(("Title", "1 Summary", "2 Impact", "3 Timeline"))
    assert of_news(four, "on the server", save="ctrl+s") == "new on the server: Title, 1 Summary, 2 Impact, 3 Timeline"
    five = News((*four.changed, "4 Cause"), ("Title",))
    said = "new on the server: Title, 1 Summary, 2 Impact, and 2 more · both changed Title: ctrl+s asks about it"
    assert of_news(five, "on the server", save="ctrl+s") == said
