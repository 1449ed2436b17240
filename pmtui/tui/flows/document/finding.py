"""Find and replace in all cells while typing: the document shows the match, and the focus stays in the find bar."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pmtui.display import count
from pmtui.formats.mentions import Renamed, renamed
from pmtui.model.postmortem import Cell, characters
from pmtui.session.session import Locked, Session
from pmtui.threads import worked_out
from pmtui.tui.editor import search
from pmtui.tui.editor.marks import CurrentMatch
from pmtui.tui.editor.search import Match
from pmtui.tui.flows.document.incremental_search import IncrementalSearch
from pmtui.tui.keymap import present_key
from pmtui.tui.widgets.document import DocumentView, Place
from pmtui.tui.widgets.find_bar import Replacing


@dataclass(frozen=True)
class Around:
    """The parts of a screen that a search needs: show the session, say something, and say why nothing may be edited.

    ``people`` are the names of those who can be mentioned, by their accounts.
    """

    sync: Callable[[], Awaitable[None]]
    tell: Callable[[str, str], None]
    may_edit: Callable[[], bool]
    people: Callable[[], Mapping[str, str]]


class Finder(IncrementalSearch):
    """A search through the document of ``session()``. It begins at the cursor and wraps around."""

    def __init__(self, session: Callable[[], Session], document: DocumentView, around: Around) -> None:
        super().__init__(Replacing(self.in_turn(self._replace), self.in_turn(self._replace_all)))
        self._session, self._document, self._around = session, document, around
        self._origin = (0, 0)
        self._place: Place | None = None
        self._looked_in: tuple[tuple[Cell, ...], str, tuple[Match, ...]] = ((), "", ())

    async def begin(self) -> None:
        """Focus the find bar; pressed again, stay at the match."""
        if self.is_open and self.bar.has_keys:
            await self.bar.hands.stay()
        elif self._begun():
            self.bar.open()
            self.look()

    async def begin_replacing(self) -> None:
        """As ``begin``, with the line for the replacement."""
        if (self.is_open or self._begun()) and self._around.may_edit():
            self.bar.open_both()
            self.look()

    def _begun(self) -> bool:
        """Remember where the cursor is. Returns False when the document has no text."""
        if not self._session().mine.cells:
            self._around.tell("there is no text yet", "$muted")
            return False
        self._place = self._document.place()
        self._origin = (max(0, self._document.current), self._document.selected_span[0])
        return True

    def focus_moved(self) -> None:
        """End the search, because the focus went elsewhere."""
        if self.is_open and not self.bar.has_keys:
            self.end()

    # ---- what is searched ---------------------------------------------------------------------------------------
    async def matches(self, wanted: str) -> tuple[Match, ...]:
        """Every place where it stands; a text is looked through once for each word."""
        cells = self._session().mine.cells
        if cells is not self._looked_in[0] or wanted != self._looked_in[1]:
            self._looked_in = cells, wanted, await worked_out(partial(search.matches, cells, wanted), characters(cells))
        return self._looked_in[2]

    def first(self, found: Sequence[Match]) -> int:
        return search.after(found, self._origin)

    def mark(self, wanted: str, match: Match | None = None, nth: int = -1) -> None:
        if match is None:
            self._document.mark(wanted)
        else:
            self._document.mark(wanted, match.cell, CurrentMatch(nth, match.start))

    async def reveal(self, match: Match, nth: int) -> None:
        await self._document.show_at(match.cell, match.start)

    async def go_to(self, match: Match) -> None:
        await self._document.go_to(match.cell, match.start)

    async def go_back(self) -> None:
        if self._place is not None:
            await self._document.go_back(self._place)

    # ---- replacing ----------------------------------------------------------------------------------------------
    def _renamed(self, before: str, after: str) -> Renamed:
        """The text with the accounts that belong to the names in its mentions, as far as they are known."""
        return renamed(before, after, [cell.text for cell in self._session().base.cells], self._around.people())

    async def _replace(self, instead: str) -> None:
        match, found = self.match, await self.matches(self.bar.wanted)
        cells = self._session().mine.cells
        if match is None or cells is not self._looked_in[0] or not search.is_among(found, match):  # a merge changed the text meanwhile
            await self.show_from(match[:2] if match is not None else self._origin)
        elif not cells[match.cell].editable:
            self._around.tell("this cell is read-only here, kept as it is", "$warning")
            await self.show_from((match.cell, match.start + 1))
        elif self._around.may_edit():
            text = cells[match.cell].text
            made = self._renamed(text, text[: match.start] + instead + text[match.end :])
            try:
                self._session().edit_cell(cells[match.cell].key, made.text)
            except Locked as locked:
                self._around.tell(str(locked), "$warning")
                return
            await self._replaced((match.cell, match.start + len(instead)), "1 replaced", made.told)

    async def _replaced(self, place: tuple[int, int], said: str, told: Iterable[str], more: str = "") -> None:
        """Show the next match, and say what was replaced: in the bar when there is no next match."""
        await self._around.sync()
        await self.show_from(place)
        if self.match is None:
            self.bar.show_count(said)
        words, undo = list(dict.fromkeys(told)), present_key("ctrl+z", self._document)
        self._around.tell(" · ".join([said + more, *words, f"{undo} takes it back"]), "$warning" if words else "")

    async def _replace_all(self, instead: str) -> None:
        """Replace all matches in all cells that can be edited; one undo takes it back."""
        if not self._around.may_edit():
            return
        mine, wanted = self._session().mine, self.bar.wanted

        def work() -> tuple[list[int], list[Renamed], int]:
            made = [search.replaced(cell, wanted, instead) for cell in mine.cells]
            texts = [self._renamed(cell.text, text) for cell, (text, _) in zip(mine.cells, made, strict=True)]
            return [many for _, many in made], texts, len(search.matches([cell for cell in mine.cells if not cell.editable], wanted))

        counts, texts, left = await worked_out(work, characters(mine.cells))
        if self._session().mine is not mine:  # a merge came between
            await self._replace_all(instead)
            return
        cells = tuple(replace(cell, text=made.text) for cell, made in zip(mine.cells, texts, strict=True))
        try:
            self._session().become(mine.with_cells(cells))
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
