"""The reads of the incident configuration: types, fields, templates. The rapid back end."""

from __future__ import annotations

from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal
from pmtui.sandbox.datadog.call import Call, Route
from pmtui.sandbox.datadog.state import State

PATH = "/api/v2/incidents/config"
MAX_FIELDS = 1000


def types(state: State, call: Call) -> Answer:
    """The incident types. No pages."""
    return 200, {"data": list(state.types.values())}


def fields(state: State, call: Call) -> Answer:
    """A page of the user-defined fields; pages are counted from 0."""
    size, number = call.number("page[size]", MAX_FIELDS, MAX_FIELDS), call.number("page[number]", 0)
    kind, deleted = call.request.param("filter[incident-type]"), call.request.param("include-deleted") == "true"
    found = [
        field
        for field in state.fields.values()
        if (not kind or field["relationships"]["incident_type"]["data"]["id"] == kind)
        and (deleted or field["attributes"]["deleted"] is None)
    ]
    page = found[number * size : (number + 1) * size]
    return 200, {"data": page, "meta": {"offset": number * size, "size": len(page)}}


def templates(state: State, call: Call) -> Answer:
    """The postmortem templates, oldest first; without pages. `filter[incident-type]` takes an id."""
    kind, sort = call.request.param("filter[incident-type]"), call.request.param("sort", "created_at")
    if sort not in ("created_at", "-created_at"):
        raise Refusal(400, f"invalid sort {sort}")
    found = [one for one in state.templates.values() if not kind or one["relationships"]["incident_type"]["data"]["id"] == kind]
    return 200, {"data": sorted(found, key=lambda one: str(one["attributes"]["createdAt"]), reverse=sort.startswith("-"))}


READ = "incident_settings_read"
ROUTES = (
    Route("GET", f"{PATH}/types", types, READ, RAPID, "config"),
    Route("GET", f"{PATH}/user-defined-fields", fields, READ, RAPID, "config"),
    Route("GET", f"{PATH}/postmortem-templates", templates, READ, RAPID, "config", "templates"),
)
