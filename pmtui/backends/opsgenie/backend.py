"""The Opsgenie backend: one account, seen through one API key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pmtui.backends.answer import Json, not_understood
from pmtui.backends.archive import Archive, Record, TimelineEntry
from pmtui.backends.base import (
    NONE_YET,
    Backend,
    BackendError,
    Check,
    Creation,
    Identity,
    Lost,
    Page,
    RequestRecord,
    RouteLine,
    Step,
    Template,
    Trouble,
    Waiting,
)
from pmtui.backends.http.client import DEADLINE, Client
from pmtui.backends.http.files import own_file
from pmtui.backends.opsgenie import incident_list as incidents
from pmtui.backends.opsgenie import plan, read
from pmtui.backends.opsgenie.account.index import Index
from pmtui.backends.opsgenie.account.mentions import Mentions
from pmtui.backends.opsgenie.account.routes import FULL, Routes
from pmtui.backends.opsgenie.api import HOSTS, Api, authorization
from pmtui.backends.opsgenie.create import Lifecycle
from pmtui.backends.opsgenie.doctor import checks
from pmtui.backends.opsgenie.errors import RIGHTS, OpsgenieDialect
from pmtui.backends.opsgenie.fields import BY_NAME, nameless
from pmtui.backends.opsgenie.find import PASTE, Finder
from pmtui.backends.opsgenie.history.archive import History
from pmtui.backends.opsgenie.incidents import existence_of, postmortem_named_by, postmortems_named_in, refreshed, refusal
from pmtui.backends.opsgenie.send import update
from pmtui.backends.opsgenie.suggest import SET_ACTOR, Directory
from pmtui.backends.opsgenie.wire import WirePostmortem
from pmtui.config import Profile
from pmtui.formats.adf import from_markdown, to_markdown
from pmtui.formats.sections import dumps
from pmtui.model.changes import Change
from pmtui.model.fields import Kind, LockedBy
from pmtui.model.postmortem import TEXT, Cell, Existence, Incident, Postmortem, Unread
from pmtui.model.query import Query
from pmtui.model.values import Item, Named, Person, Value

CONCURRENCY = 2
"""Requests at once: the vendor's limits are shared by all clients of the account."""
EDIT_THERE = "edit this list in Opsgenie"
_MAY_NOT_WRITE = f"this API key may not write: it lacks the right {RIGHTS['write']!r}"


class OpsgenieBackend(Backend):
    """One Opsgenie account.

    ``index`` remembers between runs what the API cannot be asked for. ``remember_on_incident``: after a create, the new
    postmortem's id is written into its incident (announced by ``creation``), so that colleagues and other computers find it.
    """

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
        self._directory = Directory(self._api, profile.actor)
        self._mentions = Mentions()
        self._history = History(self._api)
        self._lifecycle = Lifecycle(self._api, self._finder, self._directory, remember=remember_on_incident)
        self.identity = Identity("Opsgenie", place, profile.actor, self._api.days_left)

    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents, newest first, each with the state of its postmortem as far as the search tells."""
        page, wires = await incidents.page(self._api, query, cursor)
        if cursor is None:
            self._api.missing_rights.clear()  # somebody may have ticked the box since: the next write tells
        self._finder.saw(wires)
        return page

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        """Those of that second, of which the ones with this title are chosen here: a search for words finds others, and not all."""
        second = timedelta(seconds=1)
        span = {"after": ((began - second).isoformat(),), "before": ((began + second).isoformat(),)}
        page, _ = await incidents.page(self._api, Query("", span), None)
        return [each for each in page.incidents if each.title == title and each.created and abs(each.created - began) < second]

    async def find(self, ref: str) -> Incident:
        """The incident behind ``#42``, an incident's or a postmortem's id, or the address of either in a browser."""
        return await self._finder.find(ref)

    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        """A full read. ``document`` is a postmortem's id, when it is known to be this incident's."""
        tried = f"read the postmortem of {incident.reference}"
        if document:
            wire = await self._finder.verified(document, incident, tried)
            doubt = self._finder.doubt(wire, incident, document)
            return self._read(wire, incident, await self._circumstances(), (doubt,) if doubt else ())
        located, circumstances = await asyncio.gather(self._finder.locate(incident, tried), self._circumstances())
        if located.wire is not None:
            return self._read(located.wire, incident, circumstances, located.notices)
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
        """What the server has now: one GET. What says the same as ``base`` keeps its spelling, sections also keys and boundaries.

        Raises BackendError: ANSWER when it is no postmortem, or another one.
        """
        if not base.id:
            return await self.postmortem(base.incident)
        tried = f"read the postmortem of {base.incident.reference} again"
        wire = await self._api.postmortem(base.id, tried)
        if wire.postmortem_id != base.id:
            raise not_understood(tried, f"data.postmortemId is {wire.postmortem_id!r}, not {base.id!r}")
        roles = next((field.roles for field in base.form if field.kind is Kind.PEOPLE), ())
        circumstances = replace(self._locks(), roles=roles)
        self._learn(wire)
        about = refreshed(base.incident, wire.root_incident)
        return read.postmortem(wire, about, circumstances, self._now(), like=base, notices=base.notices)

    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        """The writes for these changes, the narrowest Opsgenie has, framed for a published postmortem."""
        return plan.steps(server, target, changes, self._routes) if server.id else ()

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> None:
        """Make one write. Whether it was applied is for the caller to read back: the answer does not say."""
        tried = _deed(step, server.incident.reference)
        name = plan.update_of(step)
        if plan.is_full(step):
            body = await self._full_body(server, target, step, tried)
        else:
            if step.id in BY_NAME:
                target = await self._complete(server, target, step.id, tried)
            body = plan.body(server, target, step)
        if name in ("status", FULL):
            body["actorUserId"] = await self._directory.actor_id(tried)
        await update(self._api, self._routes, server.id, name, body, tried, plan.why_not_full(server))

    def begun(self, bare: Postmortem) -> Postmortem:
        """A new postmortem has all fields, and the executive summary."""
        return read.begun(bare, self._locks())

    async def creation(self, incident: Incident) -> Creation:
        """Whether one can be created; Opsgenie has one template, which cannot be chosen."""
        locked = self._locks().no_right
        return Creation(impossible=locked) if locked else await self._lifecycle.creation(incident)

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        """Create a postmortem and read it. A template's preview, if one is given, takes the place of Opsgenie's own text."""
        wire, notices = await self._lifecycle.create(incident)
        if template is not None and template.preview:
            wire, notices = await self._fill(wire, incident, template.preview, notices)
        return self._read(wire, incident, await self._circumstances(), notices)

    async def remove(self, postmortem: Postmortem) -> tuple[str, ...]:
        """Delete the postmortem. Returns a notice when its incident still names it."""
        if not postmortem.id:
            said = "it is not known which one it is" if postmortem.incident.postmortem != Existence.NONE else "there is none"
            raise BackendError(Trouble.LOCAL, f"delete the postmortem of {postmortem.incident.reference}", said)
        return await self._lifecycle.remove(postmortem.incident, postmortem.id)

    def removal(self, postmortem: Postmortem) -> str:
        """What ``remove`` does, to be said before it is done."""
        return f"the postmortem of {postmortem.incident.reference} is deleted for good, with all its text and fields; the incident stays"

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """People, teams, services or incidents, best first."""
        return await self._directory.suggest(kind, text, postmortem)

    def lost(self, cell: Cell) -> Lost | None:
        """The words of a Markdown cell that its blocks, as the server has them, lack."""
        return read.lost(cell)

    def mention(self, person: Person) -> str:
        """A mention when the person's Atlassian account is known from a document that was read, else the name after an @ as text.

        A mention node takes the id of that account, which no call of Opsgenie tells.
        """
        name, account = f"@{person.label}", self._mentions.id_of(person.label)
        node = {"type": "mention", "attrs": {"id": account, "text": name}} if account else {"type": "text", "text": name}
        return to_markdown({"version": 1, "type": "doc", "content": [{"type": "paragraph", "content": [node]}]})

    def untold(self, person: Person) -> str:
        """A name as text notifies nobody: a mention needs the person's Atlassian account."""
        if self._mentions.id_of(person.label):
            return ""
        return f"{person.label} is not notified: Opsgenie does not tell the Atlassian account, so the name stands as text"

    async def adopt(self, incident: Incident, reference: str) -> Incident:
        """Remember that a pasted address or id names this incident's postmortem. It is read, and must be about this incident."""
        tried = f"take {reference.strip()} as the postmortem of {incident.reference}"
        identifier = postmortem_named_by(reference) or reference.strip()
        if not identifier or "/" in identifier:
            advice = "paste …/reports/post-mortem/ID/detail, or the id alone"
            raise BackendError(Trouble.LOCAL, tried, "this is no address of a postmortem", advice)
        wire = await self._finder.verified(identifier, incident, tried)
        self._finder.linked(incident.id, identifier)  # also one that does not say whose it is: the user has said it
        return replace(incident, postmortem=existence_of(wire.status))

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """Timeline, notes and logs as one, oldest first."""
        return await self._history.timeline(incident)

    async def archive(self, postmortem: Postmortem) -> Archive:
        """The postmortem and all that hangs on its incident, unchanged."""
        return await self._history.archive(postmortem)

    async def file(self, address: str) -> bytes | None:
        """On the API's host."""
        return await own_file(self._api.client, address)

    async def directory(self) -> Record:
        """Users, teams and services, as the account lists them now."""
        return await self._history.directory()

    def postmortem_ids_in(self, text: str) -> tuple[str, ...]:
        """Those in addresses of the browser and the API, and under the key ``postmortemId``."""
        return postmortems_named_in(text)

    def known_postmortem_ids(self) -> tuple[str, ...]:
        """Those of the index."""
        return self._finder.known()

    async def incident_of_postmortem(self, identifier: str) -> Incident:
        """The incident that the postmortem itself names."""
        return await self._finder.of_postmortem(identifier)

    async def checks(self) -> Sequence[Check]:
        """What ``pmtui doctor`` says."""
        return await checks(self._api, self._directory, self._routes, self.identity.place)

    def routes(self) -> tuple[RouteLine, ...]:
        """What is known of the update routes, for ``pmtui doctor --routes``. No I/O."""
        return self._routes.table()

    def requests(self) -> Sequence[RequestRecord]:
        """The latest requests of this process, oldest first."""
        return tuple(self._api.client.records)

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        """Tell this listener when a request waits."""
        self._api.client.on_waiting(listener)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.client.aclose()

    def _read(self, wire: WirePostmortem, about: Incident, circumstances: read.Circumstances, notices: tuple[str, ...] = ()) -> Postmortem:
        self._learn(wire)
        about = refreshed(about, wire.root_incident)
        return read.postmortem(wire, about, circumstances, self._now(), notices=notices)

    def _learn(self, wire: WirePostmortem) -> None:
        self._mentions.learn((wire.raw.get("executiveSummary"), wire.raw.get("content")))

    async def _circumstances(self) -> read.Circumstances:
        """What is locked, and the account's roles."""
        return replace(self._locks(), roles=await self._directory.roles())

    def _locks(self) -> read.Circumstances:
        nobody = "" if self._directory.actor else f"Opsgenie wants to know who changes the status: {SET_ACTOR}"
        refused = _MAY_NOT_WRITE if RIGHTS["write"] in self._api.missing_rights else ""
        return read.Circumstances(no_actor=nobody, no_right=refused)

    async def _full_body(self, server: Postmortem, target: Postmortem, step: Step, tried: str) -> Json:
        """What the full update sends: the fields as the server has them now, read just before, and the step's own.

        Raises BackendError when one of them cannot be sent any more: ANSWER when it could not be read, else CONFLICT. Nothing is sent then.
        """
        now = await self.reread(server, step.changes)
        if why := plan.why_not_full(now):
            trouble = Trouble.CONFLICT if plan.has_sessions(now) and not now.unread else Trouble.ANSWER
            raise BackendError(trouble, tried, f"not all fields can be sent: {why}", "review the changes again; nothing was sent")
        wanted = plan.full_target(now, target, step)
        for spec in BY_NAME.values():
            wanted = await self._complete(now, wanted, spec.name, tried)
        return plan.full_body(wanted)

    async def _complete(self, server: Postmortem, target: Postmortem, name: str, tried: str) -> Postmortem:
        """The target with names in the list that is written: Opsgenie wants them, and ids that were typed have none.

        Raises BackendError (LOCAL) for a list that came so that a write would lose something of it, names included.
        """
        spec = BY_NAME[name]
        field = server.field(name)
        if spec.kind.is_list and field.locked:
            unread = any(each.part == name for each in server.unread)
            raise BackendError(Trouble.ANSWER if unread else Trouble.LOCAL, tried, field.locked, EDIT_THERE)
        value = await self._directory.with_names(spec.kind, target.fields[name])
        # An id that was typed may stand for a name: nothing is lost. One that the server gave has its name there.
        here = set(nameless(spec, server.fields[name]))
        lost = [item.id for item in _named(value) if item.id in here and item.name == item.id]
        if lost:
            said = f"the name of {lost[0]} did not come along and cannot be looked up: saving would put the id in its place"
            raise BackendError(Trouble.LOCAL, tried, said, f"use a key with Configuration access, or {EDIT_THERE}")
        return target.with_field(name, value)

    async def _fill(
        self, wire: WirePostmortem, about: Incident, markdown: str, notices: tuple[str, ...]
    ) -> tuple[WirePostmortem, tuple[str, ...]]:
        """Write a template's text into a new postmortem, which is there whether this works or not, and read it again."""
        identifier, tried = wire.postmortem_id, f"write the template into the postmortem of {about.reference}"
        body = {"type": "adf", "content": dumps(from_markdown(markdown))}
        try:
            await update(self._api, self._routes, identifier, plan.CONTENT, body, tried)
            return await self._api.postmortem(identifier, tried), notices
        except BackendError as error:
            return wire, (*notices, error.message)


def _named(value: Value) -> tuple[Person | Named, ...]:
    return tuple(item for item in value if isinstance(item, Person | Named)) if isinstance(value, tuple) else ()


def _region(profile: Profile) -> str:
    return str(profile.settings.get("region") or "us")


def _place(profile: Profile) -> str:
    """What the header says: the region, or the host that the configuration names."""
    return urlsplit(profile.base_url).netloc if profile.base_url else _region(profile)


def _deed(step: Step, reference: str) -> str:
    if step.id == plan.SET_BACK:
        return f"set the postmortem of {reference} back to draft"
    if step.id == plan.PUBLISH_AGAIN:
        return f"publish the postmortem of {reference} again"
    return f"save the {step.label.split(',')[0].lower()} of {reference}"
