"""What the user must know first about a postmortem: warnings above its text, one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from pmtui.display import display
from pmtui.tui.widgets.diff import wrapped
from pmtui.tui.widgets.sides import Rows


class Notices(Rows):
    """Hidden when there are none. Foreign text."""

    def __init__(self) -> None:
        super().__init__()
        self.id = "notices"
        self.display = False
        self._lines: tuple[str, ...] = ()

    def show(self, lines: Sequence[str]) -> None:
        if tuple(lines) == self._lines:  # they are asked for at each key, and to lay out all of the screen takes longer than the key
            return
        self.display = bool(lines)
        self._lines = tuple(lines)
        self.forget()

    def draw(self, width: int) -> list[Content]:
        return [row for line in self._lines for row in warning(line, width)]


def warning(text: str, cells: int, sign: str = " ! ", style: str = "") -> list[Content]:
    """A warning behind its sign, the rows after the first one below the text. Foreign text."""
    rows = wrapped(Content.styled(display(text), style), cells - len(sign))
    signs = [(sign, "bold $warning"), *[(" " * len(sign), "")] * (len(rows) - 1)]
    return [Content.assemble(before, row) for before, row in zip(signs, rows, strict=True)]
