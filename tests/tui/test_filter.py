"""The filter line says what it does with each word, and an empty list says how to go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.model.query import misread
from pmtui.sandbox.server import Sandbox
from tests.tui.stage import READ, one_vendor, stage
from tests.turns import every_vendor


@one_vendor
async def test_an_empty_list_keeps_its_columns_and_says_how_to_go_on(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(100, 24)) as user:
        await user.shows(READ)
        heading = user.line("^   REF")
        await user.filter("wei")
        await user.type("zz")
        await user.shows("nothing matches · esc clears the filter", "enter asks the server")
        assert user.line("^   REF") == heading
        await user.press("enter")
        await user.shows("── / weizz", "titles; people with owner:weizz")
        assert user.line("^   REF") == heading


@one_vendor
async def test_names_that_only_the_server_knows_and_that_nobody_knows(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("sev:1")
        await user.shows(r"\d+ of \d+ here · enter asks the server")
        await user.press("escape")
        await user.filter("foo:bar")
        await user.press("enter")
        await user.shows('(?s)unknown filter "foo:"; there are .*searched as a word')


@one_vendor
async def test_words_may_have_gaps_and_slips(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("chekout")
        await user.shows(r"\d+ of \d+", "▌ .*Checkout 5xx")
        assert all("heckout" in row for row in user.rows)
        shown = user.rows
        await user.press("enter")
        await user.shows("finds no title with these words: what is here is alike", "── / chekout")
        assert user.rows == shown, "what was found in spite of the slip stays"
        await user.press("escape")
        await user.until(lambda: len(user.rows) > len(shown), "all rows again")


@one_vendor
async def test_what_is_asked_narrows_what_is_here_until_the_answer_comes(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        sandbox.fault("GET * 403")
        await user.filter("sev:1")
        shown = user.rows
        await user.press("enter")
        await user.shows("403", "── / sev:1")
        assert shown[:15] == user.rows[:15]


@one_vendor
async def test_filters_that_were_used_come_back_with_up_also_at_the_next_start(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        for line in ("redis", "sev:1"):
            await user.filter(line)
            await user.press("enter")
            await user.shows(f"── / {line}")
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter("lat")
        for key, line in (("up", "sev:1"), ("up", "redis"), ("up", "redis"), ("down", "sev:1"), ("down", "lat"), ("down", "lat")):
            await user.press(key)
            assert user.line("^ / ").strip() == f"/ {line}"
        await user.press("up", "up")
        await user.shows("1 of ")
        assert all("redis" in row for row in user.rows)


IGNORED = {
    "datadog": ("tag:x", "Datadog's incidents have no tags"),
    "opsgenie": ("owner:jane", "Opsgenie cannot search incidents by owner"),
}


@every_vendor
async def test_a_filter_that_has_no_effect_is_told(sandbox: Sandbox, home: Path, vendor: str) -> None:
    line, said = IGNORED[vendor]
    async with stage(home, sandbox, vendor) as user:
        await user.shows(READ)
        await user.filter(line)
        await user.press("enter")
        await user.shows(said)
        assert user.text.count(said) == 1


@one_vendor
async def test_a_wide_window_has_room_for_whole_names(sandbox: Sandbox, home: Path, vendor: str) -> None:
    async with stage(home, sandbox, vendor, size=(200, 40)) as user:
        await user.shows(READ)
        assert "Lena Fischer" in user.text or "…" not in "".join(row[:60] for row in user.rows)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *[("state:active", ""), ("https://x.y", ""), ("02:14", ""), ("a:1 state:", "")],
        *[("foo:bar sev:1", 'unknown filter "foo:"'), ("foo:", 'unknown filter "foo:"')],
    ],
)
def test_names_that_filter_nothing(line: str, said: str) -> None:
    assert misread(line).partition(";")[0] == said
