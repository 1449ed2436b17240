"""Ten thousand incidents cost nothing before they are read."""

from __future__ import annotations

from datetime import UTC, datetime

from pmtui.sandbox.http import Request
from pmtui.sandbox.lazy import Lazy
from pmtui.sandbox.opsgenie import OpsgenieService

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = {"authorization": "GenieKey 11111111-2222-3333-4444-555555555555"}


def made(table: object) -> int:
    assert isinstance(table, Lazy)
    return sum(table.made(key) is not None for key in table)


def test_nothing_is_made_at_the_start() -> None:
    state = OpsgenieService(10_000, NOW, {}).state
    assert len(state.incidents) == 10_000
    assert [made(table) for table in (state.incidents, state.postmortems, state.timelines, state.notes, state.logs)] == [0] * 5


def test_a_search_for_the_status_of_postmortems_makes_none() -> None:
    service = OpsgenieService(300, NOW, {})
    answer = service.respond(Request("GET", "/v1/incidents", {"query": ["postmortemStatus: published"]}, KEY, b"", "http://127.0.0.1"))
    assert answer.status == 200
    assert made(service.state.postmortems) == 0
    wanted = sum(each["status"] == "published" for each in service.state.postmortems.values())
    assert f'"totalCount":{wanted}' in answer.body.decode().replace(" ", "")
    assert wanted > 10


def test_a_dump_has_everything_and_loads() -> None:
    service = OpsgenieService(40, NOW, {})
    dumped = service.dump()
    assert len(dumped["incidents"]) == 40
    other = OpsgenieService(1, NOW, {})
    other.load(dumped)
    assert other.dump() == dumped == service.dump()
    assert [other.state.postmortem_status(key) for key in service.state.incidents] == [
        service.state.postmortem_status(key) for key in service.state.incidents
    ]


def test_an_entry_that_was_taken_out_stays_out() -> None:
    table = Lazy(["a", "b"], str.upper)
    del table["a"]
    assert list(table) == ["b"]
    assert "a" not in table
    assert table["b"] == "B"
