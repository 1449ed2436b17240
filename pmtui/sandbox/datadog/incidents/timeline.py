"""The timeline. Its endpoint is undocumented; the web UI uses it (found with browser tools, 2025)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import Answer
from pmtui.sandbox.datadog.call import Call, Route
from pmtui.sandbox.datadog.catalogue import people
from pmtui.sandbox.datadog.state import Record, State

KIND = "incident_timeline_cells"


def _shown(record: Record, item: Record) -> dict[str, Any]:
    names = ("cell_type", "content", "important", "display_time", "created", "modified", "source")
    attributes = {name: item[name] for name in names} | {"incident_id": record["id"], "parent_uuid": None}
    return {"type": KIND, "id": item["id"], "attributes": attributes, "relationships": people(item["by"])}


def list_(state: State, call: Call) -> Answer:
    """All entries, oldest first. No pages."""
    record = call.incident(state)
    return 200, {"data": [_shown(record, item) for item in record["timeline"]]}


PATH = "/api/v2/incidents/{incident}/timeline"
ROUTES = (Route("GET", PATH, list_, "incident_read", preview="timeline"),)
