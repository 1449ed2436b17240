"""Creates a postmortem, never two of them, even if answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pmtui.backends.answer import Json
from pmtui.backends.base import BackendError, Creation, Template, Trouble
from pmtui.backends.datadog.account.site import Site, notebook_of
from pmtui.backends.datadog.account.templates import NOTEBOOKS, OUTLINE, PLACES, PLAIN, read_templates, sections
from pmtui.backends.datadog.api import Api
from pmtui.backends.datadog.incidents import existence_of
from pmtui.backends.datadog.notebook.cells import MARKDOWN, TITLE_LIMIT, cells_of, markdown_cell, replacement
from pmtui.backends.datadog.origin import Lack, Origin
from pmtui.backends.datadog.read import Reader
from pmtui.backends.datadog.send import put_notebook
from pmtui.backends.datadog.wire.incidents import POSTMORTEM, Attachment
from pmtui.backends.datadog.wire.notebooks import NotebookName
from pmtui.backends.http.limiter import LIMITER
from pmtui.model.equality import same_text
from pmtui.model.incident import Existence, Incident
from pmtui.model.postmortem import Cell, Postmortem

PRIVATE = "this incident is private, but a notebook is not: everybody with Notebooks Read will be able to read the postmortem"
_LOOKS = 3  # attempts to find a postmortem whose creation was not answered
_BETWEEN_LOOKS = 1.0  # seconds; a creation without an answer may still be running
_NOT_OFFERED = frozenset({403, 404, 405, 501})  # nothing was created: one look confirms it
_BROKEN = frozenset({500, 503})  # something may have been created: it is looked for over some seconds
# Anything else leaves the outcome open (time-outs, 408, 502, 504, a lost connection): the request may still arrive.


@dataclass(frozen=True, slots=True)
class Plan:
    """What to create: one Markdown cell for each of ``cells``. ``elsewhere`` is the place, "" for a Datadog notebook."""

    title: str
    cells: tuple[str, ...]
    template: str
    shortened: bool
    elsewhere: str = ""

    @property
    def content(self) -> str:
        return "\n\n".join(self.cells)


class Creator:
    """Creates postmortems: with the preview endpoint, or from a notebook and an attachment where that does not work."""

    def __init__(self, api: Api, site: Site, reader: Reader) -> None:
        self._api = api
        self._site = site
        self._reader = reader

    async def creation(self, incident: Incident) -> Creation:
        """Templates and warnings. If templates cannot be read, a postmortem can still be created."""
        origin = Origin(await self._api.incident(incident.id))
        templates, why = await self._templates(origin)
        warnings = [PRIVATE] if incident.private or origin.incident.attributes.visibility == "private" else []
        warnings += [why] if why else []
        unknown = existence_of(origin.incident, origin.answer.side_loaded_attachments) is Existence.UNKNOWN
        warnings += ["the incident has attachments that pmtui does not know: one may be a postmortem"] if unknown else []
        plan = _plan(origin, None)
        warnings += [f"the title is shortened to {TITLE_LIMIT} characters: {plan.title}"] if plan.shortened else []
        impossible = "the incident has a postmortem already" if origin.documents else ""
        return Creation((*templates, PLAIN), tuple(warnings), impossible)

    async def create(self, incident: Incident, template: Template | None) -> Postmortem:
        """Create a postmortem, check the result, and read it. Raises BackendError."""
        origin = Origin(await self._api.incident(incident.id))
        if origin.documents:
            said = f"{incident.reference} has a postmortem already: {origin.documents[0].title or origin.documents[0].url}"
            raise BackendError(Trouble.CONFLICT, "create the postmortem", said, "open the incident")
        if template is not None and template.document:
            return await self._opened(origin, incident, await self._attached(incident, template.document, _plan(origin, None).title))
        notices: list[str] = []
        if template is None:
            templates, why = await self._templates(origin)
            notices += [why] if why else []
            template = next((each for each in templates if each.default), None)
        plan = _plan(origin, template)
        attachment = await self._preview(incident, plan) or await self._by_hand(incident, plan)
        notices += await self._correct(attachment, plan)
        made = await self._opened(origin, incident, attachment)
        notices += [f"the title was shortened to {TITLE_LIMIT} characters"] if plan.shortened else []
        return replace(made, notices=(*made.notices, *notices))

    async def _opened(self, origin: Origin, incident: Incident, attachment: Attachment) -> Postmortem:
        """Open the new postmortem. It exists, so failures from here on are notices."""
        try:
            return await self._reader.open(incident, attachment.id)
        except BackendError as error:
            why = f"the postmortem was created, but could not be read yet ({error.said}): read it again"
            return self._reader.unread(origin, attachment, Lack(why, error.trouble))

    async def _templates(self, origin: Origin) -> tuple[tuple[Template, ...], str]:
        """The templates, and a warning when not all of them could be read."""
        try:
            rows = await self._api.templates(origin.incident_type)
        except BackendError as error:
            if error.trouble in (Trouble.OFFLINE, Trouble.TIMEOUT):
                raise
            return (), f"templates could not be read ({error.said}): the postmortem begins with a plain outline"
        why = f"{len(rows.unreadable)} of {len(rows)} templates could not be read: {rows.unreadable[0]}" if rows.unreadable else ""
        return read_templates(rows.understood, origin), why

    async def _preview(self, incident: Incident, plan: Plan) -> Attachment | None:
        """Create with the preview endpoint. None when it does not work here and has not created anything."""
        attributes: Json = {"title": plan.title, "content": plan.content, "cells": _postmortem_cells(plan.cells)}
        attributes |= {"postmortem_template_id": plan.template} if plan.template else {}
        try:
            return await self._api.create_postmortem(incident.id, attributes)
        except BackendError as error:
            if not error.unknown and error.status not in _NOT_OFFERED:
                raise
            failure = error
        looks = 1 if failure.status in _NOT_OFFERED else _LOOKS
        found = await self._look(incident, lambda each: each.kind == POSTMORTEM, failure, looks)
        if found is None and failure.status not in _NOT_OFFERED | _BROKEN:
            raise failure  # the request may still arrive: another one could create two
        if found is None and plan.elsewhere:
            said = f"its template creates a document in {plan.elsewhere}, which only Datadog itself can do ({failure.said})"
            raise BackendError(failure.trouble, failure.tried, said, "choose a template of Datadog notebooks", status=failure.status)
        return found

    async def _by_hand(self, incident: Incident, plan: Plan) -> Attachment:
        """Create a notebook, and an attachment that points to it, with recorded endpoints only."""
        namesakes = await self._namesakes(plan)
        notebook = await self._left_behind(namesakes, plan) or await self._notebook(plan, namesakes)
        url = self._site.notebook_url(notebook)
        try:
            return await self._attached(incident, url, plan.title)
        except BackendError as error:
            if not error.unknown:
                error.advice = f"the notebook {url} was created, but not linked to the incident: the next attempt uses it; {error.advice}"
            raise

    async def _attached(self, incident: Incident, url: str, title: str) -> Attachment:
        """Attach a document as the postmortem."""
        try:
            return await self._api.attach(incident.id, POSTMORTEM, url, title)
        except BackendError as error:
            if not error.unknown:
                raise
            failure = error
        found = await self._look(incident, lambda each: (notebook_of(each.url) or each.url) == (notebook_of(url) or url), failure)
        if found is None:
            raise failure
        return found

    async def _left_behind(self, namesakes: Sequence[NotebookName], plan: Plan) -> str:
        """The id of a notebook of an earlier attempt, with this name and exactly the planned text; "" for none."""
        for each in namesakes[:_LOOKS]:
            notebook = await self._api.notebook(each.id)
            cells = cells_of(notebook)
            same = len(cells) == len(plan.cells) and all(map(same_text, (cell.text for cell in cells), plan.cells))
            if same and (notebook.attributes.metadata or {}).get("type") == POSTMORTEM:
                return notebook.id
        return ""

    async def _notebook(self, plan: Plan, namesakes: Sequence[NotebookName]) -> str:
        """Create the notebook. Returns its id."""
        before = frozenset(each.id for each in namesakes)
        cells = [markdown_cell(each) for each in plan.cells]
        attributes: Json = {"name": plan.title, "cells": cells, "time": {"live_span": "1h"}, "status": "published"}
        attributes |= {"metadata": {"type": POSTMORTEM, "is_template": False, "take_snapshots": False}}
        try:
            return await self._api.create_notebook(attributes)
        except BackendError as error:
            if not error.unknown:
                raise
            failure = error
        return await self._notebook_made(plan, before, failure)

    async def _notebook_made(self, plan: Plan, before: frozenset[str], failure: BackendError) -> str:
        """Find the notebook whose creation was not answered. No other may be created before that is known."""
        for look in range(_LOOKS):
            await LIMITER.rest(_BETWEEN_LOOKS if look else 0)
            for each in await self._namesakes(plan):
                if each.id not in before:
                    return each.id
        raise failure

    async def _namesakes(self, plan: Plan) -> list[NotebookName]:
        return [each for each in await self._api.notebooks(plan.title) if each.attributes.name == plan.title]

    async def _look(
        self, incident: Incident, wanted: Callable[[Attachment], bool], failure: BackendError, looks: int = _LOOKS
    ) -> Attachment | None:
        """Find the attachment whose creation was not answered, None when it does not exist. Raises the failure when that is not known."""
        for look in range(looks):
            await LIMITER.rest(_BETWEEN_LOOKS if look else 0)
            try:
                found = await self._api.attachments(incident.id)
            except BackendError:
                raise failure from None
            made = next((each for each in found if wanted(each)), None)
            if made is not None:
                return made
        return None

    async def _correct(self, attachment: Attachment, plan: Plan) -> list[str]:
        """Write the planned cells if the new notebook has others: what the endpoint makes of them is not documented.

        Returns notices about failures: the postmortem exists, and nothing was typed yet.
        """
        identifier = notebook_of(attachment.url) if self._site.knows(attachment.url) else ""
        if not identifier:
            return []
        try:
            notebook = await self._api.notebook(identifier)
            cells = cells_of(notebook)
            if _differs([cell.text for cell in cells if cell.editable], plan.cells):
                await put_notebook(self._api, notebook, replacement(notebook, cells, _as_planned(cells, plan), notebook.attributes.name))
        except BackendError as error:
            return [f"the postmortem was created, but it may not begin as its template does: {error.message}"]
        return []


def _plan(origin: Origin, template: Template | None) -> Plan:
    title = " ".join(f"Postmortem {origin.incident.reference}: {origin.incident.attributes.title}".split())
    short = title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"
    cells = sections(template.preview if template and template.preview.strip() else OUTLINE)
    elsewhere = template.location if template and template.location not in ("", PLACES[NOTEBOOKS]) else ""
    return Plan(short, tuple(cells), template.id if template else "", short != title, elsewhere)


def _postmortem_cells(cells: Sequence[str]) -> list[Json]:
    """Cells in the form of the postmortem endpoint, which differs from that of notebooks (vendor's reference, 2026)."""
    return [
        {"id": f"cell-{number}", "type": MARKDOWN, "attributes": {"definition": {"content": cell}}} for number, cell in enumerate(cells, 1)
    ]


def _differs(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the notebook differs from what was sent. A cell with variables may have been rendered, which is as wanted."""
    if len(found) == len(wanted):
        return any(one.strip() != other.strip() and "{{" not in other for one, other in zip(found, wanted, strict=True))
    everything = "\n\n".join(found)
    rendered = any("{{" in cell and cell.strip() not in everything for cell in wanted)
    return not rendered


def _as_planned(cells: Sequence[Cell], plan: Plan) -> list[Cell]:
    """The planned cells, after those that are not text and that the server added (the incident's card)."""
    kept = [cell for cell in cells if not cell.editable]
    return [*kept, *(Cell(f"new{number}", content) for number, content in enumerate(plan.cells, 1))]
