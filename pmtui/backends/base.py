"""The interface of a backend: the protocol, its values, and its error.

Importing this loads neither httpx nor pydantic.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pmtui.backends.page import Page
from pmtui.backends.traffic import RequestRecord as RequestRecord
from pmtui.backends.traffic import Waiting as Waiting
from pmtui.backends.trouble import BackendError as BackendError
from pmtui.backends.trouble import RequestPreview as RequestPreview
from pmtui.backends.trouble import Trouble as Trouble
from pmtui.backends.trouble import WriteRefused as WriteRefused
from pmtui.model.fields import Field, Kind, LockedBy
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Person

if TYPE_CHECKING:
    from pathlib import Path

    from pmtui.backends.archive import Archive, Record, TimelineEntry
    from pmtui.model.changes import Change

T = TypeVar("T")
NONE_YET = "there is no postmortem yet: create one to write"
"""``Postmortem.text_locked`` of an incident without a postmortem."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template for a new postmortem. ``preview`` is Markdown with the known variables filled in. ``document`` is the address of
    a document kept elsewhere, which becomes the postmortem as it is; only for vendors whose postmortems can be such documents.
    ``locked`` says why pmtui cannot edit the text of the new postmortem, "" when it can."""

    id: str
    name: str
    preview: str = ""
    location: str = ""
    default: bool = False
    unfilled: tuple[str, ...] = ()
    document: str = ""
    locked: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One of several postmortems of an incident."""

    id: str
    title: str
    url: str
    modified: str = ""
    editable: bool = True


class SeveralDocuments(Exception):
    """The incident has several postmortems, and none was named. ``Backend.postmortem`` raises it."""

    def __init__(self, incident: Incident, documents: tuple[Document, ...]) -> None:
        self.incident = incident
        self.documents = documents
        super().__init__(f"{incident.reference} has {len(documents)} postmortems")


class Some(list[T]):
    """What a backend found that may not, or does not, look at everything: what is missing here may be known all the same."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The loss in a cell: the ``words`` of its text that the server does not have, and the Markdown of what it stores instead."""

    words: tuple[str, ...]
    stored: str


@dataclass(frozen=True, slots=True)
class Step:
    """One write of a save: the changes sent in one call, the narrowest that the vendor has.

    ``id`` is the same for the same changes, so that a journalled plan knows what was done. ``label`` names the step for people.
    ``request`` is the method and path; without HTTP it is one line of text ("write postmortem.md").
    ``warnings`` are its consequences for people ("e-mails Mara López"). ``needs_consent`` says why the step does more than was
    edited, "" when it does not: such a step needs a review that shows it, or ``--yes``. ``changes`` is empty for a step that
    only prepares or finishes (set back to draft, publish again). ``undone`` says what a postmortem is as long as such a step is
    still to be done: "is set back to draft and must be published again". ``status`` is the one that such a step sets, "" for none.
    """

    id: str
    label: str
    request: str
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    needs_consent: str = ""
    undone: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``pmtui doctor``: ``state`` is ok, warn or fail."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The account, for headers: ``vendor`` "Datadog", ``place`` "us1", ``actor`` "jane@corp.com".

    ``it`` and ``on_it`` name what is read and written, in sentences for people.
    """

    vendor: str
    place: str
    actor: str = ""
    days_left: int | None = None
    it: str = "the server"
    on_it: str = "on the server"


@dataclass(frozen=True, slots=True)
class Creation:
    """What creating a postmortem would do: templates to choose from, warnings to confirm."""

    templates: tuple[Template, ...] = ()
    warnings: tuple[str, ...] = ()
    impossible: str = ""  # why no postmortem can be created ("the incident is still open"), "" when it can

    @property
    def default(self) -> Template | None:
        """The template that is used when none is chosen: the only one, or the vendor's default. None when there is neither."""
        if len(self.templates) == 1:
            return self.templates[0]
        return next((each for each in self.templates if each.default), None)


@dataclass(frozen=True, slots=True)
class RouteLine:
    """The call that updates a field, where that differs between accounts.

    ``source``: configuration, remembered (it worked on this host) or assumed. ``refused`` are routes that this host refused,
    with the status. ``wants`` are further routes, sent only if the configuration names one. ``instead`` is the larger call
    that a save offers when no route works, as its review shows it.
    """

    update: str
    route: str
    source: str
    refused: str = ""
    wants: str = ""
    instead: str = ""


class Backend(Protocol):
    """An account of a vendor. All methods raise BackendError.

    Every BackendError has ``advice``: what to do next. Work that waits for a disk, or takes over 50 ms, is done in a thread.
    Implementations name this class as their base. Methods below "Optional abilities" have defaults, for vendors that cannot
    do them; a class that lacks any other method cannot be instantiated. Only ``create``, ``remove``, ``send``, ``import_incident``
    and ``add_impacts`` write.

    The contract: The keys of cells may change from one reading to the next; the session aligns them. A new cell has a key of
    ours, which the server never saw. ``server`` was read just before ``send``; if the vendor can detect that it has changed
    since (by a version, or a file's content), ``send`` raises CONFLICT. ``send`` writes
    ``model.diff.patch(server, step.changes)``, not the whole ``target``, which has changes of other steps, too. In a read-only
    profile the session edits nothing, and the backend refuses every write with WriteRefused (``backends.http`` does this for
    all its requests); a dry run is a save on such a backend. Without a postmortem ``text_locked`` is NONE_YET, unless the
    backend knows a better reason.
    """

    identity: Identity

    @abstractmethod
    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of the incidents that match, newest first; of facets only those of ``filters`` come. The first call has no cursor."""

    @abstractmethod
    async def find(self, ref: str) -> Incident:
        """The incident for a vendor's id, the reference that people use, a browser address, or a postmortem's id."""

    @abstractmethod
    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        """Read a postmortem whole. Without one the result has ``id == ""``, no cells, and the fields of the incident.
        Raises SeveralDocuments when there are several and ``document`` names none."""

    @abstractmethod
    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """Read again what these changes touch, in as few requests as possible; the rest is taken from ``base``, with its ``unread``."""

    async def read_back(self, sent: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """After a save: as ``reread``, and besides what else people see of it. What of that cannot be read is taken from ``sent``."""
        return await self.reread(sent, changes)

    @abstractmethod
    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        """The steps that send these changes of ``target``, in order. No I/O; without changes no steps."""

    @abstractmethod
    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> Postmortem | None:
        """Make one write. Returns ``server`` with the document from the vendor's answer, None when the answer does not have it:
        accepted, and the caller reads back whether it was applied. Raises BackendError, ``unknown`` when the outcome is not known."""

    @abstractmethod
    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """People, teams, services or incidents for type-ahead, best first, about twenty at most. ``Some`` when there may be others."""

    @abstractmethod
    async def checks(self) -> Sequence[Check]:
        """The checks of ``pmtui doctor``: is the vendor reachable, who am I, what may the key do."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close the connections."""

    # ---- Optional abilities ---------------------------------------------------------------------------------
    refuses_writes: bool = False
    """From ``Profile.read_only``: True only where each write raises WriteRefused, because a dry run then tries them all."""

    opens_with: tuple[str, ...] = ()
    """Modules that only opening a postmortem needs, for who wants them imported before somebody opens one."""

    pasted_address: str = ""
    """What users paste to name an incident's postmortem ("the postmortem's address"); "" when the vendor never needs it."""
    begins_incidents: bool = False
    """Whether creating a postmortem can create its incident, too: see ``begin``."""

    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The facets that ``incidents`` can filter by, each with its known values; () for any. Others are refused. No I/O."""
        return {}

    def begin(self, title: str, reference: str = "") -> Incident:
        """A new incident, which exists once ``create`` has made its postmortem. No I/O. Only where ``begins_incidents``."""
        raise cannot(f"begin {reference or title}")

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        """The reading with the parts that were skipped to be quick. Without such parts it is returned as it is, with no request."""
        return postmortem

    def is_only_one(self, postmortem: Postmortem) -> bool:
        """Whether its incident had no other postmortem when this was read. No I/O."""
        return True

    async def creation(self, incident: Incident) -> Creation:
        """What creating a postmortem for this incident would do."""
        return Creation(impossible="not possible with this vendor")

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        """Create a postmortem and read it. An unknown outcome is settled by reading, so that there are never two."""
        raise cannot(f"create a postmortem for {incident.reference}")

    def removal(self, postmortem: Postmortem) -> str:
        """What ``remove`` would do to this postmortem, in one line for the user to confirm; "" when it cannot be removed. No I/O."""
        return ""

    async def remove(self, postmortem: Postmortem) -> tuple[str, ...] | None:
        """Delete the postmortem, or unlink it where the API can only do that. Returns notices about traces left elsewhere."""
        raise cannot(f"delete the postmortem of {postmortem.incident.reference}")

    def lost(self, cell: Cell) -> Lost | None:
        """The words of ``cell.text`` that are missing from ``cell.source``, the vendor's own form of it as just read; None for none,
        and always where the vendor stores the text itself. No I/O."""
        return None

    def mention(self, person: Person) -> str:
        """The Markdown that mentions this person in a cell."""
        return f"@{person.label}"

    def untold(self, person: Person) -> str:
        """Why a mention of this person in a cell does not notify them, "" when it does."""
        return ""

    def mentioned(self) -> Mapping[str, str]:
        """The names of people by the accounts that mentions of them have, as far as they were read. No I/O."""
        return {}

    rich_text: bool = False
    """Whether cells may have the notation for rich text (``formats/adf/notation.md``) besides plain Markdown."""

    free_choices: bool = False
    """Whether choices are only the values in use, and any other value is allowed."""

    def begun(self, bare: Postmortem) -> Postmortem:
        """``bare``, an incident without a postmortem, as it would be with a new one: its form, and its fixed cells. No I/O."""
        form = tuple(replace(each, locked="") if each.locked_by is LockedBy.NO_POSTMORTEM else each for each in bare.form)
        return replace(bare, form=form, text_locked="")

    async def import_form(self) -> tuple[Field, ...]:
        """The form of an imported incident. Fields that the import takes are not locked, and have no consequence."""
        said, advice = "past incidents cannot be imported here", "name the incident that it belongs to"
        raise BackendError(Trouble.UNABLE, "import an incident", said, advice)

    async def import_incident(self, wanted: Postmortem) -> Incident:
        """Create a past incident with the title, times and fields of ``wanted``, without notifying anybody. An unknown outcome is
        settled by reading, so that there are never two."""
        raise cannot(f"import {wanted.incident.title}")

    async def imported(self, wanted: Postmortem) -> Incident | None:
        """The incident that an import of ``wanted`` made, even if searches do not have it yet; None when there is none."""
        return None

    takes_impacts: bool = False
    """Whether an imported incident can be given the impacts of another account's: see ``add_impacts``."""

    async def impacts(self, incident: Incident) -> Sequence[Any]:
        """The impacts of an incident in the vendor's JSON, as the raw answer "impacts" of an ``archive`` has them."""
        raise cannot(f"read the impacts of {incident.reference}")

    async def add_impacts(self, incident: Incident, wanted: Sequence[Any]) -> str:
        """Add the impacts, in the vendor's JSON, that an imported incident lacks, each once and without notifying anybody. An unknown
        outcome is settled by reading. Returns why one was refused, "" when the incident has all."""
        raise cannot(f"add impacts to {incident.reference}")

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        """The incidents with exactly this title that began in the same second; their ``created`` is when they began."""
        return ()

    async def adopt(self, incident: Incident, reference: str) -> Incident:
        """Remember the postmortem of this incident, named by a pasted id or address. See ``pasted_address``."""
        raise cannot(f"take {reference.strip()} as the postmortem of {incident.reference}")

    not_carried: tuple[str, ...] = ()
    """Data of postmortems that no call of the vendor gives."""

    async def every_incident(self, cursor: str | None = None) -> Page:
        """A page of all incidents in any state and order, for callers that must not miss one."""
        return await self.incidents(Query(), cursor)

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """What happened, oldest first, as far as documented calls of the vendor give it."""
        raise cannot(f"read the timeline of {incident.reference}")

    async def archive(self, postmortem: Postmortem) -> Archive:
        """Read everything that the vendor has on this postmortem and its incident; the archive names what is missing."""
        from pmtui.backends.archive import Archive

        return Archive(raw={"postmortem": postmortem.origin} if postmortem.origin is not None else {})

    async def file(self, address: str) -> bytes | None:
        """What lies at an address that a text names, where it is on the vendor's own host; None where it is on another."""
        return None

    def path_of(self, postmortem: Postmortem) -> Path | None:
        """The file of this computer that this postmortem was read from, None when it was not read from one. No I/O."""
        return None

    async def directory(self) -> Record:
        """The present people, teams and services, as the vendor lists them."""
        from pmtui.backends.archive import Record

        return Record({})

    def postmortem_ids_in(self, text: str) -> tuple[str, ...]:
        """The ids of postmortems in plain addresses and JSON of this text, each once. No I/O."""
        return ()

    def known_postmortem_ids(self) -> tuple[str, ...]:
        """The ids of postmortems in the index on this computer. No requests."""
        return ()

    async def incident_of_postmortem(self, identifier: str) -> Incident:
        """The incident of the postmortem with this id, one of ``postmortem_ids_in`` or ``known_postmortem_ids``."""
        return await self.find(identifier)

    def routes(self) -> Sequence[RouteLine]:
        """The calls that update fields, where these can differ between accounts. No I/O."""
        return ()

    def requests(self) -> Sequence[RequestRecord]:
        """The latest requests of this process, oldest first."""
        return ()

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        """Call this listener when a request waits (see ``Waiting``). It runs on the event loop and must not block."""
        return

    def pause_left(self) -> float:
        """Seconds that the vendor has asked to be left alone for, 0 when it has not. No I/O."""
        return 0.0


def cannot(tried: str) -> BackendError:
    """The error for an ability that a backend does not have."""
    return BackendError(Trouble.UNABLE, tried, "this is not possible here", "`pmtui doctor` says what is")
