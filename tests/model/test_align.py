"""Cells of a later reading are found again, although their keys mean nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pmtui.model.cell_alignment import align, align_after
from pmtui.model.postmortem import Cell, CellKind
from tests.model.strategies import cells


def read(*texts: str, prefix: str = "k") -> tuple[Cell, ...]:
    return tuple(Cell(f"{prefix}{number}", text) for number, text in enumerate(texts))


def keys(base: tuple[Cell, ...], later: tuple[Cell, ...]) -> list[str]:
    return [cell.key for cell in align(base, later)]


@given(cells("a"), cells("b"))
def test_keys_are_unique_and_nothing_else_changes(base: tuple[Cell, ...], later: tuple[Cell, ...]) -> None:
    aligned = align(base, later)
    assert len({cell.key for cell in aligned}) == len(later)
    assert [replace(cell, key="") for cell in aligned] == [replace(cell, key="") for cell in later]


@given(cells("a"))
def test_a_second_reading_of_the_same_gets_the_keys_of_the_first(base: tuple[Cell, ...]) -> None:
    assert align(base, tuple(replace(cell, key=f"other{n}") for n, cell in enumerate(base))) == base


@given(cells("a"), st.randoms())
def test_a_shuffled_reading_keeps_every_key(base: tuple[Cell, ...], random: object) -> None:
    later = list(base)
    random.shuffle(later)  # type: ignore[attr-defined]
    assert {cell.key for cell in align(base, later)} == {cell.key for cell in base}


def test_an_edited_cell_is_found_by_its_title_although_it_moved() -> None:
    base = read("## Summary\nold", "## Impact\nsome", "## Timeline\n- 02:14")
    later = read("## Timeline\nall new words here", "## Summary\nold", "## Impact\nsome", prefix="x")
    assert keys(base, later) == ["k2", "k0", "k1"]


def test_an_edited_cell_without_title_is_found_by_its_words() -> None:
    base = read("the failover script read the wrong file", "jane took command at night")
    later = read("jane took command at 02:17", "a new one", "the failover script read a file", prefix="x")
    assert keys(base, later) == ["k1", "s1", "k0"]


def test_a_rewritten_cell_is_found_by_its_place() -> None:
    assert keys(read("## A\n1", "two", "## C\n3"), read("## A\n1", "zwei", "## C\n3")) == ["k0", "k1", "k2"]


def test_of_two_equal_cells_the_deleted_one_is_the_deleted_one() -> None:
    base = read("same", "## Middle", "same")
    assert keys(base, read("## Middle", "same")) == ["k1", "k2"]
    assert keys(base, read("same", "## Middle")) == ["k0", "k1"]


def test_an_empty_new_cell_is_not_taken_for_an_empty_summary() -> None:
    base = (Cell("sum", "", pinned=True, name="Executive summary"), Cell("a", "## A"))
    later = (Cell("1", "filled in", pinned=True, name="Executive summary"), Cell("2", ""), Cell("3", "## A"))
    assert keys(base, later) == ["sum", "s1", "a"]


def test_an_opaque_cell_with_a_new_source_is_found_by_its_line() -> None:
    base = (Cell("a", "x"), Cell("g", "▦ p99", CellKind.OPAQUE, "1"), Cell("h", "▦ p50", CellKind.OPAQUE, "2"))
    later = (Cell("1", "▦ p50", CellKind.OPAQUE, "2"), Cell("2", "x"), Cell("3", "▦ p99", CellKind.OPAQUE, "1 changed"))
    assert keys(base, later) == ["h", "a", "g"]


def test_fresh_keys_avoid_those_of_both_sides() -> None:
    base = (Cell("s1", "a"),)
    assert [cell.key for cell in align(base, read("a", "b"), taken={"s2"})] == ["s1", "s3"]


def test_two_hundred_rewritten_cells_are_aligned() -> None:
    base = read(*(f"## Part {number}\n" + f"word{number} " * 50 for number in range(200)))
    later = read(*(f"## Part {number}\n" + f"other{number} " * 50 for number in reversed(range(200))), prefix="x")
    assert keys(base, later) == [f"k{number}" for number in reversed(range(200))]


def test_thousands_of_rewritten_cells_are_told_apart_by_their_place() -> None:
    base = read(*(f"words of cell {number}" for number in range(3_000)))
    later = read(*(f"other text {number}" for number in range(3_000)), prefix="x")
    assert keys(base, later) == [cell.key for cell in base]


@given(cells("a"), cells("a"), cells("b"))
def test_after_a_write_keys_are_unique_and_what_is_still_there_has_its_key(
    before: tuple[Cell, ...], target: tuple[Cell, ...], later: tuple[Cell, ...]
) -> None:
    aligned = align_after(before, target, later)
    assert len({cell.key for cell in aligned}) == len(later)
    assert [replace(cell, key="") for cell in aligned] == [replace(cell, key="") for cell in later]
    assert {cell.key for cell in align_after(before, before[1:], before)} == {cell.key for cell in before}
