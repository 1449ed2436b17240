"""Datadog's endpoints, one method each: paths, parameters and typed answers, without their meaning.

Paths and shapes: vendor's OpenAPI documents and recorded exchanges of datadog-api-client 2.62.0 (2026-10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pmtui.backends.answer import Json, M, Rows, not_understood, understand, understand_rows
from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.errors import errors_in
from pmtui.backends.datadog.wire.incidents import Attachment, AttachmentAnswer, IncidentAnswer, SearchAnswer, User
from pmtui.backends.datadog.wire.values import Collection, every, leaf, some
from pmtui.backends.http.client import Client, HttpAnswer, segment

if TYPE_CHECKING:
    from pmtui.backends.datadog.wire.account import FieldDefinition, IncidentType, PostmortemTemplate, Service, Team
    from pmtui.backends.datadog.wire.notebooks import Notebook, NotebookName
    from pmtui.backends.datadog.wire.parts import Integrations, Responders, Todos

INCIDENTS = "/api/v2/incidents"
IMPORT = f"{INCIDENTS}/import"
NOTEBOOKS = "/api/v1/notebooks"
TEMPLATES = f"{INCIDENTS}/config/postmortem-templates"
FIELDS = f"{INCIDENTS}/config/user-defined-fields"
USERS = "/api/v2/users"
TEAMS = "/api/v2/team"
SERVICES = "/api/v2/services/definitions"
PART_DEADLINE = 10.0  # seconds for parts that a postmortem can be shown without
_DONE = frozenset({*range(200, 300), 404})
_GONE = re.compile(r"not found|does(n't| not) exist", re.IGNORECASE)
_OF_INCIDENT = re.compile(r"\bincident (?:[0-9a-f-]{36} )?not found|malformed", re.IGNORECASE)
SEARCH = "search incidents"
PAGE = 50  # incidents; the vendor allows 100, but a search repeats each incident in ``included``


class Api:
    """Datadog's endpoints. Every method raises BackendError; ANSWER, with a path, for an answer that was not understood.

    What the list of incidents does not need is imported by the method that needs it: a model costs a command half a millisecond.
    """

    def __init__(self, http: Client) -> None:
        self.http = http

    async def get(
        self,
        model: type[M],
        path: str,
        tried: str,
        params: Mapping[str, str | int] | None = None,
        *,
        retry: bool | None = None,
        deadline: float | None = None,
    ) -> M:
        """GET a path. Returns the answer as this model."""
        answer = await self.http.call("GET", path, tried=tried, params=params, retry=retry, deadline=deadline)
        return understand(model, answer.data, tried)

    async def write(self, method: str, path: str, tried: str, data: Json | None = None, *, retry: bool | None = None) -> Any:
        """Send ``{"data": data}``. Returns the answer's JSON, None for none. A DELETE of something that is gone succeeds."""
        body = None if data is None else {"data": data}
        deletes = method == "DELETE"
        answer = await self.http.call(method, path, tried=tried, body=body, retry=retry, ok=_DONE if deletes else range(200, 300))
        if answer.status == 404:
            _check_gone(answer, tried)
        return answer.data

    async def incident(self, incident: str, tried: str = "read the incident") -> IncidentAnswer:
        """The incident with its users and all its attachments: those that were not side-loaded are read, too."""
        answer = await self.get(IncidentAnswer, f"{INCIDENTS}/{segment(incident)}", tried, {"include": "users,attachments"})
        if answer.data.id.lower() != incident.lower():
            raise not_understood(tried, f"data.id is {answer.data.id!r}, which was not asked for")
        return answer if answer.knows_attachments else answer.with_attachments(await self.attachments(incident))

    async def incidents(self, offset: int, size: int) -> Collection:
        """Rows for ``wire.incidents.Incident``, oldest first. The endpoint has no filter, sort or total."""
        params: dict[str, str | int] = {"include": "users,attachments", "page[size]": size, "page[offset]": offset}
        return await self.get(Collection, INCIDENTS, "list incidents", params)

    async def search(self, query: str, offset: int, size: int) -> SearchAnswer:
        params: dict[str, str | int] = {"query": query, "sort": "-created", "include": "attachments"}
        return await self.get(SearchAnswer, f"{INCIDENTS}/search", SEARCH, {**params, "page[size]": size, "page[offset]": offset})

    async def attachments(self, incident: str) -> tuple[Attachment, ...]:
        """All attachments. The filter is not used, because its values are documented in two ways."""
        tried = "read the incident's attachments"
        return every(Attachment, (await self.get(Collection, f"{INCIDENTS}/{segment(incident)}/attachments", tried)).data, tried)

    async def import_incident(self, data: Json) -> str:
        """Import an incident. Returns its id. Raises BackendError, ``unknown`` when the answer has no id."""
        return (await self._made(IncidentAnswer, IMPORT, "import the incident", data)).data.id

    async def attach(self, incident: str, kind: str, url: str, title: str) -> Attachment:
        """Attach a document or link. Raises BackendError, ``unknown`` when the answer does not have the attachment."""
        data = {"type": "incident_attachments", "attributes": {"attachment_type": kind, "attachment": {"documentUrl": url, "title": title}}}
        return (await self._made(AttachmentAnswer, f"{INCIDENTS}/{segment(incident)}/attachments", f"link {title or url}", data)).data

    async def detach(self, incident: str, attachment: str, tried: str) -> None:
        await self.write("DELETE", f"{INCIDENTS}/{segment(incident)}/attachments/{segment(attachment)}", tried)

    async def create_postmortem(self, incident: str, attributes: Json) -> Attachment:
        """Create with the preview endpoint. Raises BackendError, ``unknown`` when the answer does not have the attachment."""
        data = {"type": "incident_attachments", "attributes": attributes}
        path = f"{INCIDENTS}/{segment(incident)}/attachments/postmortems"
        return (await self._made(AttachmentAnswer, path, "create the postmortem", data)).data

    async def responders(self, incident: str) -> Responders:
        from pmtui.backends.datadog.wire.parts import Responders

        return await self.get(Responders, _part(incident, "responders"), "read the responders", deadline=PART_DEADLINE)

    async def integrations(self, incident: str) -> Integrations:
        from pmtui.backends.datadog.wire.parts import Integrations

        return await self.get(Integrations, _part(incident, "integrations"), "read the linked issues", deadline=PART_DEADLINE)

    async def todos(self, incident: str) -> Todos:
        from pmtui.backends.datadog.wire.parts import Todos

        return await self.get(Todos, _part(incident, "todos"), "read the action items", deadline=PART_DEADLINE)

    async def part(self, incident: str, name: str) -> Any:
        """The raw JSON of ``responders``, ``integrations`` or ``todos``."""
        return (await self.http.call("GET", _part(incident, name), tried=f"read the {name}")).data

    async def impacts(self, incident: str) -> list[Any]:
        """The raw JSON of the impacts."""
        return (await self.get(Collection, _impacts(incident), "read the impacts")).data

    async def timeline_cells(self, incident: str) -> list[Any]:
        """The raw JSON of the web app's timeline. Datadog does not publish this call."""
        return (await self.get(Collection, f"{INCIDENTS}/{segment(incident)}/timeline", "read the timeline")).data

    async def add_impact(self, incident: str, attributes: Json) -> None:
        await self.write("POST", _impacts(incident), "add an impact", {"type": "incident_impacts", "attributes": attributes})

    async def notebook(self, notebook: str) -> Notebook:
        from pmtui.backends.datadog.wire.notebooks import NotebookAnswer

        tried = "read the notebook"
        found = (await self.get(NotebookAnswer, f"{NOTEBOOKS}/{segment(notebook)}", tried)).data
        if found.id != notebook:
            raise not_understood(tried, f"data.id is {found.id!r}, which was not asked for")
        return found

    async def put_notebook(self, notebook: str, attributes: Json) -> Notebook | None:
        """Replace the whole notebook. Returns the notebook as it was saved, None when the answer does not have it.

        It is not retried once it may have been applied, because others write to the notebook, too.
        """
        from pmtui.backends.datadog.wire.notebooks import NotebookAnswer

        data = {"type": "notebooks", "attributes": attributes}
        answer = await self.write("PUT", f"{NOTEBOOKS}/{segment(notebook)}", "save the notebook", data, retry=False)
        try:
            return understand(NotebookAnswer, answer, "save the notebook").data
        except BackendError:
            return None  # it was saved; the caller reads it back anyway

    async def create_notebook(self, attributes: Json) -> str:
        """Create a notebook. Returns its id. Raises BackendError, ``unknown`` when the answer has no id."""
        from pmtui.backends.datadog.wire.notebooks import Created

        data = {"type": "notebooks", "attributes": attributes}
        return (await self._made(Created, NOTEBOOKS, "create the notebook", data)).data.id

    async def notebooks(self, query: str) -> tuple[NotebookName, ...]:
        """The newest notebooks whose name or author contains these words, without cells."""
        from pmtui.backends.datadog.wire.notebooks import NotebookName

        params: dict[str, str | int] = {"query": query, "sort_field": "created", "sort_dir": "desc", "count": 20, "include_cells": "false"}
        tried = "look for the notebook"
        return every(NotebookName, (await self.get(Collection, NOTEBOOKS, tried, params)).data, tried)

    async def templates(self, incident_type: str) -> Rows[PostmortemTemplate]:
        from pmtui.backends.datadog.wire.account import PostmortemTemplate

        params: dict[str, str | int] = {"filter[incident-type]": incident_type} if incident_type else {}
        return await self._rows(PostmortemTemplate, TEMPLATES, "read the postmortem templates", params)

    async def user_defined_fields(self) -> Rows[FieldDefinition]:
        from pmtui.backends.datadog.wire.account import FieldDefinition

        params: dict[str, str | int] = {"page[size]": 1000, "page[number]": 0}
        answer = await self.get(Collection, FIELDS, "read the incident fields", params, retry=False, deadline=PART_DEADLINE)
        return understand_rows(FieldDefinition, answer.data, at="data")

    async def types(self) -> Rows[IncidentType]:
        from pmtui.backends.datadog.wire.account import IncidentType

        return await self._rows(IncidentType, f"{INCIDENTS}/config/types", "read the incident types", {})

    async def current_user(self) -> User:
        from pmtui.backends.datadog.wire.account import UserAnswer

        return (await self.get(UserAnswer, "/api/v2/current_user", "ask who I am")).data

    async def is_valid(self) -> bool:
        """Whether the API key is valid. The application key is not checked."""
        from pmtui.backends.datadog.wire.account import Validity

        return (await self.get(Validity, "/api/v1/validate", "validate the API key")).valid

    async def users(self, text: str, size: int = 20, number: int = 0) -> tuple[User, ...]:
        page: dict[str, str | int] = {"page[size]": size, "page[number]": number}
        params: dict[str, str | int] = {"filter": text, "filter[status]": "Active", **page, "sort": "name"}
        return await self._some(User, USERS, "look for people", params)

    async def teams(self, text: str, size: int = 20) -> tuple[Team, ...]:
        from pmtui.backends.datadog.wire.account import Team

        params: dict[str, str | int] = {"filter[keyword]": text, "page[size]": size, "page[number]": 0, "sort": "name"}
        return await self._some(Team, TEAMS, "look for teams", params)

    async def services(self, page: int, size: int = 100) -> Rows[Service]:
        from pmtui.backends.datadog.wire.account import Service

        params: dict[str, str | int] = {"page[size]": size, "page[number]": page, "schema_version": "v2.2"}
        return await self._rows(Service, SERVICES, "read the services", params)

    async def _rows(self, model: type[M], path: str, tried: str, params: Mapping[str, str | int]) -> Rows[M]:
        return understand_rows(model, (await self.get(Collection, path, tried, params)).data, at="data")

    async def _some(self, model: type[M], path: str, tried: str, params: Mapping[str, str | int]) -> tuple[M, ...]:
        return some(model, (await self.get(Collection, path, tried, params)).data, tried)

    async def _made(self, model: type[M], path: str, tried: str, data: Json) -> M:
        """The answer to a POST that creates something. If it is not understood, the outcome is ``unknown``."""
        answer = await self.write("POST", path, tried, data)
        try:
            return understand(model, answer, tried)
        except BackendError as error:
            error.unknown, error.advice = True, "check in Datadog whether it exists"
            raise


def _part(incident: str, name: str) -> str:
    """The path of a part; two of the three are below ``relationships``."""
    return f"{INCIDENTS}/{segment(incident)}/{'' if name == 'responders' else 'relationships/'}{name}"


def _impacts(incident: str) -> str:
    return f"{INCIDENTS}/{segment(incident)}/impacts"


def _check_gone(answer: HttpAnswer, tried: str) -> None:
    """Raises BackendError unless a 404 is about the thing itself, not about its incident or the route."""
    said = "; ".join(each if isinstance(each, str) else leaf(each, "detail") for each in errors_in(answer.data))
    if not _GONE.search(said) or _OF_INCIDENT.search(said):
        advice = "read again to see whether it exists"
        raise BackendError(
            Trouble.MISSING, tried, said or "it says 404, but not what was not found", advice, status=404, request_id=answer.request_id
        )
