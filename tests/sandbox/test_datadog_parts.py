"""The smaller parts of the Datadog half: integrations, responders, follow-ups, timeline, people, configuration."""

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
    assert len(wire.get(f"{where}/{identifier}")["data"]["attributes"]["metadata"]["issues"]) == 2
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
    wire.refused(404, "GET", f"{where}/{made.json()['data']['id']}")


def test_who_has_a_role_stays(wire: Wire) -> None:
    where = path(wire, "responders")
    with_role = next(one for one in wire.get(where)["data"] if one["relationships"]["role_assignments"]["data"])
    assert wire.refused(400, "DELETE", f"{where}/{with_role['id']}")[0]["status"] == "400"


def test_a_responder_may_be_nobody_here(wire: Wire) -> None:
    guests = [
        one
        for record in wire.half.store.incidents()
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
    assert wire.refused(404, "GET", f"{where}/{made['id']}") == [f"{made['id']} not found"]


def test_the_timeline_can_be_read_written_and_missing(wire: Wire) -> None:
    where = path(wire, "timeline")
    before = wire.get(where)["data"]
    assert [one["attributes"]["important"] for one in before] == [True, True, False, False, True, True]
    cell = {"cell_type": "markdown", "content": {"content": "A note"}, "source": "api"}
    assert wire.send("POST", where, body("incident_timeline_cells", cell)).status_code == 201
    assert wire.get(where)["data"][-1]["attributes"]["content"] == {"content": "A note"}
    wire.refused(400, "POST", where, body("incident_timeline_cells", cell | {"content": {"message": "x"}}))
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
    assert wire.get(f"/api/v2/users/{second[0]['id']}")["data"] == second[0]
    wire.refused(404, "GET", f"/api/v2/users/{NOBODY}")


def test_teams_speak_of_a_next_page_that_is_not_there(wire: Wire) -> None:
    teams = wire.get("/api/v2/team", **{"fields[team]": "id,name,handle", "page[size]": 100})
    assert teams["meta"]["pagination"]["total"] == len(teams["data"]) == 8
    assert teams["meta"]["pagination"]["next_offset"] == 100
    assert teams["links"]["next"]
    assert set(teams["data"][0]["attributes"]) == {"name", "handle"}
    assert [one["attributes"]["handle"] for one in wire.get("/api/v2/team", **{"filter[keyword]": "pay"})["data"]] == ["payments"]
    assert [one["attributes"]["handle"] for one in wire.get("/api/v2/team", **{"filter[me]": "true"})["data"]] == ["checkout"]
    members = wire.get(f"/api/v2/team/{teams['data'][0]['id']}/memberships")
    assert [one["attributes"]["name"] for one in members["included"]] == ["Jane Doe", "Lena Fischer", "Inês Carvalho"]
    assert wire.refused(404, "GET", "/api/v2/team/REPLACE.ME/memberships") == ["REPLACE.ME is not a valid UUID not found"]


def test_services_three_ways(wire: Wire) -> None:
    defined = {one["attributes"]["schema"]["dd-service"] for one in wire.get("/api/v2/services/definitions", **{"page[size]": 100})["data"]}
    listed = set(wire.get("/api/v2/apm/services", **{"filter[env]": "prod"})["data"]["attributes"]["services"])
    entities = {one["attributes"]["name"] for one in wire.get("/api/v2/catalog/entity", **{"filter[kind]": "service"})["data"]}
    assert defined == listed == entities
    assert "checkout" in defined
    wire.refused(400, "GET", "/api/v2/apm/services")


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


def test_roles_settings_and_one_thing_at_a_time(wire: Wire) -> None:
    roles = wire.get("/api/v2/incidents/config/user-defined-roles")["data"]
    assert {one["attributes"]["name"] for one in roles} == {"Communications", "Operations", "Scribe"}
    assert wire.get(f"/api/v2/incidents/config/user-defined-roles/{roles[0]['id']}")["data"] == roles[0]
    assert wire.get("/api/v2/incidents/config/global/settings")["data"]["attributes"]["analytics_dashboard_id"]
    assert len(wire.get("/api/v2/incidents/config/types/org-settings")["data"]) == 2
    wire.refused(404, "GET", f"/api/v2/incidents/config/types/{NOBODY}")


def test_an_incident_type_has_nine_digits_once(wire: Wire) -> None:
    made = wire.send("POST", "/api/v2/incidents/config/types", body("incident_types", {"name": "New", "description": ""})).json()["data"]
    where = f"/api/v2/incidents/config/types/{made['id']}"
    assert len(made["attributes"]["createdAt"]) == len("2026-11-22T12:00:00.123456789Z")
    assert len(wire.get(where)["data"]["attributes"]["createdAt"]) == len("2026-11-22T12:00:00.123456Z")
    changed = wire.send("PATCH", where, body("incident_types", {"name": "Newer"}, id=made["id"]))
    assert changed.json()["data"]["attributes"]["name"] == "Newer"
    new = {"title": "Of the new type", "customer_impacted": False, "incident_type_uuid": made["id"]}
    incident = wire.send("POST", "/api/v2/incidents", body("incidents", new)).json()["data"]
    wire.refused(400, "DELETE", where)
    wire.wait(10)
    assert wire.search(f"incident_type:{made['id']}")["total"] == 1
    wire.send("DELETE", f"/api/v2/incidents/{incident['id']}")
    assert wire.send("DELETE", where).status_code == 204


def test_templates_are_made_changed_and_removed(wire: Wire) -> None:
    where = "/api/v2/incidents/config/postmortem-templates"
    listed = wire.get(where)["data"]
    assert {one["attributes"]["location"] for one in listed} == {"datadog_notebooks", "confluence", "google_docs"}
    related = {"incident_type": listed[0]["relationships"]["incident_type"]}
    wanted = {"name": "Short", "content": "# {{incident.title}}", "location": "datadog_notebooks"}
    made = wire.send("POST", where, body("postmortem_templates", wanted, relationships=related))
    assert made.status_code == 201
    identifier = made.json()["data"]["id"]
    wire.refused(400, "POST", where, body("postmortem_templates", wanted))
    wire.refused(400, "POST", where, body("postmortem_templates", wanted | {"location": "confluence"}, relationships=related))
    wire.refused(400, "PATCH", f"{where}/{identifier}", body("postmortem_templates", {"name": "x"}))
    changed = wire.send("PATCH", f"{where}/{identifier}", body("postmortem_template", {"is_default": True}, id=identifier))
    assert changed.json()["data"]["attributes"]["is_default"] is not None
    assert wire.send("DELETE", f"{where}/{identifier}").status_code == 204
    wire.refused(404, "GET", f"{where}/{identifier}")
    with Wire(templates="403") as without:
        assert without.refused(403, "GET", where) == [{"status": "403", "title": "Forbidden"}]
