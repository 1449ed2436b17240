"""Impacts of an incident. The rapid back end; `fields` is null, whatever the description says (recorded 2026-02)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import RAPID, Answer, Refusal, moment, zulu
from pmtui.sandbox.datadog.call import Call, Route, mapped
from pmtui.sandbox.datadog.catalogue import people, relation
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_impacts"


def _shown(record: Record, item: Record) -> dict[str, Any]:
    times = {name: zulu(item[name]) for name in ("start_at", "end_at", "created", "modified")}
    attributes = {"description": item["description"], "impact_type": "customer", "fields": item["fields"], **times}
    relationships = {"incident": relation("incidents", record["id"]), **people(item["by"])}
    return {"id": item["id"], "type": KIND, "attributes": attributes, "relationships": relationships}


def list_(state: State, call: Call) -> Answer:
    """All impacts. No pages."""
    record = call.rapid_incident(state)
    return 200, {"data": [_shown(record, item) for item in record["impacts"]]}


def create(state: State, call: Call) -> Answer:
    """Add an impact of the caller's. Nobody becomes a responder: that is recorded for a PATCH of the incident only."""
    record = call.rapid_incident(state)
    attributes = call.attributes(KIND)
    for name in ("description", "start_at"):
        if not isinstance(attributes.get(name), str) or not attributes[name].strip():
            raise Refusal(400, f"invalid impact data: {name} is required: invalid impact", title="Generic Error")
    now = state.stamp()
    item = {
        "id": state.new_id(),
        "description": attributes["description"],
        **{name: moment(attributes.get(name), name) for name in ("start_at", "end_at")},
        "fields": mapped(attributes, "fields") or None,
        **dict.fromkeys(("created", "modified"), now),
        "by": state.me,
    }
    state.change(record)
    record["impacts"] = [*record["impacts"], item]
    return 201, {"data": _shown(record, item)}


PATH = "/api/v2/incidents/{incident}/impacts"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", RAPID),
    Route("POST", PATH, create, "incident_write", RAPID, bucket="incidents_write"),
)
