"""Follow-ups of an incident. The legacy back end."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import Answer, Refusal, moment
from pmtui.sandbox.datadog.call import Call, Route, pick, text
from pmtui.sandbox.datadog.catalogue import people
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_todos"


def _shown(state: State, record: Record, item: Record, *, people_too: bool = False) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        **{name: item[name] for name in ("created", "modified", "completed", "due_date", "assignees", "content")},
        "created_by_uuid": item["by"],
        "incident_id": record["id"],
        "last_modified_by_uuid": item["by"],
    }
    if people_too:
        person = {"data": rendering.short_user(state, item["by"])}
        attributes |= {"created_by": person, "last_modified_by": person}
    return {"type": KIND, "id": item["id"], "attributes": attributes, "relationships": people(item["by"])}


def list_(state: State, call: Call) -> Answer:
    """The follow-ups. `next_offset` is there even though the list is complete."""
    record = call.incident(state)
    data = [_shown(state, record, item) for item in record["todos"]]
    return 200, {"data": data, "meta": {"pagination": {"offset": 0, "next_offset": len(data), "size": len(data)}}}


def _find(record: Record, call: Call) -> Record:
    item = pick(record["todos"], call.ids["todo"])
    if item is None:
        raise Refusal(404, f"{call.ids['todo']} not found")
    return item


def _checked(call: Call) -> Record:
    """`content` and `assignees` are required, in a PATCH as well. Dates are normalised."""
    attributes = call.attributes(KIND)
    assignees = attributes.get("assignees")
    if not isinstance(assignees, list) or not all(_is_assignee(one) for one in assignees):
        raise Refusal(400, "Missing required attribute in body: assignees")
    values: Record = {"content": text(attributes, "content"), "assignees": assignees}
    for name in ("due_date", "completed"):
        if name in attributes:
            date = moment(attributes[name], name)
            values[name] = None if date is None else date.replace(".000000", "")
    return values


def _is_assignee(one: Any) -> bool:
    """Whether this is a handle, or a person from a chat."""
    return isinstance(one, str) or (isinstance(one, dict) and one.get("source") in ("slack", "microsoft_teams") and "id" in one)


def create(state: State, call: Call) -> Answer:
    """Add a follow-up."""
    record = call.incident(state)
    values = _checked(call)
    now = state.stamp()
    item = {"id": state.new_id(), "due_date": None, "completed": None, **values, "created": now, "modified": now, "by": state.me}
    state.change(record)
    record["todos"] = [*record["todos"], item]
    return 201, {"data": _shown(state, record, item, people_too=True)}


def update(state: State, call: Call) -> Answer:
    """Change a follow-up; content and assignees are required again."""
    record = call.incident(state)
    item = _find(record, call)
    values = _checked(call)
    state.change(record)
    item |= values | {"modified": state.stamp(), "by": state.me}
    return 200, {"data": _shown(state, record, item, people_too=True)}


def delete(state: State, call: Call) -> Answer:
    """Remove a follow-up."""
    record = call.incident(state)
    item = _find(record, call)
    state.change(record)
    record["todos"] = [one for one in record["todos"] if one["id"] != item["id"]]
    return 204, None


PATH = "/api/v2/incidents/{incident}/relationships/todos"
ROUTES = (
    Route("GET", PATH, list_, "incident_read"),
    Route("POST", PATH, create, "incident_write", bucket="incidents_write"),
    Route("PATCH", f"{PATH}/{{todo}}", update, "incident_write", bucket="incidents_write"),
    Route("DELETE", f"{PATH}/{{todo}}", delete, "incident_write", bucket="incidents_write"),
)
