"""The sides of a conflict, with the differences highlighted, and the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.conflicts import Conflict, Side, can_take, take
from pmtui.model.matching import opcodes
from pmtui.model.postmortem import Cell
from pmtui.model.text_merge import Whose, lines_of
from pmtui.model.values import label_of
from pmtui.session.change_text import DiffLine, diff_lines, diff_words
from pmtui.tui.widgets.diff import GAP, MARK, MarkedLine, Piece, draw_marked, draw_result, draw_side, first_difference, pieces

CHOICES: tuple[Whose, ...] = ("both", "mine", "theirs")
SHORT = 24
"""Characters of a value that is seen as a whole in any window."""
LONGEST_WHOLE = 20_000
"""Characters that show of a side that is shown as a whole."""


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The lines to show of the sides of a conflict, None for what is shown as a whole. Of a long text they take a while."""

    mine: Sequence[DiffLine] | None
    theirs: Sequence[DiffLine] | None
    before: Sequence[MarkedLine] | None
    results: Mapping[Whose, tuple[Side, Sequence[DiffLine] | None]]
    """What each choice would give, where both texts can be kept: else a choice is the side itself."""

    @classmethod
    def of(cls, conflict: Conflict) -> Sides:
        mine, theirs, before = map(_text, (conflict.my_side, conflict.theirs, conflict.base))
        texts = [text for text in (mine, theirs) if text is not None]
        touched = _touched(before, texts) if before is not None and texts else None
        taken = {whose: take(conflict, whose) for whose in CHOICES} if can_take(conflict, "both") else {}
        results = {whose: (result, _changed(before, _text(result))) for whose, result in taken.items()}
        return cls(mine=_changed(before, mine), theirs=_changed(before, theirs), before=touched, results=results)


def _changed(before: str | None, text: str | None) -> Sequence[DiffLine] | None:
    return None if text is None or before is None or text == before else diff_lines(before, text)


class Rows(Static):
    """Rows that depend on the width; drawn at once, in the first frame."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._drawn: tuple[int, list[Content]] = (-1, [])
        self._blank = 0

    def forget(self) -> None:
        """Draw anew: what is shown has changed."""
        self._drawn = (-1, [])
        self.refresh(layout=True)

    def rows(self, width: int) -> list[Content]:
        """The rows at this width, without blank ones above them."""
        if self._drawn[0] != width:
            self._drawn = (width, self.draw(width))
        return self._drawn[1]

    def begin_below(self, blank: int) -> None:
        """Leave this many rows blank above."""
        if self._blank != blank:
            self._blank = blank
            self.refresh(layout=True)

    @property
    def first_change(self) -> int:
        """The first row with a difference."""
        return first_difference(self.rows(self.content_size.width))

    def draw(self, width: int) -> list[Content]:
        """Draw the rows."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, self._blank + len(self.rows(width)))

    def render(self) -> Content:
        return Content("\n").join([*[Content("")] * self._blank, *self.rows(self.content_size.width)])


class SideView(Rows):
    """One side, in these lines, else as a whole. ``absent`` is shown for a side that does not exist."""

    def __init__(self, side: Side, lines: Sequence[DiffLine] | None, absent: str) -> None:
        super().__init__()
        self._side, self._lines, self._absent = side, lines, absent

    def show(self, side: Side, lines: Sequence[DiffLine] | None) -> None:
        """Show another text in its place."""
        self._side, self._lines = side, lines
        self.forget()

    def draw(self, width: int) -> list[Content]:
        return _whole(self._side, self._absent, width) if self._lines is None else list(draw_side(self._lines, width))


class ResultView(SideView):
    """What a choice would give: of long lines only what differs, because both sides of it are to be seen."""

    def draw(self, width: int) -> list[Content]:
        return super().draw(width) if self._lines is None else list(draw_result(self._lines, width))


class BeforeView(Rows):
    """The original: of a text only the lines that a side changed, with what it changed marked."""

    def __init__(self, before: Side, lines: Sequence[MarkedLine] | None, absent: str) -> None:
        super().__init__()
        self._before, self._lines, self._absent = before, lines, absent

    def draw(self, width: int) -> list[Content]:
        return _whole(self._before, self._absent, width) if self._lines is None else list(draw_marked(self._lines, width))


def _touched(before: str, texts: Sequence[str]) -> list[MarkedLine]:
    """The lines that one of the texts changed, and one line around each."""
    old = _lines(before)
    touched: set[int] = set()
    marks: dict[int, list[Piece]] = {}
    for text in texts:
        new = _lines(text)
        for tag, start, end, first, last in opcodes(old, new):
            if tag == "equal":
                continue
            touched |= set(range(max(0, start - 1), min(len(old), end + 1)))
            others = new[first:last]
            for number in range(start, end):
                other = others[number - start] if number - start < len(others) else ""
                changed = pieces(diff_words(old[number], other), "-", GAP)
                marks[number] = _both_marks(marks[number], changed) if number in marks else changed
    found: list[MarkedLine] = []
    for number in sorted(touched):
        found += [("@", [(f"line {number + 1}", "")])] if number - 1 not in touched else []
        found.append((" ", marks.get(number, [(old[number], "")])))
    return found


def _both_marks(one: Sequence[Piece], other: Sequence[Piece]) -> list[Piece]:
    """The same text with the marks of both."""
    styles = [[style for text, style in each for _ in text] for each in (one, other)]
    text = "".join(text for text, _ in one)
    joined = zip(text, (MARK if MARK in both else max(both) for both in zip(*styles, strict=True)), strict=True)
    return [("".join(letter for letter, _ in run), style) for style, run in groupby(joined, key=lambda each: each[1])]


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in lines_of(text)]


def _text(side: Side) -> str | None:
    """A side's text, if it has several lines or is a long one; None for a value that is compared as a whole."""
    if isinstance(side, Cell):
        return side.text if side.editable else None
    return side if isinstance(side, str) and ("\n" in side or len(side) > SHORT) else None


def _whole(side: Side, absent: str, width: int) -> list[Content]:
    shown = side.text if isinstance(side, Cell) else label_of(side)
    if not shown:
        return [Content.styled(absent, "$muted")]
    if len(shown) > LONGEST_WHOLE:
        shown = f"{shown[:LONGEST_WHOLE]}…\n({len(shown) // 1000:,} kB in all)"
    return [row for line in display(shown, multiline=True).split("\n") for row in Content(line).wrap(max(10, width)) or [Content("")]]
