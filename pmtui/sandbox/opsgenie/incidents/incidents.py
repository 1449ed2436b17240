"""The reads of incidents: list, one, notes, logs and the ids of alerts.

Source: docs.opsgenie.com "Incident API" (recorded 2026-02).
No answer names a postmortem: `extraProperties.postmortemId` is a convention of clients.
"""

from __future__ import annotations

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, data
from pmtui.sandbox.opsgenie.call import Call, Route
from pmtui.sandbox.opsgenie.paging import item_page, page
from pmtui.sandbox.opsgenie.search import SORTS, incident_fields, predicate
from pmtui.sandbox.opsgenie.state import stable_id

ALERTS = 25  # the largest page of alert ids


def routes() -> list[Route]:
    """The routes that read incidents."""
    one = "/v1/incidents/{id}"
    return [
        Route("GET", "/v1/incidents", "read", list_incidents),
        Route("GET", one, "read", lambda call: data(_shown(call, call.incident()))),
        Route("GET", one + "/notes", "read", lambda call: item_page(call, call.state.notes.get(call.incident()["id"], []))),
        Route("GET", one + "/logs", "read", lambda call: item_page(call, call.state.logs.get(call.incident()["id"], []))),
        Route("GET", one + "/associated-alert-ids", "read", lambda call: _alert_ids(call, 3)),
        Route("GET", one + "/responder-alert-ids", "read", lambda call: _alert_ids(call, 1)),
    ]


def list_incidents(call: Call) -> Answer:
    """One page of the incidents that match `query`."""
    query = call.request.param("query")
    if call.switches.query == "required" and not query.strip():
        raise Refusal(422, "Parameter 'query' must be given", {"query": "must be given"})
    limit = call.number("limit", 20, 1, 100)
    sort = call.choice("sort", "insertedAt", SORTS)
    order = call.choice("order", "desc", ("asc", "desc"))
    wanted = predicate(query, incident_fields(call.state), ("message", "description", "tag"))
    found = [incident for incident in call.state.incidents.values() if call.state.team_sees(call.team, incident) and wanted(incident)]
    found.sort(key=lambda incident: (SORTS[sort](call.state, incident), int(incident["tinyId"])), reverse=order == "desc")
    return page(call, found, limit, {"query": query, "sort": sort, "order": order}, lambda incident: _shown(call, incident))


def _alert_ids(call: Call, each: int) -> Answer:
    """A page of ids; the alerts themselves are not part of this account. ``each`` is the number of alerts per responder."""
    incident = call.incident()
    limit, offset = call.number("limit", ALERTS, 1, ALERTS), call.number("offset", 0, 0, 10**9)
    kind = call.request.path.rpartition("/")[2]
    ids = [stable_id(kind, incident["id"], number) for number in range(each * len(incident["responders"]))]
    return data(ids[offset : offset + limit])


def _shown(call: Call, incident: Json) -> Json:
    """The incident, with links to the requested host."""
    web = incident["links"]["web"]
    return {**incident, "links": {"web": web, "api": f"{call.base_url()}/v1/incidents/{incident['id']}"}}
