"""The timeline: not published, but used by integrations for years (POST) and by the web UI (GET)."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.call import Call
from pmtui.sandbox.datadog.catalogue import people
from pmtui.sandbox.datadog.routes import Route
from pmtui.sandbox.datadog.store import Record, Store
from pmtui.sandbox.datadog.wire import Answer, Refusal

KIND = "incident_timeline_cells"


def _shown(record: Record, item: Record) -> dict[str, Any]:
    names = ("cell_type", "content", "important", "display_time", "created", "modified", "source")
    attributes = {name: item[name] for name in names} | {"incident_id": record["id"], "parent_uuid": None}
    return {"type": KIND, "id": item["id"], "attributes": attributes, "relationships": people(item["by"])}


def list_(store: Store, call: Call) -> Answer:
    record = call.incident(store)
    return 200, {"data": [_shown(record, item) for item in record["timeline"]]}


def create(store: Store, call: Call) -> Answer:
    record = call.incident(store)
    attributes = call.attributes(KIND)
    content = attributes.get("content")
    if attributes.get("cell_type") != "markdown" or not isinstance(content, dict) or not isinstance(content.get("content"), str):
        raise Refusal(400, "Invalid timeline cell: expected cell_type markdown and content.content")
    now = store.stamp()
    item = {
        "id": store.new_id(),
        "cell_type": "markdown",
        "content": content,
        "important": bool(attributes.get("important")),
        "display_time": attributes.get("display_time") or now,
        "created": now,
        "modified": now,
        "source": attributes.get("source") or "api",
        "by": store.me,
    }
    store.change(record)
    record["timeline"] = [*record["timeline"], item]
    return 201, {"data": _shown(record, item)}


PATH = "/api/v2/incidents/{incident}/timeline"
ROUTES = (
    Route("GET", PATH, list_, "incident_read", preview="timeline"),
    Route("POST", PATH, create, "incident_write", preview="timeline"),
)
