"""A list is read on page after page, and never more than one page ahead."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.page import Page
from pmtui.session.listing.reading_on import Onward, read_on


class Held:
    """A list of three pages, whose answers come when the test lets them go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ended: list[str] = []
        self.answers = {cursor: asyncio.Event() for cursor in "123"}
        self.failing = ""

    async def read(self, cursor: str) -> Page:
        self.asked.append(cursor)
        try:
            await self.answers[cursor].wait()
        finally:
            self.ended.append(cursor)
        if cursor == self.failing:
            raise BackendError(Trouble.OFFLINE, "read the incidents", "cannot be reached")
        return Page((), None if cursor == "3" else str(int(cursor) + 1))


async def test_the_next_page_is_being_read_while_one_is_taken_in() -> None:
    held, seen = Held(), []
    held.answers["1"].set()
    async with aclosing(read_on(held.read, "1", Onward.ALL)) as pages:
        async for page in pages:
            seen.append((page.cursor, list(held.asked), list(held.ended)))
            if page.cursor is not None:
                held.answers[page.cursor].set()
    assert seen == [("2", ["1", "2"], ["1"]), ("3", ["1", "2", "3"], ["1", "2"]), (None, ["1", "2", "3"], ["1", "2", "3"])]


@pytest.mark.parametrize("onward", [Onward.NEXT, Onward.AHEAD])
async def test_one_page_is_one_request(onward: Onward) -> None:
    held = Held()
    held.answers["1"].set()
    assert [page.cursor async for page in read_on(held.read, "1", onward)] == ["2"]
    assert held.asked == ["1"]


async def test_whoever_stops_ends_the_reading() -> None:
    held = Held()
    held.answers["1"].set()
    async with aclosing(read_on(held.read, "1", Onward.ALL)) as pages:
        await anext(pages)
        assert held.ended == ["1"]
    await asyncio.sleep(0)
    assert (held.asked, held.ended) == (["1", "2"], ["1", "2"])


async def test_a_page_is_taken_in_before_the_failure_of_the_next_one_is_told() -> None:
    held, seen = Held(), 0
    held.failing = "2"
    for answer in held.answers.values():
        answer.set()
    with pytest.raises(BackendError):
        async with aclosing(read_on(held.read, "1", Onward.ALL)) as pages:
            async for _ in pages:
                seen += 1
    assert seen == 1
