"""The writing calls on incidents: accepted at once, applied later, asked about by request id.

Sources: docs.opsgenie.com "Incident API" (recorded 2026-02); the 404 with `X-Opsgenie-Errortype: RequestNotProcessed`
while a request waits is what the vendor's Go client expects. The path's incident is looked up when the write is applied,
so a write to one that does not exist is accepted and fails afterwards, as in the vendor's sample.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, accepted, data, invalid
from pmtui.sandbox.opsgenie.bodies import SEVERITIES
from pmtui.sandbox.opsgenie.calls import Call, Handler, Route
from pmtui.sandbox.opsgenie.operations import INTEGRATION, OPERATIONS, Failure
from pmtui.sandbox.opsgenie.state import State, new_id, stamp

MESSAGE, DESCRIPTION, NOTE, TAG, TAGS, KEYS = 130, 15_000, 25_000, 50, 20, 10  # documented limits


def routes(priority: str) -> list[Route]:
    """The routes that write incidents. `priority`: which method sets it (post, put or both)."""
    one = "/v1/incidents/{id}"
    methods = {"post": ("POST",), "put": ("PUT",), "both": ("POST", "PUT")}[priority]
    return [
        Route("GET", "/v1/incidents/requests/{request}", "read", status),
        Route("POST", "/v1/incidents/create", "write", _later("Create", _create_body)),
        Route("DELETE", one, "delete", _later("Delete", lambda call: {})),
        Route("POST", one + "/resolve", "write", _later("Resolve", _note_body)),
        Route("POST", one + "/close", "write", _later("Close", _note_body)),
        Route("POST", one + "/reopen", "write", _later("Reopen", _note_body)),
        Route("POST", one + "/notes", "write", _later("AddNote", lambda call: {"note": _text(call, "note", NOTE)})),
        Route("POST", one + "/details", "write", _later("AddDetails", _details_body)),
        Route("DELETE", one + "/details", "write", _later("RemoveDetails", lambda call: _named(call, "keys", KEYS))),
        Route("POST", one + "/tags", "write", _later("AddTags", _tags_body)),
        Route("DELETE", one + "/tags", "write", _later("RemoveTags", lambda call: _named(call, "tags", TAGS))),
        Route("POST", one + "/responders", "write", _later("AddResponder", _responders_body)),
        Route("POST", one + "/message", "write", _later("UpdateMessage", lambda call: {"message": _text(call, "message", MESSAGE)})),
        Route("POST", one + "/description", "write", _later("UpdateDescription", _description_body)),
        *(Route(method, one + "/priority", "write", _later("UpdatePriority", _priority_body)) for method in methods),
    ]


def status(call: Call) -> Answer:
    """How an accepted write ended."""
    wanted = call.args["request"]
    kept = call.state.requests.get(wanted)
    if kept is None:
        raise Refusal(404, f"Request with id [{wanted}] not found")
    if "operation" in kept:
        headers = (("X-Opsgenie-Errortype", "RequestNotProcessed"),)
        raise Refusal(404, "Request not found. It might not be processed yet, please try again later.", headers=headers)
    return data(kept)


def settle(state: State, now: datetime) -> None:
    """Apply what was accepted and is due, in the order of acceptance."""
    for request_id, kept in list(state.requests.items()):
        operation = kept.get("operation")
        if operation is not None and datetime.fromisoformat(operation["due"]) <= now:
            state.requests[request_id] = _apply(state, operation, now)


def _apply(state: State, operation: Json, now: datetime) -> Json:
    action = operation["action"]
    incident = state.incident(operation["incident"], operation["kind"])
    if incident is not None and not state.team_sees(operation["team"], incident):
        incident = None
    try:
        incident_id, said = OPERATIONS[action](state, incident, operation["body"], now)
        good = True
    except Failure as failure:
        incident_id, said, good = "", str(failure), False
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
    """A handler that checks the body now and leaves the rest for later."""

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


def _text(call: Call, key: str, limit: int) -> str:
    value = call.body().get(key)
    if not isinstance(value, str) or not value.strip():
        raise invalid(**{key: "must be given"})
    if len(value) > limit:
        raise invalid(**{key: f"must not be longer than {limit} characters"})
    return value


def _note_body(call: Call) -> Json:
    note = call.body().get("note", "")
    if not isinstance(note, str) or len(note) > NOTE:
        raise invalid(note=f"must be a text of at most {NOTE} characters")
    return {"note": note}


def _description_body(call: Call) -> Json:
    return {"description": _text(call, "description", DESCRIPTION)}


def _priority_body(call: Call) -> Json:
    value = call.body().get("priority")
    if value not in SEVERITIES:
        raise invalid(priority=f"Invalid value '{value}', should be one of [{', '.join(SEVERITIES)}]")
    return {"priority": value}


def _details_body(call: Call) -> Json:
    details = call.body().get("details")
    if not _are_texts(details) or not details:
        raise invalid(details="must be an object of texts that is not empty")
    return {"details": details, **_note_body(call)}


def _are_texts(details: Any) -> bool:
    return isinstance(details, dict) and all(isinstance(value, str) for value in details.values())


def _tags_body(call: Call) -> Json:
    tags = call.body().get("tags")
    if not tags or not _are_tags(tags):
        raise invalid(tags=f"must be at most {TAGS} texts of at most {TAG} characters")
    return {"tags": tags, **_note_body(call)}


def _are_tags(tags: Any) -> bool:
    return isinstance(tags, list) and len(tags) <= TAGS and all(isinstance(tag, str) and 0 < len(tag) <= TAG for tag in tags)


def _named(call: Call, name: str, limit: int) -> Json:
    """A list in a query parameter, separated by commas."""
    values = [value for value in call.request.param(name).split(",") if value]
    if not 0 < len(values) <= limit:
        raise invalid(**{name: f"must name 1 to {limit}"})
    return {name: values, "note": call.request.param("note")}


def _responders_body(call: Call) -> Json:
    """The key is singular, its value a list."""
    return {"responder": _responders(call, call.body().get("responder")), **_note_body(call)}


def _responders(call: Call, items: Any) -> list[Json]:
    """Responders by id, or a team by `name` and a user by `username`, turned into ids."""
    if not isinstance(items, list) or not items:
        raise invalid(responder="must be a list that is not empty")
    return [_responder(call.state, item) for item in items]


def _responder(state: State, item: Any) -> Json:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "user":
        user = state.user(str(item.get("id") or item.get("username")))
        found = user and user["id"]
    elif kind == "team":
        found = next((key for key, team in state.teams.items() if key == item.get("id") or team["name"] == item.get("name")), None)
    else:
        raise Refusal(
            422, "Request body is not processable. Please check the errors.", {"responder#type": f"Invalid responder type '{kind}'"}
        )
    if not found:
        raise invalid(responder=f"No {kind} exists as given: {item}")
    return {"type": kind, "id": found}


def _create_body(call: Call) -> Json:
    body = call.body()
    details, tags = body.get("details", {}), body.get("tags", [])
    errors = {}
    if body.get("priority", "P3") not in SEVERITIES:
        errors["priority"] = f"should be one of [{', '.join(SEVERITIES)}]"
    if not _are_texts(details):
        errors["details"] = "must be an object of texts"
    if not _are_tags(tags):
        errors["tags"] = f"must be at most {TAGS} texts of at most {TAG} characters"
    services = body.get("impactedServices", [body["serviceId"]] if "serviceId" in body else [])
    if not isinstance(services, list) or any(str(service) not in call.state.services for service in services):
        errors["impactedServices"] = "must be ids of services"
    description = body.get("description", "")
    if not isinstance(description, str) or len(description) > DESCRIPTION:
        errors["description"] = f"must be a text of at most {DESCRIPTION} characters"
    if errors:
        raise invalid(**errors)
    return {
        "message": _text(call, "message", MESSAGE),
        "description": description,
        "priority": body.get("priority", "P3"),
        "details": details,
        "tags": tags,
        "impactedServices": services,
        "responders": _responders(call, body["responders"]) if body.get("responders") else [],
        **_note_body(call),
    }
