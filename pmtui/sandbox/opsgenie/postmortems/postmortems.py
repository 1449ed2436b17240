"""The calls on postmortems: create, read, update, delete.

Sources: docs.opsgenie.com "Postmortem API" (recorded 2026-02). Which status refuses what (an open incident, a second
postmortem, a published one) is assumed: the documentation says only that it is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, data, invalid, not_found
from pmtui.sandbox.opsgenie.call import Call, Handler, Route
from pmtui.sandbox.opsgenie.incidents.timeline import add_event
from pmtui.sandbox.opsgenie.postmortems import adf
from pmtui.sandbox.opsgenie.postmortems.rendering import read_postmortem
from pmtui.sandbox.opsgenie.postmortems.routes import RESOURCE, candidates, update_routes
from pmtui.sandbox.opsgenie.postmortems.updates import LISTS, read_update, user_fault
from pmtui.sandbox.opsgenie.state import new_id, stamp

PUBLISHED = "Published postmortem cannot be updated. Change its status to draft or in-review first."


def routes(family: str, missing: frozenset[str]) -> list[Route]:
    """The routes of postmortems, with one family of updates. `missing` updates are found at none of their addresses."""
    served = {name: route for name, route in update_routes(family).items() if name not in missing}
    updates = [Route(method, path, "write", _update(name)) for name, (method, path) in served.items()]
    updates += [Route(method, path, "write", _not_there) for name in sorted(missing) for method, path in candidates(name)]
    return [
        Route("POST", "/v2/postmortem", "write", create),
        Route("GET", RESOURCE, "read", get),
        Route("DELETE", RESOURCE, "delete", delete),
        *updates,
    ]


def get(call: Call) -> Answer:
    """One postmortem."""
    return data(read_postmortem(_find(call), call.state, call.switches.items))


def create(call: Call) -> Answer:
    """A postmortem for a resolved or closed incident, from the default template."""
    body = call.body()
    incident_id = body.get("incidentId")
    if not isinstance(incident_id, str) or not incident_id:
        raise invalid(incidentId="must be given")
    actor = body.get("actorUserId")
    owner = actor if body.get("ownerId") is None else body["ownerId"]
    faults = {name: fault for name, value in (("actorUserId", actor), ("ownerId", owner)) if (fault := user_fault(value, call.state))}
    incident = call.state.incident(incident_id)
    if incident is None or not call.state.team_sees(call.team, incident):
        raise not_found("Incident", incident_id)
    if faults:
        raise invalid(**faults)
    _check_creatable(call, incident)
    kept = new_postmortem(incident, str(owner), new_id(), call.now)
    kept["visibleFrom"] = (call.now + timedelta(milliseconds=call.switches.visible_ms)).isoformat()
    call.state.add_postmortem(kept)
    answer = {"postmortemId": kept["postmortemId"]}
    if call.switches.create == "unwrapped":
        return Answer(call.switches.create_status, answer, bare=True)
    return data(answer, call.switches.create_status)


def new_postmortem(incident: Json, owner: str, postmortem_id: str, now: datetime) -> Json:
    """A new postmortem as stored: the default template, an empty summary, and the incident's title and times."""
    ended = incident.get("impactEndDate", incident["updatedAt"])
    return {
        "postmortemId": postmortem_id,
        "incidentId": incident["id"],
        "timelineId": f"p_{new_id()}",
        "title": f"{incident['message']} - postmortem report",
        "severity": incident["priority"],
        "status": "draft",
        "ownerId": owner,
        "startTime": incident["impactStartDate"],
        "endTime": ended,
        "respondTime": incident.get("impactDetectDate", incident["createdAt"]),
        "resolveTime": ended,
        "createdAtTime": stamp(now),
        "executiveSummary": adf.doc(),
        "content": adf.default_template(),
        "jiraIssues": [],
        "relatedIncidentIds": [],
        "affectedServices": [],
        "responderTeams": [],
        "responderUsers": [],
        "visibleFrom": now.isoformat(),
    }


def delete(call: Call) -> Answer:
    """Delete a postmortem; the body names who does it."""
    kept = _find(call)
    body = call.body()
    fault = user_fault(body.get("actorUserId"), call.state)
    if fault:
        raise invalid(actorUserId=fault)
    if not isinstance(body.get("deleteExportIncidentTimelines", False), bool):
        raise invalid(deleteExportIncidentTimelines="must be true or false")
    call.state.remove_postmortem(kept["postmortemId"])
    return data({"message": f"Postmortem with id {kept['postmortemId']} deleted"})


def _update(name: str) -> Handler:
    """The handler of one update."""

    def handler(call: Call) -> Answer:
        kept = _find(call)
        body = call.body()
        if kept["status"] == "published" and name != "status":
            raise Refusal(call.switches.published, PUBLISHED, code=40302 if call.switches.published == 403 else None)
        was = kept["status"]
        for key, value in read_update(name, body, call.state).items():
            kept[key] = _written(call, kept, key, value)
        if kept["status"] == "published" and was != "published":
            add_event(call.state, kept["incidentId"], "PostmortemPublished", _actor(call, body), call.now, "postmortem is published")
        return _updated(call, name)

    return handler


def _not_there(call: Call) -> Answer:
    """The answer at an address that this account does not have: 405 or 404, which is undocumented."""
    if call.switches.missing_status == 405:
        raise Refusal(405, f"Method {call.request.method} is not allowed for this resource")
    raise Refusal(404, f"There is no resource at {call.request.path}")


def _actor(call: Call, body: Json) -> str:
    user = call.state.users[body["actorUserId"]]
    return str(user["fullName"] or user["username"])


def _written(call: Call, kept: Json, key: str, value: Any) -> Any:
    """A written value as it is stored."""
    if key in LISTS and call.switches.lists == "append":
        return kept[key] + [item for item in value if item not in kept[key]]
    if key in ("content", "executiveSummary") and call.switches.local_ids:
        return adf.with_local_ids(value)
    return value


def _updated(call: Call, name: str) -> Answer:
    """The answer to a done update. Its body is undocumented, and was seen to be empty for /content."""
    quiet = call.switches.empty_updates == "all" or (call.switches.empty_updates == "content" and name == "content")
    body = {"result": "Request will be processed"} if call.switches.update_status == 202 else {"data": {"message": "Postmortem updated"}}
    return Answer(call.switches.update_status, None if quiet else body)


def _find(call: Call) -> Json:
    kept = call.state.postmortems.get(call.args["id"])
    missing = not_found("Postmortem", call.args["id"])
    if kept is None or datetime.fromisoformat(kept["visibleFrom"]) > call.now:
        raise missing
    incident = call.state.incidents.get(kept["incidentId"])
    if call.team and (incident is None or not call.state.team_sees(call.team, incident)):
        raise missing
    return kept


def _check_creatable(call: Call, incident: Json) -> None:
    """Raise Refusal when the incident is open, has a postmortem, or the month's share of the plan is used up."""
    if incident["status"] == "open":
        raise Refusal(422, "Postmortem can only be created for a resolved or closed incident.", {"incidentId": "Incident is open"})
    if incident["id"] in call.state.postmortem_ids:
        raise Refusal(422, "Incident already has a postmortem.", {"incidentId": "Incident already has a postmortem"})
    limit = call.switches.monthly_limit()
    if limit is None:
        return
    month = stamp(call.now)[:7]
    if sum(kept["createdAtTime"].startswith(month) for kept in call.state.postmortems.values()) >= limit:
        raise Refusal(402, f"Your plan allows {limit} postmortems per month.")
