"""From what a person says to an incident, and from an incident to its postmortem.

The API lists no postmortems and no known answer about an incident names its postmortem. The ways that are left, best
first: the incident's extra property ``postmortemId`` (a convention of clients, editable by anyone, so verified), what
pmtui remembers from earlier, a pasted address, an address in the incident's notes or timeline. If none leads there, the
search still tells whether there is one.
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
from pmtui.backends.opsgenie.wire import Data, Entry, Listed, Note, Timeline, WireIncident, WirePostmortem, data_of, moment
from pmtui.model.postmortem import Existence, Incident

PASTE = "its id cannot be found through the API: open it in the browser and paste its address"

NEW = timedelta(hours=1)
"""How long after its creation a postmortem that answers 404 counts as not visible yet; others' clients wait seconds."""

EXTRA = 5.0
"""Seconds for reading notes and timeline, waiting included."""

_MENTION = re.compile(r"post-mortem/([\w-]+)")
_NOTES, _ENTRIES = 100, 20  # the largest pages

_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Located:
    """What was found. ``wire`` is the postmortem, None without one or without its id; then ``existence`` says which.

    ``pending`` tells of one that was just created and cannot be read yet, "" when there is none such.
    """

    wire: WirePostmortem | None
    existence: Existence = Existence.YES
    notices: tuple[str, ...] = ()
    pending: str = ""


class Finder:
    """``index`` remembers pairs over restarts; the properties of incidents seen by this process are kept beside it.

    ``now`` tells how old a new postmortem is.
    """

    def __init__(self, api: Api, index: Index, now: Callable[[], datetime]) -> None:
        self._api = api
        self._index = index
        self._now = now
        self._properties: dict[str, str] = {}
        self._without: set[str] = set()  # incidents whose postmortem was deleted here

    def saw(self, incidents: Iterable[WireIncident]) -> None:
        """Keep which postmortems these incidents name, and that the others name none."""
        self._properties.update((each.id, each.postmortem_id) for each in incidents)

    def named(self, incident_id: str, postmortem_id: str) -> None:
        """Keep that this incident names this postmortem now."""
        self._properties[incident_id] = postmortem_id

    def linked(self, incident_id: str, postmortem_id: str) -> None:
        """Remember a pair that is known to be right."""
        self._without.discard(incident_id)
        link(self._index, incident_id, postmortem_id)

    def made(self, incident_id: str, postmortem_id: str) -> None:
        """Remember a postmortem that was created just now, whether it can be read already or not."""
        self.linked(incident_id, postmortem_id)
        self._index.put(CREATED, postmortem_id, self._now().isoformat())

    def pending(self, incident_id: str) -> str:
        """What to say of a postmortem that pmtui created a moment ago, "" when there is none."""
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
        """Forget a pair whose postmortem was deleted: an incident has one at most."""
        self.unlinked(incident_id, postmortem_id)
        self._without.add(incident_id)

    def known(self) -> tuple[str, ...]:
        """The postmortems that are remembered from earlier."""
        return self._index.keys(INCIDENT_OF_POSTMORTEM)

    async def of_postmortem(self, identifier: str) -> Incident:
        """The incident of a postmortem by the postmortem's id. Raises BackendError."""
        return await self._by_postmortem(identifier, f"find the incident of the postmortem {identifier}")

    async def find(self, reference: str) -> Incident:
        """The incident that a reference means: an address, a number (``#42``), an incident's id or a postmortem's."""
        reference = reference.strip()
        tried = f"find {reference}"
        if not reference:
            raise BackendError(Trouble.LOCAL, "find an incident", "nothing was asked for", "give an id, a number like #42, or an address")
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
        """One incident by id, or by the number that people say."""
        params = {"identifierType": "tiny"} if tiny else None
        answer = await self._api.call("GET", f"/v1/incidents/{segment(identifier)}", tried=tried, params=params)
        found = data_of(WireIncident, answer.data, tried)
        self.saw((found,))
        return found

    async def locate(self, about: Incident, tried: str) -> Located:
        """The postmortem of an incident by every way there is."""
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
        """Whether there is one, as the search says now; what the list said before where the search says nothing."""
        found = await permitted(existence(self._api, about.id, tried), Existence.UNKNOWN)
        earlier = Existence(about.postmortem) if about.postmortem in set(Existence) else Existence.UNKNOWN
        return earlier if found is not Existence.NONE and earlier not in (Existence.NONE, Existence.UNKNOWN) else found

    async def verified(self, identifier: str, about: Incident, tried: str) -> WirePostmortem:
        """A postmortem by id, which must not be another incident's: it is remembered when it says that it is this one's.

        Raises BackendError: MISSING, or INVALID for another incident's.
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
        """A notice for a postmortem that does not say which incident it is about, unless that was made sure earlier."""
        if found.root_incident is not None or self._index.get(POSTMORTEM_OF_INCIDENT, about.id) == identifier:
            return ""
        return f"this postmortem ({identifier}) does not say which incident it is about: check that it is the one of {about.reference}"

    async def _first(self, identifiers: Iterable[str], about: Incident, tried: str, told: dict[str, str]) -> WirePostmortem | None:
        """The first of these postmortems that exists and is not another incident's.

        ``told`` gets a notice, perhaps "", for each that was asked for: those that stand in it are not asked for again.
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
        """Ids in addresses of postmortems that stand in the incident's notes and timeline, newest first."""
        notes, entries = await asyncio.gather(
            self._extra(Listed, f"/v1/incidents/{segment(incident_id)}/notes", tried, _NOTES),
            self._extra(Data[Timeline], f"/v2/incident-timelines/{segment(incident_id)}/entries", tried, _ENTRIES),
        )
        words = [note.note for note in understand_rows(Note, notes.data if notes else (), at="data").understood]
        for entry in understand_rows(Entry, entries.data.entries if entries else (), at="data.entries").understood:
            words += [part.content for part in (entry.description, entry.title) if part is not None]
        return [found for each in words for found in _MENTION.findall(each)]

    async def _extra(self, model: type[_M], path: str, tried: str, limit: int) -> _M | None:
        """The answer to a GET that may fail in any way: it is a place to look in, and not the one that was asked for."""
        try:
            async with asyncio.timeout(EXTRA):
                answer = await self._api.call("GET", path, tried=tried, params={"limit": limit}, retry=False)
            return understand(model, answer.data, tried)
        except (BackendError, TimeoutError):
            return None

    async def _by_id(self, identifier: str, tried: str) -> Incident:
        """An id may be an incident's or a postmortem's; what was seen before says which to try first."""
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
        # The incident itself knows its page in the browser; what the postmortem says of it will do where it cannot be read.
        full = await permitted(self.read_incident(root.id, tried), root)
        return to_model.incident(full, to_model.existence_of(found.status))

    def _incident(self, found: WireIncident) -> Incident:
        if found.id in self._without:
            return to_model.incident(found, Existence.NONE)
        known = found.postmortem_id or self._index.get(POSTMORTEM_OF_INCIDENT, found.id)
        return to_model.incident(found, Existence.YES if known else Existence.UNKNOWN)


def _notices(told: dict[str, str]) -> tuple[str, ...]:
    return tuple(notice for notice in told.values() if notice)
