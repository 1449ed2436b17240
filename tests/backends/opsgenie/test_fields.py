"""Field values from and to the wire."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.opsgenie.fields import BY_NAME, FIELDS, Wire, form, unwritable, values, written
from pmtui.model.fields import Kind
from pmtui.model.values import Link, Named, Person

FILLED: dict[str, Any] = {
    "title": "Checkout down",
    "severity": "P2",
    "status": "in-review",
    "owner": {"metadataId": "m-1", "id": "u-1", "name": "Ada"},
    "responders": [{"metadataId": "m-2", "id": "u-2", "name": "Bea", "role": "Scribe"}],
    "responderTeams": [{"metadataId": "m-3", "id": "t-1", "name": "Payments"}],
    "jiraIssues": ["https://corp.atlassian.net/browse/OPS-1"],
    "relatedIncidents": [{"metadataId": "m-4", "id": "i-9", "tinyId": "9", "message": "Older", "priority": "P3"}],
    "affectedServices": [{"metadataId": "m-5", "id": "s-1", "name": "cart"}],
    "startTime": "2026-02-26T04:13:21.07Z",
    "iccSessions": [],
}


def test_every_field_is_read() -> None:
    found = values(FILLED)
    assert found["title"] == "Checkout down"
    assert found["owner"] == Person("u-1", "Ada")
    assert found["responders"] == (Person("u-2", "Bea", role="Scribe"),)
    assert found["responder_teams"] == (Named("t-1", "Payments"),)
    assert found["linked_issues"] == (Link("https://corp.atlassian.net/browse/OPS-1", "OPS-1"),)
    assert found["related_incidents"] == (Named("i-9", "#9 Older"),)
    assert found["affected_services"] == (Named("s-1", "cart"),)
    assert found["start_time"] == "2026-02-26T04:13:21.07Z"


def test_what_is_written_has_the_names_of_the_write() -> None:
    found = values(FILLED)
    assert [written(wire, found[wire.name]) for wire in FIELDS] == [
        {"title": "Checkout down"},
        {"severity": "P2"},
        {"status": "in-review"},
        {"ownerId": "u-1"},
        {"responderUsers": [{"name": "Bea", "id": "u-2", "role": "Scribe"}]},
        {"responderTeams": [{"name": "Payments", "id": "t-1"}]},
        {"jiraIssues": ["https://corp.atlassian.net/browse/OPS-1"]},
        {"relatedIncidentIds": ["i-9"]},
        {"affectedServices": [{"name": "cart", "id": "s-1"}]},
    ]


@pytest.mark.parametrize(
    ("name", "item", "expected"),
    [
        ("responders", {"id": "u-7", "role": ""}, Person("u-7")),
        ("responder_teams", "t-7", Named("t-7")),
        ("related_incidents", "i-7", Named("i-7")),
        ("affected_services", {"id": "s-7"}, Named("s-7")),
        ("linked_issues", {"url": "https://x.test/browse/A-1?f=1"}, Link("https://x.test/browse/A-1?f=1", "A-1")),
        ("linked_issues", {"key": "A-2", "self": "https://x.test/2"}, Link("https://x.test/2", "A-2")),
    ],
)
def test_items_come_in_several_shapes(name: str, item: Any, expected: object) -> None:
    raw = {BY_NAME[name].read: [item]}
    assert values(raw)[name] == (expected,)
    assert unwritable(BY_NAME[name], [item]) == ""


@pytest.mark.parametrize(
    "items",
    [
        [{"metadataId": "m", "role": ""}],
        [{"name": "Ada", "role": ""}],
        [None],
        [{"id": "u-1", "role": ""}, {"id": "u-1", "role": "x"}],
        ["u-1"],
        [{"id": "u-1", "name": "Ada"}],
        [{"id": "u-1", "role": "x"}, "u-2"],
        {"u-1": {"id": "u-1", "role": "x"}},
        "u-1",
        7,
    ],
)
def test_a_list_that_a_write_would_damage_is_locked(items: list[Any]) -> None:
    raw = {**FILLED, "responders": items}
    locked = {field.name: field.locked for field in form(raw, {}, ())}
    assert locked["responders"]
    assert not locked["responder_teams"]


@pytest.mark.parametrize("wire", [wire for wire in FIELDS if wire.kind.is_list], ids=lambda wire: wire.name)
def test_a_list_of_another_shape_is_locked_and_no_list_is_an_empty_one(wire: Wire) -> None:
    shapes: tuple[object, ...] = ({}, {"items": []}, "", "x", 0, False)
    for odd in shapes:
        assert "cannot read" in unwritable(wire, odd)
    assert unwritable(wire, []) == unwritable(wire, None) == ""


def test_responders_without_roles_say_why_they_are_locked() -> None:
    assert unwritable(BY_NAME["responders"], ["u-1"]) == "the roles did not come along: saving would drop them"


def test_times_are_shown_and_locked_where_they_are_known() -> None:
    times = [field for field in form(FILLED, {}, ()) if field.kind is Kind.TIME]
    assert [field.name for field in times] == ["start_time"]
    assert times[0].locked


def test_roles_in_use_come_first() -> None:
    people = next(field for field in form(FILLED, {}, ("Auditor",)) if field.kind is Kind.PEOPLE)
    assert people.roles == ("Scribe", "Incident Commander", "Communication Officer", "Auditor")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "url", "role"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([wire.read for wire in FIELDS]), junk))
def test_nothing_that_is_sent_stops_the_reading(raw: dict[str, Any]) -> None:
    assert {field.name for field in form(raw, {}, ())} == set(values(raw))
