"""Incidents of the Datadog service over HTTP: list, get, change, create, delete, and what they do besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.datadog import CHECKOUT, NOBODY, Wire, body


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def test_the_list_is_oldest_first_in_pages_without_a_total(wire: Wire) -> None:
    first = wire.get("/api/v2/incidents", **{"page[size]": 20})
    rest = wire.get("/api/v2/incidents", **{"page[size]": 20, "page[offset]": 20})
    created = [one["attributes"]["created"] for one in first["data"] + rest["data"]]
    assert created == sorted(created)
    assert (len(first["data"]), len(rest["data"])) == (20, 10)
    assert first["meta"]["pagination"] == {"offset": 0, "size": 20, "next_offset": 20}
    assert rest["meta"]["pagination"]["size"] == 10


def test_the_last_page_may_be_silent_about_a_next_one() -> None:
    with Wire(list_next_offset="off") as wire:
        page = wire.get("/api/v2/incidents", **{"page[size]": 20, "page[offset]": 20})
        assert page["meta"]["pagination"] == {"offset": 20, "size": 10}


def test_the_list_has_ten_by_default_and_a_hundred_at_most(wire: Wire) -> None:
    assert len(wire.get("/api/v2/incidents")["data"]) == 10
    wire.refused(400, "GET", "/api/v2/incidents", **{"page[size]": 101})


def test_includes_users_and_attachments_once_each(wire: Wire) -> None:
    included = wire.get(f"/api/v2/incidents/{wire.find(CHECKOUT)}", include="users,attachments")["included"]
    names = [(one["type"], one["id"]) for one in included]
    assert len(names) == len(set(names))
    titles = {one["attributes"]["attachment"]["title"] for one in included if one["type"] == "incident_attachments"}
    assert titles == {"Postmortem Checkout 5xx after cache failover", "example/failover#88"}
    assert {one["attributes"]["handle"] for one in included if one["type"] == "users"} >= {"jane.doe@example.com", "mara.lopez@example.com"}


def test_a_get_names_people_by_id_only_and_a_patch_writes_them_in(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    assert "commander" not in wire.incident(identifier)["attributes"]
    answer = wire.patch(identifier, attributes={"title": CHECKOUT}).json()["data"]
    assert answer["attributes"]["commander"]["data"]["attributes"]["name"] == "Jane Doe"


def test_a_patch_changes_what_it_names_and_nothing_else(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    before = wire.incident(identifier)
    answer = wire.patch(identifier, attributes={"fields": {"severity": {"type": "dropdown", "value": "SEV-2"}}})
    after = wire.incident(identifier)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert after["attributes"]["severity"] == "SEV-2"
    assert after["attributes"]["modified"] > before["attributes"]["modified"]
    for changed in (before, after):
        changed["attributes"]["fields"].pop("severity")
        for name in ("severity", "modified", "last_modified_by_uuid"):
            changed["attributes"].pop(name)
    assert before["attributes"] == after["attributes"]


def test_severity_as_an_attribute_is_passed_over(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    assert wire.patch(identifier, attributes={"severity": "SEV-5"}).status_code == 200
    assert wire.incident(identifier)["attributes"]["severity"] == "SEV-1"


def test_the_state_sets_and_takes_back_when_it_was_resolved(wire: Wire) -> None:
    identifier = wire.find("Login e-mails delayed")
    assert wire.incident(identifier)["attributes"]["resolved"] is None
    wire.patch(identifier, attributes={"fields": {"state": {"type": "dropdown", "value": "resolved"}}})
    assert wire.incident(identifier)["attributes"]["resolved"].startswith("2026-11-22T12:00")
    wire.patch(identifier, attributes={"fields": {"state": {"type": "dropdown", "value": "active"}}})
    assert wire.incident(identifier)["attributes"]["resolved"] is None


def test_the_answer_to_a_new_commander_is_stale_and_both_become_responders(wire: Wire) -> None:
    identifier = wire.find("Login e-mails delayed")
    tom = next(user["id"] for user in wire.get("/api/v2/users", filter="tom.obrien")["data"])
    commander = {"commander_user": {"data": {"type": "users", "id": tom}}}
    answer = wire.patch(identifier, relationships=commander).json()["data"]
    assert answer["attributes"]["commander"]["data"]["id"] == tom
    assert answer["relationships"]["commander_user"] == {"data": None}
    assert len(answer["relationships"]["responders"]["data"]) == 3
    assert wire.incident(identifier)["relationships"]["commander_user"]["data"]["id"] == tom
    wire.patch(identifier, relationships={"commander_user": {"data": None}})
    assert wire.incident(identifier)["relationships"]["commander_user"] == {"data": None}


def test_stale_commander_and_auto_responder_can_be_switched_off() -> None:
    with Wire(stale_commander="off", auto_responder="off") as wire:
        identifier = wire.find("Login e-mails delayed")
        me = wire.get("/api/v2/current_user")["data"]["id"]
        answer = wire.patch(identifier, relationships={"commander_user": {"data": {"type": "users", "id": me}}}).json()["data"]
        assert answer["relationships"]["commander_user"]["data"]["id"] == me
        assert len(answer["relationships"]["responders"]["data"]) == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {"title": ""},
        {"title": 7},
        {"title": "x" * 1025},
        {"fields": {"severity": {"type": "dropdown", "value": "sev1"}}},
        {"fields": {"severity": {"type": "dropdown", "value": ["SEV-1"]}}},
        {"fields": {"severity": "SEV-1"}},
        {"fields": {"services": {"type": "autocomplete", "value": "checkout"}}},
        {"fields": {"regions": {"type": "multiselect", "value": ["mars"]}}},
        {"fields": {"no_such_field": {"type": "textbox", "value": "x"}}},
        {"fields": {"slug": {"type": "textbox", "value": "IR-1"}}},
        {"fields": {"lost_orders": {"type": "number", "value": "many"}}},
        {"fields": []},
        {"detected": "yesterday"},
    ],
)
def test_a_patch_that_does_not_fit_is_refused_and_changes_nothing(wire: Wire, attributes: dict[str, Any]) -> None:
    identifier = wire.find(CHECKOUT)
    before = wire.incident(identifier)
    answer = wire.patch(identifier, attributes={"customer_impact_scope": "changed"} | attributes)
    assert answer.status_code == 400
    assert all(isinstance(error, str) for error in answer.json()["errors"])
    assert wire.incident(identifier) == before


def test_a_patch_needs_the_type_and_the_id(wire: Wire) -> None:
    identifier = wire.find(CHECKOUT)
    path = f"/api/v2/incidents/{identifier}"
    wire.refused(400, "PATCH", path, {"data": {"type": "incidents", "attributes": {}}})
    wire.refused(400, "PATCH", path, {"data": {"type": "incident", "id": identifier}})
    wire.refused(400, "PATCH", path, [])


def test_a_value_that_is_no_longer_valid_may_stay(wire: Wire) -> None:
    identifier = wire.find("Coffee machine on floor 3 posts to the order queue")
    assert wire.patch(identifier, attributes={"fields": {"severity": {"type": "dropdown", "value": "SEV-7"}}}).status_code == 200


def test_fields_of_every_kind_are_there_and_can_be_set(wire: Wire) -> None:
    kinds = {field["type"] for record in wire.service.state.incidents() for field in record["fields"].values()}
    assert kinds == {"dropdown", "multiselect", "textbox", "textarray", "metrictag", "autocomplete", "number", "datetime"}
    identifier = wire.find(CHECKOUT)
    values = {
        "regions": ["eu-west", "ap-south"],
        "customers_notified": "no",
        "runbooks": ["https://runbooks.example.com/a", "b"],
        "cost_center": ["cc-1"],
        "lost_orders": 12.5,
        "rolled_back": "2026-11-21T10:00:00Z",
        "teams": None,
    }
    assert (
        wire.patch(identifier, attributes={"fields": {name: {"type": "any", "value": value} for name, value in values.items()}}).status_code
        == 200
    )
    fields = wire.incident(identifier)["attributes"]["fields"]
    assert {name: fields[name]["value"] for name in values} == values
    assert fields["teams"]["type"] == "autocomplete"


def test_unknown_ids_in_the_legacy_words(wire: Wire) -> None:
    assert wire.refused(404, "GET", f"/api/v2/incidents/{NOBODY}") == [f"incident {NOBODY} not found"]
    assert wire.refused(404, "GET", "/api/v2/incidents/IR-309") == ["incident IR-309 not found"]


def test_import_is_answered_by_the_other_back_end(wire: Wire) -> None:
    answer = wire.send("POST", "/api/v2/incidents/import", body("incidents", {"title": "Old", "fields": {"severity": "SEV-4"}}))
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert answer.json()["data"]["attributes"]["created"].endswith("Z")
    assert answer.json()["data"]["attributes"]["severity"] == "SEV-4"


def test_an_import_keeps_its_own_times_and_people(wire: Wire) -> None:
    wei = wire.get("/api/v2/users", filter="Wei")["data"][0]["id"]
    times = {"declared": "2024-05-01T10:00:00Z", "detected": "2024-05-01T09:58:00Z", "resolved": "2024-05-01T12:00:00Z"}
    people = {name: {"data": {"type": "users", "id": wei}} for name in ("commander_user", "declared_by_user")}
    path, old = "/api/v2/incidents/import", {"title": "Old", **times, "fields": {"state": "resolved"}}
    made = wire.send("POST", path, body("incidents", old, relationships=people)).json()["data"]
    assert {name: made["attributes"][name] for name in times} == times
    kept = wire.incident(made["id"])["relationships"]
    assert [kept[name]["data"]["id"] for name in people] == [wei, wei]
    wire.refused(400, "POST", path, body("incidents", old | {"fields": {"state": "active"}}))
    wire.refused(400, "POST", path, body("incidents", old, relationships={"commander_user": {"data": {"type": "users", "id": NOBODY}}}))


def test_titles_arrive_as_they_are(wire: Wire) -> None:
    titles = {record["title"] for record in wire.service.state.incidents()}
    odd = next(title for title in titles if "[/b]" in title)
    assert "[@click=app.bell]" in odd
    assert "\x1b[31m" in odd
    assert wire.incident(wire.find(odd))["attributes"]["title"] == odd
