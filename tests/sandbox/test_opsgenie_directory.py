"""Opsgenie's half over HTTP: timeline, users, teams, services, roles, account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.test_opsgenie import UNKNOWN, Wire, refused, wire, wires

__all__ = ["wire", "wires"]  # fixtures


# --- timeline


def entries_path(wire: Wire) -> str:
    return f"/v2/incident-timelines/{wire.incidents()[0]['id']}/entries"


def test_an_entry_is_written_edited_hidden_and_deleted(wire: Wire) -> None:
    path = entries_path(wire)
    before = wire.data(path)["entries"]
    body = {"description": {"type": "plain_text", "content": "Rolled back"}, "time": "2026-11-22T09:10:00Z"}
    answer = wire.send("POST", path, body)
    made = answer.json()["data"]
    assert (answer.status_code, made["group"], made["description"]["content"]) == (201, "custom", "Rolled back")
    assert made["eventTime"] == "2026-11-22T09:10:00Z"
    one = f"{path}/{made['id']}"
    assert wire.data(one) == made
    later = {"description": {"type": "plain_text", "content": "Rolled back, slowly"}, "time": "2026-11-22T11:11:00+01:00"}
    edited = wire.send("PUT", one, later).json()["data"]
    assert (edited["description"]["content"], edited["eventTime"]) == ("Rolled back, slowly", "2026-11-22T10:11:00Z")
    assert edited["lastEdit"]
    assert wire.send("PATCH", one + "/hide").status_code == 200
    assert wire.data(one)["hidden"] is True
    assert made["id"] not in {entry["id"] for entry in wire.data(path, discardHidden="true")["entries"]}
    assert wire.send("PATCH", one + "/unhide").status_code == 200
    assert made["id"] in {entry["id"] for entry in wire.data(path, discardHidden="true")["entries"]}
    assert wire.send("DELETE", one).status_code == 200
    refused(wire.send("GET", one), 404)
    assert wire.data(path)["entries"] == before


def test_the_timeline_is_paged_ordered_and_grouped(wire: Wire) -> None:
    path = entries_path(wire)
    for number in range(25):
        entry = {"description": {"type": "plain_text", "content": f"{number}"}, "time": f"2026-11-22T09:{number:02}:30Z"}
        assert wire.send("POST", path, entry).status_code == 201
    pages: list[dict[str, Any]] = [wire.data(path)]
    assert len(pages[0]["entries"]) == 20
    while "nextOffset" in pages[-1]:
        pages.append(wire.data(path, offset=pages[-1]["nextOffset"]))
    newest_first = [entry for page in pages for entry in page["entries"]]
    assert len({entry["id"] for entry in newest_first}) == len(newest_first) > 25
    assert "nextOffset" not in wire.data(path, offset=len(newest_first) - 5, limit=5)
    times = [entry["eventTime"] for entry in newest_first]
    assert times == sorted(times, reverse=True)
    assert wire.data(path, order="asc", limit=1)["entries"][0]["eventTime"] == times[-1]
    assert {entry["group"] for entry in wire.data(path, group="incident")["entries"]} == {"incident"}


@pytest.mark.parametrize(
    ("params", "field"),
    [({"limit": 21}, "limit"), ({"group": "none"}, "group"), ({"order": "up"}, "order"), ({"contentType": "html"}, "contentType")],
)
def test_timeline_parameters_are_checked(wire: Wire, params: dict[str, Any], field: str) -> None:
    refused(wire.send("GET", entries_path(wire), **params), 422, field)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"description", "time"}),
        ({"description": "words", "time": "2026-11-22T09:10:00Z"}, {"description"}),
        ({"description": {"type": "plain_text", "content": "x"}, "time": "now"}, {"time"}),
        ({"description": {"type": "plain_text", "content": "x"}, "time": "2026-11-22T09:10:00"}, {"time"}),
    ],
)
def test_entries_need_a_text_and_a_time(wire: Wire, body: object, fields: set[str]) -> None:
    refused(wire.send("POST", entries_path(wire), body), 422, *fields)


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
    assert wire.data(f"/v2/users/{jane['id']}", expand="contact")["userContacts"][0]["to"] == "jane.doe@example.com"
    assert [team["name"] for team in wire.data("/v2/users/jane.doe@example.com/teams")] == ["Checkout"]
    refused(wire.send("GET", f"/v2/users/{UNKNOWN}"), 404)


def test_teams_show_their_members_one_by_one_only(wire: Wire) -> None:
    answer = wire.send("GET", "/v2/teams").json()
    assert "paging" not in answer
    assert all("members" not in team for team in answer["data"])
    checkout = wire.data("/v2/teams/Checkout", identifierType="name")
    assert checkout == wire.data(f"/v2/teams/{checkout['id']}")
    assert "jane.doe@example.com" in {member["user"]["username"] for member in checkout["members"]}
    refused(wire.send("GET", "/v2/teams/Checkout"), 404)


def test_services_come_by_name_backwards_and_twenty_at_a_time(wire: Wire) -> None:
    names = [service["name"] for service in wire.data("/v1/services")]
    assert names == sorted(names, reverse=True)
    assert wire.data("/v1/services/", order="asc")[0]["name"] == names[-1]
    found = wire.data("/v1/services", query="name: payments*")
    assert [service["name"] for service in found] == ["payments-api"]
    assert wire.data(f"/v1/services/{found[0]['id']}") == found[0]
    assert wire.send("GET", "/v1/services", limit=5).json()["paging"]["next"]
    refused(wire.send("GET", f"/v1/services/{UNKNOWN}"), 404)


def test_roles_and_account(wire: Wire) -> None:
    role = wire.data("/v2/roles")[0]
    assert set(role) == {"id", "name"}
    assert wire.data(f"/v2/roles/{role['name']}", identifierType="name")["grantedRights"]
    account = wire.data("/v2/account")
    assert (account["userCount"], account["plan"]["name"]) == (len(wire.users()), "Enterprise")
