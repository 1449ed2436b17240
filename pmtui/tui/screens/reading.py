"""The base of the list of incidents: it reads the pages, on and ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from textual import on, work

from pmtui.backends.trouble import BackendError
from pmtui.display import display
from pmtui.model.query import parse
from pmtui.session.listing.loaded import Loaded
from pmtui.session.listing.narrowing import is_behind, or_alike
from pmtui.session.listing.order import Arrangement
from pmtui.session.listing.reading_on import Onward, read_on
from pmtui.tui import words
from pmtui.tui.screens.addressed import AddressedScreen
from pmtui.tui.widgets.bars import StatusLine
from pmtui.tui.widgets.listing.filter_line import FilterLine
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.worker_groups import Group, is_running

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.model.incident import Incident
    from pmtui.session.workspace import Workspace


class ReadingScreen(AddressedScreen):
    """Reads the pages of one query. Subclasses show the rows: they define ``_paint`` and ``_narrow``, and set ``workspace``."""

    def __init__(self, opened: Callable[[Incident], None], environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.workspace: Workspace | None = None
        self._loaded = self._whole = Loaded()  # the rows of the answer, and those without a filter
        self._query = self._answered = ""  # the query, and the query of the rows
        self._arrangement = Arrangement()
        self._failed = self._failed_ahead = False
        self._answer = ""
        self._reading = ""  # what the status line says while pages are read
        self._status_line = StatusLine()
        self._about: Incident | None = None  # the one under the cursor when ``_answer`` came
        self._filter = FilterLine(self._narrow)
        self._list = IncidentList(opened)

    def _paint(self) -> None:
        """Draw the rows."""
        raise NotImplementedError

    def _narrow(self, typed: str) -> None:
        """Narrow the rows to what was typed into the filter line."""
        raise NotImplementedError

    @property
    def _it(self) -> str:
        """Whom the list asks, in words."""
        return self.workspace.backend.identity.it if self.workspace else "the server"

    @work(exclusive=True, group=Group.LIST, exit_on_error=False)
    async def load(self) -> None:
        """Read the first page of the current query. The rows are replaced only when it has come."""
        if self.workspace is None:
            return
        self._answer = ""
        self._reading = "reading incidents…"
        self.tell(self._reading)
        query, again = self._query, self._query == self._answered
        here = self._list.current if again else None
        pages: list[Page] = []
        try:
            while not pages or (pages[-1].cursor is not None and is_behind(here, self._loaded.rows, pages)):
                pages.append(await self.workspace.incidents(parse(query), pages[-1].cursor if pages else None))
            pages[-1], alike = await or_alike(query, pages[-1], self.workspace.incidents)
        except BackendError as error:
            self._failed = True
            if not self._answer or self._status_line.words != display(self._answer):
                self.tell(error.message, "$error")
            return
        self._failed = False
        self._loaded, self._answered = Loaded(), query
        if alike:
            self._status_line.replace(self._reading, f"{self._it} finds no title with these words: what is here is alike", "$warning")
        self.take_pages(pages, self._reading)
        if query and not (again or self._list.is_chosen):  # the user has gone to a row since, or opened it
            self._list.to_first()

    @work(exclusive=True, group=Group.LIST, exit_on_error=False)
    async def load_more(self, onward: Onward = Onward.NEXT) -> None:
        """Read the list on, and show the pages as they come. What is read ahead is not spoken of unless it gets wanted."""
        if self.workspace is None or self._loaded.cursor is None or self._query != self._answered:  # the cursor is of what was answered
            return
        read, query = partial(self.workspace.incidents, parse(self._query)), self._query
        pages: list[Page] = []
        self._reading = ""
        reading = self._say_reading(onward, pages)
        try:
            async with aclosing(read_on(read, self._loaded.cursor, onward)) as coming:
                async for page in coming:
                    pages.append(page)
                    if self._loaded.is_due(pages):
                        self.take_pages(pages, self._reading)
                        pages = []
                    if onward is Onward.ALL and page.cursor is not None:
                        reading = self._say_reading(onward, pages)
            reading = self._reading  # it may have got wanted while it was read ahead
        except BackendError as error:
            self._failed_ahead = True
            if self._reading:
                self.tell(error.message, "$error")
        finally:
            if pages and self.is_attached and query == self._query:  # else the user left, or asks for something else now
                self.take_pages(pages, reading)  # another reading may say something of its own by now

    def _say_reading(self, onward: Onward, pages: Sequence[Page]) -> str:
        """Say that more is read, unless it is read ahead. Returns the words, "" for none."""
        if onward is not Onward.AHEAD:
            self._reading = words.reading_more(self._loaded.count_with(pages), self.key("esc") if onward is Onward.ALL else "")
            self.tell(self._reading)
        return self._reading

    def take_pages(self, pages: Sequence[Page], reading: str) -> None:
        """Append these pages, and say what is to be said of them in the place of ``reading``."""
        self._show_rows(self._loaded.with_pages(pages, words.now()))
        self._failed_ahead = False
        self._paint()
        said = words.after_reading(pages[-1], self._loaded.unreadable)
        self._status_line.replace(reading, said, "$warning")
        if self.workspace is not None:
            self._status_line.say_behind(said, partial(_what_the_disk_tells, self.workspace), "$warning")

    def _show_rows(self, loaded: Loaded) -> None:
        """Take over these rows, the answer to what was asked last."""
        self._loaded = loaded
        if not self._answered:
            self._whole = loaded

    @property
    def _meant(self) -> str:
        """The filter that stands in the line, else the one that was asked for."""
        return self._filter.value.strip() if self._filter.is_open else self._query

    @property
    def _narrows(self) -> str:
        """The filter that is typed, or not answered yet, "" for none."""
        return self._meant if self._meant != self._answered else ""

    @property
    def _typed(self) -> str:
        """The filter that is typed and was not asked for yet, "" for none."""
        return self._narrows if self._filter.is_open else ""

    @property
    def _at_hand(self) -> Loaded:
        """What is shown: the answer, or until there is one, what is known of the whole list."""
        return self._loaded if self._meant == self._answered or self._whole.read_at is None else self._whole

    @on(IncidentList.NearEnd)
    def _near_end(self) -> None:
        if not is_running(self, Group.LIST):
            if self._loaded.cursor is not None:
                self.load_more()
        elif not self._reading:
            self._say_reading(Onward.NEXT, ())

    @on(IncidentList.Scrolled)
    def _scrolled(self, event: IncidentList.Scrolled) -> None:
        """Read the page behind the one in sight, if that is the last one."""
        if self._may_read_ahead and self._loaded.is_end_near(event.below) and not is_running(self, Group.LIST):
            self.load_more(Onward.AHEAD)

    @property
    def _may_read_ahead(self) -> bool:
        """Not where the rows stand in another order, not after a failure, and not while the vendor wants to be left alone."""
        in_order = not self._arrangement.words and not self._filter.value
        return in_order and not self._failed_ahead and self.workspace is not None and not self.workspace.backend.pause_left()

    # ---- what is told --------------------------------------------------------------------------------
    def answer(self, text: str) -> None:
        """Show what became of an incident that was asked for here. An error of the list does not replace it."""
        self._answer, self._about = text, self._list.current
        self.tell(text)

    def reached(self) -> None:
        """The server has answered another request, so read a list that failed again."""
        if self._failed:
            self.load()

    def cursor_is_on(self, incident: Incident | None) -> None:
        """Take the answer about another incident away."""
        about = self._about.id if self._about is not None else None
        if self._answer and about != (incident.id if incident is not None else None) and self._status_line.words == display(self._answer):
            self.answer("")

    def tell(self, text: str, style: str = "") -> None:
        self._status_line.show(text, "", style)

    def tell_also(self, text: str) -> None:
        """Add a message behind what the status line says."""
        self.answer(" · ".join(filter(None, (self._status_line.words, text))))


async def _what_the_disk_tells(workspace: Workspace) -> str:
    """What is to be said of the cache, and once a day; that is asked last, because who leaves meanwhile has not been told."""
    not_kept = await workspace.not_kept()
    return " · ".join(filter(None, (await workspace.ending(), not_kept)))
