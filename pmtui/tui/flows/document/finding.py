"""Find and replace in all cells while typing: the document shows the match, and the focus stays in the find bar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ParamSpec

from pmtui.display import count
from pmtui.formats.mentions import Renamed, renamed
from pmtui.model.postmortem import Cell, characters
from pmtui.session.session import Locked, Session
from pmtui.threads import worked_out
from pmtui.tui.editor import search
from pmtui.tui.editor.marks import CurrentMatch
from pmtui.tui.editor.search import Match
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.bars import Key
from pmtui.tui.widgets.document import DocumentView, Place
from pmtui.tui.widgets.find_bar import FindBar, Hands
from pmtui.tui.worker_groups import Group

Given = ParamSpec("Given")


@dataclass(frozen=True)
class Around:
    """The parts of a screen that a search needs: show the session, say something, and say why nothing may be edited.

    ``people`` are the names of those who can be mentioned, by their accounts.
    """

    sync: Callable[[], Awaitable[None]]
    tell: Callable[[str, str], None]
    may_edit: Callable[[], bool]
    people: Callable[[], Mapping[str, str]]


class Finder:
    """A search through a document. It begins at the cursor and wraps around."""

    def __init__(self, session: Session, document: DocumentView, around: Around) -> None:
        self._session, self._document, self._around = session, document, around
        turn = self._in_turn
        self.bar = FindBar(
            Hands(self._typed, turn(self._walk), turn(self._replace), turn(self._replace_all), turn(self._stay), self._leave)
        )
        self._origin = self._here = (0, 0)
        self._place: Place | None = None
        self._match: Match | None = None
        self._latest_turn: asyncio.Event | None = None
        self._looked_in: tuple[tuple[Cell, ...], str, tuple[Match, ...]] = ((), "", ())

    def _in_turn(self, work: Callable[Given, Awaitable[None]]) -> Callable[Given, Coroutine[Any, Any, None]]:
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

    @property
    def is_open(self) -> bool:
        return bool(self.bar.display)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the find bar, for the last line; () when it does not have the focus."""
        return self.bar.keys if self.is_open and self.bar.has_keys else ()

    async def begin(self) -> None:
        """Focus the find bar; pressed again, stay at the match."""
        if self.is_open and self.bar.has_keys:
            await self.bar.hands.stay()
        elif self._begun():
            self.bar.open()
            self._typed(self.bar.wanted)

    async def begin_replacing(self) -> None:
        """As ``begin``, with the line for the replacement."""
        if (self.is_open or self._begun()) and self._around.may_edit():
            self.bar.open_both()
            self._typed(self.bar.wanted)

    def _begun(self) -> bool:
        """Remember where the cursor is. Returns False when the document has no text."""
        if not self._session.mine.cells:
            self._around.tell("there is no text yet", "$muted")
            return False
        self._place = self._document.place()
        self._origin = self._here = (max(0, self._document.current), self._document.selected_span[0])
        return True

    def focus_moved(self) -> None:
        """End the search, because the focus went elsewhere."""
        if self.is_open and not self.bar.has_keys:
            self._end()

    def _end(self) -> None:
        self.bar.close()
        self._match = None
        self._document.mark("")

    # ---- walking ------------------------------------------------------------------------------------------------
    def _typed(self, wanted: str) -> None:
        """Go to the first match from where the search began: a longer word may occur before the match of a shorter one.

        In a worker, because no message of the screen, a frame among them, may wait for the search.
        """
        if self.is_open:
            self._document.screen.run_worker(self._in_turn(self._show)(self._origin), group=Group.FIND)

    async def _walk(self, by: int) -> None:
        number, offset = self._here
        if by > 0:
            await self._show((number, offset + 1) if self._match else self._origin)
        else:
            await self._show(self._here, backwards=True)

    async def _matches(self, wanted: str) -> tuple[Match, ...]:
        """Every place where it stands; a text is looked through once for each word."""
        cells = self._session.mine.cells
        if cells is not self._looked_in[0] or wanted != self._looked_in[1]:
            self._looked_in = cells, wanted, await worked_out(partial(search.matches, cells, wanted), characters(cells))
        return self._looked_in[2]

    async def _show(self, place: tuple[int, int], *, backwards: bool = False) -> None:
        """Show the first match from this place on, or the last one before it."""
        if not self.is_open:  # the bar was closed meanwhile
            return
        wanted = self.bar.wanted
        found = await self._matches(wanted)
        if not self.is_open or wanted != self.bar.wanted:  # what was typed meanwhile is looked for next
            return
        self._document.mark(wanted)
        if not found:
            self._match, self._here = None, self._origin
            self.bar.show_count("not found" if wanted else "", "$warning")
            return
        index = search.before(found, place) if backwards else search.after(found, place)
        self._match = match = found[index]
        self._here = match[:2]
        self.bar.show_count(f"{index + 1} of {len(found)}")
        await self._document.show_at(match.cell, match.start)
        if self._match is match:  # not closed meanwhile
            nth = index - search.after(found, (match.cell, 0))
            self._document.mark(wanted, match.cell, CurrentMatch(nth, match.start))

    # ---- replacing ----------------------------------------------------------------------------------------------
    def _renamed(self, before: str, after: str) -> Renamed:
        """The text with the accounts that belong to the names in its mentions, as far as they are known."""
        return renamed(before, after, [cell.text for cell in self._session.base.cells], self._around.people())

    async def _replace(self, instead: str) -> None:
        match, found = self._match, await self._matches(self.bar.wanted)
        cells = self._session.mine.cells
        if match is None or cells is not self._looked_in[0] or not search.is_among(found, match):  # a merge changed the text meanwhile
            await self._show(self._here)
        elif not cells[match.cell].editable:
            self._around.tell("this cell is read-only here, kept as it is", "$warning")
            await self._walk(1)
        elif self._around.may_edit():
            text = cells[match.cell].text
            made = self._renamed(text, text[: match.start] + instead + text[match.end :])
            try:
                self._session.edit_cell(cells[match.cell].key, made.text)
            except Locked as locked:
                self._around.tell(str(locked), "$warning")
                return
            await self._replaced((match.cell, match.start + len(instead)), "1 replaced", made.told)

    async def _replaced(self, place: tuple[int, int], said: str, told: Iterable[str], more: str = "") -> None:
        """Show the next match, and say what was replaced: in the bar when there is no next match."""
        await self._around.sync()
        await self._show(place)
        if self._match is None:
            self.bar.show_count(said)
        words, undo = list(dict.fromkeys(told)), present_key("ctrl+z", self._document)
        self._around.tell(" · ".join([said + more, *words, f"{undo} takes it back"]), "$warning" if words else "")

    async def _replace_all(self, instead: str) -> None:
        """Replace all matches in all cells that can be edited; one undo takes it back."""
        if not self._around.may_edit():
            return
        mine, wanted = self._session.mine, self.bar.wanted

        def work() -> tuple[list[int], list[Renamed], int]:
            made = [search.replaced(cell, wanted, instead) for cell in mine.cells]
            texts = [self._renamed(cell.text, text) for cell, (text, _) in zip(mine.cells, made, strict=True)]
            return [many for _, many in made], texts, len(search.matches([cell for cell in mine.cells if not cell.editable], wanted))

        counts, texts, left = await worked_out(work, characters(mine.cells))
        if self._session.mine is not mine:  # a merge came between
            await self._replace_all(instead)
            return
        cells = tuple(replace(cell, text=made.text) for cell, made in zip(mine.cells, texts, strict=True))
        try:
            self._session.become(mine.with_cells(cells))
        except Locked as locked:
            self._around.tell(str(locked), "$warning")
            return
        number = sum(counts)
        kept = [f"{left} in read-only cells stay"] if left else []
        if not number:
            self._around.tell(" · ".join(["nothing to replace", *kept]), "")
            return
        where = count(sum(map(bool, counts)), "cell")
        told = [*(said for each in texts for said in each.told), *kept]
        await self._replaced(self._origin, f"{number} replaced", told, f" in {where}")

    # ---- the end ------------------------------------------------------------------------------------------------
    async def _stay(self) -> None:
        """Close the bar with the cursor at the match."""
        match = self._match
        self._end()
        if match is None:
            await self._back()
        else:
            await self._document.go_to(match.cell, match.start)

    async def _leave(self) -> None:
        """Close the bar with the cursor where it was, and what was selected."""
        self._end()
        await self._back()

    async def _back(self) -> None:
        if self._place is not None:
            await self._document.go_back(self._place)
