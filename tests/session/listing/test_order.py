"""The orders of the list, and their reverse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pmtui.model.incident import Incident
from pmtui.session.listing.order import ORDERS, Order, backwards, is_open, ordered

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def row(number: int, status: str = "", severity: str = "", owner: str = "") -> Incident:
    return Incident(str(number), f"IR-{number}", f"title {9 - number}", severity, status, owner, NOON - timedelta(hours=number))


def by(name: str) -> Order:
    return next(order for order in ORDERS if order.name == name)


STATES = ["active", "stable", "new here", "resolved", "completed"]


def test_states_come_in_the_order_of_an_incident_s_life_and_unknown_ones_before_the_end() -> None:
    rows = [row(number, status) for number, status in enumerate(sorted(STATES), 1)]
    assert [each.status for each in ordered(rows, by("status"))] == STATES
    assert [each.status for each in backwards([*rows, row(9)], by("status"))] == [*reversed(STATES), ""]


@pytest.mark.parametrize("states", [("open", "resolved", "closed"), ("Draft", "in-review", "published")])
def test_other_vendors_states_too(states: tuple[str, ...]) -> None:
    rows = [row(number, status) for number, status in enumerate(sorted(states))]
    assert tuple(each.status for each in ordered(rows, by("status"))) == states


def test_among_equals_the_newest_comes_first_in_both_directions_and_what_has_no_value_last() -> None:
    rows = [row(1, owner="Éva"), row(2), row(3, owner="eva"), row(4, owner="Zoe")]
    assert [each.id for each in ordered(rows, by("owner"))] == ["1", "3", "4", "2"]
    assert [each.id for each in backwards(rows, by("owner"))] == ["4", "1", "3", "2"]


def test_an_incident_without_a_time_comes_last() -> None:
    rows = [Incident("x", "x", "x"), row(2), row(1)]
    assert [each.id for each in ordered(rows, by("newest"))] == ["1", "2", "x"]
    assert [each.id for each in backwards(rows, by("newest"))] == ["2", "1", "x"]


def test_open_is_only_what_is_known_to_go_on() -> None:
    assert [status for status in (*STATES, "open", "") if is_open(row(1, status))] == ["active", "stable", "open"]
