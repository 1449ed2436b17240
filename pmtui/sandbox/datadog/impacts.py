"""Impacts of an incident and overrides of its times. The rapid back end."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog import rendering
from pmtui.sandbox.datadog.call import Call, pick, text
from pmtui.sandbox.datadog.catalogue import people, relation
from pmtui.sandbox.datadog.routes import Route
from pmtui.sandbox.datadog.store import Record, Store
from pmtui.sandbox.datadog.wire import RAPID, Answer, Refusal, moment, not_found, zulu

NIL = "00000000-0000-0000-0000-000000000000"
RPC = "rpc error: code = NotFound desc = "
OVERRIDE = "incidents_timestamp_overrides"
OVERRIDABLE = ("detected", "resolved", "declared")


def _shown(record: Record, item: Record) -> dict[str, Any]:
    attributes = {
        **{name: zulu(item[name]) for name in ("created", "end_at", "modified", "start_at")},
        "description": item["description"],
        "fields": item["fields"],
        "impact_type": "customer",
    }
    relationships = {**people(item["by"]), "incident": relation("incidents", record["id"])}
    return {"id": item["id"], "type": "incident_impacts", "attributes": attributes, "relationships": relationships}


def _included(store: Store, call: Call, items: list[Record]) -> dict[str, Any]:
    if not call.includes() & {"created_by_user", "last_modified_by_user"}:
        return {}
    return {"included": [rendering.short_user(store, name) for name in dict.fromkeys(item["by"] for item in items)]}


def list_(store: Store, call: Call) -> Answer:
    record = call.rapid_incident(store)
    return 200, {"data": [_shown(record, item) for item in record["impacts"]], **_included(store, call, record["impacts"])}


def create(store: Store, call: Call) -> Answer:
    """The nil id is refused as data, an unknown one as not found (recorded 2025-09)."""
    if call.ids["incident"] == NIL:
        raise Refusal(400, "invalid impact data: incident id is required: invalid impact", title="Bad Request")
    record = store.incident(call.ids["incident"])
    if record is None:
        raise not_found(RPC + "incident not found: failed to get incident: incident not found")
    attributes = call.attributes("incident_impacts")
    start = moment(text(attributes, "start_at"), "start_at")
    now = store.stamp()
    item = {
        "id": store.new_id(),
        "description": text(attributes, "description"),
        "start_at": start,
        "end_at": moment(attributes.get("end_at"), "end_at"),
        "fields": attributes.get("fields"),
        "created": now,
        "modified": now,
        "by": store.me,
    }
    store.change(record)
    record["impacts"] = [*record["impacts"], item]
    return 201, {"data": _shown(record, item), **_included(store, call, [item])}


def _find(store: Store, call: Call) -> tuple[Record, Record]:
    record = store.incident(call.ids["incident"])
    item = pick(record["impacts"] if record else (), call.ids["impact"])
    if record is None or item is None:
        raise not_found(RPC + "impact not found: impact not found")
    return record, item


def update(store: Store, call: Call) -> Answer:
    record, item = _find(store, call)
    attributes = call.attributes("incident_impacts")
    changed: Record = {name: attributes[name] for name in ("description", "fields") if name in attributes}
    changed |= {name: moment(attributes[name], name) for name in ("start_at", "end_at") if name in attributes}
    store.change(record)
    item |= changed | {"modified": store.stamp(), "by": store.me}
    return 200, {"data": _shown(record, item), **_included(store, call, [item])}


def delete(store: Store, call: Call) -> Answer:
    record, item = _find(store, call)
    store.change(record)
    record["impacts"] = [one for one in record["impacts"] if one["id"] != item["id"]]
    return 204, None


def _override(record: Record, item: Record) -> dict[str, Any]:
    attributes = {
        "incident_id": record["id"],
        "timestamp_type": item["timestamp_type"],
        "timestamp_value": zulu(item["timestamp_value"]),
        "created_at": zulu(item["created"]),
        "modified_at": zulu(item["modified"]),
        "deleted_at": None,
    }
    return {"id": item["id"], "type": OVERRIDE, "attributes": attributes, "relationships": people(item["by"])}


def overrides(store: Store, call: Call) -> Answer:
    record = call.rapid_incident(store)
    return 200, {"data": [_override(record, item) for item in record["overrides"]]}


def _editable(store: Store, call: Call) -> Record:
    record = call.rapid_incident(store)
    if not store.types[record["type"]]["attributes"]["configuration"]["editable_timestamps"]:
        raise Refusal(403, "timestamps can not be edited for this incident type")
    return record


def add_override(store: Store, call: Call) -> Answer:
    """One for each time; the incident shows the overridden value."""
    record = _editable(store, call)
    attributes = call.attributes(OVERRIDE)
    kind = attributes.get("timestamp_type")
    if kind not in OVERRIDABLE or any(item["timestamp_type"] == kind for item in record["overrides"]):
        raise Refusal(400, f"invalid or duplicate timestamp_type {kind!r}", pointer="/data/attributes/timestamp_type")
    value = moment(text(attributes, "timestamp_value"), "timestamp_value")
    now = store.stamp()
    item = {
        "id": store.new_id(),
        "timestamp_type": kind,
        "timestamp_value": value,
        "original": record[kind],
        "created": now,
        "modified": now,
        "by": store.me,
    }
    store.change(record)
    record["overrides"] = [*record["overrides"], item]
    record[kind] = value
    store.touch(record)
    return 201, {"data": _override(record, item)}


def _find_override(store: Store, call: Call) -> tuple[Record, Record]:
    record = _editable(store, call)
    item = pick(record["overrides"], call.ids["override"])
    if item is None:
        raise not_found("timestamp override not found")
    return record, item


def update_override(store: Store, call: Call) -> Answer:
    record, item = _find_override(store, call)
    value = moment(text(call.attributes(OVERRIDE), "timestamp_value"), "timestamp_value")
    store.change(record)
    item |= {"timestamp_value": value, "modified": store.stamp(), "by": store.me}
    record[item["timestamp_type"]] = value
    store.touch(record)
    return 200, {"data": _override(record, item)}


def delete_override(store: Store, call: Call) -> Answer:
    record, item = _find_override(store, call)
    store.change(record)
    record["overrides"] = [one for one in record["overrides"] if one["id"] != item["id"]]
    record[item["timestamp_type"]] = item["original"]
    store.touch(record)
    return 204, None


PATH = "/api/v2/incidents/{incident}/impacts"
OVERRIDES = "/api/v2/incidents/{incident}/timestamp-overrides"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", RAPID),
    Route("POST", PATH, create, "incident_write", RAPID, "incidents_write"),
    Route("PATCH", f"{PATH}/{{impact}}", update, "incident_write", RAPID, "incidents_write"),
    Route("DELETE", f"{PATH}/{{impact}}", delete, "incident_write", RAPID, "incidents_write"),
    Route("GET", OVERRIDES, overrides, "incident_read", RAPID),
    Route("POST", OVERRIDES, add_override, "incident_write", RAPID, "incidents_write"),
    Route("PATCH", f"{OVERRIDES}/{{override}}", update_override, "incident_write", RAPID, "incidents_write"),
    Route("DELETE", f"{OVERRIDES}/{{override}}", delete_override, "incident_write", RAPID, "incidents_write"),
)
