"""One list of the account's configuration (users, teams, services), read once and searched here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel

from pmtui.backends.answer import not_understood
from pmtui.backends.base import BackendError
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.query import value
from pmtui.backends.opsgenie.wire import rows_of
from pmtui.backends.trouble import REFUSALS
from pmtui.model.values import Named, Person

Entry: TypeAlias = Person | Named
_T = TypeVar("_T")
_M = TypeVar("_M", bound=BaseModel)

PAGE = 100  # the largest page that the documentation shows
PAGES_READ = 5
"""How many pages are read and searched here; larger lists are also queried."""


class Listing(Generic[_M]):
    """The entries at ``path``: ``make`` turns each row, a ``model``, into an entry.

    ``queried`` are the fields that can be queried, none for a list without pages.
    """

    def __init__(
        self,
        api: Api,
        path: str,
        what: str,
        model: type[_M],
        make: Callable[[_M], Entry],
        queried: Sequence[str] = (),
        **params: str,
    ) -> None:
        self._api = api
        self._path = path
        self._tried = f"read the {what}"
        self._model = model
        self._make = make
        self._queried = queried
        self._params: Mapping[str, str | int] = {**params, "limit": PAGE} if queried else {}
        self._entries: list[Entry] | None = None
        self._complete = True
        self._unreadable = ""

    async def search(self, words: str) -> list[Entry]:
        """Every entry that may match, for the caller to choose from. Without the right to read the configuration, nothing.

        Raises BackendError, ANSWER when the list, or every row of it, was not understood.
        """
        known = await self._all()
        if self._complete or len(words) < 2:
            return known
        asked: list[Entry] = []
        for name in self._queried:
            asked += (await permitted(self._page({**self._params, "query": f"{name}:{value(words)}"}), _Page([], 0))).entries
        return [*asked, *known]

    async def names_with(self, part: str) -> list[str]:
        """The names of the entries that have this in their name. Without the right to read them, nothing."""
        return [each.name for each in await self.search(part) if part.casefold() in each.name.casefold()]

    def missed(self) -> None:
        """Call this when nothing was found. Raises BackendError (ANSWER) if there are rows that were not understood."""
        if self._unreadable:
            raise not_understood(self._tried, self._unreadable)

    async def name_of(self, identifier: str) -> str:
        """The name of the entry with this id, "" when it cannot be read."""
        return next((each.name for each in await self._all() if each.id == identifier), "")

    async def _all(self) -> list[Entry]:
        if self._entries is None:
            self._entries = await permitted(self._read(), [])
        return self._entries

    async def _read(self) -> list[Entry]:
        entries: list[Entry] = []
        for number in range(PAGES_READ if self._queried else 1):
            page = await self._page({**self._params, "offset": number * PAGE} if self._queried else {})
            entries += page.entries
            if page.rows < PAGE or not self._queried:
                return entries
        self._complete = False
        return entries

    async def _page(self, params: Mapping[str, str | int]) -> _Page:
        answer = await self._api.call("GET", self._path, tried=self._tried, params=params)
        rows = rows_of(self._model, answer.data, self._tried)
        self._unreadable = next(iter(rows.unreadable), self._unreadable)
        if not rows.understood:
            self.missed()
        return _Page([self._make(row) for row in rows.understood], len(rows))


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a list: its entries, and the number of its rows, understood or not."""

    entries: list[Entry]
    rows: int


async def permitted(asking: Awaitable[_T], otherwise: _T) -> _T:
    """The result of ``asking``, or ``otherwise`` when the key or plan does not allow it, a team's key does not see it, or
    the vendor does not accept the query (some of the search syntax is known from third parties only)."""
    try:
        return await asking
    except BackendError as error:
        if error.trouble not in REFUSALS:
            raise
        return otherwise
