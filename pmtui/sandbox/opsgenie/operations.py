"""What an accepted incident write does when its turn comes.

An operation takes the state, the incident (None when it does not exist), the checked body and the time; it gives the
incident's id and the words of the request status.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.state import State, new_id, stable_id, stamp
from pmtui.sandbox.opsgenie.timeline import API_ACTOR, add_event

INTEGRATION = stable_id("integration", "api")
WEB_URL = "https://sandbox.app.opsgenie.com"

Operation = Callable[[State, Json | None, Json, datetime], tuple[str, str]]
Change = Callable[[State, Json, Json, datetime], None]


class Failure(Exception):
    """The write was accepted and cannot be done; the message becomes the status."""


def log_item(text: str, kind: str, owner: str, at: datetime) -> Json:
    """An item of an incident's log."""
    return {"log": text, "type": kind, "owner": owner, "createdAt": stamp(at), "offset": f"{round(at.timestamp() * 1000)}_{new_id()}"}


def note_item(text: str, owner: str, at: datetime) -> Json:
    """A note on an incident."""
    return {"note": text, "owner": owner, "createdAt": stamp(at), "offset": f"{round(at.timestamp() * 1000)}_{new_id()}"}


def web_links(incident_id: str) -> dict[str, str]:
    """The page of an incident in the vendor's web application; the API's link depends on the host that is asked."""
    return {"web": f"{WEB_URL}/incident/detail/{incident_id}"}


def create(state: State, _incident: Json | None, body: Json, now: datetime) -> tuple[str, str]:
    """Open an incident."""
    key = new_id()
    state.incidents[key] = {
        "id": key,
        "description": body["description"],
        "impactedServices": body["impactedServices"],
        "tinyId": state.next_tiny_id(),
        "message": body["message"],
        "status": "open",
        "tags": body["tags"],
        "createdAt": stamp(now),
        "updatedAt": stamp(now),
        "priority": body["priority"],
        "ownerTeam": "",
        "responders": body["responders"],
        "extraProperties": body["details"],
        "links": web_links(key),
        "impactStartDate": stamp(now),
        "actions": [],
    }
    add_event(state, key, "IncidentOpened", API_ACTOR, now)
    _note(state, key, body, now)
    return key, "Created incident"


def _note(state: State, incident_id: str, body: Json, now: datetime) -> None:
    if body.get("note"):
        state.notes.setdefault(incident_id, []).append(note_item(body["note"], API_ACTOR, now))


def _on_incident(said: str, change: Change) -> Operation:
    """An operation on an existing incident: it fails without one, keeps the note, and is logged."""

    def operation(state: State, incident: Json | None, body: Json, now: datetime) -> tuple[str, str]:
        if incident is None:
            raise Failure("Incident does not exist")
        key = incident["id"]
        change(state, incident, body, now)
        if key in state.incidents:
            incident["updatedAt"] = stamp(now)
            _note(state, key, body, now)
            state.logs.setdefault(key, []).append(log_item(said, "system", API_ACTOR, now))
        return key, said

    return operation


def _to_status(status: str, allowed: tuple[str, ...], kind: str) -> Change:
    def change(state: State, incident: Json, _body: Json, now: datetime) -> None:
        if incident["status"] not in allowed:
            raise Failure(f"Incident is already {incident['status']}")
        incident["status"] = status
        if status == "open":
            incident.pop("impactEndDate", None)
        else:
            incident.setdefault("impactEndDate", stamp(now))
        add_event(state, incident["id"], kind, API_ACTOR, now)

    return change


def _delete(state: State, incident: Json, _body: Json, _now: datetime) -> None:
    key = incident["id"]
    if key in state.postmortem_ids:
        state.remove_postmortem(state.postmortem_ids[key])
    del state.incidents[key]
    for table in (state.notes, state.logs, state.timelines):
        table.pop(key, None)


def _nothing_more(_state: State, _incident: Json, _body: Json, _now: datetime) -> None:
    """A note is kept for every operation."""


def _add_details(_state: State, incident: Json, body: Json, _now: datetime) -> None:
    incident["extraProperties"] = {**incident["extraProperties"], **body["details"]}


def _remove_details(_state: State, incident: Json, body: Json, _now: datetime) -> None:
    incident["extraProperties"] = {key: value for key, value in incident["extraProperties"].items() if key not in body["keys"]}


def _add_tags(_state: State, incident: Json, body: Json, _now: datetime) -> None:
    incident["tags"] = list(dict.fromkeys([*incident["tags"], *body["tags"]]))


def _remove_tags(_state: State, incident: Json, body: Json, _now: datetime) -> None:
    incident["tags"] = [tag for tag in incident["tags"] if tag not in body["tags"]]


def _add_responders(_state: State, incident: Json, body: Json, _now: datetime) -> None:
    incident["responders"] = [*incident["responders"], *(item for item in body["responder"] if item not in incident["responders"])]


def _set(key: str) -> Change:
    def change(_state: State, incident: Json, body: Json, _now: datetime) -> None:
        incident[key] = body[key]

    return change


OPERATIONS: dict[str, Operation] = {
    "Create": create,
    "Delete": _on_incident("Deleted incident", _delete),
    "Resolve": _on_incident("Resolved incident", _to_status("resolved", ("open",), "IncidentResolved")),
    "Close": _on_incident("Closed incident", _to_status("closed", ("open", "resolved"), "IncidentClosed")),
    "Reopen": _on_incident("Reopened incident", _to_status("open", ("resolved", "closed"), "IncidentReopened")),
    "AddNote": _on_incident("Added note", _nothing_more),
    "AddDetails": _on_incident("Added details", _add_details),
    "RemoveDetails": _on_incident("Removed details", _remove_details),
    "AddTags": _on_incident("Added tags", _add_tags),
    "RemoveTags": _on_incident("Removed tags", _remove_tags),
    "AddResponder": _on_incident("Added responder", _add_responders),
    "UpdateMessage": _on_incident("Updated message", _set("message")),
    "UpdateDescription": _on_incident("Updated description", _set("description")),
    "UpdatePriority": _on_incident("Updated priority", _set("priority")),
}
