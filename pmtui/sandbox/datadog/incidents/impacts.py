"""Impacts of an incident. The rapid back end; `fields` is null, whatever the description says (recorded 2026-02)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import RAPID, Answer, zulu
from pmtui.sandbox.datadog.call import Call, Route
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


ROUTES = (Route("GET", "/api/v2/incidents/{incident}/impacts", list_, "incident_read", RAPID),)
