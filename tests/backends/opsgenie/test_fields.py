"""Field values from and to the wire."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.backends.opsgenie.fields import BY_NAME, FIELDS, NO_ROLES, TWICE, FieldSpec, form, nameless, read, spelled_like, written
from pmtui.model.fields import Field, Kind, LockedBy
from pmtui.model.values import Link, Named, Person, Value

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


def values(raw: dict[str, Any]) -> dict[str, Value]:
    return {name: reading.value for name, reading in read(raw).items()}


def fields_of(raw: dict[str, Any]) -> dict[str, Field]:
    return {field.name: field for field in form(read(raw), {}, ())}


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
    assert [written(spec, found[spec.name]) for spec in FIELDS] == [
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
    raw = {**FILLED, BY_NAME[name].read: [item]}
    assert values(raw)[name] == (expected,)
    assert not fields_of(raw)[name].locked


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([{"metadataId": "m", "role": ""}], "could not be read: data.responders[0].id is missing"),
        ([{"id": "u-1", "role": "x"}, {"name": "Ada", "role": ""}], "could not be read: data.responders[1].id is missing"),
        ([None], "could not be read: data.responders[0] is null, not an object"),
        ([7], "could not be read: data.responders[0] is a number, not an object"),
        ([{"id": ["u-1"], "role": ""}], "could not be read: data.responders[0].id is a list, not a string"),
        ([{"id": "u-1", "role": {}}], "could not be read: data.responders[0].role is an object, not a string"),
        ([{"id": "u-1", "role": ""}, {"id": "u-1", "role": "x"}], TWICE),
        (["u-1"], NO_ROLES),
        ([{"id": "u-1", "name": "Ada"}], NO_ROLES),
        ([{"id": "u-1", "role": "x"}, "u-2"], NO_ROLES),
    ],
)
def test_a_list_that_a_write_would_damage_is_locked(items: list[Any], why: str) -> None:
    found = fields_of({**FILLED, "responders": items})
    assert found["responders"].locked == why
    assert found["responders"].locked_by is (LockedBy.VENDOR if why == TWICE else LockedBy.UNREAD)
    assert not found["responder_teams"].locked


@pytest.mark.parametrize("spec", FIELDS, ids=lambda spec: spec.name)
def test_a_field_that_is_missing_or_of_another_shape_is_not_read(spec: FieldSpec) -> None:
    """``responders: null`` once counted as nobody, and a write of one person wiped four."""
    odd: list[object] = [True, [[]], 7 if spec.kind.is_list else [], "" if spec.kind.is_list else {"items": []}]
    cases = [({**FILLED, spec.read: value}, f"data.{spec.read}") for value in odd]
    without = {key: value for key, value in FILLED.items() if key != spec.read}
    cases += [(without, f"data.{spec.read} is missing")]
    if spec.kind is not Kind.PERSON:  # who owns nothing is said by null
        cases += [({**FILLED, spec.read: None}, f"data.{spec.read} is null, not a")]
    for raw, why in cases:
        reading = read(raw)[spec.name]
        assert why in reading.unread, raw[spec.read]
        assert not reading.value
        assert fields_of(raw)[spec.name].locked == f"could not be read: {reading.unread}"


def test_empty_lists_and_nobody_are_read() -> None:
    empty: dict[str, Any] = {spec.read: [] for spec in FIELDS if spec.kind.is_list}
    found = fields_of({**FILLED, **empty, "owner": None})
    assert not any(found[spec.name].locked for spec in FIELDS)


def test_a_list_without_names_is_known() -> None:
    teams = BY_NAME["responder_teams"]
    assert nameless(teams, (Named("t-1"), Named("t-2", "Two"))) == ("t-1",)
    assert nameless(BY_NAME["linked_issues"], (Link("https://x.test"),)) == ()


def test_my_spelling_of_an_item_is_kept_only_where_the_server_says_nothing_else() -> None:
    mine: dict[str, Value] = {
        "owner": Person("u-1", "Ada", "ada@x.test"),
        "responders": (Person("u-2"), Person("u-3", "Cleo"), Person("u-4", "Di", role="x")),
    }
    there: dict[str, Value] = {
        "owner": Person("u-1", "Ada"),
        "responders": (Person("u-2", "Bea"), Person("u-3", "Clea"), Person("u-4", "Di", role="y")),
    }
    found = spelled_like(there, mine)
    assert found["owner"] == mine["owner"]
    assert found["responders"] == (Person("u-2"), Person("u-3", "Clea"), Person("u-4", "Di", role="y"))


def test_times_are_shown_and_locked_where_they_are_told() -> None:
    times = [field for field in fields_of(FILLED).values() if field.kind is Kind.TIME]
    assert [field.name for field in times] == ["start_time"]
    assert (times[0].locked_by, times[0].locked) == (LockedBy.VENDOR, "Opsgenie sets it; no API call changes it")
    assert "data.startTime is a list" in read({**FILLED, "startTime": []})["start_time"].unread
    assert "start_time" not in read({**FILLED, "startTime": None})


def test_roles_in_use_come_first() -> None:
    people = next(field for field in form(read(FILLED), {}, ("Auditor",)) if field.kind is Kind.PEOPLE)
    assert people.roles == ("Scribe", "Incident Commander", "Communication Officer", "Auditor")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "url", "role"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([spec.read for spec in FIELDS]), junk))
def test_nothing_that_is_sent_stops_the_reading(raw: dict[str, Any]) -> None:
    readings = read(raw)
    assert {field.name for field in form(readings, {}, ())} == set(readings)
