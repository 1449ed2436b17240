"""Responders of an incident (preview since 2026; documented, not recorded)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal, not_found, zulu
from pmtui.sandbox.datadog.call import Call, Route, pick, related
from pmtui.sandbox.datadog.catalogue import relation
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.scenario import responder_record
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_responders"


def _shown(state: State, item: Record) -> dict[str, Any]:
    attributes = {
        "created": zulu(item["created"]),
        "modified": zulu(item["modified"]),
        "last_active": zulu(item["last_active"]),
        "is_billable": item["user"] is not None,
        "external_id": item["external_id"],
        "external_source": item["external_source"],
        "meta": None,
    }
    relationships = {
        "user": relation("users", item["user"]),
        "created_by": relation("users", item.get("by", state.me)),
        "last_modified_by": relation("users", item.get("by", state.me)),
        "role_assignments": {"data": [{"type": "incident_role_assignments", "id": name} for name in item["roles"]]},
    }
    return {"id": item["id"], "type": KIND, "attributes": attributes, "relationships": relationships}


def _answer(state: State, items: list[Record], data: Any, status: int = 200) -> Answer:
    people = dict.fromkeys(item["user"] for item in items if item["user"] is not None)
    return status, {"data": data, "included": [rendering.short_user(state, name) for name in people]}


def list_(state: State, call: Call) -> Answer:
    """The responders, and the users among them. No pages."""
    items = call.rapid_incident(state)["responders"]
    return _answer(state, items, [_shown(state, item) for item in items])


def _find(record: Record, call: Call) -> Record:
    item = pick(record["responders"], call.ids["responder"])
    if item is None:
        raise not_found("responder not found")
    return item


def create(state: State, call: Call) -> Answer:
    """Add a responder. An existing one is returned unchanged (whether the service does so is not known)."""
    record = call.rapid_incident(state)
    user = related(call.data(KIND), "user")
    if user is None or user not in state.users:
        raise Refusal(400, "user not found", pointer="/data/relationships/user")
    item = next((item for item in record["responders"] if item["user"] == user), None)
    if item is None:
        now = state.stamp()
        item = responder_record(f"{record['id']} {user} {now}", user, now, [], None) | {"by": state.me}
        state.change(record)
        record["responders"] = [*record["responders"], item]
    return _answer(state, [item], _shown(state, item), 201)


def delete(state: State, call: Call) -> Answer:
    """Remove a responder. One who has a role, is the commander or has acted is refused (documented; status and words are guesses)."""
    record = call.rapid_incident(state)
    item = _find(record, call)
    if item["roles"] or item["last_active"] or (item["user"] is not None and item["user"] == record["commander"]):
        raise Refusal(400, "responder has a responder type or has acted on the incident and can not be removed")
    state.change(record)
    record["responders"] = [one for one in record["responders"] if one["id"] != item["id"]]
    return 204, None


PATH = "/api/v2/incidents/{incident}/responders"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", RAPID, "responders", "responders"),
    Route("POST", PATH, create, "incident_write", RAPID, "responders", "responders"),
    Route("DELETE", f"{PATH}/{{responder}}", delete, "incident_write", RAPID, "responders", "responders"),
)
