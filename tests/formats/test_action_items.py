"""Action items as a table, and as the words of a change."""

from __future__ import annotations

from datetime import date

from pmtui.formats.action_items import columns_of, in_words, names_in, owner_name, summary
from pmtui.model.changes import FieldChanged
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import Person, Task
from pmtui.session.change_text import field_words

TODAY = date(2026, 11, 27)
JANE = Person("1", "Jane Doe", "Jane.Doe@example.com")
OPEN = Task("t", "Fix the probe", ("@jane.doe@example.com", "@kim@example.com"), "2026-11-26T00:00:00Z")


def test_owners_have_names_where_the_postmortem_knows_them() -> None:
    names = names_in(Postmortem(Incident("1", "IR-1", "t"), fields={"owner": JANE, "responders": (Person("2", "", "kim@example.com"),)}))
    columns = columns_of(OPEN, names, TODAY)
    assert (columns.box, columns.owner, columns.due, columns.overdue) == ("☐", "Jane Doe, kim", "2026-11-26", True)
    assert owner_name("#channel", {}) == "#channel"


def test_what_is_done_or_due_today_is_not_overdue() -> None:
    assert not columns_of(Task("", "x", (), "2026-11-27"), {}, TODAY).overdue
    assert not columns_of(Task("", "x", (), "2026-11-01", done=True), {}, TODAY).overdue
    assert not columns_of(Task("", "x", (), "soon"), {}, TODAY).overdue
    assert summary([OPEN, Task("", "x", done=True), Task("", "y")], TODAY) == "2 open, 1 overdue"
    assert summary([Task("", "x", done=True)], TODAY) == "all done"
    assert summary([], TODAY) == ""


def test_a_change_of_state_or_date_shows_in_the_review() -> None:
    """Both sides of it were the same line."""
    before, after = Task("t", "Fix it", (), "2026-12-01"), Task("t", "Fix it", (), "2026-12-05", done=True)
    said = field_words(FieldChanged("action_items", (before,), (after,)), Postmortem(Incident("1", "IR-1", "t")))
    assert said[1] == "" or said[1] == f"- {in_words(before)}  + {in_words(after)}"
    assert in_words(before) == "☐ Fix it · due 2026-12-01"
    assert in_words(after) == "☑ Fix it · due 2026-12-05"
    assert in_words(OPEN) == "☐ Fix the probe · jane.doe@example.com, kim@example.com · due 2026-11-26"
