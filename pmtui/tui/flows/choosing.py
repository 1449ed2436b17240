"""Dialogs for choosing a theme or a profile."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App

from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.launch import Launch
from pmtui.tui.theme import load_themes


def wrong_themes(app: App[None], launch: Launch) -> list[str]:
    """What is wrong with the theme that was asked for, and with the others. These are read behind the first frame."""
    names, problems = _register_themes(app, launch)
    unknown = launch.theme not in ("", *names)
    return [*problems, *([f"no theme is called {launch.theme}; there are {', '.join(names)}"] if unknown else [])]


def _register_themes(app: App[None], launch: Launch) -> tuple[list[str], list[str]]:
    """Read all themes. Returns their names, and what is wrong with the files of others."""
    themes, problems = load_themes(launch.user_themes)
    for theme in themes.values():
        app.register_theme(theme)
    return sorted(themes), [*map(str, problems)]


async def choose_theme(app: App[None], launch: Launch, tell: Callable[[str], object]) -> None:
    """Show the themes, and switch to the chosen one. Of one that the next start will not have, say what keeps it."""
    names, _ = _register_themes(app, launch)
    answer = await app.push_screen_wait(Picker("Theme", [Pick(name, name) for name in names], current=app.theme))
    if isinstance(answer, Pick):
        app.theme = str(answer.value)
        if app.theme != launch.theme:
            tell(f'{app.theme} until pmtui ends · theme = "{app.theme}" in {launch.config_path} keeps it')


async def choose_profile(app: App[None], launch: Launch) -> str:
    """The name of the chosen profile, "" for none."""
    picks = [Pick(place.name, place.label) for place in launch.places]
    answer = await app.push_screen_wait(Picker("Profile", picks, current=launch.start))
    return str(answer.value) if isinstance(answer, Pick) else ""
