"""The incident timeline: automatic entries, and those that people wrote.

Source: docs.opsgenie.com "Incident Timeline API" (sample and parameters, recorded 2026-02).
"""

from __future__ import annotations

from datetime import datetime

from pmtui.sandbox.opsgenie.answers import Answer, Json, data
from pmtui.sandbox.opsgenie.call import Call, Route
from pmtui.sandbox.opsgenie.state import State, new_id, stamp

GROUPS = (
    "custom",
    "incident",
    "responderAlert",
    "stakeholderUpdate",
    "statusPage",
    "iccSessionLifecycle",
    "iccSessionDetails",
    "integration",
)
TITLES = {
    "IncidentOpened": "Incident opened",
    "IncidentResolved": "Incident resolved",
    "IncidentClosed": "Incident closed",
    "IncidentReopened": "Incident reopened",
    "PostmortemPublished": "Postmortem published",
    "CustomEntry": "Custom entry added",
}
API_ACTOR = "API"
PAGE = 20


def routes() -> list[Route]:
    """The routes on timelines. The incident is named by its id only."""
    return [Route("GET", "/v2/incident-timelines/{id}/entries", "read", list_entries)]


def event(kind: str, actor: str, at: datetime, text: str = "") -> Json:
    """An entry. `kind` is one of TITLES; `text` becomes the description."""
    entry: Json = {
        "id": f"{kind}_{new_id()}",
        "group": "custom" if kind == "CustomEntry" else "incident",
        "type": kind,
        "eventTime": stamp(at),
        "hidden": False,
        "actor": {"name": actor, "type": "user"},
        "title": {"type": "plain_text", "content": TITLES[kind]},
    }
    if text:
        entry["description"] = {"type": "plain_text", "content": text}
    return entry


def add_event(state: State, incident_id: str, kind: str, actor: str, at: datetime, text: str = "") -> None:
    """Add an entry to the timeline."""
    state.timelines.setdefault(incident_id, []).append(event(kind, actor, at, text))


def log_item(text: str, kind: str, owner: str, at: datetime) -> Json:
    """An item of an incident's log."""
    return {"log": text, "type": kind, "owner": owner, "createdAt": stamp(at), "offset": _offset(at)}


def note_item(text: str, owner: str, at: datetime) -> Json:
    """A note on an incident."""
    return {"note": text, "owner": owner, "createdAt": stamp(at), "offset": _offset(at)}


def _offset(at: datetime) -> str:
    """The offset of an item: a page that begins after the item is asked for by it."""
    return f"{round(at.timestamp() * 1000)}_{new_id()}"


def list_entries(call: Call) -> Answer:
    """One page; `nextOffset` asks for the next and is absent at the end."""
    incident = call.incident()
    limit = call.number("limit", PAGE, 1, PAGE)
    start = call.number("offset", 0, 0, 1_000_000)
    call.choice("contentType", "plain_text", ("plain_text",))
    group = call.choice("group", "", ("", *GROUPS))
    without_hidden = call.choice("discardHidden", "false", ("true", "false")) == "true"
    newest_first = call.choice("order", "desc", ("asc", "desc")) == "desc"
    entries = [
        entry
        for entry in call.state.timelines.get(incident["id"], [])
        if group in ("", entry["group"]) and not (without_hidden and entry["hidden"])
    ]
    entries.sort(key=lambda entry: datetime.fromisoformat(entry["eventTime"]), reverse=newest_first)
    page: Json = {"entries": entries[start : start + limit]}
    if start + limit < len(entries):
        page["nextOffset"] = str(start + limit)
    return data(page)
