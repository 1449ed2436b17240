"""All pages of a long list are taken in at a cost in proportion to their rows, and none is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pmtui.backends.page import Page
from pmtui.model.incident import Incident
from pmtui.session.listing.loaded import Loaded

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def page(number: int, *, last: bool) -> Page:
    rows = tuple(Incident(str(id_), f"IR-{id_}", "Checkout", "SEV-2", "active", "", NOON) for id_ in range(number * 50, number * 50 + 50))
    return Page(rows, None if last else str(number + 1))


@pytest.mark.parametrize("pages", [1, 3, 200, 400])
def test_reading_all_pages_touches_each_row_a_few_times(pages: int) -> None:
    loaded, waiting, touched = Loaded(), list[Page](), 0
    for number in range(pages):
        waiting.append(page(number, last=number == pages - 1))
        if loaded.is_due(waiting):
            loaded, waiting = loaded.with_pages(waiting, NOON), []
            touched += len(loaded.rows)
    assert not waiting and [row.id for row in loaded.rows] == [str(each) for each in range(pages * 50)]
    assert touched <= 20 * len(loaded.rows)


def test_a_page_of_a_short_list_is_taken_in_at_once() -> None:
    loaded = Loaded().with_pages([page(number, last=False) for number in range(15)], NOON)
    assert loaded.is_due([page(15, last=False)])
    assert not loaded.with_pages([page(15, last=False), page(16, last=False)], NOON).is_due([page(17, last=False)])
