"""Tables whose bars stand under one another, with the words that they had."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.display import width
from pmtui.formats.tables import Put, aligned, column_beside, over_bar, row_below, table_at

TABLE = "| Who | How many |\n|:-|-:|\n| 東京 | 1 |\n| a \\| b |"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert aligned(TABLE) == "| Who    | How many |\n| :----- | -------: |\n| 東京   | 1        |\n| a \\| b |"


def test_the_table_at_the_cursor() -> None:
    text = f"words\n\n{TABLE}\n\nmore"
    span = table_at(text, text.index("東"))
    assert span is not None
    assert text[slice(*span)] == TABLE
    assert table_at(text, 2) is None
    assert table_at(text, len(text)) is None


cells = st.text("ab 東-:\\", max_size=4).map(lambda cell: cell.replace("\\", "\\|").strip() or "x")
tables = st.lists(st.lists(cells, min_size=1, max_size=4).map(lambda row: f"| {' | '.join(row)} |"), min_size=1, max_size=5).map("\n".join)


@given(tables)
def test_aligning_keeps_all_words_and_is_done_once(table: str) -> None:
    after = aligned(table)
    keep = str.maketrans("", "", " -")
    assert after.translate(keep) == table.translate(keep)
    assert aligned(after) == after
    bars = [line.count("|") - line.count("\\|") for line in after.split("\n")]
    assert len({width(line) for line, number in zip(after.split("\n"), bars, strict=True) if number == max(bars)}) == 1


def entered(text: str) -> str:
    """The text after enter at the mark, with the cursor as a mark."""
    before, _, after = text.partition("^")
    lines = (before + after).split("\n")
    put = row_below(lines, before.count("\n"), len(before) - before.rfind("\n") - 1)
    if put is None:
        return "none"
    (first, left), (last, right) = put.start, put.end
    made = [*lines[:first], *(lines[first][:left] + put.text + lines[last][right:]).split("\n"), *lines[last + 1 :]]
    row, column = put.cursor
    made[row] = f"{made[row][:column]}^{made[row][column:]}"
    return "\n".join(made)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("| a | b |^", "| a | b |\n| ^ |  |"),
        ("| a | b^ |", "| a | b |\n| ^ |  |"),
        ("| a | b |\n| 1 | 2^ |", "| a | b |\n| --- | --- |\n| 1 | 2 |\n| ^ |  |"),
        ("| a | b |^\n|-|:-|\n| 1 | 2 |", "| a | b |\n|-|:-|\n| ^ |  |\n| 1 | 2 |"),
        ("| a | b |\n|-|:-|^", "| a | b |\n|-|:-|\n| ^ |  |"),
        ("| a |\n|-|\n| 1^ |\n| 3 |", "| a |\n|-|\n| 1 |\n| ^ |\n| 3 |"),
        ("| a |\n|-|\n| ^ |", "| a |\n|-|\n\n^"),
        ("|  |  |^\n| --- | --- |\n| a | b |", "|  |  |\n| --- | --- |\n| ^ |  |\n| a | b |"),  # a table without headings
        ("| a |\n|-|\n|  |^\n| 3 |", "| a |\n|-|\n|  |\n| ^ |\n| 3 |"),  # the rows below stay rows
        ("  | a |\n  |-|\n  | \\| |^", "  | a |\n  |-|\n  | \\| |\n  | ^ |"),
        ("| a^ | b |", "none"),
        ("^| a | b |", "none"),
        ("words |^", "none"),
        ("|^", "none"),
    ],
)
def test_enter_goes_on_with_a_table(before: str, after: str) -> None:
    assert entered(before) == after


def test_a_row_typed_bar_by_bar_is_that_row() -> None:
    for typed in ("| 1 | 2 |", "1 | 2 |", "1|2|", "| | 2 |"):
        line, at = "|  |  |", 2
        for letter in typed:
            over = over_bar([line], 0, at) if letter == "|" else None
            put = over or Put((0, at), (0, at), letter, (0, at + 1))
            line, at = line[: put.start[1]] + put.text + line[put.end[1] :], put.cursor[1]
        assert [cell.strip() for cell in line[1:-1].split("|")] == ["" if typed == "| | 2 |" else "1", "2"], typed
    assert over_bar(["| a | b |"], 0, 3) is None
    assert over_bar(["| a |"], 0, 5) is None, "a further column"
    assert over_bar(["words"], 0, 2) is None


def test_tab_goes_from_column_to_column() -> None:
    lines = ["words", "| Who | How many |", "|-|-|", "| all |  |", "more"]
    places = [(1, 5), (1, 16), (3, 5), (3, 8)]
    for here, there in pairwise(places):
        assert column_beside(lines, *here, 1) == there
        assert column_beside(lines, *there, -1) == here
    assert column_beside(lines, *places[-1], 1) is None
    assert column_beside(lines, *places[0], -1) is None
    assert column_beside(lines, 0, 2, 1) is None
