"""Reading postmortems: four requests at most to open one, and as few as a change needs to read it again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pmtui.backends.base import NONE_YET, BackendError, Document, SeveralDocuments, Trouble
from pmtui.backends.datadog.account.catalogue import Catalogue
from pmtui.backends.datadog.account.site import Site, notebook_of
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.fields import form_of, incident_fields
from pmtui.backends.datadog.form.spelling import as_spelt
from pmtui.backends.datadog.form.values import values_of
from pmtui.backends.datadog.incidents import Attachment, incident_of
from pmtui.backends.datadog.notebook.cells import cells_of
from pmtui.backends.datadog.origin import INTEGRATIONS, NOTEBOOK, RESPONDERS, TODOS, Origin, origin_of
from pmtui.backends.datadog.wire import Json, dig, included, linked, text
from pmtui.model.changes import Change, FieldChanged
from pmtui.model.fields import ACTION_ITEMS, DOCUMENT_TITLE, LINKED_ISSUES
from pmtui.model.fields import RESPONDERS as RESPONDERS_FIELD
from pmtui.model.postmortem import Incident, Postmortem

BUDGET = 4  # requests that opening a postmortem may cost
_PART_OF: Mapping[str, str] = {RESPONDERS_FIELD: RESPONDERS, LINKED_ISSUES: INTEGRATIONS, ACTION_ITEMS: TODOS}
_WORDS: Mapping[str, str] = {RESPONDERS: "responders", INTEGRATIONS: "linked Jira issues", TODOS: "action items"}
_NOT_READ = "not read yet"
_LOCKS_TEXT = frozenset({Trouble.RIGHTS, Trouble.MISSING, Trouble.INVALID, Trouble.SERVER, Trouble.ANSWER})
"""Troubles of a notebook that leave the incident as it is. Without a connection nothing of it would be right."""
_PRIVATE = "this incident is private, its notebook is not: everybody with Notebooks Read can read it"
_RICH = "this notebook was made in the web editor: comments, mentions and inline images may be lost when it is saved through the API"


class Reader:
    def __init__(self, api: Api, site: Site, catalogue: Catalogue) -> None:
        self._api = api
        self._site = site
        self._catalogue = catalogue
        self._calls: Mapping[str, Callable[[str], Awaitable[Json]]] = {
            RESPONDERS: api.responders,
            INTEGRATIONS: api.integrations,
            TODOS: api.todos,
        }
        self._responders: dict[str, tuple[list[str], Json]] = {}

    async def open(self, incident: Incident, document: str = "") -> Postmortem:
        """A full read. Raises BackendError, SeveralDocuments."""
        origin = Origin(await self._api.incident(incident.id))
        chosen = self._choose(origin, document)
        origin = replace(origin, document=chosen.id if chosen else "")
        notebook = self._notebook(chosen) if chosen else ""
        jobs: list[Awaitable[Origin]] = []
        if chosen and notebook:
            jobs.append(self._with_notebook(origin, chosen, notebook))
        elif chosen:
            origin = origin.with_part(NOTEBOOK, None, _foreign(chosen))
        origin, wanted = self._known(origin)
        room = BUDGET - 1 - len(jobs)
        jobs += [self._with_part(origin, name) for name in wanted[:room]]
        for name in wanted[room:]:
            origin = origin.with_part(name, None, _NOT_READ)
        if len(wanted) < room and not self._catalogue.asked:
            self._catalogue.prefetch()
        done = await asyncio.gather(*jobs)
        await self._catalogue.ready()
        origin = _joined(origin, done)
        if RESPONDERS in origin.parts:
            self._responders[incident.id] = (linked(origin.incident, RESPONDERS), origin.parts[RESPONDERS])
        return self.assemble(origin)

    def unread(self, origin: Origin, attachment: Attachment, why: str) -> Postmortem:
        """A document that was attached after ``origin`` was read, and could not be read since: ``why`` locks its text."""
        origin = origin.with_attachment(attachment).with_part(NOTEBOOK, None, why)
        for name in _WORDS:
            origin = origin.with_part(name, None, _NOT_READ)
        made = self.assemble(origin)
        return replace(made, notices=(why, *made.notices))

    async def complete(self, postmortem: Postmortem) -> Postmortem:
        """The parts that opening had no room for, read now. What is refused is said in the form."""
        origin = origin_of(postmortem)
        left = [name for name, why in origin.lacking.items() if why == _NOT_READ]
        if not left:
            return postmortem
        for name, read in zip(left, await asyncio.gather(*(self._with_part(origin, name) for name in left)), strict=True):
            origin = origin.with_part(name, read.parts.get(name), read.lacking.get(name, ""))
        return replace(self.assemble(origin), read_at=postmortem.read_at)

    async def reread(self, base: Postmortem, changes: Sequence[Change]) -> Postmortem:
        """What the server has now of what these changes touch. Raises BackendError: nothing is done without."""
        old = origin_of(base)
        names = {each.name for each in changes if isinstance(each, FieldChanged)}
        in_text = any(not isinstance(each, FieldChanged) for each in changes) or DOCUMENT_TITLE in names
        parts = [_PART_OF[name] for name in names if name in _PART_OF]
        of_incident = bool(names - {DOCUMENT_TITLE, RESPONDERS_FIELD, ACTION_ITEMS})
        incident, notebook, *read = await asyncio.gather(
            self._api.incident(base.incident.id) if of_incident else _nothing(),
            self._api.notebook(text(old.notebook, "id")) if in_text and old.notebook else _nothing(),
            *(self._calls[name](base.incident.id) for name in parts),
        )
        origin = replace(old, answer=incident or old.answer, notebook=notebook or old.notebook)
        for name, answer in zip(parts, read, strict=True):
            origin = origin.with_part(name, answer)
        return as_spelt(self.assemble(origin), base)

    def assemble(self, origin: Origin) -> Postmortem:
        """The postmortem that these answers make."""
        self._catalogue.note_users(origin.users.values())
        form = form_of(origin, self._catalogue.definitions)
        origin = replace(origin, types=incident_fields(origin, self._catalogue.definitions))
        side_loaded = included(origin.answer, "incident_attachments")
        attachment = origin.attachment
        return Postmortem(
            incident=incident_of(origin.incident, self._site, origin.users, side_loaded),
            id=origin.document,
            url=attachment.url if attachment else "",
            form=form,
            fields=values_of(origin, form),
            cells=cells_of(origin.notebook) if origin.notebook else (),
            text_locked=origin.lacking.get(NOTEBOOK, "" if origin.document else NONE_YET),
            notices=self._notices(origin),
            read_at=datetime.now(UTC),
            origin=origin.to_json(),
        )

    def _choose(self, origin: Origin, document: str) -> Attachment | None:
        documents = origin.documents
        if document:
            for each in documents:
                if document in (each.id, each.url, notebook_of(each.url)):
                    return each
            said = "the incident has no such postmortem (any more)"
            raise BackendError(Trouble.MISSING, "open the postmortem", said, "open the incident again")
        if len(documents) > 1:
            incident = incident_of(origin.incident, self._site, origin.users, included(origin.answer, "incident_attachments"))
            known = tuple(Document(each.id, each.title, each.url, each.modified, bool(self._notebook(each))) for each in documents)
            raise SeveralDocuments(incident, known)
        return documents[0] if documents else None

    def _notebook(self, attachment: Attachment) -> str:
        """The id of the notebook, "" when it is none of this site: the same number elsewhere is another notebook."""
        return notebook_of(attachment.url) if self._site.knows(attachment.url) else ""

    def _known(self, origin: Origin) -> tuple[Origin, list[str]]:
        """The parts that must be asked for, in order of worth.

        What the incident says is empty needs no request, nor do responders that were read before and are still the same:
        so a second reading has room for the action items.
        """
        wanted: list[str] = []
        ids, answer = self._responders.get(text(origin.incident, "id"), ([], {}))
        for name in (RESPONDERS, INTEGRATIONS):
            listed = isinstance(dig(origin.incident, "relationships", name, "data"), list)
            if listed and not linked(origin.incident, name):
                origin = origin.with_part(name, {"data": []})
            elif name == RESPONDERS and listed and answer and linked(origin.incident, name) == ids:
                origin = origin.with_part(name, answer)
            else:
                wanted.append(name)
        return origin, [*wanted, TODOS]

    async def _with_notebook(self, origin: Origin, attachment: Attachment, notebook: str) -> Origin:
        try:
            return replace(origin, notebook=await self._api.notebook(notebook))
        except BackendError as error:
            if error.trouble not in _LOCKS_TEXT:
                raise
            return origin.with_part(NOTEBOOK, None, _unreadable(error, attachment))

    async def _with_part(self, origin: Origin, name: str) -> Origin:
        try:
            return origin.with_part(name, await self._calls[name](text(origin.incident, "id")))
        except BackendError as error:
            return origin.with_part(name, None, _refused(error, name))

    def _notices(self, origin: Origin) -> tuple[str, ...]:
        notices = [f"{_WORDS[name]}: {why}" for name, why in origin.lacking.items() if name in _WORDS and why != _NOT_READ]
        if self._catalogue.missing:
            notices.append(self._catalogue.missing)
        if dig(origin.incident, "attributes", "visibility") == "private" and origin.document:
            notices.append(_PRIVATE)
        if text(origin.notebook, "attributes", "experience_type").startswith("rich"):
            notices.append(_RICH)
        return tuple(notices)


async def _nothing() -> Json:
    return {}


def _joined(origin: Origin, read: Sequence[Origin]) -> Origin:
    """Several readings, each with something of its own, as one."""
    for each in read:
        parts, lacking = {**origin.parts, **each.parts}, {**origin.lacking, **each.lacking}
        origin = replace(origin, notebook=each.notebook or origin.notebook, parts=parts, lacking=lacking)
    return origin


def _refused(error: BackendError, name: str) -> str:
    if error.trouble is Trouble.RIGHTS:
        return f"the key may not read the {_WORDS[name]} ({error.missing_right or error.said})"
    if error.status in (404, 405):
        return f"this organisation's Datadog does not offer the {_WORDS[name]} over the API"
    return f"the {_WORDS[name]} could not be read: {error.said}"


def _unreadable(error: BackendError, attachment: Attachment) -> str:
    if error.trouble is Trouble.RIGHTS:
        return f"the key may not read the notebook ({error.missing_right or 'notebooks_read, or it is restricted'}): open {attachment.url}"
    if error.trouble is Trouble.MISSING:
        return f"the notebook {attachment.url} is not there (any more)"
    if error.trouble in (Trouble.SERVER, Trouble.ANSWER):
        return f"the notebook could not be read now ({error.said}): read it again, or open {attachment.url}"
    return f"this notebook cannot be read through the API ({error.said}): open {attachment.url}"


def _foreign(attachment: Attachment) -> str:
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
        what = "a document that is no Datadog notebook"
    return f"this postmortem is {what}, which pmtui cannot edit: open {attachment.url}"
