"""Integration metadata: Slack channels, Jira issues. Reading and deleting is rapid, writing is legacy (recorded 2026-02)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import LEGACY, RAPID, Answer, Refusal, not_found, zulu
from pmtui.sandbox.datadog.call import Call, Route, pick
from pmtui.sandbox.datadog.catalogue import people
from pmtui.sandbox.datadog.incidents import rendering
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_integrations"
REQUIRED = {
    "channels": ("channel_id", "channel_name", "redirect_url"),
    "issues": ("account", "project_key"),
    "teams": ("ms_channel_id", "ms_channel_name", "ms_tenant_id", "redirect_url"),
}
MANUALLY_CREATED, MANUALLY_UPDATED = 3, 4
PAGE = 25


def _shown(state: State, record: Record, item: Record, dialect: str) -> dict[str, Any]:
    dates = {name: item[name] for name in ("created", "modified")}
    attributes: dict[str, Any] = {
        **({name: zulu(date) for name, date in dates.items()} if dialect == RAPID else dates),
        "created_by_uuid": item["by"],
        "incident_id": record["id"],
        "integration_type": item["integration_type"],
        "last_modified_by_uuid": item["by"],
        "metadata": item["metadata"],
        "status": item["status"],
    }
    if dialect == LEGACY:
        person = {"data": rendering.short_user(state, item["by"])}
        attributes |= {"created_by": person, "last_modified_by": person}
    return {"id": item["id"], "type": KIND, "attributes": attributes, "relationships": people(item["by"])}


def list_(state: State, call: Call) -> Answer:
    """All records. `next_offset` is there even though the list is complete."""
    record = call.rapid_incident(state)
    data = [_shown(state, record, item, RAPID) for item in record["integrations"]]
    return 200, {"data": data, "meta": {"pagination": {"offset": 0, "next_offset": PAGE, "size": len(data)}}}


def _find(record: Record, call: Call) -> Record:
    item = pick(record["integrations"], call.ids["integration"])
    if item is None:
        raise not_found("incident integration doesn't exist")
    return item


def _checked(call: Call) -> dict[str, Any]:
    """The validated attributes; the metadata of a known type must have its required keys."""
    attributes = call.attributes(KIND)
    number, metadata = attributes.get("integration_type"), attributes.get("metadata")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Refusal(400, "Missing required attribute in body: integration_type")
    if not isinstance(metadata, dict) or not metadata:
        raise Refusal(400, "Missing required attribute in body: metadata")
    for name, needed in REQUIRED.items():
        items = metadata.get(name, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Refusal(400, f"Invalid metadata: {name} must be a list of objects")
        if missing := [key for item in items for key in needed if not item.get(key)]:
            raise Refusal(400, f"Invalid metadata: {name}: missing {missing[0]}")
    return attributes


def create(state: State, call: Call) -> Answer:
    """Add a record; the status that was sent is overridden (recorded 2026-02)."""
    record = call.incident(state)
    attributes = _checked(call)
    now = state.stamp()
    overridden = state.switches.status_override == "on"
    item = {
        "id": state.new_id(),
        "integration_type": attributes["integration_type"],
        "status": MANUALLY_CREATED if overridden else attributes.get("status", 0),
        "metadata": attributes["metadata"],
        "created": now,
        "modified": now,
        "by": state.me,
    }
    state.change(record)
    record["integrations"] = [*record["integrations"], item]
    return 201, {"data": _shown(state, record, item, LEGACY)}


def update(state: State, call: Call) -> Answer:
    """The metadata is replaced as a whole."""
    record = call.incident(state)
    item = _find(record, call)
    attributes = _checked(call)
    state.change(record)
    overridden = state.switches.status_override == "on"
    item["status"] = MANUALLY_UPDATED if overridden else attributes.get("status", item["status"])
    item |= {
        "metadata": attributes["metadata"],
        "integration_type": attributes["integration_type"],
        "modified": state.stamp(),
        "by": state.me,
    }
    return 200, {"data": _shown(state, record, item, LEGACY)}


def delete(state: State, call: Call) -> Answer:
    """Remove a record."""
    record = call.rapid_incident(state)
    item = _find(record, call)
    state.change(record)
    record["integrations"] = [one for one in record["integrations"] if one["id"] != item["id"]]
    return 204, None


PATH = "/api/v2/incidents/{incident}/relationships/integrations"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", RAPID),
    Route("POST", PATH, create, "incident_write", LEGACY, "incidents_write"),
    Route("PATCH", f"{PATH}/{{integration}}", update, "incident_write", LEGACY, "incidents_write"),
    Route("DELETE", f"{PATH}/{{integration}}", delete, "incident_write", RAPID, "incidents_write"),
)
