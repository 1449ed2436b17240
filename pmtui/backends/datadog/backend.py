"""Datadog as a backend: the parts of this package, put together for one profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pmtui.backends.base import Backend, BackendError, Check, Creation, Identity, RequestRecord, Step, Template, Trouble, Waiting
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.credentials import Keys
from pmtui.backends.datadog.account.filters import FILTERS
from pmtui.backends.datadog.account.site import notebooks_in, site_of
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.errors import DatadogDialect
from pmtui.backends.datadog.incident_list import Listing, refused
from pmtui.backends.datadog.query import named, not_understood
from pmtui.backends.http.client import DEADLINE, Client
from pmtui.backends.page import Page
from pmtui.config import ConfigError, Profile
from pmtui.model.fields import RESPONDERS, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Person

if TYPE_CHECKING:
    from pmtui.backends.archive import Archive, TimelineEntry
    from pmtui.backends.datadog.changes.importing import Importer
    from pmtui.backends.datadog.create import Creator
    from pmtui.backends.datadog.doctor import Checker
    from pmtui.backends.datadog.find import Finder
    from pmtui.backends.datadog.read import Reader
    from pmtui.backends.datadog.send import Sender
    from pmtui.backends.datadog.suggest import Suggester
    from pmtui.model.changes import Change


class DatadogBackend(Backend):
    """See ``pmtui.backends.base.Backend``. Constructing it sends nothing. Raises ConfigError for an impossible site."""

    opens_with = ("pmtui.backends.datadog.find", "pmtui.backends.datadog.read")
    not_carried = ("comments in notebooks: no call of the API gives them",)

    def __init__(self, profile: Profile, *, deadline: float = DEADLINE, unpublished_timeline: bool = False) -> None:
        try:
            site = site_of(profile.settings.get("site", ""), profile.base_url)
        except ValueError as error:
            raise ConfigError(f"profile {profile.name}: {error}") from None
        keys = Keys(profile)
        self._http = Client(
            site.api,
            vendor="Datadog",
            credentials=keys.headers,
            rejected=keys.forget,
            dialect=DatadogDialect(),
            ca_file=profile.ca_file,
            read_only=profile.read_only,
            deadline=deadline,
        )
        self.refuses_writes = profile.read_only
        self._site = site
        self._api = Api(self._http)
        self._catalogue = Catalogue(self._api)
        self._listing = Listing(self._api, site, self._catalogue)
        self._reads_cells = unpublished_timeline
        self._has_api_key = "api_key" in profile.credentials
        self.identity = Identity("Datadog", site.name, profile.actor)

    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """With the states and severities of the organisation. Where these could not be read, any may be one."""
        known = self._catalogue.definitions
        if self._catalogue.lacking:
            return {**FILTERS, "status": (), "severity": ()}
        severities = tuple(each.value for each in known.choices("severity", ""))
        return {**FILTERS, "status": known.states(), "severity": severities}

    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents. After the first page the definitions of fields are read, for the forms.

        A filter that is a reference (``#318``), an id or an address finds that incident.
        """
        page = await self._incidents(query, cursor)
        self._catalogue.prefetch()
        if not page.incidents and query.facets.keys() & {"status", "severity"}:
            await self._catalogue.ready()  # is there such a state at all?
        return page

    async def _incidents(self, query: Query, cursor: str | None) -> Page:
        if cursor is None and (ref := named(query)):
            try:
                return Page((await self._finder.find(ref),))
            except BackendError as error:
                if error.trouble not in (Trouble.MISSING, Trouble.LOCAL):
                    raise  # it may still be words of a title
        return replace(await self._listing.incidents(query, cursor), ignored=not_understood(query))

    async def find(self, ref: str) -> Incident:
        return await self._finder.find(ref)

    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        return await self._reader.open(incident, document)

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        return await self._reader.complete(postmortem)

    def is_only_one(self, postmortem: Postmortem) -> bool:
        from pmtui.backends.datadog.origin import origin_of

        with suppress(BackendError, KeyError, TypeError):  # kept by another version
            return len(origin_of(postmortem).documents) < 2
        return False

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        return await self._reader.reread(base, changes)

    async def read_back(self, sent: Postmortem, changes: Sequence[Change]) -> Postmortem:
        return await self._reader.read_back(sent, changes)

    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        from pmtui.backends.datadog.plan import step_of, writes_of

        return tuple(step_of(write) for write in writes_of(server, target, changes, self._catalogue.known_me))

    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> Postmortem | None:
        return await self._sender.send(server, target, step)

    async def creation(self, incident: Incident) -> Creation:
        return await self._creator.creation(incident)

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        return await self._creator.create(incident, template)

    async def remove(self, postmortem: Postmortem) -> None:
        """Unlink the document: see ``removal``."""
        if not postmortem.id:
            raise BackendError(Trouble.LOCAL, "unlink the postmortem", "the incident has none")
        await self._api.detach(postmortem.incident.id, postmortem.id, "unlink the postmortem")

    def removal(self, postmortem: Postmortem) -> str:
        """What ``remove`` does, for the user to confirm."""
        return f"the postmortem is unlinked from {postmortem.incident.reference}; its document stays: {postmortem.url}"

    def begun(self, bare: Postmortem) -> Postmortem:
        """The incident with a new document, which has its own title. Who imports an incident becomes a responder of it."""
        from pmtui.backends.datadog.fields import document_title

        me = tuple(each for each in self._catalogue.people if each.id == self._catalogue.known_me) if not bare.incident.id else ()
        made = super().begun(replace(bare, form=(*bare.form, document_title())))
        return made.with_field(RESPONDERS, me) if me else made

    async def import_form(self) -> tuple[Field, ...]:
        with suppress(BackendError):
            await self._catalogue.me()  # see ``begun``
        return await self._importer.form()

    async def import_incident(self, wanted: Postmortem) -> Incident:
        return await self._importer.make(wanted)

    async def imported(self, wanted: Postmortem) -> Incident | None:
        return await self._importer.made(wanted)

    takes_impacts = True

    async def impacts(self, incident: Incident) -> Sequence[Any]:
        return await self._api.impacts(incident.id)

    async def add_impacts(self, incident: Incident, wanted: Sequence[Any]) -> str:
        from pmtui.backends.datadog.changes.impacts import add

        return await add(self._api, incident.id, wanted)

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        return await self._importer.namesakes(title, began)

    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        return await self._suggester.suggest(kind, text, postmortem)

    def mention(self, person: Person) -> str:
        """A mention by handle, which is mostly the e-mail address."""
        return f"@{self._catalogue.handle(person)}"

    async def every_incident(self, cursor: str | None = None) -> Page:
        """A page of the plain list, or of a search where the list is refused."""
        try:
            return await self._listing.every(cursor)
        except BackendError as error:
            if cursor is not None or not refused(error):
                raise
            return await self.incidents(Query(), cursor)

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """Times, impacts and action items. The timeline itself has no published call: it is read where the profile allows that."""
        from pmtui.backends.datadog.history import archive as history

        return await history.timeline(self._api, incident, await self._timeline_cells(incident))

    async def _timeline_cells(self, incident: Incident) -> Sequence[Any]:
        """Nothing where the profile does not allow it, and after a refusal: another account may not have this call."""
        if not self._reads_cells:
            return ()
        try:
            return await self._api.timeline_cells(incident.id)
        except BackendError as error:
            if not 400 <= error.status < 500:
                raise
            self._reads_cells = False
            return ()

    async def archive(self, postmortem: Postmortem) -> Archive:
        """The answers that the postmortem was read from, and the impacts."""
        from pmtui.backends.datadog.history import archive as history

        return await history.archive(self._api, postmortem)

    async def file(self, address: str) -> bytes | None:
        """On the API's host; pictures that were put into a notebook are named by a path alone."""
        from pmtui.backends.http.files import own_file

        return await own_file(self._http, address)

    def postmortem_ids_in(self, text: str) -> tuple[str, ...]:
        """The ids of notebooks of this site. Only the incidents know which of them are postmortems."""
        return notebooks_in(text, self._site)

    async def incident_of_postmortem(self, identifier: str) -> Incident:
        """Find the incident by the notebook's address."""
        return await self._finder.find(self._site.notebook_url(identifier))

    # ---- what the list does not need is loaded when it is asked for ----------------------------------------------
    @cached_property
    def _finder(self) -> Finder:
        from pmtui.backends.datadog.find import Finder

        return Finder(self._api, self._site, self._catalogue, self._listing)

    @cached_property
    def _reader(self) -> Reader:
        from pmtui.backends.datadog.read import Reader

        return Reader(self._api, self._site, self._catalogue)

    @cached_property
    def _sender(self) -> Sender:
        from pmtui.backends.datadog.send import Sender

        return Sender(self._api)

    @cached_property
    def _creator(self) -> Creator:
        from pmtui.backends.datadog.create import Creator

        return Creator(self._api, self._site, self._reader)

    @cached_property
    def _importer(self) -> Importer:
        from pmtui.backends.datadog.changes.importing import Importer

        return Importer(self._api, self._site, self._catalogue, self._listing)

    @cached_property
    def _suggester(self) -> Suggester:
        from pmtui.backends.datadog.suggest import Suggester

        return Suggester(self._api, self._catalogue, self._listing)

    @cached_property
    def _checker(self) -> Checker:
        from pmtui.backends.datadog.doctor import Checker

        return Checker(self._api, self._site, self._catalogue, has_api_key=self._has_api_key)

    # ---- and the rest ---------------------------------------------------------------------------------------------
    async def checks(self) -> Sequence[Check]:
        found = await self._checker.checks()
        who = next((each.detail for each in found if each.name == "user" and each.state == "ok"), "")
        self.identity = replace(self.identity, actor=who or self.identity.actor)
        return found

    def requests(self) -> Sequence[RequestRecord]:
        return tuple(self._http.records)

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        self._http.on_waiting(listener)

    def pause_left(self) -> float:
        return self._http.pause_left()

    async def aclose(self) -> None:
        await self._catalogue.aclose()
        await self._http.aclose()
