"""The details of incidents, where clients store the postmortem's id: a write is accepted at once and applied later.

Sources: docs.opsgenie.com "Incident API" (recorded 2026-02); the 404 with `X-Opsgenie-Errortype: RequestNotProcessed` while a
request waits is what the vendor's Go client expects. The incident in the path is looked up when the write is applied, so a write
to an unknown one is accepted and fails later, as in the vendor's sample.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, accepted, data, invalid
from pmtui.sandbox.opsgenie.call import Call, Handler, Route
from pmtui.sandbox.opsgenie.incidents.timeline import API_ACTOR, log_item, note_item
from pmtui.sandbox.opsgenie.state import State, new_id, stable_id, stamp

NOTE, KEYS = 25_000, 10  # documented limits
INTEGRATION = stable_id("integration", "api")
SAID = {"AddDetails": "Added details", "RemoveDetails": "Removed details"}


def routes() -> list[Route]:
    """The routes that write to incidents: their details, where clients store the postmortem's id."""
    details = "/v1/incidents/{id}/details"
    return [
        Route("GET", "/v1/incidents/requests/{request}", "read", status),
        Route("POST", details, "write", _later("AddDetails", _details_body)),
        Route("DELETE", details, "write", _later("RemoveDetails", _keys)),
    ]


def status(call: Call) -> Answer:
    """The result of an accepted write."""
    wanted = call.args["request"]
    kept = call.state.requests.get(wanted)
    if kept is None:
        raise Refusal(404, f"Request with id [{wanted}] not found")
    if "operation" in kept:
        headers = (("X-Opsgenie-Errortype", "RequestNotProcessed"),)
        raise Refusal(404, "Request not found. It might not be processed yet, please try again later.", headers=headers)
    return data(kept)


def apply_due(state: State, now: datetime) -> None:
    """Apply what was accepted and is due, in the order of acceptance."""
    for request_id, kept in list(state.requests.items()):
        operation = kept.get("operation")
        if operation is not None and datetime.fromisoformat(operation["due"]) <= now:
            state.requests[request_id] = _apply(state, operation, now)


def _apply(state: State, operation: Json, now: datetime) -> Json:
    """Apply a write. Returns its status. Each write keeps its note and is logged."""
    action = operation["action"]
    incident = state.incident(operation["incident"], operation["kind"])
    if incident is None or not state.team_sees(operation["team"], incident):
        return _status(action, "", "Incident does not exist", now, good=False)
    details, body = incident["extraProperties"], operation["body"]
    if action == "AddDetails":
        incident["extraProperties"] = {**details, **body["details"]}
    else:
        incident["extraProperties"] = {key: value for key, value in details.items() if key not in body["keys"]}
    incident["updatedAt"] = stamp(now)
    if body["note"]:
        state.notes.setdefault(incident["id"], []).append(note_item(body["note"], API_ACTOR, now))
    state.logs.setdefault(incident["id"], []).append(log_item(SAID[action], "system", API_ACTOR, now))
    return _status(action, incident["id"], SAID[action], now, good=True)


def _status(action: str, incident_id: str, said: str, now: datetime, *, good: bool) -> Json:
    return {
        "success": good,
        "action": action,
        "processedAt": stamp(now),
        "integrationId": INTEGRATION,
        "isSuccess": good,
        "status": said,
        "incidentId": incident_id,
    }


def _later(action: str, read: Callable[[Call], Json]) -> Handler:
    """A handler that validates the body now and applies the write later."""

    def handler(call: Call) -> Answer:
        operation = {
            "action": action,
            "incident": call.args.get("id", ""),
            "kind": call.choice("identifierType", "id", ("id", "tiny")),
            "team": call.team,
            "body": read(call),
            "due": (call.now + timedelta(milliseconds=call.switches.async_ms)).isoformat(),
        }
        request_id = new_id()
        call.state.requests[request_id] = {"operation": operation}
        return accepted(request_id)

    return handler


def _note_body(call: Call) -> Json:
    note = call.body().get("note", "")
    if not isinstance(note, str) or len(note) > NOTE:
        raise invalid(note=f"must be a text of at most {NOTE} characters")
    return {"note": note}


def _details_body(call: Call) -> Json:
    details = call.body().get("details")
    if not _are_texts(details) or not details:
        raise invalid(details="must be an object of texts that is not empty")
    return {"details": details, **_note_body(call)}


def _are_texts(details: Any) -> bool:
    return isinstance(details, dict) and all(isinstance(value, str) for value in details.values())


def _keys(call: Call) -> Json:
    """The query parameter `keys`: names separated by commas."""
    keys = [key for key in call.request.param("keys").split(",") if key]
    if not 0 < len(keys) <= KEYS:
        raise invalid(keys=f"must name 1 to {KEYS}")
    return {"keys": keys, "note": call.request.param("note")}
