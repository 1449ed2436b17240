"""A postmortem as a read returns it: other names than in writes, and objects instead of ids.

The item shapes of the lists are undocumented (all are empty in the vendor's only sample); `items=objects` assumes the shape of
`owner` and `rootIncident`, `items=bare` the values as written.
"""

from __future__ import annotations

from pmtui.sandbox.opsgenie.answers import Json
from pmtui.sandbox.opsgenie.state import State, stable_id

TIMES = ("startTime", "endTime", "respondTime", "resolveTime", "createdAtTime")


def read_postmortem(kept: Json, state: State, items: str = "objects") -> Json:
    """The `data` of a GET. `items`: objects or bare."""
    key = kept["postmortemId"]
    lists = {
        "jiraIssues": kept["jiraIssues"],
        "relatedIncidents": [_incident_ref(key, item, state) for item in kept["relatedIncidentIds"]],
        "affectedServices": [_with_metadata(key, item) for item in kept["affectedServices"]],
        "iccSessions": [],
        "responderTeams": [_with_metadata(key, item) for item in kept["responderTeams"]],
        "responders": [_with_metadata(key, item) for item in kept["responderUsers"]],
    }
    if items == "bare":
        lists = {name: [item["id"] if isinstance(item, dict) else item for item in values] for name, values in lists.items()}
    return {
        "executiveSummary": kept["executiveSummary"],
        "content": kept["content"],
        "postmortemId": key,
        "title": kept["title"],
        "severity": kept["severity"],
        "status": kept["status"],
        **{name: kept[name] for name in TIMES if kept.get(name)},
        "rootIncident": _incident_ref(key, kept["incidentId"], state),
        "owner": _owner(key, kept["ownerId"], state),
        "timeline": {"metadataId": stable_id(key, "timeline"), "id": kept["timelineId"]},
        **lists,
    }


def _owner(key: str, user_id: str, state: State) -> Json:
    user = state.users.get(user_id, {})
    return {"metadataId": stable_id(key, "owner"), "id": user_id, "name": user.get("fullName") or user.get("username", "")}


def _with_metadata(key: str, item: Json) -> Json:
    return {"metadataId": stable_id(key, item["id"]), **item}


def _incident_ref(key: str, incident_id: str, state: State) -> Json:
    """An incident as a postmortem refers to it; for a deleted one only its id."""
    incident = state.incidents.get(incident_id)
    if incident is None:
        return {"metadataId": stable_id(key, incident_id), "id": incident_id}
    return {
        "metadataId": stable_id(key, incident_id),
        "id": incident_id,
        "priority": incident["priority"],
        "tinyId": incident["tinyId"],
        "message": incident["message"],
        "status": incident["status"],
        "creationTime": incident["createdAt"],
        "tags": incident["tags"],
    }
