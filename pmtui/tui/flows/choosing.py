"""Choosing among what the program has: a theme."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App

from pmtui.tui.dialogs.picker import Pick, Picker


async def choose_theme(app: App[None], names: Sequence[str]) -> None:
    """Show the names, and take the one that is chosen."""
    answer = await app.push_screen_wait(Picker("Theme", [Pick(name, name) for name in names], current=app.theme))
    if isinstance(answer, Pick):
        app.theme = str(answer.value)
