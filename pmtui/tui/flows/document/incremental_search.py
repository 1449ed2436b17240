"""Finds while one types: each letter looks from where the search began. Of a document that is edited, or that is only read."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, ParamSpec

from pmtui.tui.editor import search
from pmtui.tui.editor.search import Match
from pmtui.tui.widgets.bars import Key
from pmtui.tui.widgets.find_bar import FindBar, Hands, Replacing
from pmtui.tui.worker_groups import Group

Given = ParamSpec("Given")
Which = Callable[[Sequence[Match]], int]
"""Which of the matches is shown: an index of these, of which there is one at least."""


class IncrementalSearch(ABC):
    """A search with its bar. What the keys of the bar do is done in their order, however long the text takes.

    Subclasses say what is searched, show the matches, and go back.
    """

    def __init__(self, replacing: Replacing | None = None) -> None:
        turn = self.in_turn
        self.bar = FindBar(Hands(self._typed, turn(self._walk), turn(self._stay), self._leave), replacing)
        self.match: Match | None = None
        self._latest_turn: asyncio.Event | None = None

    def in_turn(self, work: Callable[Given, Awaitable[None]]) -> Callable[Given, Coroutine[Any, Any, None]]:
        """Do this once what an earlier key began is done: in a long text it takes a while."""

        def begun(*given: Given.args, **named: Given.kwargs) -> Coroutine[Any, Any, None]:
            before, ended = self._latest_turn, asyncio.Event()
            self._latest_turn = ended  # the order is that of the calls, not of the tasks
            return done(before, ended, *given, **named)

        async def done(before: asyncio.Event | None, ended: asyncio.Event, *given: Given.args, **named: Given.kwargs) -> None:
            try:
                if before is not None:
                    await before.wait()
                await work(*given, **named)
            finally:
                ended.set()

        return begun

    # ---- what is searched -----------------------------------------------------------------------------------------
    @abstractmethod
    async def matches(self, wanted: str) -> Sequence[Match]:
        """Every match, in the order of the text."""

    @abstractmethod
    def first(self, found: Sequence[Match]) -> int:
        """The index of the first match from where the search began; wraps around."""

    @abstractmethod
    def mark(self, wanted: str, match: Match | None = None, nth: int = -1) -> None:
        """Highlight what is found; ``match`` is the current one, the ``nth`` of its cell from 0."""

    @abstractmethod
    async def reveal(self, match: Match, nth: int) -> None:
        """Bring this match in sight. The focus does not move."""

    @abstractmethod
    async def go_to(self, match: Match) -> None:
        """Go on behind the search, at the match that it shows."""

    @abstractmethod
    async def go_back(self) -> None:
        """Go where the search began."""

    # ---- the keys of the bar ------------------------------------------------------------------------------------
    @property
    def is_open(self) -> bool:
        return bool(self.bar.display)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the find bar, for the last line; () when it does not have the focus."""
        return self.bar.keys if self.is_open and self.bar.has_keys else ()

    def look(self) -> None:
        """Show the first match of what the bar has."""
        self._typed(self.bar.wanted)

    def _typed(self, wanted: str) -> None:
        """Go to the first match from where the search began: a longer word may occur before the match of a shorter one.

        In a worker, because no message of the screen, a frame among them, may wait for the search.
        """
        if self.is_open:
            self.bar.screen.run_worker(self.in_turn(self.show)(self.first), group=Group.FIND)

    async def _walk(self, by: int) -> None:
        match = self.match
        if match is None:
            await self.show(self.first)
        elif by > 0:
            await self.show_from((match.cell, match.start + 1))
        else:
            await self.show(lambda found: search.before(found, match[:2]))

    async def show_from(self, place: tuple[int, int]) -> None:
        """Show the first match from this place on: a cell and an offset."""
        await self.show(lambda found: search.after(found, place))

    async def show(self, which: Which) -> None:
        """Show one of the matches of what is wanted now."""
        if not self.is_open:  # the bar was closed meanwhile
            return
        wanted = self.bar.wanted
        found = await self.matches(wanted)
        if not self.is_open or wanted != self.bar.wanted:  # what was typed meanwhile is looked for next
            return
        self.mark(wanted)
        if not found:
            self.match = None
            self.bar.show_count("not found" if wanted else "", "$warning")
            return
        index = which(found)
        self.match = match = found[index]
        self.bar.show_count(f"{index + 1} of {len(found)}")
        nth = index - search.after(found, (match.cell, 0))
        await self.reveal(match, nth)
        if self.match is match:  # not closed meanwhile
            self.mark(wanted, match, nth)

    # ---- the end ------------------------------------------------------------------------------------------------
    def end(self) -> None:
        """Close the bar. What is under way shows nothing any more."""
        self.bar.close()
        self.match = None
        self.mark("")

    async def _stay(self) -> None:
        """Close the bar with the cursor at the match."""
        match = self.match
        self.end()
        if match is None:
            await self.go_back()
        else:
            await self.go_to(match)

    async def _leave(self) -> None:
        """Close the bar with the cursor where it was, and what was selected."""
        self.end()
        await self.go_back()
