"""Creates and deletes postmortems, and writes the property by which colleagues find them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pmtui.backends.base import BackendError, Creation, Trouble
from pmtui.backends.http.client import segment
from pmtui.backends.http.limiter import LIMITER
from pmtui.backends.opsgenie.account.listing import permitted
from pmtui.backends.opsgenie.api import Api, acknowledgement
from pmtui.backends.opsgenie.find import PASTE, Finder
from pmtui.backends.opsgenie.incidents import refusal
from pmtui.backends.opsgenie.suggest import SET_ACTOR, Directory
from pmtui.backends.opsgenie.wire import POSTMORTEM_PROPERTY, Created, WirePostmortem, data_of
from pmtui.model.incident import Existence, Incident

CREATE_DEADLINE = 75.0
"""Seconds. The documented answer took 3.5 s; other clients wait 60."""
APPEARS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between reads of a new postmortem, which may answer 404 at first."""
REMEMBERS = f"the incident gets the extra property {POSTMORTEM_PROPERTY}, by which others find its postmortem"


class Lifecycle:
    """Creates and deletes postmortems. ``remember``: write a new postmortem's id into its incident."""

    def __init__(self, api: Api, finder: Finder, directory: Directory, *, remember: bool, waits: Sequence[float] = APPEARS) -> None:
        self._api = api
        self._finder = finder
        self._directory = directory
        self._remember = remember
        self._waits = waits

    async def creation(self, about: Incident) -> Creation:
        """What creating a postmortem would do, or why it is impossible."""
        tried = f"see whether {about.reference} can have a postmortem"
        if not self._directory.actor:
            return Creation(impossible=f"Opsgenie needs to know who creates it: {SET_ACTOR}")
        if pending := self._finder.pending(about.id):
            return Creation(impossible=pending)
        # An Essentials account has no calls on incidents: then only creating shows whether it is possible.
        state, now = await asyncio.gather(
            self._finder.existence(about, tried), permitted(self._finder.read_incident(about.id, tried), None)
        )
        if state is Existence.UNKNOWN and now is not None and now.postmortem_id:
            state = Existence.YES  # the incident names a postmortem that the search does not know
        if state not in (Existence.NONE, Existence.UNKNOWN):
            found = (await self._finder.locate(about, tried)).wire is not None
            return Creation(impossible="there is a postmortem already" if found else f"there is a postmortem already; {PASTE}")
        impossible = refusal(about, about.status if now is None else now.status)
        return Creation(warnings=(REMEMBERS,) if self._remember else (), impossible=impossible)

    async def create(self, about: Incident) -> tuple[WirePostmortem, tuple[str, ...]]:
        """Create a postmortem, never a second one. Returns the wire model and notices. Raises BackendError."""
        tried = f"create a postmortem for {about.reference}"
        if pending := self._finder.pending(about.id):
            raise BackendError(Trouble.CONFLICT, tried, f"there is one already, {pending}")
        actor = await self._directory.actor_id(tried)
        state = await self._finder.existence(about, tried)
        if state not in (Existence.NONE, Existence.UNKNOWN):
            advice = "open it" if self._finder.is_named(about.id) else PASTE
            raise BackendError(Trouble.CONFLICT, tried, f"there is one already ({state.value.replace('-', ' ')})", advice)
        try:
            answer = await self._api.call(
                "POST",
                "/v2/postmortem",
                tried=tried,
                body={"incidentId": about.id, "actorUserId": actor},
                deadline=CREATE_DEADLINE,
                retry=False,
            )
        except BackendError as error:
            if not error.unknown:
                raise
            return await self._settled(about, error, tried)
        try:
            created = data_of(Created, answer.data, tried, identity="postmortemId")
        except BackendError as unclear:
            unclear.request_id = answer.request_id
            return await self._settled(about, unclear, tried)
        return await self._made(about, created.postmortem_id)

    async def _made(self, about: Incident, identifier: str) -> tuple[WirePostmortem, tuple[str, ...]]:
        """Note a new postmortem in the index and its incident, before anything else can fail; then read it."""
        self._finder.made(about.id, identifier)
        notices = await self._write_property(about, identifier)
        tried = f"read the new postmortem of {about.reference}"
        try:
            return await self._appeared(identifier, tried), notices
        except BackendError as error:
            said = f"it was created ({identifier}), but it cannot be read yet: open it again in a while"
            advice = " · ".join(("do not create another one", error.said, *notices))
            raise BackendError(
                error.trouble, tried, said, advice, status=error.status, request_id=error.request_id, unknown=True
            ) from error

    async def remove(self, about: Incident, identifier: str) -> tuple[str, ...]:
        """Delete a postmortem; one that does not exist counts as deleted. Returns notices."""
        tried = f"delete the postmortem of {about.reference}"
        body = {"actorUserId": await self._directory.actor_id(tried), "deleteExportIncidentTimelines": False}
        try:
            await self._api.call("DELETE", f"/v2/postmortem/{segment(identifier)}", tried=tried, body=body, read=acknowledgement)
        except BackendError as error:
            if error.trouble is not Trouble.MISSING:
                raise
        self._finder.removed(about.id, identifier)
        return await self._take_property_back(about, identifier) if self._remember else ()

    async def _settled(self, about: Incident, error: BackendError, tried: str) -> tuple[WirePostmortem, tuple[str, ...]]:
        """Settle an unknown outcome: look for the new postmortem. Nothing is sent again."""
        for seconds in (0.0, *self._waits):
            await LIMITER.rest(seconds)
            try:
                located = await self._finder.locate(about, tried)
            except BackendError:
                break  # still unknown: report the first error
            if located.wire is not None:
                return located.wire, await self._write_property(about, located.wire.postmortem_id)
            if located.existence not in (Existence.NONE, Existence.UNKNOWN):
                said = f"it was created, but its id was lost with the answer ({error.said})"
                found = f"find the new postmortem of {about.reference}"
                raise BackendError(Trouble.CONFLICT, found, said, PASTE, request_id=error.request_id, unknown=True) from error
        said = f"{error.said}, and no postmortem was seen since"
        advice = "look again in a minute: only when there is still none, create it again"
        raise BackendError(error.trouble, tried, said, advice, status=error.status, request_id=error.request_id, unknown=True) from error

    async def _appeared(self, identifier: str, tried: str) -> WirePostmortem:
        """Wait until the new postmortem can be read, and return it."""
        for seconds in self._waits:
            try:
                return await self._api.postmortem(identifier, tried)
            except BackendError as error:
                if error.trouble is not Trouble.MISSING:
                    raise
            await LIMITER.rest(seconds)
        return await self._api.postmortem(identifier, tried)

    async def _take_property_back(self, about: Incident, identifier: str) -> tuple[str, ...]:
        """Remove the id from the incident. A failure is only a notice, because the postmortem is deleted."""
        tried = f"take the id of the deleted postmortem out of {about.reference}"
        names = "may still name"
        try:
            now = await permitted(self._finder.read_incident(about.id, tried), None)
            if now is not None and now.postmortem_id == identifier:
                names = "still names"
                path = f"/v1/incidents/{segment(about.id)}/details"
                await self._api.write_incident("DELETE", path, tried=tried, params={"keys": POSTMORTEM_PROPERTY})
        except BackendError as error:
            names = "may still name" if error.unknown else names
            return (f"the postmortem is deleted, but {about.reference} {names} it: {error.message}",)
        return ()

    async def _write_property(self, about: Incident, identifier: str) -> tuple[str, ...]:
        """Write the id into the incident. A failure is only a notice, because the postmortem exists."""
        if not self._remember:
            return ()
        path = f"/v1/incidents/{segment(about.id)}/details"
        body = {"details": {POSTMORTEM_PROPERTY: identifier}}
        try:
            await self._api.write_incident("POST", path, tried="write the postmortem's id into the incident", body=body)
        except BackendError as error:
            return (f"only this computer knows the postmortem of {about.reference}: {error.message}",)
        self._finder.named(about.id, identifier)
        return ()
