"""Dialogs for choosing a theme or a profile."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App

from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.launch import Launch


async def choose_theme(app: App[None], names: Sequence[str]) -> None:
    """Show the themes, and switch to the chosen one."""
    answer = await app.push_screen_wait(Picker("Theme", [Pick(name, name) for name in names], current=app.theme))
    if isinstance(answer, Pick):
        app.theme = str(answer.value)


async def choose_profile(app: App[None], launch: Launch) -> str:
    """The name of the chosen profile, "" for none."""
    picks = [Pick(place.name, place.label) for place in launch.places]
    answer = await app.push_screen_wait(Picker("Profile", picks, current=launch.start))
    return str(answer.value) if isinstance(answer, Pick) else ""
