"""The smaller parts of the Datadog service: integrations, responders, follow-ups, timeline, people, configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.datadog import CHECKOUT, NOBODY, Wire, body

JIRA = {"account": "https://example.atlassian.net", "project_key": "OPS", "issue_key": "OPS-1", "redirect_url": "https://x/?a=1&b=2"}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def path(wire: Wire, tail: str, title: str = CHECKOUT) -> str:
    return f"/api/v2/incidents/{wire.find(title)}/{tail}"


# Integrations


def test_integrations_are_read_by_one_back_end_and_written_by_the_other(wire: Wire) -> None:
    where = path(wire, "relationships/integrations")
    listed = wire.send("GET", where)
    assert listed.headers["content-type"] == "application/vnd.api+json"
    assert listed.json()["meta"]["pagination"] == {"offset": 0, "next_offset": 25, "size": 2}
    attributes = {"incident_id": wire.find(CHECKOUT), "integration_type": 8, "status": 2, "metadata": {"issues": [JIRA]}}
    made = wire.send("POST", where, body("incident_integrations", attributes))
    assert made.status_code == 201
    assert made.headers["content-type"] == "application/json"
    assert made.json()["data"]["attributes"]["status"] == 3
    identifier = made.json()["data"]["id"]
    changed = wire.send(
        "PATCH", f"{where}/{identifier}", body("incident_integrations", attributes | {"metadata": {"issues": [JIRA, JIRA]}})
    )
    assert changed.json()["data"]["attributes"]["status"] == 4
    kept = next(one for one in wire.get(where)["data"] if one["id"] == identifier)
    assert len(kept["attributes"]["metadata"]["issues"]) == 2
    assert wire.send("DELETE", f"{where}/{identifier}").status_code == 204
    assert wire.refused(404, "DELETE", f"{where}/{identifier}") == [
        {"title": "Generic Error", "detail": "incident integration doesn't exist"}
    ]


def test_the_status_of_an_integration_can_be_left_alone() -> None:
    with Wire(status_override="off") as wire:
        attributes = {"integration_type": 42, "status": 2, "metadata": {"opaque": [1]}}
        made = wire.send("POST", path(wire, "relationships/integrations"), body("incident_integrations", attributes)).json()["data"][
            "attributes"
        ]
        assert (made["status"], made["metadata"]) == (2, {"opaque": [1]})


@pytest.mark.parametrize(
    "attributes",
    [
        {"integration_type": 8},
        {"metadata": {"issues": [JIRA]}},
        {"integration_type": 8, "metadata": {"issues": [{"account": "x"}]}},
        {"integration_type": 8, "metadata": {"issues": "OPS-1"}},
        {"integration_type": "jira", "metadata": {"issues": [JIRA]}},
    ],
)
def test_an_integration_that_does_not_fit(wire: Wire, attributes: dict[str, Any]) -> None:
    assert isinstance(
        wire.refused(400, "POST", path(wire, "relationships/integrations"), body("incident_integrations", attributes))[0], str
    )


# Responders


def test_responders_are_added_once_and_removed_when_they_did_nothing(wire: Wire) -> None:
    where = path(wire, "responders")
    before = wire.get(where)
    assert {one["attributes"]["name"] for one in before["included"]} == {"Jane Doe", "Mara López", "Samuel Okafor", "Pavel Novák"}
    wei = wire.get("/api/v2/users", filter="Wei")["data"][0]["id"]
    user = {"data": {"type": "incident_responders", "relationships": {"user": {"data": {"type": "users", "id": wei}}}}}
    made = wire.send("POST", where, user)
    assert made.status_code == 201
    assert wire.send("POST", where, user).json()["data"]["id"] == made.json()["data"]["id"]
    assert len(wire.get(where)["data"]) == 5
    assert wire.send("DELETE", f"{where}/{made.json()['data']['id']}").status_code == 204
    assert wire.get(where)["data"] == before["data"]
    wire.refused(404, "DELETE", f"{where}/{made.json()['data']['id']}")


def test_who_has_a_role_stays(wire: Wire) -> None:
    where = path(wire, "responders")
    with_role = next(one for one in wire.get(where)["data"] if one["relationships"]["role_assignments"]["data"])
    assert wire.refused(400, "DELETE", f"{where}/{with_role['id']}")[0]["status"] == "400"


def test_a_responder_may_be_nobody_here(wire: Wire) -> None:
    guests = [
        one
        for record in wire.service.state.incidents()
        for one in wire.get(f"/api/v2/incidents/{record['id']}/responders")["data"]
        if one["relationships"]["user"]["data"] is None
    ]
    assert guests
    assert {one["attributes"]["external_source"] for one in guests} == {"slack"}


def test_an_unknown_person_cannot_respond(wire: Wire) -> None:
    user = {"data": {"type": "incident_responders", "relationships": {"user": {"data": {"type": "users", "id": NOBODY}}}}}
    wire.refused(400, "POST", path(wire, "responders"), user)
    wire.refused(400, "POST", path(wire, "responders"), {"data": {"type": "incident_responders"}})


# Follow-ups and timeline


def test_todos_want_content_and_assignees_every_time(wire: Wire) -> None:
    where = path(wire, "relationships/todos")
    assert [one["attributes"]["completed"] is None for one in wire.get(where)["data"]] == [True, True, False]
    todo = {"content": "Restore lost data.", "assignees": ["@a@example.com", {"source": "slack", "id": "U1", "name": "Bot", "icon": "x"}]}
    made = wire.send("POST", where, body("incident_todos", todo | {"due_date": "2026-12-10T05:00:00.000000Z"})).json()["data"]
    assert made["attributes"]["due_date"] == "2026-12-10T05:00:00+00:00"
    wire.refused(400, "PATCH", f"{where}/{made['id']}", body("incident_todos", {"completed": "2026-12-01T00:00:00Z"}))
    wire.refused(400, "POST", where, body("incident_todos", todo | {"assignees": [{"source": "fax", "id": "1"}]}))
    done = wire.send("PATCH", f"{where}/{made['id']}", body("incident_todos", todo | {"completed": "2026-12-01T00:00:00Z"}))
    assert done.json()["data"]["attributes"]["completed"] == "2026-12-01T00:00:00+00:00"
    assert wire.send("DELETE", f"{where}/{made['id']}").status_code == 204
    assert wire.refused(404, "DELETE", f"{where}/{made['id']}") == [f"{made['id']} not found"]


def test_impacts_want_a_description_and_a_start(wire: Wire) -> None:
    where = path(wire, "impacts")
    before = wire.get(where)["data"]
    impact = {"description": "No logins & no `keys`", "start_at": "2026-11-27T14:17:00.5+01:00", "fields": {"products": ["till"]}}
    made = wire.send("POST", where, body("incident_impacts", impact)).json()["data"]
    assert wire.get(where)["data"] == [*before, made]
    told = made["attributes"]
    assert (told["start_at"], told["end_at"], told["impact_type"]) == ("2026-11-27T13:17:00.5Z", None, "customer")
    assert [told[name] for name in ("description", "fields")] == [impact["description"], impact["fields"]]
    assert len(wire.incident(wire.find(CHECKOUT))["relationships"]["impacts"]["data"]) == len(before) + 1
    for wrong in ({"description": ""}, {"start_at": None}, {"start_at": "yesterday"}, {"fields": []}):
        wire.refused(400, "POST", where, body("incident_impacts", impact | wrong))
    wire.refused(404, "POST", f"/api/v2/incidents/{NOBODY}/impacts", body("incident_impacts", impact))


def test_the_timeline_can_be_read_and_missing(wire: Wire) -> None:
    cells = wire.get(path(wire, "timeline"))["data"]
    assert [one["attributes"]["important"] for one in cells] == [True, True, False, False, True, True]
    assert all(one["attributes"]["content"]["content"] for one in cells)
    with Wire(timeline="404") as without:
        without.refused(404, "GET", path(without, "timeline"))


# People, teams, services


def test_users_are_found_by_name_and_address_page_by_page(wire: Wire) -> None:
    everybody = wire.get("/api/v2/users", **{"page[size]": 100})
    assert everybody["meta"]["page"] == {"total_count": 15, "total_filtered_count": 15}
    assert len(wire.get("/api/v2/users")["data"]) == 10
    second = wire.get("/api/v2/users", **{"page[size]": 4, "page[number]": 1})["data"]
    assert second == everybody["data"][4:8]
    assert [one["attributes"]["name"] for one in wire.get("/api/v2/users", filter="okafor")["data"]] == ["Samuel Okafor"]
    disabled = wire.get("/api/v2/users", **{"filter[status]": "Disabled"})["data"]
    assert [one["attributes"]["handle"] for one in disabled] == ["rosa.lindqvist@example.com"]
    wire.refused(400, "GET", "/api/v2/users", **{"page[size]": 101})


def test_teams_speak_of_a_next_page_that_is_not_there(wire: Wire) -> None:
    teams = wire.get("/api/v2/team", **{"fields[team]": "id,name,handle", "page[size]": 100})
    assert teams["meta"]["pagination"]["total"] == len(teams["data"]) == 8
    assert teams["meta"]["pagination"]["next_offset"] == 100
    assert teams["links"]["next"]
    assert set(teams["data"][0]["attributes"]) == {"name", "handle"}
    assert [one["attributes"]["handle"] for one in wire.get("/api/v2/team", **{"filter[keyword]": "pay"})["data"]] == ["payments"]
    assert [one["attributes"]["handle"] for one in wire.get("/api/v2/team", **{"filter[me]": "true"})["data"]] == ["checkout"]


def test_services_are_definitions_with_a_name(wire: Wire) -> None:
    path = "/api/v2/services/definitions"
    names = [one["attributes"]["schema"]["dd-service"] for one in wire.get(path, **{"page[size]": 100})["data"]]
    assert "checkout" in names
    second = wire.get(path, **{"page[size]": 3, "page[number]": 1})["data"]
    assert [one["attributes"]["schema"]["dd-service"] for one in second] == names[3:6]


# Configuration


def test_fields_of_all_eight_kinds_with_their_values(wire: Wire) -> None:
    kind = next(one for one in wire.get("/api/v2/incidents/config/types")["data"] if one["attributes"]["is_default"])
    page = wire.get("/api/v2/incidents/config/user-defined-fields", **{"filter[incident-type]": kind["id"], "page[size]": 1000})
    fields = {one["attributes"]["name"]: one["attributes"] for one in page["data"]}
    assert {field["type"] for field in fields.values()} == set(range(1, 9))
    assert [one["value"] for one in fields["state"]["valid_values"]] == ["active", "stable", "resolved", "completed"]
    assert fields["teams"]["metadata"]["search_url"] == "/api/v2/team"
    assert page["meta"] == {"offset": 0, "size": len(fields)}
    referenced = {one["id"] for one in wire.incident(wire.find(CHECKOUT))["relationships"]["user_defined_fields"]["data"]}
    assert referenced <= {one["id"] for one in page["data"]}


def test_templates_have_a_place_and_may_be_missing(wire: Wire) -> None:
    where = "/api/v2/incidents/config/postmortem-templates"
    listed = wire.get(where)["data"]
    assert {one["attributes"]["location"] for one in listed} == {"datadog_notebooks", "confluence", "google_docs"}
    kind = listed[0]["relationships"]["incident_type"]["data"]["id"]
    assert wire.get(where, **{"filter[incident-type]": kind})["data"] == listed
    assert wire.get(where, **{"filter[incident-type]": NOBODY})["data"] == []
    wire.refused(400, "GET", where, sort="name")
    with Wire(templates="403") as without:
        assert without.refused(403, "GET", where) == [{"status": "403", "title": "Forbidden"}]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v2/incidents"), ("DELETE", "/api/v1/notebooks/1"), ("GET", "/api/v2/incidents/x/impacts"), ("GET", "/api/v2/users/x")],
)
def test_what_no_client_of_ours_asks_for_is_not_here(wire: Wire, method: str, path: str) -> None:
    assert wire.send(method, path, {} if method == "POST" else None).status_code in (404, 405)
