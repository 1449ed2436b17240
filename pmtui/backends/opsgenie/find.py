"""Finds an incident by reference, and the postmortem of an incident.

The API lists no postmortems, and no documented part of an incident names its postmortem. The remaining ways, best first: the
incident's extra property ``postmortemId`` (a convention of clients, editable by anyone, so verified), the index, a pasted
address, an address in the incident's notes or timeline. If none works, the search still says whether there is one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel

from pmtui.backends.answer import understand, understand_rows
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.http.client import segment
from pmtui.backends.opsgenie import incidents as to_model
from pmtui.backends.opsgenie.account.index import CREATED, INCIDENT_OF_POSTMORTEM, POSTMORTEM_OF_INCIDENT, Index, link, unlink
from pmtui.backends.opsgenie.account.listing import permitted
from pmtui.backends.opsgenie.api import Api
from pmtui.backends.opsgenie.incident_list import existence
from pmtui.backends.opsgenie.wire import Data, Listed, Note, Timeline, TimelineItem, WireIncident, WirePostmortem, data_of, moment
from pmtui.model.incident import Existence, Incident

PASTE = "its id cannot be found through the API: open it in the browser and paste its address"

NEW = timedelta(hours=1)
"""A postmortem that answers 404 within this time after its creation counts as not visible yet; other clients wait seconds."""

EXTRA = 5.0
"""Seconds for reading notes and timeline, including waits."""

_MENTION = re.compile(r"post-mortem/([\w-]+)")
_NOTES, _ENTRIES = 100, 20  # the largest pages

_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Located:
    """The result. ``wire`` is the postmortem, None when there is none or its id is not known: see ``existence``.

    ``pending`` is a message about a postmortem that was just created and cannot be read yet, "" for none.
    """

    wire: WirePostmortem | None
    existence: Existence = Existence.YES
    notices: tuple[str, ...] = ()
    pending: str = ""


class Finder:
    """Finds incidents and postmortems. ``index`` remembers pairs between runs; properties of incidents are kept in memory.

    ``now`` is the clock, for the age of a new postmortem.
    """

    def __init__(self, api: Api, index: Index, now: Callable[[], datetime]) -> None:
        self._api = api
        self._index = index
        self._now = now
        self._properties: dict[str, str] = {}
        self._without: set[str] = set()  # incidents whose postmortem was deleted here

    def saw(self, incidents: Iterable[WireIncident]) -> None:
        """Note which postmortem each of these incidents names, if any."""
        self._properties.update((each.id, each.postmortem_id) for each in incidents)

    def named(self, incident_id: str, postmortem_id: str) -> None:
        """Note that this incident now names this postmortem."""
        self._properties[incident_id] = postmortem_id

    def is_named(self, incident_id: str) -> bool:
        """Whether the id of this incident's postmortem is known: then it can be opened."""
        return bool(self._properties.get(incident_id) or self._index.get(POSTMORTEM_OF_INCIDENT, incident_id))

    def linked(self, incident_id: str, postmortem_id: str) -> None:
        """Remember a verified pair."""
        self._without.discard(incident_id)
        link(self._index, incident_id, postmortem_id)

    def made(self, incident_id: str, postmortem_id: str) -> None:
        """Remember a postmortem that was just created; it may not be readable yet."""
        self.linked(incident_id, postmortem_id)
        self._index.put(CREATED, postmortem_id, self._now().isoformat())

    def pending(self, incident_id: str) -> str:
        """A message about a postmortem that pmtui created recently, "" for none."""
        identifier = self._index.get(POSTMORTEM_OF_INCIDENT, incident_id) or ""
        if not identifier or not self._is_new(identifier):
            return ""
        return f"its postmortem ({identifier}) was just created: when it cannot be read yet, open it again in a while"

    def unlinked(self, incident_id: str, postmortem_id: str) -> None:
        """Forget a pair."""
        unlink(self._index, incident_id, postmortem_id)
        if self._properties.get(incident_id) == postmortem_id:
            del self._properties[incident_id]

    def removed(self, incident_id: str, postmortem_id: str) -> None:
        """Forget a pair whose postmortem was deleted: an incident has at most one."""
        self.unlinked(incident_id, postmortem_id)
        self._without.add(incident_id)

    def known(self) -> tuple[str, ...]:
        """The ids of postmortems in the index."""
        return self._index.keys(INCIDENT_OF_POSTMORTEM)

    async def of_postmortem(self, identifier: str) -> Incident:
        """The incident of the postmortem with this id. Raises BackendError."""
        return await self._by_postmortem(identifier, f"find the incident of the postmortem {identifier}")

    async def find(self, reference: str) -> Incident:
        """Find an incident by address, number (``#42``), its id, or its postmortem's id."""
        reference = reference.strip()
        tried = f"find {reference}"
        if not reference:
            raise BackendError(Trouble.LOCAL, "find an incident", "nothing was given", "give an id, a number like #42, or an address")
        if postmortem_id := to_model.postmortem_named_by(reference):
            return await self._by_postmortem(postmortem_id, tried)
        if incident_id := to_model.incident_named_by(reference):
            return self._incident(await self.read_incident(incident_id, tried))
        if reference.lstrip("#").isdecimal():
            return self._incident(await self.read_incident(reference.lstrip("#"), tried, tiny=True))
        if "/" in reference:
            said = "this address is neither an incident's nor a postmortem's"
            raise BackendError(Trouble.LOCAL, tried, said, "paste …/incident/detail/ID or …/reports/post-mortem/ID/detail")
        return await self._by_id(reference, tried)

    async def read_incident(self, identifier: str, tried: str, *, tiny: bool = False) -> WireIncident:
        """Read one incident by id, or with ``tiny`` by its number."""
        params = {"identifierType": "tiny"} if tiny else None
        answer = await self._api.call("GET", f"/v1/incidents/{segment(identifier)}", tried=tried, params=params)
        found = data_of(WireIncident, answer.data, tried)
        self.saw((found,))
        return found

    async def locate(self, about: Incident, tried: str) -> Located:
        """Find the postmortem of an incident in every possible way."""
        told: dict[str, str] = {}
        known = (self._properties.get(about.id, ""), self._index.get(POSTMORTEM_OF_INCIDENT, about.id) or "")
        found = await self._first(known, about, tried, told)
        if found is None and (pending := self.pending(about.id)):
            return Located(None, Existence.YES, _notices(told), pending)
        if found is None and about.id not in self._properties:
            found = await self._first((await self._property(about.id, tried),), about, tried, told)
        state = Existence.YES
        if found is None and (state := await self.existence(about, tried)) is not Existence.NONE:
            found = await self._first(await self._mentioned(about.id, tried), about, tried, told)
        return Located(found, state, _notices(told))

    async def existence(self, about: Incident, tried: str) -> Existence:
        """Whether there is a postmortem, by the search; when the search does not say, as the list said before."""
        found = await permitted(existence(self._api, about.id, tried), Existence.UNKNOWN)
        earlier = Existence(about.postmortem) if about.postmortem in set(Existence) else Existence.UNKNOWN
        return earlier if found is not Existence.NONE and earlier not in (Existence.NONE, Existence.UNKNOWN) else found

    async def verified(self, identifier: str, about: Incident, tried: str) -> WirePostmortem:
        """Read a postmortem by id, and check its incident. The pair is remembered if the postmortem names this incident.

        Raises BackendError: MISSING, or INVALID for a postmortem of another incident.
        """
        found = await self._api.postmortem(identifier, tried)
        root = found.root_incident
        if root is not None and root.id != about.id:
            said = f"that is the postmortem of #{root.tiny_id} {root.message}, not of {about.reference}"
            raise BackendError(Trouble.INVALID, tried, said, f"open #{root.tiny_id} instead, or paste another address")
        if root is not None:
            self.linked(about.id, identifier)
        return found

    def doubt(self, found: WirePostmortem, about: Incident, identifier: str) -> str:
        """A notice for a postmortem that does not name its incident, unless the pair was verified earlier; "" for none."""
        if found.root_incident is not None or self._index.get(POSTMORTEM_OF_INCIDENT, about.id) == identifier:
            return ""
        return f"this postmortem ({identifier}) does not say which incident it is about: check that it is the one of {about.reference}"

    async def _first(self, identifiers: Iterable[str], about: Incident, tried: str, told: dict[str, str]) -> WirePostmortem | None:
        """The first of these postmortems that exists and is not of another incident.

        ``told`` gets a notice, perhaps "", for each id that was read; ids in it are not read again.
        """
        for identifier in dict.fromkeys(each for each in identifiers if each and each not in told):
            try:
                found = await self.verified(identifier, about, tried)
            except BackendError as error:
                if error.trouble not in (Trouble.MISSING, Trouble.INVALID):
                    raise
                wrong = error.trouble is Trouble.INVALID
                told[identifier] = f"{about.reference} names a wrong postmortem ({identifier}): {error.said}" if wrong else ""
                if wrong or not self._is_new(identifier):
                    self.unlinked(about.id, identifier)
            else:
                told[identifier] = self.doubt(found, about, identifier)
                return found
        return None

    def _is_new(self, postmortem_id: str) -> bool:
        created = moment(self._index.get(CREATED, postmortem_id))
        return created is not None and self._now() - created < NEW

    async def _property(self, incident_id: str, tried: str) -> str:
        found = await permitted(self.read_incident(incident_id, tried), None)
        return found.postmortem_id if found is not None else ""

    async def _mentioned(self, incident_id: str, tried: str) -> list[str]:
        """Ids of postmortems in addresses in the incident's notes and timeline, newest first."""
        notes, entries = await asyncio.gather(
            self._extra(Listed, f"/v1/incidents/{segment(incident_id)}/notes", tried, _NOTES),
            self._extra(Data[Timeline], f"/v2/incident-timelines/{segment(incident_id)}/entries", tried, _ENTRIES),
        )
        words = [note.note for note in understand_rows(Note, notes.data if notes else (), at="data").understood]
        for entry in understand_rows(TimelineItem, entries.data.entries if entries else (), at="data.entries").understood:
            words += [part.content for part in (entry.description, entry.title) if part is not None]
        return [found for each in words for found in _MENTION.findall(each)]

    async def _extra(self, model: type[_M], path: str, tried: str, limit: int) -> _M | None:
        """The answer to an optional GET, None for any failure: it is only one place to search."""
        try:
            async with asyncio.timeout(EXTRA):
                answer = await self._api.call("GET", path, tried=tried, params={"limit": limit}, retry=False)
            return understand(model, answer.data, tried)
        except (BackendError, TimeoutError):
            return None

    async def _by_id(self, identifier: str, tried: str) -> Incident:
        """Find by an id of an incident or a postmortem; the kind seen before is tried first."""
        if self._index.get(INCIDENT_OF_POSTMORTEM, identifier):
            return await self._by_postmortem(identifier, tried)
        try:
            return self._incident(await self.read_incident(identifier, tried))
        except BackendError as error:
            if error.trouble not in (Trouble.MISSING, Trouble.PLAN, Trouble.INVALID):
                raise
            return await self._by_postmortem(identifier, tried)

    async def _by_postmortem(self, identifier: str, tried: str) -> Incident:
        found = await self._api.postmortem(identifier, tried)
        root = found.root_incident
        if root is None:
            raise BackendError(Trouble.ANSWER, tried, "this postmortem does not say which incident it is about", "give the incident's id")
        self.linked(root.id, identifier)
        # The incident has its browser address; if it cannot be read, use what the postmortem says of it.
        full = await permitted(self.read_incident(root.id, tried), root)
        return to_model.incident(full, to_model.existence_of(found.status))

    def _incident(self, found: WireIncident) -> Incident:
        if found.id in self._without:
            return to_model.incident(found, Existence.NONE)
        known = found.postmortem_id or self._index.get(POSTMORTEM_OF_INCIDENT, found.id)
        return to_model.incident(found, Existence.YES if known else Existence.UNKNOWN)


def _notices(told: dict[str, str]) -> tuple[str, ...]:
    return tuple(notice for notice in told.values() if notice)
