"""The incident timeline: what happened by itself and what people wrote down.

Source: docs.opsgenie.com "Incident Timeline API" (sample and parameters, recorded 2026-02).
"""

from __future__ import annotations

from datetime import datetime

from pmtui.sandbox.opsgenie.answers import Answer, Json, data, invalid, not_found
from pmtui.sandbox.opsgenie.calls import Call, Handler, Route
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
    entries = "/v2/incident-timelines/{id}/entries"
    entry = entries + "/{entry}"
    return [
        Route("GET", entries, "read", list_entries),
        Route("POST", entries, "write", add_entry),
        Route("GET", entry, "read", get_entry),
        Route("PUT", entry, "write", edit_entry),
        Route("DELETE", entry, "delete", delete_entry),
        Route("PATCH", entry + "/hide", "write", _hide(True)),
        Route("PATCH", entry + "/unhide", "write", _hide(False)),
    ]


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
    """Write down that something happened."""
    state.timelines.setdefault(incident_id, []).append(event(kind, actor, at, text))


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


def add_entry(call: Call) -> Answer:
    """Write an entry of one's own."""
    incident = call.incident()
    description, time = _entry_body(call)
    entry = event("CustomEntry", API_ACTOR, time, description)
    call.state.timelines.setdefault(incident["id"], []).append(entry)
    return data(entry, 201)


def get_entry(call: Call) -> Answer:
    """One entry."""
    return data(_find(call))


def edit_entry(call: Call) -> Answer:
    """Replace text and time of an entry."""
    entry = _find(call)
    description, time = _entry_body(call)
    entry["description"] = {"type": "plain_text", "content": description}
    entry["eventTime"] = stamp(time)
    entry["lastEdit"] = {"actor": {"name": API_ACTOR, "type": "user"}, "editTime": stamp(call.now)}
    return data(entry)


def delete_entry(call: Call) -> Answer:
    """Remove an entry."""
    entry = _find(call)
    call.state.timelines[call.args["id"]].remove(entry)
    return data({"message": f"Timeline entry with id {entry['id']} deleted"})


def _hide(hidden: bool) -> Handler:
    def handler(call: Call) -> Answer:
        entry = _find(call)
        entry["hidden"] = hidden
        return data({"message": f"Timeline entry with id {entry['id']} {'hidden' if hidden else 'unhidden'}"})

    return handler


def _find(call: Call) -> Json:
    incident = call.incident()
    wanted = call.args["entry"]
    for entry in call.state.timelines.get(incident["id"], []):
        if entry["id"] == wanted:
            return entry
    raise not_found("Timeline entry", wanted)


def _entry_body(call: Call) -> tuple[str, datetime]:
    """`description.content` and `time`, both mandatory."""
    body = call.body()
    description = body.get("description")
    errors = {}
    if not isinstance(description, dict) or description.get("type") != "plain_text" or not isinstance(description.get("content"), str):
        errors["description"] = "must be given as {type: plain_text, content}"
    try:
        time = datetime.fromisoformat(str(body.get("time")))
    except ValueError:
        time = None
        errors["time"] = "must be given as an ISO 8601 time"
    if time is not None and time.tzinfo is None:
        errors["time"] = "must name its time zone"
    if errors or time is None or not isinstance(description, dict):
        raise invalid(**errors)
    return description["content"], time
