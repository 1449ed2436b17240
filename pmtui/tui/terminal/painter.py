"""Keeps what the terminal shows, cell by cell, and computes the fewest bytes that change it. Pure.

Nothing here knows Textual. `app` turns what Textual draws into rows of cells, and gives them to a `Painter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import ne
from typing import NamedTuple

from pmtui.tui.terminal.sgr import change, erases, on_blank

Char = str | None
"""What a cell shows: a character with its marks, "" in the right half of a wide one, None when it is not known."""

GAP = 4
"""Unchanged cells that are written again rather than jumped over."""
MAX_SCROLL = 8
WORTH_ERASING = 10  # blanks above which erasing is shorter than writing
WORTH_ERASING_LAST = 5  # the same for those at the end, from which nothing is jumped over
WORTH_SCROLLING = 120  # changed cells below which a scroll is not looked for
MAX_SHIFTED_ROWS = 6
VISIBLE_FRAME = 512  # bytes of a frame above which the cursor is hidden while it is drawn: fewer come in one packet
WORTH_SHIFTING = 12  # bytes below which a row is not looked at for inserted or deleted characters


class ScreenRow(NamedTuple):
    """The cells of a row of the screen: a character and a pen (SGR codes) for each."""

    chars: list[Char]
    pens: list[str]

    def copy(self) -> ScreenRow:
        return ScreenRow(self.chars[:], self.pens[:])

    def put(self, x: int, chars: Sequence[str], pens: Sequence[str]) -> None:
        """Draw cells from `x` on. A wide character that is cut in half becomes a blank."""
        end = min(x + len(chars), len(self.chars))
        if x and x < len(self.chars) and self.chars[x] == "":
            self.chars[x - 1] = " "
        if end < len(self.chars) and self.chars[end] == "":
            self.chars[end] = " "
        self.chars[x:end] = chars[: end - x]
        self.pens[x:end] = pens[: end - x]

    def shifted(self, x: int, by: int) -> ScreenRow:
        """The row after `by` blanks were inserted at `x` (deleted, when negative)."""
        room = len(self.chars) - x
        by = max(-room, min(by, room))
        gap: list[Char] = [None] * abs(by)
        if by > 0:
            return ScreenRow([*self.chars[:x], *gap, *self.chars[x:-by]], [*self.pens[:x], *[""] * by, *self.pens[x:-by]])
        return ScreenRow([*self.chars[:x], *self.chars[x - by :], *gap], [*self.pens[:x], *self.pens[x - by :], *[""] * -by])


class Abilities(NamedTuple):
    """The terminal's optional abilities. `shifts`: it can insert and delete characters and lines.

    `erases_in_colour`: an erased cell takes the pen's background.
    """

    shifts: bool
    erases_in_colour: bool

    @classmethod
    def of(cls, term: str) -> Abilities:
        """The abilities by TERM. GNU screen erases without colour; a VT100 and unknown names have none."""
        name = term.partition("-")[0]
        modern = name in {
            "xterm",
            "tmux",
            "screen",
            "linux",
            "rxvt",
            "alacritty",
            "kitty",
            "foot",
            "wezterm",
            "st",
            "konsole",
            "vte",
            "ghostty",
        }
        return cls(shifts=modern, erases_in_colour=modern and name not in {"screen", "konsole"})


def _is_certain(char: str) -> bool:
    """Whether every terminal gives `char` the same width as we do; after others the cursor is positioned again."""
    if len(char) != 1:
        return False
    return (
        char < "\u0300"
        or "\u0370" <= char < "\u0483"
        or "\u2010" <= char < "\u2190"
        or "\u2500" <= char < "\u2600"
        or "\u3000" <= char < "\ua4d0"
    )


class Pencil:
    """The position of the terminal's cursor, and its pen; None when not known. Collects the output."""

    def __init__(self, x: int | None = None, y: int | None = None, pen: str | None = None) -> None:
        self.x, self.y, self.pen = x, y, pen
        self.out: list[str] = []

    def copy(self) -> Pencil:
        return Pencil(self.x, self.y, self.pen)

    def length(self) -> int:
        return sum(map(len, self.out))

    def move(self, x: int, y: int) -> None:
        if (x, y) != (self.x, self.y):
            self.out.append(_shortest_move(self.x, self.y, x, y))
            self.x, self.y = x, y

    def color(self, pen: str) -> None:
        if pen != self.pen:
            self.out.append(change(self.pen, pen))
            self.pen = pen

    def write(self, chars: Sequence[Char], x: int, end: int, *, can_erase: bool) -> int:
        """Write cells `x` to `end`, all of one pen, or as many as possible in one go; the cursor is at `x`.

        Returns the next cell.
        """
        blanks = _end_of_blanks(chars, x, end)
        if can_erase and _is_worth_erasing(x, blanks, end):
            self.out.append("\x1b[K" if blanks == len(chars) else f"\x1b[{blanks - x}X")
            return blanks  # the cursor stays
        self.x = None
        while x < end:
            char = chars[x] or " "
            if char == " " and can_erase and _is_worth_erasing(x, _end_of_blanks(chars, x, end), end):
                self.x = x
                return x
            x += 1
            while x < end and chars[x] == "":
                x += 1
            self.out.append(char)
            if not _is_certain(char):
                return x
        self.x = x if x < len(chars) else None
        return x


def _end_of_blanks(chars: Sequence[Char], x: int, end: int) -> int:
    while x < end and chars[x] == " ":
        x += 1
    return x


def _is_worth_erasing(x: int, blanks: int, end: int) -> bool:
    """Whether erasing the blanks from `x` to `blanks` is shorter than writing them; at the end of a row no jump is needed."""
    return blanks - x > (WORTH_ERASING_LAST if blanks == end else WORTH_ERASING)


def _shortest_move(x: int | None, y: int | None, to_x: int, to_y: int) -> str:
    absolute = f"\x1b[{to_y + 1};{to_x + 1}H" if to_x else f"\x1b[{to_y + 1}H"
    if y is None:
        return absolute
    rows = to_y - y
    if rows == 1 and to_x == 0:  # it was not the last row, so nothing scrolls
        return "\r\n"
    vertical = "" if not rows else _relative(abs(rows), "B" if rows > 0 else "A")
    sideways = [f"\x1b[{to_x + 1}G"]
    if to_x == 0:
        sideways.append("\r")
    if x is not None:
        columns = to_x - x
        sideways.append(
            "" if not columns else "\b" * -columns if -3 < columns < 0 else _relative(abs(columns), "C" if columns > 0 else "D")
        )
    return min((absolute, *(vertical + step for step in sideways)), key=len)


def _relative(count: int, letter: str) -> str:
    return f"\x1b[{count}{letter}" if count > 1 else f"\x1b[{letter}"


def _changed_runs(old: ScreenRow, new: ScreenRow) -> list[tuple[int, int]]:
    """Where the rows differ, as (start, end). Runs are joined where writing the cells between them is shorter than jumping."""
    width = len(new.chars)
    both = zip(old.chars, new.chars, old.pens, new.pens, strict=True)
    changed = [
        x
        for x, (was, is_, pen, new_pen) in enumerate(both)
        if is_ is not None and (was != is_ or (pen != new_pen and not (is_ == " " and on_blank(pen) == on_blank(new_pen))))
    ]
    runs: list[tuple[int, int]] = []
    for x in changed:
        start, end = x, x + 1
        while start and new.chars[start] == "":
            start -= 1
        while end < width and new.chars[end] == "":
            end += 1
        if runs and (start <= runs[-1][1] or _is_bridge(new, runs[-1][1], start)):
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    if runs and runs[0][0] == 1 and new.chars[0] == " " and not _needs_another_pen(new, 0, new.pens[1]):
        runs[0] = (0, runs[0][1])  # the way to the first cell of a row is shorter than that to the second
    return runs


def _is_bridge(row: ScreenRow, start: int, end: int) -> bool:
    pen = row.pens[start - 1]
    return end - start < GAP and all(
        char is not None and _is_certain(char) and not _needs_another_pen(row, x, pen) for x, char in enumerate(row.chars[start:end], start)
    )


def _draw_row(pencil: Pencil, y: int, old: ScreenRow, new: ScreenRow, abilities: Abilities) -> None:
    for start, end in _changed_runs(old, new):
        _draw_run(pencil, y, new, start, end, abilities)


def _draw_run(pencil: Pencil, y: int, row: ScreenRow, x: int, end: int, abilities: Abilities) -> None:
    while x < end:
        pen = row.pens[x]
        stop = next((column for column in range(x + 1, end) if _needs_another_pen(row, column, pen)), end)
        pencil.move(x, y)
        pencil.color(pen)
        x = pencil.write(row.chars, x, stop, can_erase=erases(pen, keeps_background=abilities.erases_in_colour))


def _needs_another_pen(row: ScreenRow, x: int, pen: str) -> bool:
    """Whether the cell cannot be drawn with this pen. A blank can be drawn with any pen that looks the same on it."""
    char, own = row.chars[x], row.pens[x]
    return own != pen and char != "" and not (char == " " and on_blank(own) == on_blank(pen))


class Painter:
    """Keeps what the terminal shows. It begins with nothing known: make a new one after anything that may have changed the screen."""

    def __init__(self, width: int, height: int, abilities: Abilities) -> None:
        self.width, self.height = width, height
        self._abilities = abilities
        self._rows = [ScreenRow([None] * width, [""] * width) for _ in range(height)]
        self._pencil = Pencil()
        self._cursor_shown: bool | None = None

    def begin_with(self, rows: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
        """Begin with a terminal that shows these rows of characters and pens."""
        self._rows = [ScreenRow([*chars], [*pens]) for chars, pens in rows]

    def shown(self) -> tuple[tuple[list[str], list[str]], ...] | None:
        """The characters and pens of all rows; None when some cell is not known."""
        rows = [([char for char in row.chars if char is not None], row.pens[:]) for row in self._rows]
        return tuple(rows) if all(len(chars) == self.width for chars, _ in rows) else None

    def row(self, y: int) -> ScreenRow:
        """A copy of row `y`, to draw on."""
        return self._rows[y].copy()

    def frame(self, rows: Mapping[int, ScreenRow], cursor: tuple[int, int], *, cursor_shown: bool) -> str:
        """The output after which `rows` are shown, with the cursor at (x, y); "" when nothing changed."""
        changed = {y: row for y, row in rows.items() if row != self._rows[y]}
        self._pencil.out = []
        if changed:
            changed = self._scroll(changed)
            if len(changed) > MAX_SHIFTED_ROWS:
                self._draw_all(changed)
            else:
                for y in sorted(changed):
                    self._draw(y, changed[y])
        flickers = self._pencil.length() > VISIBLE_FRAME and self._cursor_shown is not False
        self._pencil.move(*cursor)
        out = "".join(self._pencil.out)
        if flickers:
            out = f"\x1b[?25l{out}"
        if cursor_shown and (flickers or not self._cursor_shown):
            out += "\x1b[?25h"
        elif not cursor_shown and not flickers and self._cursor_shown is not False:
            out += "\x1b[?25l"
        self._cursor_shown = cursor_shown
        return out

    def _draw_all(self, changed: Mapping[int, ScreenRow]) -> None:
        """Draw many rows, one after the other, or all first parts before the second ones, because columns share a pen."""
        parts = [(y, start, end) for y in sorted(changed) for start, end in _changed_runs(self._rows[y], changed[y])]
        firsts = {y: start for y, start, _ in reversed(parts)}
        best, columns = self._pencil.copy(), self._pencil.copy()
        for y, start, end in parts:
            _draw_run(best, y, changed[y], start, end, self._abilities)
        for y, start, end in sorted(parts, key=lambda part: part[1] != firsts[part[0]]):
            _draw_run(columns, y, changed[y], start, end, self._abilities)
        best = min(best, columns, key=Pencil.length)
        best.out = [*self._pencil.out, *best.out]
        self._pencil = best
        for y, row in changed.items():
            self._rows[y] = row

    def _draw(self, y: int, new: ScreenRow) -> None:
        """Draw a row the shortest way: over what is there, or after inserting or deleting characters."""
        old = self._rows[y]
        best = self._pencil.copy()
        _draw_row(best, y, old, new, self._abilities)
        if self._abilities.shifts and best.length() > WORTH_SHIFTING:
            x = _changed_runs(old, new)[0][0]
            for by in (1, -1, 2, -2):
                if not _can_shift(old, x, by):
                    continue
                trial = self._pencil.copy()
                trial.move(x, y)
                trial.out.append(_relative(abs(by), "@" if by > 0 else "P"))
                _draw_row(trial, y, old.shifted(x, by), new, self._abilities)
                best = min(best, trial, key=Pencil.length)
        best.out = [*self._pencil.out, *best.out]
        self._pencil = best
        self._rows[y] = new

    def _scroll(self, changed: dict[int, ScreenRow]) -> dict[int, ScreenRow]:
        """If most rows only moved up or down, scroll the terminal first. Returns the rows that are left to draw."""
        top, bottom = min(changed), max(changed)
        limit = min(MAX_SCROLL, (bottom - top) // 2)
        if not self._abilities.shifts or limit < 1:
            return changed
        new = [changed.get(y, self._rows[y]) for y in range(top, bottom + 1)]
        old = self._rows[top : bottom + 1]
        without = _differing(old, new, 0, 1)
        if without < WORTH_SCROLLING:
            return changed
        sample = max(1, len(new) // 12)
        by = min((by for by in range(-limit, limit + 1) if by), key=lambda by: _differing(old, new, by, sample))
        if _differing(old, new, by, 1) > without * 0.6 - 30:
            return changed
        coming = new[:by] if by > 0 else new[by:]
        known = any(char == " " and not on_blank(pen) for row in coming for char, pen in zip(row.chars, row.pens, strict=True))
        self._move_rows(top, bottom, by, known=known)
        return {y: row for y, row in enumerate(new, top) if row != self._rows[y]}

    def _move_rows(self, top: int, bottom: int, by: int, *, known: bool) -> None:
        """Scroll rows in the terminal. `known`: it is worth changing the pen to know how the new rows look."""
        pencil = self._pencil
        within = bottom < self.height - 1
        if within:
            pencil.out.append(f"\x1b[{top + 1};{bottom + 1}r")
            pencil.x = pencil.y = None  # most go to the top left corner, some stay
        if known:
            pencil.color("")  # what comes in is blank; it would have the ground of another pen in some terminals, and not in others
        pencil.move(0, top)
        pencil.out.append(_relative(abs(by), "L" if by > 0 else "M"))
        if within:
            pencil.out.append("\x1b[r")
            pencil.x = pencil.y = None
        kept = self._rows[top : bottom + 1 - by] if by > 0 else self._rows[top - by : bottom + 1]
        blank = [ScreenRow([" " if known else None] * self.width, [""] * self.width) for _ in range(abs(by))]
        self._rows[top : bottom + 1] = [*blank, *kept] if by > 0 else [*kept, *blank]


def _can_shift(row: ScreenRow, x: int, by: int) -> bool:
    """Whether the terminal surely moves what is right of `x` as we do, without cutting a wide character in two."""
    cut = len(row.chars) - by if by > 0 else x - by
    whole = cut >= len(row.chars) or row.chars[cut] != ""
    return whole and row.chars[x] != "" and all(char == "" or (char and _is_certain(char)) for char in row.chars[x:])


def _differing(old: Sequence[ScreenRow], new: Sequence[ScreenRow], by: int, every: int) -> int:
    """The number of cells to draw after moving `old` down by `by` rows, looking at each `every`th row."""
    total = 0
    for y in range(0, len(new), every):
        if 0 <= y - by < len(old):
            total += sum(map(ne, new[y].chars, old[y - by].chars))
        else:
            total += len(new[y].chars)
    return total * every
