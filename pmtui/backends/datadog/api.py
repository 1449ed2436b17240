"""Datadog's endpoints, one method each: paths, parameters and envelopes, and nothing of what they mean.

Paths and shapes: vendor's OpenAPI documents and recorded exchanges of datadog-api-client 2.62.0 (2026-10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.datadog.wire import Json, included, linked, listed, record, records, text
from pmtui.backends.http.client import Answer, Client, segment

INCIDENTS = "/api/v2/incidents"
NOTEBOOKS = "/api/v1/notebooks"
PART_DEADLINE = 10.0  # seconds for what a postmortem can be shown without
_DONE = frozenset({*range(200, 300), 404})
_GONE = re.compile(r"not found|does(n't| not) exist", re.IGNORECASE)
_OF_INCIDENT = re.compile(r"\bincident (?:[0-9a-f-]{36} )?not found|malformed", re.IGNORECASE)
SEARCH = "search incidents"
PAGE = 50  # incidents; the vendor allows 100, and search repeats every one of them


class Api:
    """Raw answers. Every method raises BackendError."""

    def __init__(self, http: Client) -> None:
        self.http = http

    async def get(
        self,
        path: str,
        tried: str,
        params: Mapping[str, str | int] | None = None,
        *,
        retry: bool | None = None,
        deadline: float | None = None,
    ) -> Json:
        """The object at a path. An answer that is none is an error: nothing here can be read without its envelope."""
        answer = await self.http.call("GET", path, tried=tried, params=params, retry=retry, deadline=deadline)
        return _object(answer, tried)

    async def write(self, method: str, path: str, tried: str, data: Json | None = None, *, retry: bool | None = None) -> Json:
        """Send ``{"data": data}``; the answer's object, {} when there is none. What is not there need not be deleted: that is done."""
        body = None if data is None else {"data": data}
        deletes = method == "DELETE"
        answer = await self.http.call(method, path, tried=tried, body=body, retry=retry, ok=_DONE if deletes else range(200, 300))
        if answer.status == 404:
            _check_gone(answer, tried)
        return answer.data if isinstance(answer.data, dict) else {}

    async def incident(self, incident: str, tried: str = "read the incident") -> Json:
        """``data`` and ``included`` (users, attachments). Attachments that were not side-loaded are asked for: none may be overlooked."""
        answer = await self.get(f"{INCIDENTS}/{segment(incident)}", tried, {"include": "users,attachments"})
        if not record(answer, "data", "attributes"):
            raise _no_data(tried)
        known = included(answer, "incident_attachments")
        if all(each in known for each in linked(record(answer, "data"), "attachments")):
            return answer
        return {**answer, "included": [*records(answer, "included"), *await self.attachments(incident)]}

    async def incidents(self, offset: int, size: int) -> Json:
        """Oldest first; no filter, no sort, no total."""
        return await self.get(INCIDENTS, "list incidents", {"include": "users,attachments", "page[size]": size, "page[offset]": offset})

    async def search(self, query: str, offset: int, size: int) -> Json:
        params: dict[str, str | int] = {"query": query, "sort": "-created", "include": "attachments"}
        return await self.get(f"{INCIDENTS}/search", SEARCH, {**params, "page[size]": size, "page[offset]": offset})

    async def attachments(self, incident: str) -> list[Json]:
        """All of them: the filter's values are documented in two ways."""
        return records(await self.get(f"{INCIDENTS}/{segment(incident)}/attachments", "read the incident's attachments"), "data")

    async def attach(self, incident: str, kind: str, url: str, title: str) -> Json:
        data = {"type": "incident_attachments", "attributes": {"attachment_type": kind, "attachment": {"documentUrl": url, "title": title}}}
        return record(await self.write("POST", f"{INCIDENTS}/{segment(incident)}/attachments", f"link {title or url}", data), "data")

    async def detach(self, incident: str, attachment: str, tried: str) -> None:
        await self.write("DELETE", f"{INCIDENTS}/{segment(incident)}/attachments/{segment(attachment)}", tried)

    async def create_postmortem(self, incident: str, attributes: Json) -> Json:
        data = {"type": "incident_attachments", "attributes": attributes}
        return record(
            await self.write("POST", f"{INCIDENTS}/{segment(incident)}/attachments/postmortems", "create the postmortem", data), "data"
        )

    async def responders(self, incident: str) -> Json:
        return await self.get(f"{INCIDENTS}/{segment(incident)}/responders", "read the responders", deadline=PART_DEADLINE)

    async def integrations(self, incident: str) -> Json:
        path = f"{INCIDENTS}/{segment(incident)}/relationships/integrations"
        return await self.get(path, "read the linked issues", deadline=PART_DEADLINE)

    async def todos(self, incident: str) -> Json:
        return await self.get(f"{INCIDENTS}/{segment(incident)}/relationships/todos", "read the action items", deadline=PART_DEADLINE)

    async def notebook(self, notebook: str) -> Json:
        """The resource: ``id`` and ``attributes``."""
        answer = await self.get(f"{NOTEBOOKS}/{segment(notebook)}", "read the notebook")
        if not isinstance(record(answer, "data", "attributes").get("cells"), list):
            raise _no_data("read the notebook")
        return record(answer, "data")

    async def put_notebook(self, notebook: str, attributes: Json) -> Json:
        """Replaces the whole notebook; the answer is the notebook as it was saved, {} when it is none.

        Not tried again by itself once it may have been applied: others write there, too.
        """
        data = {"type": "notebooks", "attributes": attributes}
        answer = await self.write("PUT", f"{NOTEBOOKS}/{segment(notebook)}", "save the notebook", data, retry=False)
        saved = record(answer, "data")
        return saved if isinstance(record(saved, "attributes").get("cells"), list) else {}

    async def create_notebook(self, attributes: Json) -> Json:
        return record(await self.write("POST", NOTEBOOKS, "create the notebook", {"type": "notebooks", "attributes": attributes}), "data")

    async def notebooks(self, query: str) -> list[Json]:
        """The newest notebooks whose name or author has these words, without their cells."""
        params: dict[str, str | int] = {"query": query, "sort_field": "created", "sort_dir": "desc", "count": 20, "include_cells": "false"}
        return records(await self.get(NOTEBOOKS, "look for the notebook", params), "data")

    async def templates(self, incident_type: str) -> list[Json]:
        params: dict[str, str | int] = {"filter[incident-type]": incident_type} if incident_type else {}
        return records(await self.get(f"{INCIDENTS}/config/postmortem-templates", "read the postmortem templates", params), "data")

    async def user_defined_fields(self) -> list[Json]:
        params: dict[str, str | int] = {"page[size]": 1000, "page[number]": 0}
        path = f"{INCIDENTS}/config/user-defined-fields"
        return records(await self.get(path, "read the incident fields", params, retry=False, deadline=PART_DEADLINE), "data")

    async def types(self) -> list[Json]:
        return records(await self.get(f"{INCIDENTS}/config/types", "read the incident types"), "data")

    async def current_user(self) -> Json:
        return record(await self.get("/api/v2/current_user", "ask who I am"), "data")

    async def users(self, text: str, size: int = 20) -> list[Json]:
        params: dict[str, str | int] = {"filter": text, "filter[status]": "Active", "page[size]": size, "page[number]": 0, "sort": "name"}
        return records(await self.get("/api/v2/users", "look for people", params), "data")

    async def teams(self, text: str, size: int = 20) -> list[Json]:
        params: dict[str, str | int] = {"filter[keyword]": text, "page[size]": size, "page[number]": 0, "sort": "name"}
        return records(await self.get("/api/v2/team", "look for teams", params), "data")

    async def services(self, page: int, size: int = 100) -> list[Json]:
        params: dict[str, str | int] = {"page[size]": size, "page[number]": page, "schema_version": "v2.2"}
        return records(await self.get("/api/v2/services/definitions", "read the services", params), "data")


def _check_gone(answer: Answer, tried: str) -> None:
    """Raises BackendError unless a 404 says of the very thing that it is not there: not of its incident, and not of a route."""
    said = "; ".join(each if isinstance(each, str) else text(each, "detail") for each in listed(answer.data, "errors"))
    if not _GONE.search(said) or _OF_INCIDENT.search(said):
        advice = "read again to see whether it is there"
        raise BackendError(
            Trouble.MISSING, tried, said or "it says 404, but not what was not found", advice, status=404, request_id=answer.request_id
        )


def _object(answer: Answer, tried: str) -> Json:
    if not isinstance(answer.data, dict):
        raise _no_data(tried, answer.request_id)
    return answer.data


def _no_data(tried: str, request_id: str = "") -> BackendError:
    said = "the answer is JSON, but not what Datadog documents"
    return BackendError(Trouble.ANSWER, tried, said, "check the site and the base URL", request_id=request_id)
