"""Reads postmortems: with at most four requests to open one, and as few as a change needs to read it again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pmtui.backends.answer import Wire, not_understood
from pmtui.backends.base import NONE_YET, BackendError, Document, SeveralDocuments, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site, notebook_of
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.fields import form_of, incident_fields
from pmtui.backends.datadog.form.spelling import as_spelt
from pmtui.backends.datadog.form.values import PART_OF, unread_of, values_of
from pmtui.backends.datadog.incidents import existence_of, incident_of
from pmtui.backends.datadog.notebook.cells import cells_of
from pmtui.backends.datadog.origin import INTEGRATIONS, NOTEBOOK, RESPONDERS, TODOS, Lack, Origin, origin_of
from pmtui.backends.datadog.wire.incidents import Attachment
from pmtui.backends.datadog.wire.parts import Integrations, Responders
from pmtui.backends.datadog.wire.values import moment
from pmtui.backends.trouble import PASSING
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.fields import ACTION_ITEMS, DOCUMENT_TITLE, LINKED_ISSUES, Field
from pmtui.model.fields import RESPONDERS as RESPONDERS_FIELD
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Postmortem, Touch

T = TypeVar("T")
BUDGET = 4  # requests that opening a postmortem may cost
INCIDENT = "incident"
_WORDS: Mapping[str, str] = {RESPONDERS: "responders", INTEGRATIONS: "linked Jira issues", TODOS: "action items"}
_NOT_READ = Lack("not read yet")
_LOCKS_TEXT = PASSING | {Trouble.RIGHTS, Trouble.MISSING, Trouble.INVALID}
"""Troubles of the notebook in which the incident is still shown. Without a connection nothing is."""
_PRIVATE = "this incident is private, its notebook is not: everybody with Notebooks Read can read it"
_RICH = "this notebook was made in the web editor: comments, mentions and inline images may be lost when it is saved through the API"


class Reader:
    """Reads the postmortems of one profile. Keeps responders that did not change."""

    def __init__(self, api: Api, site: Site, catalogue: Catalogue) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._calls: Mapping[str, Callable[[str], Awaitable[Wire]]] = {
            RESPONDERS: api.responders,
            INTEGRATIONS: api.integrations,
            TODOS: api.todos,
        }
        self._responders: dict[str, tuple[tuple[str, ...] | None, Responders]] = {}

    async def open(self, incident: Incident, document: str = "") -> Postmortem:
        """Read a postmortem whole. Raises BackendError, SeveralDocuments."""
        origin = Origin(await self._api.incident(incident.id))
        chosen = self._choose(origin, document)
        origin = replace(origin, document=chosen.id if chosen else "")
        notebook = self._notebook(chosen) if chosen else ""
        jobs: list[Awaitable[Origin]] = []
        if chosen and notebook:
            jobs.append(self._with_notebook(origin, chosen, notebook))
        elif chosen:
            origin = origin.without_part(NOTEBOOK, _foreign(chosen))
        origin, wanted = self._known(origin)
        room = BUDGET - 1 - len(jobs)
        jobs += [self._with_part(origin, name) for name in wanted[:room]]
        for name in wanted[room:]:
            origin = origin.without_part(name, _NOT_READ)
        if len(wanted) < room and not self._catalogue.asked:
            self._catalogue.prefetch()
        done = await asyncio.gather(*jobs)
        await self._catalogue.ready()
        origin = _joined(origin, done)
        self._keep_responders(origin)
        return await asyncio.to_thread(self.assemble, origin)

    def _keep_responders(self, origin: Origin) -> None:
        """Keep the responders with the ids by which the incident names them: both from one reading."""
        if origin.responders:
            self._responders[origin.incident.id] = (origin.responder_ids, origin.responders)

    def unread(self, origin: Origin, attachment: Attachment, lack: Lack) -> Postmortem:
        """The postmortem with a document that was attached after ``origin`` was read and could not be read; ``lack`` locks its text."""
        origin = origin.with_document(attachment).without_part(NOTEBOOK, lack)
        for name in _WORDS:
            origin = origin.without_part(name, _NOT_READ)
        made = self.assemble(origin)
        return replace(made, notices=(lack.why, *made.notices))

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        """Read the parts that opening skipped. The form says which of them are refused."""
        origin = origin_of(postmortem)
        left = [name for name, lack in origin.lacking.items() if lack == _NOT_READ]
        if not left:
            return postmortem
        origin = replace(origin, lacking={name: lack for name, lack in origin.lacking.items() if name not in left})
        origin = _joined(origin, await asyncio.gather(*(self._with_part(origin, name) for name in left)))
        return replace(await asyncio.to_thread(self.assemble, origin), read_at=postmortem.read_at)

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """Read again what these changes touch.

        Raises BackendError for every failure, also when a changed field is not understood.
        """
        return await self._again(base, changes, frozenset())

    async def read_back(self, sent: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """As ``reread``, and what else was read of it before: others may have changed it. What of that fails stays as it was.

        Of responders and issues the incident says whether they are others now.
        """
        old = origin_of(sent)
        return await self._again(sent, changes, frozenset({INCIDENT, NOTEBOOK, TODOS} & {INCIDENT, NOTEBOOK, *old.parts}))

    async def _again(self, base: Postmortem, changes: Sequence[Change], besides: Set[str]) -> Postmortem:
        """Read what these changes touch, and ``besides`` further answers, at once."""
        old = origin_of(base)
        names = {each.name for each in changes if isinstance(each, FieldChanged)}
        in_text = any(not isinstance(each, FieldChanged) for each in changes) or DOCUMENT_TITLE in names
        touched = {PART_OF[name] for name in names if name in PART_OF} | ({NOTEBOOK} if in_text else set())
        if names - {DOCUMENT_TITLE, RESPONDERS_FIELD, ACTION_ITEMS}:
            touched.add(INCIDENT)
        calls: dict[str, tuple[Callable[[str], Awaitable[Any]], str, Any]] = {INCIDENT: (self._api.incident, base.incident.id, old.answer)}
        if old.notebook:
            calls[NOTEBOOK] = (self._api.notebook, old.notebook.id, old.notebook)
        calls |= {name: (call, base.incident.id, old.parts.get(name)) for name, call in self._calls.items()}
        wanted = [name for name in calls if name in touched or name in besides]
        answers = await asyncio.gather(
            *(call(of) if name in touched else _or_kept(call(of), kept) for name, (call, of, kept) in calls.items() if name in wanted)
        )
        read = dict(zip(wanted, answers, strict=True))
        origin = replace(old, answer=read.pop(INCIDENT, old.answer), notebook=read.pop(NOTEBOOK, old.notebook))
        for name, answer in read.items():
            origin = origin.with_part(name, answer)
        of_incident, parts = INCIDENT in wanted, read
        others = RESPONDERS in old.parts and origin.responder_ids not in (None, old.responder_ids)
        if RESPONDERS not in parts and others:
            origin = await self._with_part(origin, RESPONDERS)  # a write makes the caller and the commander responders
        linked = origin.incident.relationships.integrations
        if INTEGRATIONS in old.parts and INTEGRATIONS not in parts and linked not in (None, old.incident.relationships.integrations):
            kept = old.parts[INTEGRATIONS]
            origin = origin.with_part(INTEGRATIONS, await _or_kept(self._calls[INTEGRATIONS](base.incident.id), kept))
        if of_incident and (RESPONDERS in parts or others):
            self._keep_responders(origin)
        found = await asyncio.to_thread(self.assemble, origin)
        if why := next((each.why for each in found.unread if each.part in names), ""):
            raise not_understood("read the incident", why)
        return as_spelt(found, base)

    def assemble(self, origin: Origin) -> Postmortem:
        """Build the postmortem from these answers. A long one takes a while: in a thread, where somebody types."""
        self._catalogue.note_users(origin.users.values())
        form = form_of(origin, self._catalogue.definitions)
        origin = replace(origin, types=incident_fields(origin, self._catalogue.definitions))
        attachment = origin.attachment
        unread = unread_of(origin, form)
        reasons = {each.part: each.why for each in unread if each.part not in PART_OF or each.part == LINKED_ISSUES}
        return Postmortem(
            incident=self._incident(origin),
            id=origin.document,
            url=attachment.url if attachment else "",
            form=tuple(_unless_read(each, reasons.get(each.name, "")) for each in form),
            fields={name: None if name in reasons else value for name, value in values_of(origin, form).items()},
            cells=cells_of(origin.notebook) if origin.notebook else (),
            text_locked=self._why_no_text(origin),
            notices=self._notices(origin),
            unread=unread,
            read_at=datetime.now(UTC),
            touched=Touch(_last_modified_by(origin), moment(origin.incident.attributes.modified)),
            text_touched=Touch(at=moment(origin.notebook.attributes.modified)) if origin.notebook else Touch(),
            origin=origin.to_json(),
        )

    def _incident(self, origin: Origin) -> Incident:
        return incident_of(origin.incident, self._site, origin.users, origin.answer.side_loaded_attachments)

    def _why_no_text(self, origin: Origin) -> str:
        if NOTEBOOK in origin.lacking:
            return origin.lacking[NOTEBOOK].why
        if origin.document:
            return ""
        unknown = existence_of(origin.incident, origin.answer.side_loaded_attachments) is Existence.UNKNOWN
        return "the incident has attachments that pmtui does not know: one may be a postmortem" if unknown else NONE_YET

    def _choose(self, origin: Origin, document: str) -> Attachment | None:
        documents = origin.documents
        if document:
            for each in documents:
                if document in (each.id, each.url, notebook_of(each.url)):
                    return each
            said = "the incident does not have this postmortem (any more)"
            raise BackendError(Trouble.MISSING, "open the postmortem", said, "open the incident again")
        if len(documents) > 1:
            known = tuple(Document(each.id, each.title, each.url, each.modified, bool(self._notebook(each))) for each in documents)
            raise SeveralDocuments(self._incident(origin), known)
        return documents[0] if documents else None

    def _notebook(self, attachment: Attachment) -> str:
        """The id of the notebook, "" when it is on another site, where the same number is a different notebook."""
        return notebook_of(attachment.url) if self._site.knows(attachment.url) else ""

    def _known(self, origin: Origin) -> tuple[Origin, list[str]]:
        """The parts to read, the most important first.

        Parts that the incident says are empty need no request, nor do responders that have not changed since they were read.
        So a second reading has a request left for the action items.
        """
        wanted: list[str] = []
        linked = origin.incident.relationships
        ids, answer = self._responders.get(origin.incident.id, (None, None))
        if linked.responders == ():
            origin = origin.with_part(RESPONDERS, Responders.model_validate({"data": []}))
        elif answer is not None and ids is not None and linked.responders == ids:
            origin = origin.with_part(RESPONDERS, answer)
        else:
            wanted.append(RESPONDERS)
        if linked.integrations == ():
            origin = origin.with_part(INTEGRATIONS, Integrations.model_validate({"data": []}))
        else:
            wanted.append(INTEGRATIONS)
        return origin, [*wanted, TODOS]

    async def _with_notebook(self, origin: Origin, attachment: Attachment, notebook: str) -> Origin:
        try:
            return replace(origin, notebook=await self._api.notebook(notebook))
        except BackendError as error:
            if error.trouble not in _LOCKS_TEXT:
                raise
            return origin.without_part(NOTEBOOK, Lack(_unreadable(error, attachment), error.trouble))

    async def _with_part(self, origin: Origin, name: str) -> Origin:
        try:
            return origin.with_part(name, await self._calls[name](origin.incident.id))
        except BackendError as error:
            return origin.without_part(name, Lack(_refused(error, name), error.trouble))

    def _notices(self, origin: Origin) -> tuple[str, ...]:
        notices = []
        if guests := origin.responders.guests if origin.responders else 0:
            who = "a responder who is" if guests == 1 else f"{guests} responders who are"
            notices.append(f"{who} not in Datadog (a guest from a chat): only shown there, and kept")
        if self._catalogue.missing:
            notices.append(self._catalogue.missing)
        if origin.incident.attributes.visibility == "private" and origin.document:
            notices.append(_PRIVATE)
        if origin.notebook and origin.notebook.attributes.experience_type.startswith("rich"):
            notices.append(_RICH)
        return tuple(notices)


async def _or_kept(reading: Awaitable[T], kept: T) -> T:
    """What is read, or what was kept when that fails."""
    try:
        return await reading
    except BackendError:
        return kept


def _unless_read(field: Field, why: str) -> Field:
    return replace(field, locked=f"could not be read: {why}") if why else field


def _joined(origin: Origin, read: Sequence[Origin]) -> Origin:
    """Merge several readings, each with a part of its own."""
    for each in read:
        parts, lacking = {**origin.parts, **each.parts}, {**origin.lacking, **each.lacking}
        origin = replace(origin, notebook=each.notebook or origin.notebook, parts=parts, lacking=lacking)
    return origin


def _refused(error: BackendError, name: str) -> str:
    if error.trouble is Trouble.RIGHTS:
        return f"the key may not read the {_WORDS[name]} ({error.missing_right or error.said})"
    if error.status in (404, 405):
        return f"this organisation's Datadog does not offer the {_WORDS[name]} over the API"
    return f"{error.said} ({error.status})" if error.status else error.said


def _unreadable(error: BackendError, attachment: Attachment) -> str:
    if error.trouble is Trouble.RIGHTS:
        return f"the key may not read the notebook ({error.missing_right or 'notebooks_read, or it is restricted'}): open {attachment.url}"
    if error.trouble is Trouble.MISSING:
        return f"the notebook {attachment.url} is not there (any more)"
    if error.trouble in PASSING:
        return f"the notebook could not be read now ({error.said}): read it again, or open {attachment.url}"
    return f"this notebook cannot be read through the API ({error.said}): open {attachment.url}"


def _foreign(attachment: Attachment) -> Lack:
    """Why the text of a document that is not a notebook of this site cannot be read."""
    if not attachment.url:
        return Lack("the address of the postmortem is missing in the answer: look in Datadog", Trouble.ANSWER)
    try:
        host = (urlsplit(attachment.url).hostname or "").lower()
    except ValueError:
        host = ""
    if "atlassian" in host or "confluence" in host:
        what = "a Confluence page"
    elif host.endswith("google.com"):
        what = "a Google document"
    elif notebook_of(attachment.url):
        what = f"a notebook on another site ({host})"
    else:
        what = "a document that is not a Datadog notebook"
    return Lack(f"this postmortem is {what}, which pmtui cannot edit: open {attachment.url}", Trouble.LOCAL)


def _last_modified_by(origin: Origin) -> str:
    """Who changed the incident last, "" where the answers do not name anybody. Foreign text."""
    ids = origin.incident.relationships.last_modified_by_user or ()
    return next((origin.users[each].person.label for each in ids if each in origin.users), "")
