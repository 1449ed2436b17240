"""Tables whose bars stand under one another, with the words that they had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pmtui.display import width
from pmtui.formats.tables import aligned, table_at

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
