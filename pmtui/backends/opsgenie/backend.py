"""The Opsgenie backend: one account, as one API key sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pmtui.backends.answer import not_understood
from pmtui.backends.base import (
    NONE_YET,
    Backend,
    BackendError,
    Check,
    Creation,
    Identity,
    Lost,
    RequestRecord,
    RouteLine,
    Step,
    Template,
    Trouble,
    Waiting,
)
from pmtui.backends.http.client import DEADLINE, Client
from pmtui.backends.opsgenie import incident_list as incidents
from pmtui.backends.opsgenie.account.filters import FILTERS
from pmtui.backends.opsgenie.account.index import Index
from pmtui.backends.opsgenie.account.routes import Routes
from pmtui.backends.opsgenie.api import HOSTS, Api, authorization
from pmtui.backends.opsgenie.errors import RIGHTS, OpsgenieDialect
from pmtui.backends.opsgenie.find import PASTE, Finder
from pmtui.backends.opsgenie.incidents import existence_of, postmortem_named_by, postmortems_named_in, refreshed, refusal
from pmtui.backends.page import Page
from pmtui.config import Profile
from pmtui.model.fields import Field, Kind, LockedBy
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import TEXT, Cell, Postmortem, Unread
from pmtui.model.query import Query
from pmtui.model.values import Item, Person

if TYPE_CHECKING:
    from pmtui.backends.archive import Archive, Record, TimelineEntry
    from pmtui.backends.opsgenie import read
    from pmtui.backends.opsgenie.account.mentions import Mentions
    from pmtui.backends.opsgenie.create import Lifecycle
    from pmtui.backends.opsgenie.history.archive import History
    from pmtui.backends.opsgenie.send import Sender
    from pmtui.backends.opsgenie.suggest import Directory
    from pmtui.backends.opsgenie.wire import WirePostmortem
    from pmtui.model.changes import Change

CONCURRENCY = 2
"""Simultaneous requests. All clients of the account share the vendor's limits."""
_MAY_NOT_WRITE = f"this API key may not write: it lacks the right {RIGHTS['write']!r}"


class OpsgenieBackend(Backend):
    """One Opsgenie account.

    ``index`` remembers between runs what the API does not give. ``remember_on_incident``: a new postmortem's id is written into
    its incident (``creation`` announces it), so that colleagues and other computers find it.
    """

    opens_with = tuple(f"pmtui.backends.opsgenie.{name}" for name in ("read", "suggest", "account.mentions"))
    pasted_address = "the postmortem's address or id"
    rich_text = True

    def __init__(
        self,
        profile: Profile,
        index: Index,
        *,
        remember_on_incident: bool = True,
        deadline: float = DEADLINE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        place = _place(profile)
        client = Client(
            profile.base_url or HOSTS[_region(profile)],
            vendor="Opsgenie",
            credentials=authorization(profile.credentials.get("api_key")),
            dialect=OpsgenieDialect(place),
            ca_file=profile.ca_file,
            read_only=profile.read_only,
            deadline=deadline,
            concurrency=CONCURRENCY,
        )
        self.refuses_writes = profile.read_only
        self._now = now
        self._api = Api(client, lambda: now().date())
        self._routes = Routes(client.host, index, profile.settings.get("routes", {}), now)
        self._finder = Finder(self._api, index, now)
        self._remember = remember_on_incident
        self.identity = Identity("Opsgenie", place, profile.actor, self._api.days_left)

    def filters(self) -> Mapping[str, tuple[str, ...]]:
        return FILTERS

    # ---- what the list does not need is loaded when it is asked for ----------------------------------------------
    @cached_property
    def _directory(self) -> Directory:
        from pmtui.backends.opsgenie.suggest import Directory

        return Directory(self._api, self.identity.actor)

    @cached_property
    def _mentions(self) -> Mentions:
        from pmtui.backends.opsgenie.account.mentions import Mentions

        return Mentions()

    @cached_property
    def _history(self) -> History:
        from pmtui.backends.opsgenie.history.archive import History

        return History(self._api)

    @cached_property
    def _lifecycle(self) -> Lifecycle:
        from pmtui.backends.opsgenie.create import Lifecycle

        return Lifecycle(self._api, self._finder, self._directory, remember=self._remember)

    @cached_property
    def _sender(self) -> Sender:
        from pmtui.backends.opsgenie.send import Sender

        return Sender(self._api, self._routes, self._directory, self.reread)

    # ---- and the rest ---------------------------------------------------------------------------------------------
    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents, newest first, each with the state of its postmortem if the search gives it."""
        notices: tuple[str, ...] = ()
        if "team" in query.facets or "service" in query.facets:
            query, notices = await self._directory.in_full(query)
        page, wires = await incidents.page(self._api, query, cursor)
        if cursor is None:
            self._api.missing_rights.clear()  # somebody may have ticked the box since: the next write tells
        self._finder.saw(wires)
        return replace(page, notices=(*notices, *page.notices)) if notices and cursor is None else page

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        """The incidents of that second, filtered here by title: a search for words would find others, and not all."""
        second = timedelta(seconds=1)
        span = {"after": ((began - second).isoformat(),), "before": ((began + second).isoformat(),)}
        page, _ = await incidents.page(self._api, Query("", span), None)
        return [each for each in page.incidents if each.title == title and each.created and abs(each.created - began) < second]

    async def import_form(self) -> tuple[Field, ...]:
        """There is no import, and the call that creates an incident is never made: it pages people."""
        said = "Opsgenie cannot import past incidents, and its call that creates one pages people"
        advice = "name the incident that it belongs to; if there has to be one, create it in Opsgenie, resolve it, and try again"
        raise BackendError(Trouble.UNABLE, "import an incident", said, advice)

    async def find(self, ref: str) -> Incident:
        """Find an incident by ``#42``, an incident's or postmortem's id, or the browser address of either."""
        return await self._finder.find(ref)

    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        """Read a postmortem whole. ``document`` is its id, if it is known to be this incident's."""
        from pmtui.backends.opsgenie import read

        tried = f"read the postmortem of {incident.reference}"
        if document:
            wire = await self._finder.verified(document, incident, tried)
            doubt = self._finder.doubt(wire, incident, document)
            return await self._read(wire, incident, await self._circumstances(), (doubt,) if doubt else ())
        located, circumstances = await asyncio.gather(self._finder.locate(incident, tried), self._circumstances())
        if located.wire is not None:
            return await self._read(located.wire, incident, circumstances, located.notices)
        about = replace(incident, postmortem=located.existence)
        if located.existence is Existence.NONE:
            refused = refusal(about, about.status)
            why = f"there is no postmortem yet: {refused}" if refused else NONE_YET
            return read.without_postmortem(about, self._now(), why, LockedBy.NO_POSTMORTEM, located.notices)
        unknown = located.existence is Existence.UNKNOWN
        there = "Opsgenie does not say whether there is a postmortem; if there is" if unknown else "there is a postmortem"
        why = located.pending or f"{there}{',' if unknown else ';'} {PASTE}"
        unread = (Unread(TEXT, why, Trouble.MISSING.value),)
        return read.without_postmortem(about, self._now(), why, LockedBy.IDENTITY, (why, *located.notices), unread)

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """Read again with one GET. Parts equal to ``base`` keep its spelling, and sections their keys and boundaries.

        Raises BackendError: ANSWER when the answer is not a postmortem, or a different one.
        """

        if not base.id:
            return await self.postmortem(base.incident)
        tried = f"read the postmortem of {base.incident.reference} again"
        wire = await self._api.postmortem(base.id, tried)
        if wire.postmortem_id != base.id:
            raise not_understood(tried, f"data.postmortemId is {wire.postmortem_id!r}, not {base.id!r}")
        roles = next((field.roles for field in base.form if field.kind is Kind.PEOPLE), ())
        circumstances = replace(self._locks(), roles=roles)
        return await self._read(wire, base.incident, circumstances, base.notices, like=base)

    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        """The narrowest writes for these changes; for a published postmortem set back to draft before and published again after."""
        from pmtui.backends.opsgenie import plan

        return plan.steps(server, target, changes, self._routes, self.mentioned()) if server.id else ()

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> None:
        """Make one write. The answer does not say whether it was applied: the caller reads back."""
        await self._sender.send(server, target, step)

    def begun(self, bare: Postmortem) -> Postmortem:
        """A new postmortem has all fields, and the executive summary."""
        from pmtui.backends.opsgenie import read

        return read.begun(bare, self._locks())

    async def creation(self, incident: Incident) -> Creation:
        """Whether a postmortem can be created. Opsgenie has one template, so there is nothing to choose."""
        locked = self._locks().no_right
        return Creation(impossible=locked) if locked else await self._lifecycle.creation(incident)

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        """Create a postmortem and read it. A template's preview, if given, replaces Opsgenie's own text."""
        wire, notices = await self._lifecycle.create(incident)
        if template is not None and template.preview:
            wire, notices = await self._sender.fill(wire, incident, template.preview, notices)
        return await self._read(wire, incident, await self._circumstances(), notices)

    async def remove(self, postmortem: Postmortem) -> tuple[str, ...]:
        """Delete the postmortem. Returns a notice when its incident still names it."""
        if not postmortem.id:
            said = "it is not known which one it is" if postmortem.incident.postmortem != Existence.NONE else "there is none"
            raise BackendError(Trouble.LOCAL, f"delete the postmortem of {postmortem.incident.reference}", said)
        return await self._lifecycle.remove(postmortem.incident, postmortem.id)

    def removal(self, postmortem: Postmortem) -> str:
        """What ``remove`` does, for the user to confirm."""
        return f"the postmortem of {postmortem.incident.reference} is deleted for good, with all its text and fields; the incident stays"

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """People, teams, services or incidents, best first."""
        return await self._directory.suggest(kind, text, postmortem)

    def lost(self, cell: Cell) -> Lost | None:
        """The words of a Markdown cell that its blocks on the server do not have."""
        from pmtui.backends.opsgenie import read

        return read.lost(cell)

    def mention(self, person: Person) -> str:
        """A mention if the person's Atlassian account id is known from a document that was read, else the name after an @ as text.

        A mention node needs that id, which no call of Opsgenie gives.
        """
        from pmtui.formats.adf import to_markdown

        name, account = f"@{person.label}", self._mentions.id_of(person.label)
        node = {"type": "mention", "attrs": {"id": account, "text": name}} if account else {"type": "text", "text": name}
        return to_markdown({"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [node]}]})

    def untold(self, person: Person) -> str:
        """A name as text notifies nobody: a mention needs the person's Atlassian account."""
        if self._mentions.id_of(person.label):
            return ""
        return f"{person.label} is not notified: Opsgenie does not give the Atlassian account, so the name is plain text"

    def mentioned(self) -> Mapping[str, str]:
        """From the documents that were read."""
        return dict(self._mentions.names)  # readings in threads add to them

    async def adopt(self, incident: Incident, reference: str) -> Incident:
        """Remember a pasted address or id as this incident's postmortem. It is read first, and must not be another incident's."""
        tried = f"take {reference.strip()} as the postmortem of {incident.reference}"
        identifier = postmortem_named_by(reference) or reference.strip()
        if not identifier or "/" in identifier:
            advice = "paste …/reports/post-mortem/ID/detail, or the id alone"
            raise BackendError(Trouble.LOCAL, tried, "this is not the address of a postmortem", advice)
        wire = await self._finder.verified(identifier, incident, tried)
        self._finder.linked(incident.id, identifier)  # also if it does not name its incident, because the user did
        return replace(incident, postmortem=existence_of(wire.status))

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """Timeline, notes and logs as one, oldest first."""
        return await self._history.timeline(incident)

    async def archive(self, postmortem: Postmortem) -> Archive:
        """The postmortem and everything that belongs to its incident, unchanged."""
        return await self._history.archive(postmortem)

    async def file(self, address: str) -> bytes | None:
        """On the API's host."""
        from pmtui.backends.http.files import own_file

        return await own_file(self._api.client, address)

    async def directory(self) -> Record:
        """The account's users, teams and services."""
        return await self._history.directory()

    def postmortem_ids_in(self, text: str) -> tuple[str, ...]:
        """The ids in browser and API addresses, and under the key ``postmortemId``."""
        return postmortems_named_in(text)

    def known_postmortem_ids(self) -> tuple[str, ...]:
        """The ids in the index."""
        return self._finder.known()

    async def incident_of_postmortem(self, identifier: str) -> Incident:
        """The incident that the postmortem names."""
        return await self._finder.of_postmortem(identifier)

    async def checks(self) -> Sequence[Check]:
        """The checks of ``pmtui doctor``."""
        from pmtui.backends.opsgenie.doctor import checks

        return await checks(self._api, self._directory, self._routes, self.identity.place)

    def routes(self) -> tuple[RouteLine, ...]:
        """The update routes, for ``pmtui doctor --routes``. No I/O."""
        return self._routes.table()

    def requests(self) -> Sequence[RequestRecord]:
        """The latest requests of this process, oldest first."""
        return tuple(self._api.client.records)

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        """Call this listener when a request waits."""
        self._api.client.on_waiting(listener)

    def pause_left(self) -> float:
        """Seconds that the vendor has asked to be left alone for."""
        return self._api.client.pause_left()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.client.aclose()

    async def _read(
        self,
        wire: WirePostmortem,
        about: Incident,
        circumstances: read.Circumstances,
        notices: tuple[str, ...] = (),
        like: Postmortem | None = None,
    ) -> Postmortem:
        """The postmortem that was read. A long one takes a while: so in a thread."""
        from pmtui.backends.opsgenie import read

        def converted() -> Postmortem:
            self._mentions.learn((wire.raw.get("executiveSummary"), wire.raw.get("content")))
            now = refreshed(about, wire.root_incident)
            return read.postmortem(wire, now, circumstances, self._now(), like=like, notices=notices)

        return await asyncio.to_thread(converted)

    async def _circumstances(self) -> read.Circumstances:
        """The locks, and the account's roles."""
        return replace(self._locks(), roles=await self._directory.roles())

    def _locks(self) -> read.Circumstances:
        from pmtui.backends.opsgenie import read
        from pmtui.backends.opsgenie.suggest import SET_ACTOR

        nobody = "" if self._directory.actor else f"Opsgenie needs to know who changes the status: {SET_ACTOR}"
        refused = _MAY_NOT_WRITE if RIGHTS["write"] in self._api.missing_rights else ""
        return read.Circumstances(no_actor=nobody, no_right=refused)


def _region(profile: Profile) -> str:
    return str(profile.settings.get("region") or "us")


def _place(profile: Profile) -> str:
    """The place in the header: the region, or the host from the configuration."""
    return urlsplit(profile.base_url).netloc if profile.base_url else _region(profile)
