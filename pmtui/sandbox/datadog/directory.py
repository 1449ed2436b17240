"""Users, teams and services, for pickers. The legacy back end; pages are counted from 0."""

from __future__ import annotations

from typing import Any

from pmtui.sandbox.datadog.answers import Answer, Refusal, named_id
from pmtui.sandbox.datadog.call import MAX_PAGE, Call, Route
from pmtui.sandbox.datadog.catalogue import FOUNDED
from pmtui.sandbox.datadog.state import Record, State
from pmtui.sandbox.world.facts import Service, Team

SORTS = ("name", "email", "handle", "modified_at", "title")


def validate(state: State, call: Call) -> Answer:
    """Check the API key; the application key is ignored."""
    if not call.request.headers.get("dd-api-key") or state.switches.credentials == "none":
        raise Refusal(403, "API key required")
    return 200, {"valid": True}


def current_user(state: State, call: Call) -> Answer:
    """The user to whom the keys belong."""
    return 200, {"data": state.users[state.me]}


def users(state: State, call: Call) -> Answer:
    """Users whose name, handle or address contains the words of `filter`."""
    size, number = call.number("page[size]", 10, MAX_PAGE), call.number("page[number]", 0)
    words, statuses = call.request.param("filter").casefold(), call.request.param("filter[status]")
    sort = call.request.param("sort", "name").removeprefix("-")
    if sort not in SORTS:
        raise Refusal(400, f"Invalid sort: {sort}")
    found = [user for user in state.users.values() if _matches(user["attributes"], words, statuses)]
    found.sort(key=lambda user: str(user["attributes"][sort] or "").casefold(), reverse=call.request.param("sort_dir", "asc") == "desc")
    page = found[number * size : (number + 1) * size]
    return 200, {"data": page, "included": [], "meta": {"page": {"total_count": len(state.users), "total_filtered_count": len(found)}}}


def _matches(attributes: Record, words: str, statuses: str) -> bool:
    text = " ".join(str(attributes[name] or "") for name in ("name", "handle", "email")).casefold()
    return words in text and (not statuses or attributes["status"] in statuses.split(","))


def _paged(call: Call, items: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """A page whose `meta` and `links` name a next page even on the last one (recorded 2024-01)."""
    size, number = call.number("page[size]", 100, MAX_PAGE), call.number("page[number]", 0)
    start = number * size
    base = call.request.base_url + call.request.path
    pagination = {
        "offset": start,
        "first_offset": 0,
        "prev_offset": max(0, start - size),
        "next_offset": start + size,
        "last_offset": len(items) // size * size if size else 0,
        "limit": size,
        "type": "offset_limit",
        "total": len(items),
    }
    links = {
        "self": base,
        "last": None,
        "next": f"{base}?page[offset]={start + size}&page[limit]={size}",
        "prev": None,
        "first": f"{base}?page[offset]=0&page[limit]={size}",
    }
    return items[start : start + size], {"meta": {"pagination": pagination}, "links": links}


def teams(state: State, call: Call) -> Answer:
    """Teams whose name or handle contains the words of `filter[keyword]`."""
    words, mine = call.request.param("filter[keyword]").casefold(), call.request.param("filter[me]") == "true"
    found = [
        team for team in state.world.teams if words in f"{team.name} {team.key}".casefold() and (not mine or state.world.me in team.members)
    ]
    found.sort(key=lambda team: team.name.casefold(), reverse=call.request.param("sort") == "-name")
    page, around = _paged(call, found)
    asked = {name for name in call.request.param("fields[team]").split(",") if name}
    return 200, {"data": [_team(team, asked) for team in page], **around}


def _team(team: Team, asked: set[str]) -> dict[str, Any]:
    """With `fields[team]` only those attributes, and no relationships."""
    identifier = named_id(f"team {team.key}")
    attributes = {
        "name": team.name,
        "handle": team.key,
        "summary": None,
        "description": None,
        "created_at": FOUNDED,
        "modified_at": FOUNDED,
        "user_count": len(team.members),
        "link_count": 0,
    }
    if asked:
        return {"type": "team", "id": identifier, "attributes": {name: value for name, value in attributes.items() if name in asked}}
    related = {
        name: {"links": {"related": f"/api/v2/team/{identifier}/{path}"}}
        for name, path in (("team_links", "links"), ("user_team_permissions", "permission-settings"))
    }
    return {"type": "team", "id": identifier, "attributes": attributes, "relationships": related}


def definitions(state: State, call: Call) -> Answer:
    """The service catalogue, as definitions of schema v2.2."""
    size, number = call.number("page[size]", 10, MAX_PAGE), call.number("page[number]", 0)
    words = call.request.param("filter[name]").casefold()
    found = [service for service in state.world.services if words in service.name.casefold()]
    return 200, {"data": [_definition(service) for service in found[number * size : (number + 1) * size]]}


def _definition(service: Service) -> dict[str, Any]:
    meta = {
        "last-modified-time": "2026-01-13T17:15:53Z",
        "github-html-url": "",
        "ingestion-source": "api",
        "origin": "unknown",
        "origin-detail": "",
        "warnings": [],
    }
    schema = {"schema-version": "v2.2", "dd-service": service.name, "team": service.team, "contacts": [], "links": [], "tags": []}
    return {
        "type": "service-definition",
        "id": service.key,
        "attributes": {"meta": {**meta, "ingested-schema-version": "v2.2"}, "schema": schema},
    }


ROUTES = (
    Route("GET", "/api/v1/validate", validate, bucket="validate"),
    Route("GET", "/api/v2/current_user", current_user, bucket="users"),
    Route("GET", "/api/v2/users", users, "user_access_read", bucket="users"),
    Route("GET", "/api/v2/team", teams, "teams_read", bucket="teams"),
    Route("GET", "/api/v2/services/definitions", definitions, "apm_service_catalog_read", bucket="services"),
)
