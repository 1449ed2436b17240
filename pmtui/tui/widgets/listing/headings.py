"""The two lines above the list: how many incidents there are, and what its columns are.

They are made for the window as they are drawn, so that the first frame is right and no later one moves them.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from pmtui.tui import words
from pmtui.tui.widgets.bars import rule
from pmtui.tui.widgets.listing.incident_list import IncidentList


class CountLine(Static):
    """What is counted, as much of it as fits, in a line across."""

    def __init__(self) -> None:
        super().__init__(id="counts", markup=False)
        self._parts: Sequence[str] = ()

    def show(self, parts: Sequence[str]) -> None:
        self._parts = tuple(parts)
        self.refresh()

    def render(self) -> Content:
        cells = self.size.width
        return rule(words.fitting(self._parts, cells - 5), cells)


class ColumnLine(Static):
    """The titles of a list's columns."""

    def __init__(self, rows: IncidentList) -> None:
        super().__init__(id="columns", markup=False)
        self._rows = rows

    def render(self) -> Content:
        return Content.styled(self._rows.heading, "$muted")
