"""An item that comes into an ordered list, or goes out of it, takes its number with it: one edit, one undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.tui.editor import renumbering
from pmtui.tui.editor.renumbering import Change, behind_edit, renumbered
from tests.tui.test_editor import editing
from tests.tui.test_gaps import folder, into
from tests.tui.user import program

THREE = "1. a\n2. b\n3. c"


@pytest.mark.parametrize(
    ("before", "first", "taken", "put", "after"),
    [
        (THREE, 0, 1, ["1. a", "2. "], "1. a\n2. \n3. b\n4. c"),
        (THREE, 1, 1, [], "1. a\n2. c"),
        (THREE, 0, 1, [], "1. b\n2. c"),
        ("4. a\n5. b", 0, 1, [], "4. b"),
        (THREE, 1, 1, ["   1. b"], "1. a\n   1. b\n2. c"),
        (THREE, 1, 1, [""], "1. a\n\n2. c"),
        ("1. a\n   1. b\n2. c", 1, 1, ["2. b"], "1. a\n2. b\n3. c"),
        ("1. a\n   1. b\n   2. c\n2. d", 1, 1, ["   1. b", "   2. "], "1. a\n   1. b\n   2. \n   3. c\n2. d"),
        ("1. a\n   - x\n\n   words\n2. b\n\n3. c", 0, 1, ["1. a", "2. n"], "1. a\n2. n\n   - x\n\n   words\n3. b\n\n4. c"),
        ("1) a\n2) b", 0, 1, ["1) a", "2) "], "1) a\n2) \n3) b"),
        ("1. a\n2. b", 0, 0, ["1. new"], "1. new\n2. a\n3. b"),
        ("9. a\n10. b", 0, 1, ["9. a", "10. "], "9. a\n10. \n11. b"),
        # what somebody chose stays
        ("1. a\n1. b\n1. c", 0, 1, ["1. a", "2. "], "1. a\n2. \n1. b\n1. c"),
        ("1. a\n2. b\n7. c\n8. d", 0, 1, ["1. a", "2. "], "1. a\n2. \n3. b\n7. c\n8. d"),
        ("1. a\n\nwords\n\n2. b", 0, 1, ["1. a", "2. "], "1. a\n2. \n\nwords\n\n2. b"),
        ("- a\n- b", 0, 1, ["- a", "- "], "- a\n- \n- b"),
        ("words\n1. b\n2. c", 0, 1, ["words", "more"], "words\nmore\n1. b\n2. c"),
        ("1. a\n2. b\n\nend\n1. x", 1, 1, [], "1. a\n\nend\n1. x"),
    ],
)
def test_numbers_count_on(before: str, first: int, taken: int, put: list[str], after: str) -> None:
    lines = before.split("\n")
    removed = lines[first : first + taken]
    lines[first : first + taken] = put
    for row, line in renumbered(lines.__getitem__, len(lines), Change(first, removed, len(put))).items():
        lines[row] = line
    assert "\n".join(lines) == after


LINES = st.lists(st.sampled_from(["1. a", "2. b", "3. c", "   1. x", "   2. y", "", "words", "- z", "  more"]), max_size=8)


@given(LINES, st.integers(0, 8), st.integers(0, 3), LINES)
def test_only_numbers_below_change_and_the_way_back_is_the_way_there(lines: list[str], first: int, taken: int, put: list[str]) -> None:
    first = min(first, len(lines))
    removed = lines[first : first + taken]
    now = [*lines[:first], *put, *lines[first + taken :]]
    fresh = renumbered(now.__getitem__, len(now), Change(first, removed, len(put)))
    assert all(row >= first for row in fresh)
    for row, line in fresh.items():
        old = now[row]
        assert old != line and old.strip().partition(".")[2] == line.strip().partition(".")[2]
    for row, line in fresh.items():
        now[row] = line
    behind = behind_edit("\n".join(lines), "\n".join(now))
    assert 0 <= behind <= len("\n".join(now))


def test_the_cursor_comes_back_to_where_the_key_was_typed() -> None:
    assert behind_edit("1. a\n2. \n3. b\n4. c", "1. a\n2. b\n3. c") == len("1. a")
    assert behind_edit("1. a\n2. b\n3. c", "1. a\n2. \n3. b\n4. c") == len("1. a\n2. ")
    assert behind_edit("1. a\r\n2. \r\n3. b\r\n4. c", "1. a\r\n2. b\r\n3. c") == len("1. a")
    assert behind_edit("one", "one two") == 7


SOME_LINES = st.lists(st.sampled_from(["1. a", "2. b", "3. b", "", "words", "   1. b"]), max_size=5)


@given(SOME_LINES, SOME_LINES, SOME_LINES, SOME_LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_lines_around_do_not_move_the_cursor(above: list[str], old: list[str], new: list[str], below: list[str], end: str) -> None:
    first, last = "".join(f"{line}{end}" for line in above), "".join(f"{end}{line}" for line in below)
    before, after = f"x{end.join(old)}y", f"x{end.join(new)}z"
    assert behind_edit(first + before + last, first + after + last) == len(first) + behind_edit(before, after)


def test_of_a_long_text_only_the_lines_that_changed_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    was = renumbering._but_for_numbers

    def counted(one: str, other: str) -> bool:
        compared.append(one)
        return was(one, other)

    monkeypatch.setattr(renumbering, "_but_for_numbers", counted)
    text = "- a\n" * 20_000
    assert behind_edit(text, f"{text[:40_000]}- b\n- c\n{text[40_000:]}") == 40_000 + len("- b\n- c")
    assert len(compared) < 5


@pytest.mark.parametrize(
    ("keys", "after", "cursor"),
    [
        (["end", "enter"], "1. a\n2. \n3. b\n4. c\n\nend", (1, 3)),
        (["down", "home", "backspace"], "1. a2. b\n2. c\n\nend", (0, 4)),
        (["down", "end", "tab"], "1. a\n   1. b\n2. c\n\nend", (1, 7)),
        (["ctrl+shift+k"], "1. b\n2. c\n\nend", (0, 0)),
        (["end", "shift+down", "delete"], "1. a\n2. c\n\nend", (0, 4)),
    ],
)
async def test_the_keys_that_do_it_are_one_edit_each(keys: list[str], after: str, cursor: tuple[int, int]) -> None:
    async with editing("1. a\n2. b\n3. c\n\nend") as (editor, keeper, pilot):
        editor.move_cursor((0, 0))
        await pilot.press(*keys)
        assert (editor.source_text, editor.cursor_location) == (after, cursor)
        assert keeper.typed == [after]


async def test_code_has_no_items_and_line_ends_stay() -> None:
    async with editing("```\n1. a\n2. b\n```\n1. a\r\n2. b\r\n3. c") as (editor, _, pilot):
        editor.move_cursor((1, 4))
        await pilot.press("enter")
        assert editor.source_text.startswith("```\n1. a\n\n2. b\n```\n")
        editor.move_cursor((5, 4))
        await pilot.press("enter")
        assert editor.source_text.endswith("1. a\r\n2. \n3. b\r\n4. c") or editor.source_text.endswith("1. a\n2. \r\n3. b\r\n4. c")


async def test_one_undo_takes_back_the_item_and_the_numbers(home: Path) -> None:
    async with program(folder(home, f"---\ntitle: A new one\n---\n\n{THREE}\n"), "here") as user:
        await into(user)
        before = user.cells
        await user.press("ctrl+home", "end", "enter")
        await user.until(lambda: "2. \n3. b\n4. c" in user.cells[0], "numbers that count on")
        await user.type("new")
        await user.press("ctrl+z", "ctrl+z")
        await user.until(lambda: user.cells == before, "all as it was")
        await user.shows("cell 1 of 1 · line 1 ")
        await user.press("ctrl+y")
        await user.until(lambda: "2. \n3. b\n4. c" in user.cells[0], "done again")
        await user.shows("cell 1 of 1 · line 2 ")
