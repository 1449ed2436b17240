"""Changes in words, and diffs as data."""

from __future__ import annotations

from hypothesis import given

from pmtui.model.changes import CellAdded, CellDeleted, CellEdited, CellMoved, FieldChanged
from pmtui.model.fields import Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.model.values import Person
from pmtui.session.change_text import change_lines, change_title, diff_lines, diff_words
from pmtui.session.report import Outcome, Report, Result
from tests.model.strategies import texts

TIMELINE = Cell("t", "## Timeline\na\nb\nc\nd\ne\n- 02:31 failover\nf")
HERE = Postmortem(
    Incident("i", "IR-1", ""),
    form=(Field("severity", Kind.CHOICE, "Severity"), Field("responders", Kind.PEOPLE, "Responders"), Field("text", Kind.PROSE, "Text")),
    cells=(Cell("s", "## Summary"), Cell("i", "Impact"), TIMELINE),
)


def test_fields_in_one_line() -> None:
    assert change_title(FieldChanged("severity", "SEV-2", "SEV-1"), HERE) == "Severity  SEV-2 → SEV-1"
    assert change_title(FieldChanged("severity", None, "SEV-1"), HERE) == "Severity  nothing → SEV-1"
    mara = Person("1", "Mara López", role="Communications")
    joined = FieldChanged("responders", (Person("2", "Jo"),), (mara, Person("2", "Jo")))
    assert change_title(joined, HERE) == "Responders  + Mara López · Communications"
    assert change_lines(joined) == ()
    assert change_title(FieldChanged("unheard_of", "a", ""), HERE) == "unheard_of  a → nothing"
    later = FieldChanged("detected", "2026-11-28T05:18:05.123000+00:00", "2026-11-28T06:30:00Z")
    assert change_title(later, HERE) == "detected  2026-11-28 05:18 UTC → 2026-11-28 06:30 UTC" and change_lines(later) == ()
    seconds = FieldChanged("detected", "2026-11-28T05:18:05Z", "2026-11-28T05:18:00Z")
    assert change_title(seconds, HERE) == "detected  2026-11-28 05:18:05 UTC → 2026-11-28 05:18:00 UTC", "else both were the same"


def test_what_was_not_read_back_is_not_called_unsaved() -> None:
    refused = Outcome("severity", Result.REFUSED, "no", change=FieldChanged("severity", "SEV-2", "SEV-1"))
    unread = Outcome(
        "text", Result.UNKNOWN, "accepted, but not read back: no", change=CellEdited(HERE.cells[0], Cell("s", "## Summary\nmore"))
    )
    assert Report((unread,), False).short_words(HERE) == "not verified: 1 Summary"
    assert Report((refused, unread), False).short_words(HERE) == "not saved: Severity  SEV-2 → SEV-1 · not verified: 1 Summary"


def test_what_is_long_goes_into_lines() -> None:
    many = tuple(Person(str(n), f"Somebody with a long name {n}") for n in range(3))
    change = FieldChanged("responders", many[:1], many[1:])
    assert change_title(change, HERE) == "Responders"
    assert [tag for tag, _ in change_lines(change)] == ["-", "+", "+"]
    prose = FieldChanged("text", "a\nb", "a\nc")
    assert change_lines(prose) == (("@", "line 1"), (" ", "a"), ("-", "b"), ("+", "c"))


def test_cells_by_number_and_title() -> None:
    edited = CellEdited(TIMELINE, Cell("t", TIMELINE.text.replace("failover", "cache failover")))
    assert change_title(edited, HERE) == "3 Timeline"
    assert change_lines(edited) == (
        ("@", "line 6"),
        (" ", "e"),
        ("-", "- 02:31 failover"),
        ("+", "- 02:31 cache failover"),
        (" ", "f"),
    )
    assert change_title(CellEdited(TIMELINE, Cell("t", "only words")), HERE) == "3 Timeline", "the new first words are no title"
    assert change_title(CellEdited(TIMELINE, Cell("t", "## Log\na")), HERE) == "3 Log"
    assert change_title(CellEdited(TIMELINE, Cell("t", "Log\n===\na")), HERE) == "3 Log"
    assert change_title(CellEdited(Cell("t", ""), Cell("t", "only words")), HERE) == "3 only words"
    assert change_title(CellAdded(HERE.cells[1], 1), HERE) == "2 Impact · new"
    assert change_lines(CellAdded(HERE.cells[1], 1)) == (("@", "line 1"), ("+", "Impact"))
    assert change_title(CellDeleted(Cell("gone", "## Old")), HERE) == "Old · deleted"
    assert change_title(CellMoved(TIMELINE, 2), HERE) == "3 Timeline · moved here"
    assert change_lines(CellMoved(TIMELINE, 2)) == ()


@given(texts, texts)
def test_a_diff_with_all_context_holds_both_sides(before: str, after: str) -> None:
    lines = diff_lines(before, after, context=1000)
    if lines not in ((), (("@", "only line ends differ"),)):
        assert "\n".join(text for tag, text in lines if tag in " -") == before.removesuffix("\n")
        assert "\n".join(text for tag, text in lines if tag in " +") == after.removesuffix("\n")


@given(texts, texts)
def test_words_join_to_both_sides(before: str, after: str) -> None:
    words = diff_words(before, after)
    assert "".join(text for tag, text in words if tag in "=-") == before
    assert "".join(text for tag, text in words if tag in "=+") == after


def test_two_changes_far_apart_are_two_hunks() -> None:
    before = "\n".join(str(n) for n in range(20))
    after = before.replace("3\n", "three\n", 1).replace("18", "eighteen")
    assert [text for tag, text in diff_lines(before, after) if tag == "@"] == ["line 3", "line 18"]


def test_writing_below_the_last_line_does_not_change_that_line() -> None:
    assert diff_lines("one\ntwo", "one\ntwo\nthree") == (("@", "line 2"), (" ", "two"), ("+", "three"))


def test_a_difference_in_line_ends_alone_is_said() -> None:
    assert diff_lines("one", "one\n") == (("@", "only line ends differ"),)
