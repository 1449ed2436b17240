"""Which columns stay where a narrow window has no room for all."""

from __future__ import annotations

import pytest

from pmtui.tui.widgets.listing.incident_list import COLUMNS, fitting


@pytest.mark.parametrize(
    ("cells", "ordered_by", "names"),
    [
        (80, "age", ["reference", "severity", "status", "age", "postmortem"]),
        (60, "age", ["reference", "severity", "age", "postmortem"]),
        (60, "status", ["reference", "status", "postmortem"]),
        (60, "title", ["reference", "severity", "postmortem"]),
        (40, "age", ["reference", "age"]),
        (20, "age", ["reference"]),
    ],
)
def test_the_order_and_the_postmortem_stay_in_sight(cells: int, ordered_by: str, names: list[str]) -> None:
    assert [each.name for each in fitting(COLUMNS, cells, ordered_by)] == names
