"""Opsgenie's half over HTTP: the list of incidents and its search, asynchronous writes, notes and logs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.test_opsgenie import UNKNOWN, Wire, Wires, refused, wire, wires

__all__ = ["wire", "wires"]  # fixtures


def tiny(incidents: list[dict[str, Any]]) -> set[str]:
    return {incident["tinyId"] for incident in incidents}


# --- list and paging


def test_pages_follow_the_absolute_links(wire: Wire) -> None:
    first = wire.send("GET", "/v1/incidents", limit=7, sort="createdAt", query="NOT status: open")
    total = first.json()["totalCount"]
    seen, answer = list(first.json()["data"]), first
    while "next" in answer.json()["paging"]:
        link = answer.json()["paging"]["next"]
        assert link.startswith(wire.sandbox.url + "/v1/incidents?")
        assert answer.headers["X-Paging-Next"] == link
        answer = wire.client.get(link, headers=dict(first.request.headers))
        seen += answer.json()["data"]
    assert len(seen) == total == len(tiny(seen))
    assert "prev" in answer.json()["paging"]
    assert answer.json()["paging"]["first"] == first.json()["paging"]["first"]
    assert int(parse_qs(urlsplit(first.json()["paging"]["last"]).query)["offset"][0]) == (total - 1) // 7 * 7
    assert "prev" not in first.json()["paging"]


def test_links_may_name_the_vendors_host(wires: Wires) -> None:
    answer = wires(paging="vendor").send("GET", "/v1/incidents", limit=2).json()
    assert answer["paging"]["next"].startswith("https://api.opsgenie.com/v1/incidents?")


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 101},
        {"limit": 0},
        {"limit": "many"},
        {"offset": -1},
        {"offset": 19_981, "limit": 20},
        {"sort": "colour"},
        {"order": "up"},
    ],
)
def test_parameters_out_of_range_are_422(wire: Wire, params: dict[str, Any]) -> None:
    assert wire.send("GET", "/v1/incidents", **params).status_code == 422


def test_a_full_last_page_has_no_next(wire: Wire) -> None:
    answer = wire.send("GET", "/v1/incidents", offset=20, limit=20)
    assert len(answer.json()["data"]) == 20
    assert set(answer.json()["paging"]) == {"first", "prev", "last"}
    assert "X-Paging-Next" not in answer.headers


def test_the_window_ends_at_twenty_thousand(wire: Wire) -> None:
    assert wire.send("GET", "/v1/incidents", offset=19_980, limit=20).json()["data"] == []


@pytest.mark.parametrize("sort", ["createdAt", "insertedAt", "updatedAt", "status", "priority", "postmortemStatus", "tinyId", "message"])
def test_the_order_is_the_asked_one(wire: Wire, sort: str) -> None:
    ascending = wire.data("/v1/incidents", sort=sort, order="asc", limit=100)
    descending = wire.data("/v1/incidents", sort=sort, order="desc", limit=100)
    assert ascending == descending[::-1]
    if sort in ("createdAt", "updatedAt"):
        times = [datetime.fromisoformat(incident[sort]) for incident in ascending]
        assert times == sorted(times)


def test_one_incident_by_either_id(wire: Wire) -> None:
    listed = wire.incidents()[0]
    assert wire.data(f"/v1/incidents/{listed['id']}") == listed
    assert wire.data(f"/v1/incidents/{listed['tinyId']}", identifierType="tiny") == listed
    assert listed["links"]["api"] == f"{wire.sandbox.url}/v1/incidents/{listed['id']}"
    refused(wire.send("GET", f"/v1/incidents/{listed['tinyId']}"), 404)
    refused(wire.send("GET", f"/v1/incidents/{listed['id']}", identifierType="tiny"), 404)
    refused(wire.send("GET", f"/v1/incidents/{listed['id']}", identifierType="name"), 422, "identifierType")


# --- search


def expected(wire: Wire, condition: Any) -> set[str]:
    found = tiny([incident for incident in wire.incidents() if condition(incident)])
    assert 0 < len(found) < 40
    return found


def milliseconds(incident: dict[str, Any]) -> int:
    return round(datetime.fromisoformat(incident["createdAt"]).timestamp() * 1000)


def test_search_by_each_field(wire: Wire) -> None:
    newest = wire.incidents()[4]
    service = wire.data("/v1/services", query="name: checkout")[0]
    team = next(team for team in wire.data("/v2/teams") if team["name"] == "Platform")
    at = milliseconds(newest)
    conditions: dict[str, Any] = {
        "status: resolved": lambda row: row["status"] == "resolved",
        "status:RESOLVED": lambda row: row["status"] == "resolved",
        "priority: P1": lambda row: row["priority"] == "P1",
        f"createdAt >= {at}": lambda row: milliseconds(row) >= at,
        f"createdAt>{at}": lambda row: milliseconds(row) > at,
        f"createdAt<={at}": lambda row: milliseconds(row) <= at,
        f"createdAt < {at}": lambda row: milliseconds(row) < at,
        "tinyId: 3": lambda row: row["tinyId"] == "3",
        "tinyId > 10": lambda row: int(row["tinyId"]) > 10,
        f"id: {newest['id']}": lambda row: row == newest,
        "tag: checkout": lambda row: "checkout" in row["tags"],
        "message: database": lambda row: "database" in row["message"].casefold(),
        "message: data*": lambda row: any(word.startswith("data") for word in row["message"].casefold().split()),
        'message: "its database"': lambda row: "its database" in row["message"].casefold(),
        "message: (latency OR disk)": lambda row: "latency" in row["message"] or "disk" in row["message"],
        "message: (cannot AND NOT payments)": lambda row: "cannot" in row["message"] and "payments" not in row["message"],
        "latency": lambda row: "latency" in (row["message"] + row["description"] + " ".join(row["tags"])).casefold(),
        "teams: Platform": lambda row: {"type": "team", "id": team["id"]} in row["responders"],
        f"teams: {team['id']}": lambda row: {"type": "team", "id": team["id"]} in row["responders"],
        "services: checkout": lambda row: service["id"] in row["impactedServices"],
        "details.key: postmortemId": lambda row: "postmortemId" in row["extraProperties"],
        "details.value: 9*": lambda row: any(value.startswith("9") for value in row["extraProperties"].values()),
        "postmortemRequired: true": lambda row: row["priority"] in ("P1", "P2"),
        "status: resolved AND (priority: P1 OR priority: P2)": lambda row: row["status"] == "resolved" and row["priority"] in ("P1", "P2"),
        "status: closed OR status: resolved AND priority: P1": lambda row: (
            row["status"] == "closed" or (row["status"] == "resolved" and row["priority"] == "P1")
        ),
        "NOT status: resolved": lambda row: row["status"] != "resolved",
        "NOT (priority: P3 OR status: closed)": lambda row: not (row["priority"] == "P3" or row["status"] == "closed"),
        "status: closed priority: P3": lambda row: row["status"] == "closed" and row["priority"] == "P3",
    }
    for query, condition in conditions.items():
        assert tiny(wire.incidents(query)) == expected(wire, condition), query


def test_each_incident_has_one_postmortem_status(wire: Wire) -> None:
    statuses = ("draft", "in-review", "published", "no-postmortem")
    found = {status: tiny(wire.incidents(f"postmortemStatus: {status}")) for status in statuses}
    assert all(found.values())
    assert sum(map(len, found.values())) == len(tiny(wire.incidents()))


def test_a_text_without_words_finds_nothing(wire: Wire) -> None:
    assert wire.incidents('message: "!"') == []


def test_an_empty_query_is_everything_unless_it_is_required(wires: Wires) -> None:
    assert len(wires().incidents("  ")) == 40
    strict = wires(query="required")
    refused(strict.send("GET", "/v1/incidents"), 422, "query")
    assert len(strict.incidents("createdAt > 0")) == 40


@pytest.mark.parametrize(
    "query",
    [
        "colour: red",
        "status:",
        "status: AND priority: P1",
        "status: resolved AND",
        "OR status: open",
        "(status: open",
        "status: open)",
        'message: "open quote',
        "message: (one OR",
        "createdAt >= yesterday",
        "createdAt >= 2026-11-22",
        "priority > P2",
        "updatedAt > 1700000000000",
        "status >",
        "NOT",
        "()",
    ],
)
def test_bad_queries_are_422(wire: Wire, query: str) -> None:
    assert refused(wire.send("GET", "/v1/incidents", query=query), 422, "query")


# --- asynchronous writes


def send_later(wire: Wire, method: str, path: str, body: object = None, **params: Any) -> dict[str, Any]:
    """An accepted write, from its acceptance to its status."""
    answer = wire.send(method, path, body, **params)
    assert answer.status_code == 202, answer.text
    assert answer.json()["result"] == "Request will be processed"
    request = f"/v1/incidents/requests/{answer.json()['requestId']}"
    early = wire.send("GET", request)
    refused(early, 404)
    assert early.headers["X-Opsgenie-Errortype"] == "RequestNotProcessed"
    wire.seconds += 0.2
    status: dict[str, Any] = wire.data(request)
    assert status["success"] == status["isSuccess"]
    return status


def test_a_write_is_applied_when_its_time_has_come(wire: Wire) -> None:
    incident = wire.incidents("NOT details.key: postmortemId")[0]
    path = f"/v1/incidents/{incident['id']}"
    answer = wire.send("POST", path + "/details", {"details": {"postmortemId": "x-1"}, "note": "linked"})
    assert wire.data(path) == incident
    wire.seconds = 0.2
    after = wire.data(path)
    assert after == {**incident, "extraProperties": {"postmortemId": "x-1"}, "updatedAt": after["updatedAt"]}
    status = wire.data(f"/v1/incidents/requests/{answer.json()['requestId']}")
    assert (status["action"], status["isSuccess"], status["incidentId"]) == ("AddDetails", True, incident["id"])
    assert wire.data(path + "/notes")[0]["note"] == "linked"
    assert tiny(wire.incidents("details.value: x-1")) == {incident["tinyId"]}


def test_writes_to_no_incident_are_accepted_and_fail(wire: Wire) -> None:
    status = send_later(wire, "POST", f"/v1/incidents/{UNKNOWN}/details", {"details": {"a": "b"}})
    assert (status["isSuccess"], status["status"], status["incidentId"]) == (False, "Incident does not exist", "")
    refused(wire.send("GET", "/v1/incidents/requests/" + UNKNOWN), 404)


def test_a_team_key_writes_to_its_own_incidents_only(wires: Wires) -> None:
    wire, team = wires(), wires(team="Checkout")
    mine = tiny(team.incidents())
    for incident in (wire.incidents("teams: Checkout")[0], next(found for found in wire.incidents() if found["tinyId"] not in mine)):
        status = send_later(team, "POST", f"/v1/incidents/{incident['id']}/notes", {"note": "n"})
        assert status["isSuccess"] is (incident["tinyId"] in mine)


def test_the_life_of_an_incident(wire: Wire) -> None:
    jane = wire.data("/v2/users/jane.doe@example.com")["id"]
    body = {
        "message": "Tills are down",
        "description": "All of them.",
        "priority": "P2",
        "tags": ["till"],
        "details": {"region": "eu"},
        "responders": [{"type": "team", "name": "Checkout"}, {"type": "user", "username": "jane.doe@example.com"}],
        "note": "opened by hand",
    }
    key = send_later(wire, "POST", "/v1/incidents/create", body)["incidentId"]
    path = f"/v1/incidents/{key}"
    made = wire.data(path)
    assert {name: made[name] for name in ("message", "priority", "tags", "status", "tinyId")} == {
        "message": "Tills are down",
        "priority": "P2",
        "tags": ["till"],
        "status": "open",
        "tinyId": "41",
    }
    assert made["responders"][1] == {"type": "user", "id": jane}
    assert "impactEndDate" not in made
    send_later(wire, "POST", path + "/tags", {"tags": ["till", "eu"]})
    assert wire.data(path)["tags"] == ["till", "eu"]
    send_later(wire, "DELETE", path + "/tags", tags="till")
    send_later(wire, "POST", path + "/details", {"details": {"b": "c"}})
    send_later(wire, "DELETE", path + "/details", keys="region,other")
    send_later(wire, "POST", path + "/message", {"message": "Tills were down"})
    send_later(wire, "POST", path + "/description", {"description": "Most of them."})
    send_later(wire, "POST", path + "/priority", {"priority": "P1"})
    send_later(wire, "PUT", path + "/priority", {"priority": "P4"})
    send_later(wire, "POST", path + "/responders", {"responder": [{"type": "team", "name": "Search"}]})
    assert send_later(wire, "POST", "/v1/incidents/41/resolve", {"note": "done"}, identifierType="tiny")["status"] == "Resolved incident"
    resolved = wire.data(path)
    assert (resolved["tags"], resolved["extraProperties"], resolved["priority"]) == (["eu"], {"b": "c"}, "P4")
    assert (resolved["message"], resolved["description"], len(resolved["responders"])) == ("Tills were down", "Most of them.", 3)
    assert resolved["impactEndDate"] == resolved["updatedAt"]
    assert send_later(wire, "POST", path + "/resolve")["isSuccess"] is False
    assert send_later(wire, "POST", path + "/close")["isSuccess"] is True
    assert send_later(wire, "POST", path + "/close")["status"] == "Incident is already closed"
    send_later(wire, "POST", path + "/reopen")
    assert "impactEndDate" not in wire.data(path)
    entries = [entry["type"] for entry in wire.data(f"/v2/incident-timelines/{key}/entries", order="asc")["entries"]]
    assert entries == ["IncidentOpened", "IncidentResolved", "IncidentClosed", "IncidentReopened"]
    send_later(wire, "DELETE", path)
    refused(wire.send("GET", path), 404)


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("create", {}, {"message"}),
        ("create", {"message": "m" * 131}, {"message"}),
        ("create", {"message": "m", "priority": "P9", "tags": ["t" * 51]}, {"priority", "tags"}),
        ("create", {"message": "m", "impactedServices": [UNKNOWN], "description": "d" * 15_001}, {"impactedServices", "description"}),
        ("create", {"message": "m", "responders": [{"type": "bb"}]}, {"responder#type"}),
        ("x/details", {"details": {"a": 1}}, {"details"}),
        ("x/details", {}, {"details"}),
        ("x/tags", {"tags": [f"t{n}" for n in range(21)]}, {"tags"}),
        ("x/notes", {"note": ""}, {"note"}),
        ("x/notes", {"note": "n" * 25_001}, {"note"}),
        ("x/responders", {"responders": [{"type": "team", "name": "Search"}]}, {"responder"}),
        ("x/priority", {"priority": "SEV-1"}, {"priority"}),
    ],
)
def test_bodies_of_writes_are_checked_at_once(wire: Wire, path: str, body: object, fields: set[str]) -> None:
    refused(wire.send("POST", f"/v1/incidents/{path}", body), 422, *fields)


def test_at_most_ten_details_go_at_once(wire: Wire) -> None:
    refused(wire.send("DELETE", "/v1/incidents/x/details", keys=",".join("abcdefghijk")), 422, "keys")
    refused(wire.send("DELETE", "/v1/incidents/x/details"), 422, "keys")


@pytest.mark.parametrize(("mode", "served"), [("post", "POST"), ("put", "PUT")])
def test_the_priority_may_have_one_method(wires: Wires, mode: str, served: str) -> None:
    wire = wires(priority=mode)
    for method in ("POST", "PUT"):
        expected_status = 202 if method == served else 405
        assert wire.send(method, "/v1/incidents/x/priority", {"priority": "P1"}).status_code == expected_status


# --- notes, logs and alerts


@pytest.mark.parametrize("kind", ["notes", "logs"])
def test_notes_and_logs_are_paged_by_item(wire: Wire, kind: str) -> None:
    path = f"/v1/incidents/{wire.incidents()[0]['id']}"
    for number in range(7):
        send_later(wire, "POST", path + "/notes", {"note": f"note {number}"})
    everything = wire.data(f"{path}/{kind}", order="asc", limit=100)
    text = "note" if kind == "notes" else "log"
    assert len({item["offset"] for item in everything}) == len(everything) >= 7
    assert all(item[text] and item["owner"] and item["createdAt"] for item in everything)
    assert wire.data(f"{path}/{kind}", limit=100) == everything[::-1]
    answer = wire.send("GET", f"{path}/{kind}", order="asc", limit=3)
    seen = answer.json()["data"]
    while "next" in answer.json()["paging"]:
        answer = wire.client.get(answer.json()["paging"]["next"], headers=dict(answer.request.headers))
        seen += answer.json()["data"]
    assert seen == everything
    third = everything[2]["offset"]
    assert wire.data(f"{path}/{kind}", order="asc", offset=third, direction="prev") == everything[:2]
    refused(wire.send("GET", f"{path}/{kind}", offset="nowhere"), 422, "offset")


def test_no_alerts_belong_to_these_incidents(wire: Wire) -> None:
    path = f"/v1/incidents/{wire.incidents()[0]['id']}"
    assert wire.data(path + "/associated-alert-ids") == wire.data(path + "/responder-alert-ids") == []
    refused(wire.send("GET", path + "/responder-alert-ids", limit=26), 422, "limit")
