"""The reading calls on incidents, and what their search can ask for.

Sources: docs.opsgenie.com "Incident API" and support.atlassian.com "Search syntax for incidents" (recorded 2026-02).
No answer names a postmortem: `extraProperties.postmortemId` is a convention of clients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pmtui.sandbox.opsgenie.answers import Answer, Json, Refusal, data
from pmtui.sandbox.opsgenie.calls import Call, Route
from pmtui.sandbox.opsgenie.paging import item_page, page
from pmtui.sandbox.opsgenie.search import BadQuery, Field, Row, compile_query
from pmtui.sandbox.opsgenie.state import State, moment_of

PUBLISH_WITHIN = timedelta(days=14)  # how soon this account wants postmortems of P1 and P2 published


def routes() -> list[Route]:
    """The routes that read incidents."""
    one = "/v1/incidents/{id}"
    return [
        Route("GET", "/v1/incidents", "read", list_incidents),
        Route("GET", one, "read", lambda call: data(_shown(call, call.incident()))),
        Route("GET", one + "/notes", "read", lambda call: item_page(call, call.state.notes.get(call.incident()["id"], []))),
        Route("GET", one + "/logs", "read", lambda call: item_page(call, call.state.logs.get(call.incident()["id"], []))),
    ]


def list_incidents(call: Call) -> Answer:
    """One page of the incidents that match `query`."""
    query = call.request.param("query")
    if call.switches.query == "required" and not query.strip():
        raise Refusal(422, "Parameter 'query' must be given", {"query": "must be given"})
    limit = call.number("limit", 20, 1, 100)
    sort = call.choice("sort", "insertedAt", SORTS)
    order = call.choice("order", "desc", ("asc", "desc"))
    try:
        wanted = compile_query(query, fields(call.state), ("message", "description", "tag"))
    except BadQuery as error:
        raise Refusal(422, "Query is not valid. Please check the errors.", {"query": str(error)}) from error
    found = [incident for incident in call.state.incidents.values() if call.state.team_sees(call.team, incident) and wanted(incident)]
    found.sort(key=lambda incident: (SORTS[sort](call.state, incident), int(incident["tinyId"])), reverse=order == "desc")
    shown = [_shown(call, incident) for incident in found]
    return page(call, shown, limit, {"query": query, "sort": sort, "order": order})


def fields(state: State) -> dict[str, Field]:
    """What a search may ask for."""

    def value(name: str) -> Callable[[Row], Iterable[Any]]:
        return lambda row: [row[name]] if isinstance(row[name], str) else row[name]

    return {
        "createdAt": Field("number", lambda row: [_milliseconds(row["createdAt"])]),
        "id": Field("value", value("id")),
        "tinyId": Field("number", lambda row: [int(row["tinyId"])]),
        "message": Field("text", value("message")),
        "description": Field("text", value("description")),
        "status": Field("value", value("status")),
        "priority": Field("value", value("priority")),
        "tag": Field("value", value("tags")),
        "actions": Field("value", value("actions")),
        "teams": Field("value", lambda row: _names(state.teams, [item["id"] for item in row["responders"] if item["type"] == "team"])),
        "services": Field("value", lambda row: _names(state.services, row["impactedServices"])),
        "details.key": Field("value", lambda row: row["extraProperties"].keys()),
        "details.value": Field("value", lambda row: row["extraProperties"].values()),
        "postmortemRequired": Field("value", lambda row: ["true" if _required(row) else "false"]),
        "postmortemStatus": Field("value", lambda row: [state.postmortem_status(row["id"])]),
        "postmortemPublishDueDate": Field("number", lambda row: [_due(row)] if _required(row) else []),
    }


SORTS: dict[str, Callable[[State, Json], Any]] = {
    "createdAt": lambda _state, row: moment_of(row["createdAt"]),
    "insertedAt": lambda _state, row: moment_of(row["createdAt"]),
    "updatedAt": lambda _state, row: moment_of(row["updatedAt"]),
    "status": lambda _state, row: row["status"],
    "priority": lambda _state, row: row["priority"],
    "postmortemStatus": lambda state, row: state.postmortem_status(row["id"]),
    "postmortemPublishDueDate": lambda _state, row: _due(row) if _required(row) else 0,
    "tinyId": lambda _state, row: int(row["tinyId"]),
    "message": lambda _state, row: row["message"].casefold(),
    # The two that only the older description has say nothing in this account: incidents have neither.
    "isSeen": lambda _state, _row: 0,
    "owner": lambda _state, row: row["ownerTeam"],
}


def _shown(call: Call, incident: Json) -> Json:
    """The incident with links on the host that was asked."""
    web = incident["links"]["web"]
    return {**incident, "links": {"web": web, "api": f"{call.base_url()}/v1/incidents/{incident['id']}"}}


def _names(table: Mapping[str, Json], keys: Iterable[str]) -> list[str]:
    """Ids and names: either may be asked for."""
    return [text for key in keys for text in (key, table.get(key, {}).get("name", ""))]


def _milliseconds(text: str) -> int:
    return round(moment_of(text).timestamp() * 1000)


def _required(incident: Row) -> bool:
    return incident["priority"] in ("P1", "P2")


def _due(incident: Row) -> int:
    created: datetime = moment_of(incident["createdAt"])
    return round((created + PUBLISH_WITHIN).timestamp() * 1000)
