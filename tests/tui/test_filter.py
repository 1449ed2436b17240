"""The filter line says what it does with each word, and an empty list says how to go on."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from pmtui.backends.registry import VENDORS
from pmtui.model.query import misread
from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.listing.filter_line import FilterLine
from tests.tui.user import READ, one_vendor, using
from tests.turns import every_vendor


@one_vendor
async def test_the_line_says_what_it_does_with_each_word(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        # names that only the server knows, and that nobody knows
        await user.shows(READ)
        await user.filter("sev:1")
        await user.shows(r"\d+ of the \d+ loaded · enter asks the server")
        await user.press("escape")
        await user.filter("foo:bar")
        await user.press("enter")
        await user.shows('(?s)unknown filter "foo:"; there are .*in quotes it is text', " / foo:bar")
        await user.press("escape")
        await user.no_longer_shows("foo:bar")

        # words may have gaps and slips
        await user.filter("chekout")
        await user.shows(r"\d+ of the \d+ loaded", "▌ .*Checkout 5xx")
        assert all("heckout" in row for row in user.rows)
        shown = user.rows
        await user.press("enter")
        await user.shows("finds no title with these words: what is here is alike", "── / chekout")
        assert user.rows == shown, "what was found in spite of the slip stays"
        await user.press("escape")
        await user.until(lambda: len(user.rows) > len(shown), "all rows again")
        await user.shows(READ)

        # values are shown as one types, and unknown ones are named
        states = VENDORS[vendor].filters["status"]
        await user.filter("state:")
        await user.shows(f" state: {', '.join(states)}")
        await user.type("finished")
        await user.shows(f"no such state: finished; there are {', '.join(states)}")
        await user.press("enter")
        await user.shows("── / state:finished  0 of 0", "no such state: finished", "esc clears the filter")
        assert "nothing matches" not in user.text
        await user.filter("before:")
        await user.shows("before: a day, such as 2026-", r"(\d+) of the \1 loaded ─")
        await user.type("lastweek")
        await user.press("enter")
        await user.shows("'lastweek' is not a date: write before:2026-11-30")
        assert "nothing matches" not in user.text


@one_vendor
async def test_an_empty_list_keeps_its_columns_and_says_how_to_go_on(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor, size=(200, 40)) as user:
        # a wide window has room for whole names
        await user.shows(READ)
        assert "Lena Fischer" in user.text or "…" not in "".join(row[:60] for row in user.rows)

        # the orders are those that the rows have something for
        await user.resize(100, 24)
        named = []
        for _ in range(4):
            await user.press("s")
            named += re.findall(r"· by (\w+)", user.line("^── "))
        owners = ["owner"] if "OWNER" in user.line("^   REF") else []
        assert named[: 3 + len(owners)] == ["severity", "status", *owners, "title"]

        # an empty list keeps its columns
        heading = user.line("^   REF")
        await user.filter("wei")
        await user.type("zz")
        await user.shows("nothing matches · esc clears the filter", "enter asks the server")
        assert user.line("^   REF") == heading
        await user.press("enter")
        await user.shows("── / weizz", r"words are searched in incidents \(title, description\), not in postmortems")
        assert ("owner:weizz" in user.text) == ("owner" in VENDORS[vendor].filters)
        assert user.line("^   REF") == heading


@one_vendor
async def test_filters_that_were_used_come_back_with_up_also_at_the_next_start(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        for line in ("redis", "sev:1"):
            await user.filter(line)
            await user.press("enter")
            await user.shows(f"── / {line}")
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.until(lambda: user.app.screen.query_one(FilterLine)._used, "the filters from before, which come from the disk")
        await user.filter("lat")
        for key, line in (("up", "sev:1"), ("up", "redis"), ("up", "redis"), ("down", "sev:1"), ("down", "lat"), ("down", "lat")):
            await user.press(key)
            assert user.line("^ / ").strip() == f"/ {line}"
        await user.press("up", "up")
        await user.shows("1 of ")
        assert all("redis" in row for row in user.rows)

        # what is asked narrows what is here until the answer comes
        await user.press("escape")
        await user.no_longer_shows("^ / redis|1 of")
        sandbox.fault("GET * 403")
        await user.filter("sev:1")
        shown = user.rows
        await user.press("enter")
        await user.shows("403", "── / sev:1")
        assert shown[:15] == user.rows[:15]


FILTERS = ("tabl", "heckout", "zzzz", "sev:1 chekout", "pm:none", "service:check")
"""The beginning of a word, a part of one, nothing, a slip, and what only the server knows."""


@every_vendor
async def test_a_filter_finds_the_same_whatever_was_asked_before(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        found: dict[str, tuple[list[str], str]] = {}
        for line in [each for pair in combinations(FILTERS, 2) for each in pair]:  # each behind each of the others
            await user.filter(line)
            await user.press("enter")
            await user.shows(f"── / {line}  ")
            await user.no_longer_shows("reading incidents")
            now = user.references, re.sub(r"read \d\d:\d\d.*", "", user.line("^── "))
            assert now == found.setdefault(line, now)
        assert [line for line in FILTERS if not found[line][0]] == ["zzzz"]
        # the whole list is there at once, and what is typed narrows that
        await user.filter("tabl")
        await user.shows(r"[1-9] of the \d+ loaded · enter asks")


CANNOT = {
    "datadog": ("tag:x", "Datadog cannot search incidents by tag"),
    "opsgenie": ("owner:jane", "Opsgenie cannot search incidents by owner"),
}


@every_vendor
async def test_what_cannot_be_asked_for_is_neither_asked_nor_shown_as_asked(sandbox: Sandbox, home: Path, vendor: str) -> None:
    line, said = CANNOT[vendor]
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter(f"sev:2 {line}")
        await user.shows(said, r"\d+ of the \d+ loaded ─")  # not that enter asks
        told = user.line(said)
        await user.press("enter")
        await user.shows(said, f" / sev:2 {line}")
        assert user.line(said) == told, "one thing is said in one way"
        assert user.text.count(said) == 1 and "nothing matches" not in user.text
        assert "── / " not in user.text, "the head would claim that these rows are the answer"
        name, _, value = line.partition(":")
        await user.press(*["backspace"] * len(value), "enter")
        await user.shows(said, f" / sev:2 {name}:")  # a name alone is not another question
        await user.press(*["backspace"] * (len(name) + 2), "enter")
        await user.shows("── / sev:2  ")
        await user.press("escape")
        await user.no_longer_shows("── / |reading")

        # help and the line name what this vendor has
        filters = VENDORS[vendor].filters
        await user.resize(90, 60)
        await user.press("slash")
        await user.shows(f" / state:{filters['status'][0]} sev:1,2")
        assert ("owner:" in user.line("^ / ")) == ("owner" in filters)
        await user.press("f1")
        await user.shows(
            "words +in incidents .title, description., not in",
            f"state: +{', '.join(filters['status'])}",
            f"pm: +{', '.join(filters['postmortem'])}",
            "after: before: +a day, 2026-",
        )
        assert ("owner:" in user.text) == ("owner" in filters) and ("tag:" in user.text) == ("tag" in filters)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *[("state:active", ""), ("https://x.y", ""), ("02:14", ""), ("a:1 state:", "")],
        *[("foo:bar sev:1", 'unknown filter "foo:"'), ("foo:", 'unknown filter "foo:"')],
    ],
)
def test_names_that_filter_nothing(line: str, said: str) -> None:
    assert misread(line).partition(";")[0] == said
