"""What of a postmortem is seen at a glance."""

from __future__ import annotations

from datetime import date

import pytest

from pmtui.model.fields import ACTION_ITEMS, OWNER
from pmtui.model.incident import Incident
from pmtui.model.postmortem import TEXT, Cell, CellKind, Postmortem, Unread
from pmtui.model.values import Person, Task
from pmtui.session.listing.glance import glance

DONE, OPEN = Task("1", "Fix the probe", done=True), Task("2", "Warm the cache", due="2026-11-20T00:00:00Z")


def made(*cells: Cell, **fields: object) -> Postmortem:
    return Postmortem(Incident("1", "IR-1", "x"), "p", cells=cells, fields=fields)  # type: ignore[arg-type]


def test_the_first_section_that_says_something() -> None:
    graph = Cell("g", "timeseries: p99", CellKind.OPAQUE)
    seen = glance(
        made(graph, Cell("a", "## Summary\n\n"), Cell("b", "\n## Impact\n4 % failed.\n## Not a title\n"), Cell("c", "## Later\nx"))
    )
    assert (seen.title, seen.text) == ("Impact", "4 % failed.\n## Not a title")


@pytest.mark.parametrize("cells", [(), (Cell("a", "## Summary"),), (Cell("a", "", pinned=True, name="Executive summary"),)])
def test_nothing_is_written_yet(cells: tuple[Cell, ...]) -> None:
    assert (glance(made(*cells)).title, glance(made(*cells)).text) == ("", "")


def test_who_owns_it() -> None:
    assert glance(made(**{OWNER: Person("1", "Pavel Novák")})).owner == "Pavel Novák"
    assert glance(made()).owner == ""


def test_open_action_items_and_which_are_late() -> None:
    seen = glance(made(**{ACTION_ITEMS: (DONE, OPEN)}))
    assert seen.open_items == (OPEN,)
    assert seen.overdue(OPEN, date(2026, 11, 21)) and not seen.overdue(OPEN, date(2026, 11, 20))
    assert not seen.overdue(DONE, date(2026, 11, 21)), "no date, or none that is one, is never late"


def test_what_was_not_read_is_not_nothing() -> None:
    there = Postmortem(Incident("1", "IR-1", "x"), "p", unread=(Unread(TEXT, "no right"), Unread("title", "x")))
    assert glance(there).unread == ("no right",)
