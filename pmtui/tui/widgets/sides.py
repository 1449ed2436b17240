"""The sides of a conflict, with the differences highlighted, and the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.conflicts import Conflict, Side, can_take, take
from pmtui.model.matching import opcodes
from pmtui.model.postmortem import Cell
from pmtui.model.text_merge import Whose, lines_of
from pmtui.model.values import label_of
from pmtui.session.change_text import DiffLine, diff_lines
from pmtui.tui.widgets.diff import draw_diff, draw_side, is_marked

CHOICES: tuple[Whose, ...] = ("both", "mine", "theirs")
LONGEST_WHOLE = 20_000
"""Characters that show of a side that is shown as a whole."""


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The lines to show of the sides of a conflict, None for what is shown as a whole. Of a long text they take a while."""

    mine: Sequence[DiffLine] | None
    theirs: Sequence[DiffLine] | None
    before: Sequence[DiffLine] | None
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

    def forget(self) -> None:
        """Draw anew: what is shown has changed."""
        self._drawn = (-1, [])
        self.refresh(layout=True)

    def rows(self, width: int) -> list[Content]:
        """The rows at this width."""
        if self._drawn[0] != width:
            self._drawn = (width, self.draw(width))
        return self._drawn[1]

    def draw(self, width: int) -> list[Content]:
        """Draw the rows."""
        raise NotImplementedError

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self.rows(width)))

    def render(self) -> Content:
        return Content("\n").join(self.rows(self.content_size.width))


class SideView(Rows):
    """One side, in these lines, else as a whole. ``absent`` is shown for a side that does not exist."""

    def __init__(self, side: Side, lines: Sequence[DiffLine] | None, absent: str) -> None:
        super().__init__()
        self._side, self._lines, self._absent = side, lines, absent

    def show(self, side: Side, lines: Sequence[DiffLine] | None) -> None:
        """Show another text in its place."""
        self._side, self._lines = side, lines
        self.forget()

    @property
    def first_change(self) -> int:
        """The first row with a difference."""
        rows = self.rows(self.content_size.width)
        return next((number for number, row in enumerate(rows) if is_marked(row)), 0)

    def draw(self, width: int) -> list[Content]:
        return _whole(self._side, self._absent, width) if self._lines is None else list(draw_side(self._lines, width))


class BeforeView(Rows):
    """The original: of a text only the lines that a side changed."""

    def __init__(self, before: Side, lines: Sequence[DiffLine] | None, absent: str) -> None:
        super().__init__()
        self._before, self._lines, self._absent = before, lines, absent

    def draw(self, width: int) -> list[Content]:
        return _whole(self._before, self._absent, width) if self._lines is None else list(draw_diff(self._lines, width, indent=0))


def _touched(before: str, texts: Sequence[str]) -> list[DiffLine]:
    """The lines that one of the texts changed, and one line around each."""
    old = _lines(before)
    touched: set[int] = set()
    for text in texts:
        for tag, start, end, _, _ in opcodes(old, _lines(text)):
            if tag != "equal":
                touched |= set(range(max(0, start - 1), min(len(old), end + 1)))
    found: list[DiffLine] = []
    for number in sorted(touched):
        found += [("@", f"line {number + 1}")] if number - 1 not in touched else []
        found.append((" ", old[number]))
    return found


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in lines_of(text)]


def _text(side: Side) -> str | None:
    """A side's text, if it has several lines; None for a value that is compared as a whole."""
    if isinstance(side, Cell):
        return side.text if side.editable else None
    return side if isinstance(side, str) and "\n" in side else None


def _whole(side: Side, absent: str, width: int) -> list[Content]:
    shown = side.text if isinstance(side, Cell) else label_of(side)
    if not shown:
        return [Content.styled(absent, "$muted")]
    if len(shown) > LONGEST_WHOLE:
        shown = f"{shown[:LONGEST_WHOLE]}…\n({len(shown) // 1000:,} kB in all)"
    return [row for line in display(shown, multiline=True).split("\n") for row in Content(line).wrap(max(10, width)) or [Content("")]]
