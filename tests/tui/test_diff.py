"""A diff on the screen: what differs is marked, what is long stays under its tag, what is foreign is text."""

from __future__ import annotations

from pmtui.session.change_text import diff_lines
from pmtui.tui.widgets.diff import MARK, draw_diff

BEFORE = "The failover script read the address of the old primary, and nobody had tried it since the spring of that year."
AFTER = BEFORE.replace("the old primary", "the *new* primary")


def marked(width: int) -> list[str]:
    rows = list(draw_diff(diff_lines(BEFORE, AFTER), width))
    return [row.plain[span.start : span.end] for row in rows for span in row.spans if span.style == MARK]


def test_long_lines_stay_under_their_tag() -> None:
    rows = [row.plain for row in draw_diff(diff_lines(BEFORE, AFTER), 60)]
    assert rows[0] == "     @ line 1"
    assert [row[:7] for row in rows[1:]] == ["     - ", "       ", "       ", "     + ", "       ", "       "]
    assert all(len(row) <= 60 for row in rows)
    assert " ".join(row[7:] for row in rows[1:4]) == BEFORE
    assert " ".join(row[7:] for row in rows[4:]) == AFTER


def test_rows_of_a_list_or_quote_stand_below_its_words() -> None:
    for begins in ("  - [ ] ", "10. ", "> ", "> - "):
        rows = [row.plain[7:].rstrip() for row in draw_diff((("+", begins + BEFORE),), 60)]
        assert len(rows) > 2 and rows[0].startswith(begins)
        assert all(row[: len(begins)].isspace() and row[len(begins)] != " " for row in rows[1:])
        assert " ".join(row[len(begins) :] for row in rows) == BEFORE


def test_the_words_that_differ_are_marked() -> None:
    assert marked(200) == ["old", "*new*"]


def test_what_comes_below_a_changed_line_is_no_part_of_it() -> None:
    rows = list(draw_diff(diff_lines("| tickets | 41 |\nend", "| tickets | 42 |\n\n- more\nend"), 80))
    assert [row.plain.strip() for row in rows] == ["@ line 1", "- | tickets | 41 |", "+ | tickets | 42 |", "+", "+ - more", "end"]
    assert [row.plain[span.start : span.end] for row in rows for span in row.spans if span.style == MARK] == ["41", "42"]


def test_nothing_to_draw() -> None:
    assert list(draw_diff((), 80)) == []


def test_lines_that_have_little_in_common_carry_no_marks() -> None:
    rows = list(draw_diff(diff_lines("one thing", "quite another text"), 80))
    assert not any(span.style == MARK for row in rows for span in row.spans)


def test_what_is_foreign_is_text() -> None:
    _, before, after = draw_diff(diff_lines("a [b] c d e", "a [/b] \x1b[2J c d e"), 80)
    assert before.plain == "     - a [b] c d e"
    assert after.plain == "     + a [/b] ␛[2J c d e"
