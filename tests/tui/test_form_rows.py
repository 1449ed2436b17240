"""The rows of the form, from a postmortem and its base."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pmtui.model.changes import FieldChanged
from pmtui.model.fields import Choice, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Link, Person, Task
from pmtui.session.change_text import change_title
from pmtui.tui.form.row_widgets import label_cells, label_of_row, note_of
from pmtui.tui.form.rows import ADD, Row, choice_text, rows
from pmtui.tui.form.unknown import name_of

JANE, MARA = Person("1", "Jane Doe", "jane@corp.com", "Commander"), Person("2", "Mara López", "mara@corp.com")
FORM = (
    Field("title", Kind.TEXT, "Title", max_length=80),
    Field("severity", Kind.CHOICE, "Severity", choices=(Choice("1", "Total outage"), Choice("SEV-2", "SEV-2"))),
    Field("status", Kind.CHOICE, "Status"),
    Field("responders", Kind.PEOPLE, "Responders", consequence="saving e-mails {}"),
    Field("linked_issues", Kind.LINKS, "Linked issues"),
    Field("impact", Kind.TEXT, "Impact", locked="computed by the vendor"),
)
BASE = Postmortem(
    Incident("i", "IR-1", "t"),
    id="p",
    form=FORM,
    fields={"title": "Checkout", "severity": "SEV-2", "status": "published", "responders": (JANE,), "linked_issues": (), "impact": "4 %"},
)


def row(found: list[Row], name: str, item: str = "") -> Row:
    return next(each for each in found if each.field.name == name and each.item == item)


def test_unchanged_rows_have_no_mark() -> None:
    found = rows(base=BASE, mine=BASE, refused={})
    assert not any(each.mark or each.changed for each in found)
    assert row(found, "title").note == "8/80"
    assert row(found, "severity").text == "SEV-2"
    assert row(found, "impact").note == "computed by the vendor"


@pytest.mark.parametrize("cells", [38, 40, 47, 48, 78])
@pytest.mark.parametrize("label", ["Linked issues", "Linked issues of the vendor"])
def test_a_label_does_not_touch_the_mark_of_its_first_item(cells: int, label: str) -> None:
    base = replace(BASE, form=(Field("linked_issues", Kind.LINKS, label),), fields={"linked_issues": (Link("https://a.b/MAIL-77"),)})
    first = rows(base=base, mine=base.with_field("linked_issues", ()), refused={})[0]
    shown = label_of_row(first, cells, focused=False).plain
    assert len(shown) == label_cells(cells)
    assert re.fullmatch(r" ± Linked issue.* − ", shown)


def test_a_field_and_a_section_of_the_same_name_are_told_apart() -> None:
    mine = replace(BASE, cells=(Cell("a", "## Summary"), Cell("b", "## impact\n\nMuch.")))
    found = rows(base=mine, mine=mine, refused={"title": "no"})
    assert row(found, "impact").detail == "this is the field; section 2 of the text has the same name · computed by the vendor"
    assert row(found, "severity").detail == ""
    changed = FieldChanged("impact", "4 %", "5 %")
    assert change_title(changed, mine) == "Impact (field)  4 % → 5 %"
    assert change_title(changed, BASE) == "Impact  4 % → 5 %"


def test_a_changed_choice_says_what_it_was() -> None:
    found = row(rows(base=BASE, mine=BASE.with_field("severity", "1"), refused={}), "severity")
    assert (found.changed, found.text, found.note) == (True, "1 · Total outage", "was SEV-2")


def test_a_severity_that_is_not_known_here_is_told_and_no_error() -> None:
    form = tuple(replace(field, verbatim=field.name == "severity") for field in FORM)
    base = replace(BASE, form=form)
    found = row(rows(base=base, mine=base.with_field("severity", "SEV-9"), refused={}), "severity")
    assert (found.text, found.note, found.problem) == ("SEV-9", "not known here · was SEV-2", "")
    assert found.detail == "SEV-9 is not known here: the server decides"
    for known in ("1", "SEV-2"):
        assert "known" not in row(rows(base=base, mine=base.with_field("severity", known), refused={}), "severity").detail
    assert (
        row(rows(base=base.with_field("severity", "SEV-9"), mine=base.with_field("severity", "SEV-9"), refused={}), "severity").note == ""
    )


def test_a_name_that_nobody_has_here_is_doubted_while_it_is_mine_alone() -> None:
    zed, tasks = Person("Zed"), Field("tasks", Kind.TASKS, "Action items")
    base = replace(BASE, form=(*FORM, tasks), fields={**BASE.fields, "tasks": (Task("1", "Fix it", ("@jane@corp.com",)),)})
    mine = base.with_field("responders", (JANE, zed)).with_field("tasks", (Task("1", "Fix it", ("@jane@corp.com", "@ZED")),))
    unknown = {name_of(Kind.PERSON, "zed"), name_of(Kind.TEAMS, "1"), name_of(Kind.PEOPLE, "Jane@corp.com")}
    doubts = {each.item: each.doubt for each in rows(base=base, mine=mine, refused={}, unknown=unknown) if each.doubt}
    assert doubts == {"Zed": "Zed is not known here: the server decides", "1": "ZED is not known here: the server decides"}
    assert row(rows(base=base, mine=mine, refused={}, unknown=unknown), "responders", "Zed").detail == (
        "Zed is not known here: the server decides · saving e-mails Zed"
    )
    for server, here in ((mine, mine), (base, base), (mine, base)):  # what the server has, or what is taken back, is not doubted
        assert not any(each.doubt for each in rows(base=server, mine=here, refused={}, unknown=unknown))
    assert not any(each.doubt for each in rows(base=base, mine=mine, refused={}, unknown=()))


def test_people_added_and_removed_are_marked_and_the_consequence_is_said() -> None:
    found = rows(base=BASE, mine=BASE.with_field("responders", (MARA,)), refused={})
    assert (row(found, "responders", "2").mark, row(found, "responders", "2").note) == ("+", "saving e-mails them")
    assert row(found, "responders", "1").mark == "−"
    assert row(found, "responders", "+").text == "add a person …"


def test_the_label_stands_on_the_first_row_of_a_list_only() -> None:
    found = [each.label for each in rows(base=BASE, mine=BASE, refused={}) if each.field.name == "responders"]
    assert found == ["Responders", ""]


def test_a_problem_and_a_refusal_stand_at_the_field() -> None:
    mine = BASE.with_field("title", "x" * 81).with_field("linked_issues", (Link("nowhere"),))
    found = rows(base=BASE, mine=mine, refused={"severity": "unknown level"})
    assert "81 characters" in row(found, "title").problem
    assert "enter a full address" in row(found, "linked_issues", "nowhere").problem
    assert row(found, "severity").problem == "unknown level"


def test_a_guard_locks_all_but_the_status() -> None:
    found = rows(base=BASE, mine=BASE, refused={}, guard="published")
    assert [each.field.name for each in found if not each.field.locked] == ["status"]
    assert row(found, "impact").field.locked == "computed by the vendor"


def test_a_long_text_shows_its_first_line() -> None:
    prose = replace(BASE, form=(Field("cause", Kind.PROSE, "Cause"),), fields={"cause": "one\ntwo"})
    assert row(rows(base=prose, mine=prose, refused={}), "cause").text == "one …"


@pytest.mark.parametrize(
    ("value", "label", "text"),
    [
        ("SEV-2", "High", "SEV-2 · High"),
        ("resolved", "Resolved", "Resolved"),
        ("eu-west", "EU west", "EU west"),
        ("SEV-1", "SEV-1 Critical", "SEV-1 Critical"),
        ("P1", "", "P1"),
    ],
)
def test_a_choice_shows_value_and_label_where_they_differ(value: str, label: str, text: str) -> None:
    assert choice_text(Choice(value, label)) == text


def test_what_was_removed_stays_in_its_place() -> None:
    people = tuple(Person(str(number), f"P{number}") for number in range(4))
    base = BASE.with_field("responders", people)
    mine = base.with_field("responders", (people[0], people[2], people[3]))
    found = [each for each in rows(base=base, mine=mine, refused={}) if each.field.name == "responders"]
    assert [(each.item, each.mark) for each in found] == [("0", ""), ("1", "−"), ("2", ""), ("3", ""), ("+", "")]
    assert found[0].changed


def test_a_new_person_stands_last() -> None:
    found = [
        each.item
        for each in rows(base=BASE, mine=BASE.with_field("responders", (JANE, MARA)), refused={})
        if each.field.name == "responders"
    ]
    assert found == ["1", "2", "+"]


def test_a_session_that_can_only_be_read_locks_every_row() -> None:
    found = rows(base=BASE, mine=BASE, refused={}, read_only="another program edits it")
    assert all(each.field.locked for each in found)
    assert not any(each.item == ADD for each in found)


def test_times_that_are_set_by_the_vendor_are_readable() -> None:
    field = Field("created", Kind.TIME, "Created", locked="set by the vendor")
    times = replace(BASE, form=(field,), fields={"created": "2026-11-22T00:04:52.638926+00:00"})
    assert row(rows(base=times, mine=times, refused={}), "created").text == "2026-11-22 00:04 UTC"


def test_a_consequence_is_short_in_its_row_and_whole_below_the_form() -> None:
    field = Field("responders", Kind.PEOPLE, "Responders", consequence="e-mails {} and adds them to the channels")
    base = replace(BASE, form=(field,))
    found = row(rows(base=base, mine=base.with_field("responders", (JANE, MARA)), refused={}), "responders", "2")
    assert (found.note, found.detail) == ("e-mails them …", "e-mails Mara López and adds them to the channels")
    assert note_of(found, 80).plain == "  e-mails them and adds them to the channels", "half of the line is blank"
    assert note_of(found, 50).plain == "  e-mails them …"


@pytest.mark.parametrize(("assignees", "said"), [(("Jane Doe", "Wei Zhang"), "tells Jane Doe, Wei Zhang"), ((), "")])
def test_an_action_item_reaches_those_who_are_to_do_it(assignees: tuple[str, ...], said: str) -> None:
    base = replace(BASE, form=(Field("tasks", Kind.TASKS, "Action items", consequence="tells {}"),), fields={"tasks": ()})
    found = row(
        rows(base=base, mine=base.with_field("tasks", (Task("", "Fix the alert", assignees),)), refused={}), "tasks", "Fix the alert"
    )
    assert found.detail == " · ".join(filter(None, ["☐ Fix the alert", ", ".join(assignees), said]))
    assert bool(found.note) is bool(said)
