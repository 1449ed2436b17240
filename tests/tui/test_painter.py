"""The painter alone: what is shown is right, whatever was shown before, and a scroll costs little."""

from __future__ import annotations

import random
from functools import lru_cache

import pyte
import pytest

from pmtui.tui.terminal.painter import Abilities, Painter, ScreenRow
from tests.emulator import Screen, Stream

WIDTH, HEIGHT = 80, 24
OUTLINE = [
    "1 Summary            ±",
    "   02:00–02:59",
    "2 Impact",
    "3 ▦ timeseries: p99…",
    "4 Timeline",
    "   21:43–22:06",
    "5 Root cause",
    "6 ▦ toplist: Errors…",
    "7 What went well",
    "8 What went wrong",
    "9 Action items",
]
MARK, RULE, THUMB = "33", "90", "7;36"
XTERM = Abilities.of("xterm-256color")


class Shown:
    """A painter, and an emulator that shows what it writes."""

    def __init__(self, abilities: Abilities = XTERM) -> None:
        self.painter = Painter(WIDTH, HEIGHT, abilities)
        self._screen = Screen(WIDTH, HEIGHT)
        self._stream = Stream(self._screen)

    def draw(self, rows: dict[int, ScreenRow]) -> str:
        written = self.painter.frame(rows, (30, 10), cursor_shown=True)
        self._stream.feed(written)
        return written

    def looks(self, y: int) -> list[tuple[str, ...]]:
        line = self._screen.buffer[y]
        return [look(line[x]) for x in range(WIDTH)]


def look(cell: pyte.screens.Char) -> tuple[str, ...]:
    """What is seen of a cell: nobody sees the colour of a blank's letter."""
    seen = (cell.data, cell.bg, str(cell.reverse), str(cell.underscore))
    return seen if cell.data == " " and not (cell.reverse or cell.underscore) else (*seen, cell.fg, str(cell.bold))


def expected(row: ScreenRow) -> list[tuple[str, ...]]:
    """How a row looks when it is drawn on an empty screen, cell by cell."""
    return _expected(tuple(row.chars), tuple(row.pens))


@lru_cache(maxsize=10 * HEIGHT)
def _expected(chars: tuple[str, ...], pens: tuple[str, ...]) -> list[tuple[str, ...]]:
    screen = Screen(WIDTH, 1)
    stream = Stream(screen)
    for x, (char, pen) in enumerate(zip(chars, pens, strict=True)):
        stream.feed(f"\x1b[1;{x + 1}H\x1b[0;{pen}m{char}" if pen else f"\x1b[1;{x + 1}H\x1b[m{char}")
    return [look(screen.buffer[0][x]) for x in range(WIDTH)]


def page(top: int) -> dict[int, ScreenRow]:
    """A screen like that of a postmortem, with line `top` first: an outline that stands, text, and the thumb of a scroll bar."""
    rows = {}
    for y in range(2, 21):
        outline = OUTLINE[y - 2] if y - 2 < len(OUTLINE) else ""
        words = (
            f"- 02:{(top + y) // 2 % 60:02} item {(top + y) // 2} with bold and words" if (top + y) % 2 else f"to its end, line {top + y}"
        )
        thumb = top // 20 <= y - 4 < top // 20 + 3
        chars = f" {outline:<22}│  {words:<51}   "
        pens = [*[""] * 21, MARK, MARK, RULE, *[""] * 54, *[THUMB if thumb else ""] * 2]
        rows[y] = ScreenRow([*chars], pens)
    return rows


@pytest.mark.parametrize("by", [1, -1])
def test_scrolling_by_a_line_beside_what_stands_costs_little(by: int) -> None:
    shown = Shown()
    shown.draw({y: ScreenRow([" "] * WIDTH, [""] * WIDTH) for y in range(HEIGHT)} | page(40))
    costs = []
    for step in range(1, 12):
        costs.append(len(shown.draw(page(40 + step * by)).encode()))
        assert all(shown.looks(y) == expected(row) for y, row in page(40 + step * by).items())
    assert max(costs) <= 400, "four times what vim writes, which has nothing beside its text"


def test_the_colour_of_a_blank_is_not_drawn() -> None:
    shown = Shown()
    row = ScreenRow([*"word".ljust(WIDTH)], [""] * WIDTH)
    shown.draw({3: row})
    assert shown.draw({3: ScreenRow(row.chars[:], [*row.pens[:10], *["33;1"] * 20, *row.pens[30:]])}) == ""
    seen = ScreenRow(row.chars[:], [*row.pens[:10], *["7"] * 3, *["4"] * 3, *["44"] * 3, *row.pens[19:]])
    shown.draw({3: seen})
    assert shown.looks(3) == expected(seen)
    shown.draw({3: row})
    assert shown.looks(3) == expected(row)


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "vt100"])
@pytest.mark.parametrize("seed", range(3))
def test_any_rows_are_shown(term: str, seed: int) -> None:
    chance, shown = random.Random(seed), Shown(Abilities.of(term))
    rows = {y: ScreenRow([" "] * WIDTH, [""] * WIDTH) for y in range(HEIGHT)}
    for _ in range(30):
        for _ in range(chance.randint(1, 12)):
            y, x = chance.randrange(HEIGHT), chance.randrange(WIDTH)
            text = chance.choice(("words", " ", " " * 30, "a  b", "x" * 40, "│", "- item 漢字 and"))
            chars = [part for char in text for part in ((char, "") if char > "\u3000" else (char,))]
            pen = chance.choice(("", MARK, RULE, THUMB, "1", "44", "4", "38;2;1;2;3;48;2;9;9;9"))
            rows[y] = rows[y].copy()
            rows[y].put(x, chars[: WIDTH - x] if (WIDTH - x) >= len(chars) else [" "], [pen] * min(len(chars), WIDTH - x))
        if chance.random() < 0.3:
            top, bottom = sorted(chance.sample(range(HEIGHT), 2))
            moved = [rows[y] for y in range(top, bottom + 1)]
            rows |= dict(enumerate([*moved[1:], moved[0]] if chance.random() < 0.5 else [moved[-1], *moved[:-1]], top))
        shown.draw({y: row.copy() for y, row in rows.items()})
        for y, row in rows.items():
            assert shown.looks(y) == expected(row), y
