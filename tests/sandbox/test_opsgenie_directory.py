"""Opsgenie's service over HTTP: timeline, users, teams, services, roles, account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.test_opsgenie import UNKNOWN, Wire, refused, wire, wires

__all__ = ["wire", "wires"]  # fixtures


# --- timeline


def entries_path(wire: Wire) -> str:
    return f"/v2/incident-timelines/{wire.incidents()[0]['id']}/entries"


def test_the_timeline_is_paged_ordered_and_grouped(wire: Wire) -> None:
    path = entries_path(wire)
    pages: list[dict[str, Any]] = [wire.data(path, limit=3)]
    while "nextOffset" in pages[-1]:
        pages.append(wire.data(path, limit=3, offset=pages[-1]["nextOffset"]))
    newest_first = [entry for page in pages for entry in page["entries"]]
    assert len({entry["id"] for entry in newest_first}) == len(newest_first) > 6
    assert wire.data(path)["entries"] == newest_first
    assert "nextOffset" not in wire.data(path, offset=len(newest_first) - 3, limit=3)
    times = [entry["eventTime"] for entry in newest_first]
    assert times == sorted(times, reverse=True)
    assert wire.data(path, order="asc", limit=1)["entries"][0]["eventTime"] == times[-1]
    assert {entry["group"] for entry in wire.data(path, group="incident")["entries"]} == {"incident"}


def test_hidden_entries_can_be_left_out(wire: Wire) -> None:
    path = entries_path(wire)
    entries = wire.service.state.timelines[path.split("/")[3]]
    entries[0]["hidden"] = True
    shown = wire.data(path, discardHidden="true")["entries"]
    assert len(shown) == len(wire.data(path)["entries"]) - 1
    assert entries[0]["id"] not in {entry["id"] for entry in shown}


@pytest.mark.parametrize(
    ("params", "field"),
    [({"limit": 21}, "limit"), ({"group": "none"}, "group"), ({"order": "up"}, "order"), ({"contentType": "html"}, "contentType")],
)
def test_timeline_parameters_are_checked(wire: Wire, params: dict[str, Any], field: str) -> None:
    refused(wire.send("GET", entries_path(wire), **params), 422, field)


# --- directory


def test_users_are_paged_sorted_and_searched(wire: Wire) -> None:
    everyone = wire.users()
    first = wire.send("GET", "/v2/users", limit=4)
    assert first.json()["data"] == everyone[:4]
    assert first.json()["totalCount"] == len(everyone)
    assert first.json()["paging"]["next"].startswith(wire.sandbox.url + "/v2/users?")
    assert [user["username"] for user in everyone] == sorted(user["username"] for user in everyone)
    assert wire.data("/v2/users", order="DESC") == everyone[::-1]
    assert [user["fullName"] for user in wire.data("/v2/users", query="username: mara*")] == ["Mara López"]
    assert [user["fullName"] for user in wire.data("/v2/users", query="fullName: fischer")] == ["Lena Fischer"]
    assert [user["fullName"] for user in wire.data("/v2/users", query="blocked: true")] == ["Rosa Lindqvist"]
    assert [user["fullName"] for user in wire.data("/v2/users", query="role: owner")] == ["Jane Doe"]
    assert [user["fullName"] for user in wire.data("/v2/users", query="jane")] == ["Jane Doe"]
    refused(wire.send("GET", "/v2/users", query="shoe: 42"), 422, "query")
    refused(wire.send("GET", "/v2/users", limit=101), 422, "limit")


def test_a_user_by_id_or_user_name(wire: Wire) -> None:
    jane = wire.data("/v2/users/Jane.Doe@example.com")
    assert jane == wire.data(f"/v2/users/{jane['id']}")
    refused(wire.send("GET", f"/v2/users/{UNKNOWN}"), 404)


def test_the_list_of_teams_has_no_pages_and_no_members(wire: Wire) -> None:
    answer = wire.send("GET", "/v2/teams").json()
    assert "paging" not in answer
    assert len(answer["data"]) == 8
    assert all("members" not in team for team in answer["data"])


def test_services_come_by_name_backwards_and_twenty_at_a_time(wire: Wire) -> None:
    names = [service["name"] for service in wire.data("/v1/services")]
    assert names == sorted(names, reverse=True)
    assert wire.data("/v1/services/", order="asc")[0]["name"] == names[-1]
    found = wire.data("/v1/services", query="name: payments*")
    assert [service["name"] for service in found] == ["payments-api"]
    assert wire.send("GET", "/v1/services", limit=5).json()["paging"]["next"]


def test_roles_and_account(wire: Wire) -> None:
    role = wire.data("/v2/roles")[0]
    assert set(role) == {"id", "name"}
    account = wire.data("/v2/account")
    assert (account["userCount"], account["plan"]["name"]) == (len(wire.users()), "Enterprise")
