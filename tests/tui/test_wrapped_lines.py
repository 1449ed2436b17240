"""Long texts in the editor: sums that need no adding up, rows as Textual would break them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Offset
from textual.widgets.text_area import WrappedDocument

from pmtui.tui.editor import running_sums
from pmtui.tui.editor.running_sums import RunningSums
from pmtui.tui.editor.source_document import SourceDocument
from pmtui.tui.editor.wrapped_lines import WrappedLines

NUMBERS = st.lists(st.integers(0, 5), max_size=40)
TEXTS = st.lists(st.text("ab  \t🚀é\n", max_size=60), max_size=8).map("\n".join)
NARROW = st.lists(st.text("ab  éЖ—\u2011\u2060\xa0", max_size=60), max_size=8).map("\n".join)


@given(NUMBERS, NUMBERS, st.integers(0, 40), st.integers(0, 40), st.integers(1, 5))
def test_sums_are_those_of_the_numbers(before: list[int], put: list[int], one: int, other: int, block: int) -> None:
    whole, running_sums.BLOCK = running_sums.BLOCK, block
    try:
        first, last = sorted((min(one, len(before)), min(other, len(before))))
        sums = RunningSums(before)
        sums.splice(first, last, put)
        numbers = [*before[:first], *put, *before[last:]]
        assert sums.total == sum(numbers)
        assert [sums.before(index) for index in range(len(numbers) + 1)] == [sum(numbers[:index]) for index in range(len(numbers) + 1)]
        for amount in range(sum(numbers) + 2):
            expected = (index for index in range(len(numbers)) if sum(numbers[: index + 1]) > amount)
            assert sums.find(amount) == next(expected, len(numbers) - 1)
    finally:
        running_sums.BLOCK = whole


@given(TEXTS | NARROW, st.integers(1, 20))
def test_rows_are_those_of_textual(text: str, width: int) -> None:
    source = SourceDocument(text)
    ours, theirs = WrappedLines(source, width, 4), WrappedDocument(source, width, 4)
    assert ours.height == theirs.height
    for row, line in enumerate(source.lines):
        assert (ours.get_offsets(row), ours.get_sections(row)) == (theirs.get_offsets(row), theirs.get_sections(row))
        assert ours.get_tab_widths(row) == theirs.get_tab_widths(row)
        for column in range(len(line) + 1):
            assert ours.location_to_offset((row, column)) == theirs.location_to_offset((row, column))
    for y in range(theirs.height + 2):
        assert ours.offset_to_location(Offset(2, y)) == theirs.offset_to_location(Offset(2, y))


@given(TEXTS, TEXTS, st.integers(0, 200), st.integers(0, 200), st.integers(1, 20))
def test_rows_after_an_edit_are_those_of_the_whole_text(text: str, put: str, one: int, other: int, width: int) -> None:
    source = SourceDocument(text)
    wrapped = WrappedLines(source, width, 4)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    source.replace_range(source.location_of(start), source.location_of(end), put)
    first, old_last, new_last = source.changed_rows
    wrapped.wrap_range((first, 0), (old_last, 0), (new_last, 0))
    anew = WrappedLines(source, width, 4)
    assert [wrapped.get_offsets(row) for row in range(source.line_count)] == [anew.get_offsets(row) for row in range(source.line_count)]
    assert wrapped.height == anew.height
    assert source.length == len(source.text) == len(text[:start] + put + text[end:])
