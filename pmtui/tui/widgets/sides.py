"""The sides of a conflict, with the differences highlighted, and the original."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from pmtui.display import display
from pmtui.model.conflicts import Side
from pmtui.model.matching import opcodes
from pmtui.model.postmortem import Cell
from pmtui.model.text_merge import lines_of
from pmtui.model.values import label_of
from pmtui.session.change_text import DiffLine, diff_lines
from pmtui.tui.widgets.diff import draw_diff, draw_side, is_marked


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
    """One side, compared with the original. ``absent`` is shown for a side that does not exist."""

    def __init__(self, side: Side, before: Side, absent: str) -> None:
        super().__init__()
        self._side, self._before, self._absent = side, before, absent

    @property
    def first_change(self) -> int:
        """The first row with a difference."""
        rows = self.rows(self.content_size.width)
        return next((number for number, row in enumerate(rows) if is_marked(row)), 0)

    def draw(self, width: int) -> list[Content]:
        this, before = _text(self._side), _text(self._before)
        if this is not None and before is not None and this != before:
            return list(draw_side(diff_lines(before, this), width))
        return _whole(self._side, self._absent, width)


class BeforeView(Rows):
    """The original: of a text only the lines that a side changed."""

    def __init__(self, before: Side, sides: Sequence[Side], absent: str) -> None:
        super().__init__()
        self._before, self._sides, self._absent = before, sides, absent

    def draw(self, width: int) -> list[Content]:
        before, texts = _text(self._before), [text for side in self._sides if (text := _text(side)) is not None]
        if before is None or not texts:
            return _whole(self._before, self._absent, width)
        return list(draw_diff(_touched(before, texts), width, indent=0))


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
    return [row for line in display(shown, multiline=True).split("\n") for row in Content(line).wrap(max(10, width)) or [Content("")]]
