"""An organisation's definitions and the current user, read once per process. Where they are refused, pmtui works without."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import replace

from pmtui.backends.answer import Json, understand_rows
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.account.definitions import Definitions, merged_facets, read_definitions, read_facets, read_people
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.wire.incidents import User
from pmtui.model.values import Person

_NOT_NOW = frozenset({Trouble.OFFLINE, Trouble.TIMEOUT, Trouble.SERVER, Trouble.LIMITED, Trouble.ANSWER})
"""Troubles that may be over at the next reading."""

LONGEST_WAIT = 2.0
"""Seconds. The text does not wait longer for labels and allowed values: a form can be drawn without them."""


class Catalogue:
    """The definitions of one organisation. Missing ones never raise, because forms work without them; ``missing`` says why."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.definitions = Definitions()
        self.missing = ""
        self._reading: asyncio.Task[None] | None = None
        self._failed_for_now = False
        self._prefixes: tuple[str, ...] | None = None
        self._me: Person | None = None
        self._people: dict[str, Person] = {}
        self._handles: dict[str, str] = {}
        self._looked_for: set[str] = set()

    @property
    def asked(self) -> bool:
        """Whether the definitions were read, are being read, or were refused for good."""
        return self._reading is not None and not self._failed_for_now

    @property
    def lacking(self) -> bool:
        """Whether the definitions were asked for and are not known: refused, not understood, or not there yet."""
        return self._reading is not None and (bool(self.missing) or not self._reading.done())

    def prefetch(self) -> None:
        """Begin to read the definitions in the background; again after a failure that may be over."""
        if not self.asked:
            self._failed_for_now = False
            self._reading = asyncio.create_task(self._read())

    async def ready(self) -> None:
        """Wait a short time for the definitions, if they are being read."""
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=LONGEST_WAIT)

    async def aclose(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            rows = await self._api.user_defined_fields()
            self.definitions = replace(self.definitions, fields=read_definitions(rows.understood))
            if rows.unreadable:
                said = f"{len(rows.unreadable)} definitions were not understood ({rows.unreadable[0]})"
                self.missing = f"labels and allowed values of some incident fields are not known: {said}"
            else:
                self.missing = ""
        except BackendError as error:
            self._failed_for_now = error.trouble in _NOT_NOW
            self.missing = f"labels and allowed values of incident fields are not known: {error.said}"

    def note_search(self, facets: Json) -> None:
        """Remember the values and people in the facets of a search."""
        self.definitions = replace(self.definitions, facets=merged_facets(self.definitions.facets, read_facets(facets)))
        people = [{"id": each.get("uuid"), "attributes": each} for each in read_people(facets)]
        self.note_users(understand_rows(User, people, at="facets").understood)

    def note_users(self, users: Iterable[User]) -> None:
        """Remember people, to suggest them when the key may not list users."""
        for user in users:
            person = user.person
            if person.name or person.email:
                self._people[person.id] = person
                self._handles[person.id] = user.handle

    def handle(self, person: Person) -> str:
        """A person's handle, for searches and mentions: mostly, but not always, the e-mail address."""
        return self._handles.get(person.id) or person.email or person.label

    async def handles(self, owner: str) -> list[str]:
        """The handles of the people matching ``me``, an e-mail address, a handle, or words of a name.

        Of a name, all whom the vendor's search finds, and not only those that happened to be in a list; without a match the text
        itself. Raises BackendError for ``me``.
        """
        if owner.lower() in ("me", "@me"):
            return [self.handle(await self.me())]
        wanted = owner.removeprefix("@").lower()
        if not self._is_handle(wanted) and wanted not in self._looked_for:
            with contextlib.suppress(BackendError):  # without the scope to list users only those seen, or the typed text, are left
                self.note_users(await self._api.users(wanted))
                self._looked_for.add(wanted)
        return self._called(wanted) or [owner]

    def _is_handle(self, wanted: str) -> bool:
        return any(wanted in (self.handle(each).lower(), each.email.lower()) for each in self.people)

    def _called(self, wanted: str) -> list[str]:
        exact = [each for each in self.people if wanted in (self.handle(each).lower(), each.email.lower())]
        alike = exact if exact or "@" in wanted else [each for each in self.people if wanted in each.name.lower()]
        return [self.handle(each) for each in alike]

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(self._people.values())

    async def prefixes(self) -> tuple[str, ...]:
        """The prefixes of references, the usual ``IR`` first."""
        if self._prefixes is None:
            try:
                named = [each.attributes.prefix for each in (await self._api.types()).understood]
            except BackendError:
                named = []
            self._prefixes = tuple(dict.fromkeys(["IR", *(each for each in named if each)]))
        return self._prefixes

    @property
    def known_me(self) -> str:
        """The id of the user of the keys, "" while it was not read."""
        return self._me.id if self._me is not None else ""

    async def me(self) -> Person:
        """The user of the keys. Raises BackendError."""
        if self._me is None:
            user = await self._api.current_user()
            self._me = user.person
            self.note_users([user])
        return self._me
