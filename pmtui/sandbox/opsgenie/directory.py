"""Users, teams, services, roles and the account: all need the right to the configuration, even for reading.

Source: docs.opsgenie.com "User API", "Team API", "Service API", "Custom User Role API", "Account API" (recorded 2026-02).
A team's key sees that team, its members and its services.
"""

from __future__ import annotations

from collections.abc import Mapping

from pmtui.sandbox.opsgenie.answers import Answer, Json, data, not_found
from pmtui.sandbox.opsgenie.call import Call, Route
from pmtui.sandbox.opsgenie.paging import page
from pmtui.sandbox.opsgenie.search import SERVICE_FIELDS, USER_FIELDS, predicate


def routes() -> list[Route]:
    """The routes of the directory."""
    return [
        Route("GET", "/v2/users", "config", list_users),
        Route("GET", "/v2/users/{id}", "config", get_user),
        Route("GET", "/v2/teams", "config", list_teams),
        Route("GET", "/v1/services", "config", list_services),
        Route("GET", "/v2/roles", "config", list_roles),
        Route("GET", "/v2/account", "config", get_account),
    ]


def list_users(call: Call) -> Answer:
    """One page of the users."""
    limit = call.number("limit", 100, 1, 100)
    sort = call.choice("sort", "username", ("username", "fullName", "createdAt", "insertedAt"))
    order = call.choice("order", "asc", ("asc", "desc"))
    query = call.request.param("query")
    wanted = predicate(query, USER_FIELDS, ("username", "fullName"))
    found = [user for user in _users(call).values() if wanted(user)]
    key = "createdAt" if sort == "insertedAt" else sort
    found.sort(key=lambda user: str(user[key]).casefold(), reverse=order == "desc")
    kept = {"query": query} if query else {}
    return page(call, found, limit, {**kept, "sort": sort, "order": order})


def get_user(call: Call) -> Answer:
    """One user, by id or user name."""
    return data(_user(call))


def list_teams(call: Call) -> Answer:
    """Every team; this list has no pages and no members."""
    teams = [_shown_team(call, team) for team in _teams(call).values()]
    return Answer(200, {"data": teams, "expandable": ["member"]})


def list_services(call: Call) -> Answer:
    """One page of the services."""
    limit = call.number("limit", 20, 1, 100)
    sort = call.choice("sort", "name", ("name", "createdAt", "updatedAt", "insertedAt", "isExternal"))
    order = call.choice("order", "desc", ("asc", "desc"))
    query = call.request.param("query")
    wanted = predicate(query, SERVICE_FIELDS, ("name", "description", "tag"))
    found = [service for service in _services(call).values() if wanted(service)]
    # Services show no times; sorted by a time, they keep the order in which they were created.
    if sort in ("name", "isExternal"):
        found.sort(key=lambda service: str(service[sort]).casefold())
    if order == "desc":
        found.reverse()
    kept = {"query": query} if query else {}
    return page(call, found, limit, {**kept, "sort": sort, "order": order}, lambda service: _shown_service(call, service))


def list_roles(call: Call) -> Answer:
    """The account's own roles, without their rights."""
    return data([{"id": role["id"], "name": role["name"]} for role in call.state.roles.values()])


def get_account(call: Call) -> Answer:
    """The account and its plan."""
    plan = {**call.state.account["plan"], "name": call.switches.plan}
    return data({**call.state.account, "userCount": len(call.state.users), "plan": plan})


def _teams(call: Call) -> Mapping[str, Json]:
    return {key: team for key, team in call.state.teams.items() if call.team in ("", key)}


def _users(call: Call) -> Mapping[str, Json]:
    if not call.team:
        return call.state.users
    members = {member["user"]["id"] for member in call.state.teams[call.team]["members"]}
    return {key: user for key, user in call.state.users.items() if key in members}


def _services(call: Call) -> Mapping[str, Json]:
    return {key: service for key, service in call.state.services.items() if call.team in ("", service["teamId"])}


def _user(call: Call) -> Json:
    user = call.state.user(call.args["id"])
    if user is None or user["id"] not in _users(call):
        raise not_found("User", call.args["id"])
    return user


def _shown_team(call: Call, team: Json) -> Json:
    links = {**team["links"], "api": f"{call.base_url()}/v2/teams/{team['id']}"}
    return {key: value for key, value in {**team, "links": links}.items() if key != "members"}


def _shown_service(call: Call, service: Json) -> Json:
    return {**service, "links": {**service["links"], "api": f"{call.base_url()}/v1/services/{service['id']}"}}
