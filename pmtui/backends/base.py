"""What a backend is to the rest of the program: the protocol, the values it speaks in, and its one error.

Everything here is light: importing it loads neither httpx nor pydantic.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pmtui.backends.archive import Archive, Record, TimelineEntry
from pmtui.backends.trouble import BackendError as BackendError
from pmtui.backends.trouble import RequestPreview as RequestPreview
from pmtui.backends.trouble import Trouble as Trouble
from pmtui.backends.trouble import WriteRefused as WriteRefused
from pmtui.model.changes import Change
from pmtui.model.fields import Field, Kind, LockedBy
from pmtui.model.postmortem import Cell, Incident, Postmortem
from pmtui.model.query import Query
from pmtui.model.values import Item, Person

NONE_YET = "there is no postmortem yet: create one to write"
"""``Postmortem.text_locked`` of an incident that has none."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of incidents, newest first. ``cursor`` asks for the next one, None at the end. ``total`` if the vendor tells.

    ``unreadable`` has one line for each incident of the page that could not be understood, with the path in the answer.
    ``ignored`` has a sentence for each filter that has no effect here; the command line refuses, the screens say it.
    ``notices`` is what else there is to say: no sentence stands in both. ``missing`` is how many incidents the vendor counts
    and has not sent by the last page; a notice says so, too.
    """

    incidents: tuple[Incident, ...]
    cursor: str | None = None
    total: int | None = None
    notices: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """A form in which a new postmortem can begin. ``preview`` is Markdown with the known variables filled in."""

    id: str
    name: str
    preview: str = ""
    location: str = ""
    default: bool = False
    unfilled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One of several postmortems of an incident, to choose from."""

    id: str
    title: str
    url: str
    modified: str = ""
    editable: bool = True


class SeveralDocuments(Exception):
    """Raised by ``Backend.postmortem`` when an incident has several postmortems and none was named."""

    def __init__(self, incident: Incident, documents: tuple[Document, ...]) -> None:
        self.incident = incident
        self.documents = documents
        super().__init__(f"{incident.reference} has {len(documents)} postmortems")


@dataclass(frozen=True, slots=True)
class Lost:
    """What a server does not have of a cell: the ``words``, as they stand in its text, and the Markdown of what it has instead."""

    words: tuple[str, ...]
    stored: str


@dataclass(frozen=True, slots=True)
class Step:
    """One write of a save: the changes that go in one call, the narrowest the vendor has.

    ``id`` is stable for the same changes, so that a journalled plan knows what was done. ``label`` names it for people.
    ``request`` is the method and path; without HTTP it is one line of words ("write postmortem.md").
    ``warnings`` are its consequences for people ("e-mails Mara López"). ``needs_consent`` says why it sends more than what
    was edited, "" when it does not: it goes only after a review that shows it, or with ``--yes``.
    ``changes`` is empty for a step that only prepares or finishes (set back to draft, publish again).
    """

    id: str
    label: str
    request: str
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    needs_consent: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``pmtui doctor``: ``state`` is ok, warn or fail."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who and where this backend is, for headers: ``vendor`` "Datadog", ``place`` "us1", ``actor`` "jane@corp.com".

    ``it`` and ``on_it`` are what people call what is read and written.
    """

    vendor: str
    place: str
    actor: str = ""
    days_left: int | None = None
    it: str = "the server"
    on_it: str = "on the server"


@dataclass(frozen=True, slots=True)
class Creation:
    """What creating a postmortem would do, asked before it is done: templates to choose from, warnings to confirm."""

    templates: tuple[Template, ...] = ()
    warnings: tuple[str, ...] = ()
    impossible: str = ""  # why none can be created ("the incident is still open"), "" when one can


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request of this process, for the request log: nothing secret in it. ``seconds`` to the end of the answer."""

    at: str
    method: str
    path: str
    status: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Told while a request waits as the vendor asked (429) or is tried again."""

    seconds: float
    reason: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class RouteLine:
    """By which call one field is updated, where that differs from account to account.

    ``source``: configuration, remembered (it worked on this host) or assumed. ``refused`` are candidates that this host
    did not take, with the status it gave. ``wants`` are those that are left when it took none, and that are sent only
    when the configuration names one. ``instead`` is the larger call that a save offers then, as its review shows it.
    """

    update: str
    route: str
    source: str
    refused: str = ""
    wants: str = ""
    instead: str = ""


class Backend(Protocol):
    """One vendor's account, as the session sees it. All methods raise BackendError.

    Implementations name this class as their base: below "Optional abilities" stands what not every vendor can, with
    what holds where it cannot. One that lacks a required method cannot be made. Writes happen only in ``create``,
    ``remove`` and ``send``.

    What a backend must guarantee, and what it may rely on. The keys of cells may change from one reading to the next:
    the session aligns them. A new cell has a key of ours, which the server never saw. ``send`` writes
    ``model.diff.patch(server, step.changes)``, not the whole ``target``: that has changes of other steps, too. In a
    read-only profile the session edits nothing, and the backend by itself refuses every write with WriteRefused
    (``backends.http`` does so for all that goes through it): a dry run is a save on a backend that refuses. Without a
    postmortem ``text_locked`` is NONE_YET, where nothing more particular is known.
    """

    identity: Identity

    @abstractmethod
    async def incidents(self, query: Query, cursor: str | None = None) -> Page:
        """A page of incidents, newest first. The first call has no cursor."""

    @abstractmethod
    async def find(self, ref: str) -> Incident:
        """The incident that a person means: the vendor's id, the reference people say, a browser address, or a postmortem's id."""

    @abstractmethod
    async def postmortem(self, incident: Incident, document: str = "") -> Postmortem:
        """A full read. Without a postmortem the answer has ``id == ""``, no cells and the fields of the incident.

        Raises SeveralDocuments when there is a choice and ``document`` does not make it.
        """

    @abstractmethod
    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """What the server has now, in as few requests as these changes need; the rest is taken from ``base``, with its ``unread``."""

    @abstractmethod
    def plan(self, server: Postmortem, target: Postmortem, changes: Sequence[Change]) -> tuple[Step, ...]:
        """The writes that bring these changes of ``target`` to the server, in order. No I/O; no step for no change."""

    @abstractmethod
    async def send(self, server: Postmortem, target: Postmortem, step: Step) -> Postmortem | None:
        """Make one write. Returns when the vendor accepted it; BackendError with ``unknown`` when that is not known.

        What is returned is ``server`` with the document as the vendor's answer says that it is now, None where the answer
        does not tell. Whether the write was applied is for the caller to read back.
        """

    @abstractmethod
    async def suggest(self, kind: Kind, text: str, postmortem: Postmortem) -> Sequence[Item]:
        """People, teams, services or incidents for type-ahead, best first, at most some twenty."""

    @abstractmethod
    async def checks(self) -> Sequence[Check]:
        """What ``pmtui doctor`` says: is the vendor reached, who am I, what may the key do."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close the connections."""

    # ---- Optional abilities ---------------------------------------------------------------------------------
    refuses_writes: bool = False
    """Whether every write raises WriteRefused: set from ``Profile.read_only``. Only then a dry run asks this backend to write."""

    pasted_address: str = ""
    """What to paste to tell which postmortem an incident has ("the postmortem's address"); "" where it is never asked for."""
    begins_incidents: bool = False
    """Whether a postmortem can be created for an incident that nobody has noted yet: see ``begin``."""

    def begin(self, title: str, reference: str = "") -> Incident:
        """An incident that is not there yet: it is once ``create`` has made its postmortem. No I/O. ``begins_incidents`` says where."""
        raise cannot(f"begin {reference or title}")

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        """This reading with what was left out of it to be quick; itself when nothing was. Costs no request then."""
        return postmortem

    async def creation(self, incident: Incident) -> Creation:
        """What creating a postmortem for this incident would offer and cost."""
        return Creation(impossible="not possible with this vendor")

    async def create(self, incident: Incident, template: Template | None = None) -> Postmortem:
        """Create a postmortem and read it. After an unknown outcome it looks before it says anything: never two."""
        raise cannot(f"create a postmortem for {incident.reference}")

    def removal(self, postmortem: Postmortem) -> str:
        """What ``remove`` does to this postmortem, in one line to be confirmed; "" when it cannot be removed. No I/O."""
        return ""

    async def remove(self, postmortem: Postmortem) -> tuple[str, ...] | None:
        """Delete the postmortem, or unlink it where the vendor can do no more.

        Returns notices of what is left over elsewhere, when it is gone and its traces are not.
        """
        raise cannot(f"delete the postmortem of {postmortem.incident.reference}")

    def lost(self, cell: Cell) -> Lost | None:
        """What ``cell.text`` says and ``cell.source``, the vendor's own form of it as just read, does not. No I/O.

        None where nothing is lost: always so where the text is the vendor's own form.
        """
        return None

    def mention(self, person: Person) -> str:
        """The Markdown that mentions this person in a cell."""
        return f"@{person.label}"

    def untold(self, person: Person) -> str:
        """Why a mention of this person in a cell tells them nothing, "" when it does."""
        return ""

    rich_text: bool = False
    """Whether cells hold the notation for rich text (``formats/adf/notation.md``) beside plain Markdown."""

    free_choices: bool = False
    """Whether the choices of fields are what is in use here, and any other value does as well."""

    def begun(self, bare: Postmortem) -> Postmortem:
        """An incident without a postmortem as it would be with a new one: what its form has then, and fixed cells. No I/O."""
        form = tuple(replace(each, locked="") if each.locked_by is LockedBy.NO_POSTMORTEM else each for each in bare.form)
        return replace(bare, form=form, text_locked="")

    async def import_form(self) -> tuple[Field, ...]:
        """The form of an incident that ``import_incident`` makes: what it takes is not locked, and has no consequence."""
        said, advice = "this place takes in no incidents of the past", "name the incident that it belongs to"
        raise BackendError(Trouble.LOCAL, "import an incident", said, advice)

    async def import_incident(self, wanted: Postmortem) -> Incident:
        """Make an incident of the past, with the title, times and fields of ``wanted``, and without telling anybody.

        After an unknown outcome it looks before it says anything: never two.
        """
        raise cannot(f"import {wanted.incident.title}")

    async def imported(self, wanted: Postmortem) -> Incident | None:
        """What an import of this made, be it a moment ago and in no search yet; None when there is no such incident."""
        return None

    async def namesakes(self, title: str, began: datetime) -> Sequence[Incident]:
        """The incidents with this very title that began in the same second; their ``created`` says when they began."""
        return ()

    async def adopt(self, incident: Incident, reference: str) -> Incident:
        """Remember that this incident's postmortem is the one that a pasted id or address names. See ``pasted_address``."""
        raise cannot(f"take {reference.strip()} as the postmortem of {incident.reference}")

    not_carried: tuple[str, ...] = ()
    """What belongs to postmortems here, and no call of the vendor gives."""

    async def every_incident(self, cursor: str | None = None) -> Page:
        """A page of all incidents whatever their state, in any order; for who must not miss one."""
        return await self.incidents(Query(), cursor)

    async def timeline(self, incident: Incident) -> tuple[TimelineEntry, ...]:
        """What happened, oldest first, as far as the vendor documents it."""
        raise cannot(f"read the timeline of {incident.reference}")

    async def archive(self, postmortem: Postmortem) -> Archive:
        """All that the vendor has on this postmortem, just read, and its incident. What does not come is named in it."""
        return Archive(raw={"postmortem": postmortem.origin} if postmortem.origin is not None else {})

    async def file(self, address: str) -> bytes | None:
        """What lies at an address that a text names, where it is on the vendor's own host; None where it is on another."""
        return None

    async def directory(self) -> Record:
        """The people, teams and services of this day by their names, as the vendor lists them."""
        return Record({})

    def postmortem_ids_in(self, text: str) -> tuple[str, ...]:
        """The ids of postmortems that plain addresses and JSON in this text name, each once. No I/O."""
        return ()

    def known_postmortem_ids(self) -> tuple[str, ...]:
        """The ids of postmortems that this computer remembers from earlier. No requests."""
        return ()

    async def incident_of_postmortem(self, identifier: str) -> Incident:
        """The incident whose postmortem has this id: one of ``postmortem_ids_in`` or ``known_postmortem_ids``."""
        return await self.find(identifier)

    def routes(self) -> Sequence[RouteLine]:
        """By which calls fields are updated, where that can differ from account to account. No I/O."""
        return ()

    def requests(self) -> Sequence[RequestRecord]:
        """The latest requests of this process, oldest first."""
        return ()

    def on_waiting(self, listener: Callable[[Waiting], None]) -> None:
        """Tell this listener when a request waits as the vendor asked. Called on the event loop; it must not block."""
        return


def cannot(tried: str) -> BackendError:
    """The error of an ability that a backend does not have."""
    return BackendError(Trouble.LOCAL, tried, "this is not possible here")
