"""Keeps the first picture of the list for the next start: see ``tui/terminal/kept_frame``."""

from __future__ import annotations

from collections.abc import Callable

from pmtui.tui.screens.incidents import IncidentsScreen
from pmtui.tui.terminal.app import ThinApp
from pmtui.tui.terminal.kept_frame import Frame


def keep_list(app: ThinApp[None], screen: IncidentsScreen, keep: Callable[[Frame], None]) -> None:
    """Keep what the terminal shows, if that is the list as it looks at the start."""
    rows, at = app.shown(), screen.as_begun
    if app.screen is screen and rows is not None and at is not None:
        width, height = app.size
        keep(Frame(width, height, rows, screen.status_row, at.timestamp()))
