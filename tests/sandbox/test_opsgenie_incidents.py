"""Opsgenie's service over HTTP: the list of incidents and its search, asynchronous writes, notes and logs."""

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
        status = send_later(team, "POST", f"/v1/incidents/{incident['id']}/details", {"details": {"a": "b"}})
        assert status["isSuccess"] is (incident["tinyId"] in mine)


def test_details_go_by_their_keys(wire: Wire) -> None:
    path = f"/v1/incidents/{wire.incidents()[0]['id']}"
    send_later(wire, "POST", path + "/details", {"details": {"a": "b", "c": "d"}})
    status = send_later(wire, "DELETE", path + "/details", keys="a,unknown")
    assert (status["action"], status["status"]) == ("RemoveDetails", "Removed details")
    assert "a" not in wire.data(path)["extraProperties"]
    assert wire.data(path)["extraProperties"]["c"] == "d"


@pytest.mark.parametrize("body", [{"details": {"a": 1}}, {"details": {}}, {}])
def test_bodies_of_writes_are_checked_at_once(wire: Wire, body: object) -> None:
    refused(wire.send("POST", "/v1/incidents/x/details", body), 422, "details")


def test_a_note_has_a_length(wire: Wire) -> None:
    refused(wire.send("POST", "/v1/incidents/x/details", {"details": {"a": "b"}, "note": "n" * 25_001}), 422, "note")


def test_at_most_ten_details_go_at_once(wire: Wire) -> None:
    refused(wire.send("DELETE", "/v1/incidents/x/details", keys=",".join("abcdefghijk")), 422, "keys")
    refused(wire.send("DELETE", "/v1/incidents/x/details"), 422, "keys")


# --- notes and logs


@pytest.mark.parametrize("kind", ["notes", "logs"])
def test_notes_and_logs_are_paged_by_item(wire: Wire, kind: str) -> None:
    path = f"/v1/incidents/{wire.incidents()[0]['id']}"
    for number in range(7):
        send_later(wire, "POST", path + "/details", {"details": {"a": "b"}, "note": f"note {number}"})
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
