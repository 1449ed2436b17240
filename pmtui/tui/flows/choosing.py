"""Dialogs for choosing a theme, which is kept in the configuration, or a profile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from textual.app import App

from pmtui.paths import shortened
from pmtui.store.files import Files, in_words
from pmtui.threads import in_thread
from pmtui.toml_lines import with_text
from pmtui.trust import Untrusted, check_trusted, open_plain, read_whole
from pmtui.tui.dialogs.picker import Pick, Picker
from pmtui.tui.flows.opening import CONFIG
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
    """Show the themes, switch to the chosen one, and keep it for the next start. Where that cannot be, say why, and the line to write."""
    names, _ = _register_themes(app, launch)
    answer = await app.push_screen_wait(Picker("Theme", [Pick(name, name) for name in names], current=app.theme))
    if isinstance(answer, Pick):
        app.theme = str(answer.value)
        why = await in_thread(lambda: keep_theme(launch.config_path, app.theme))
        line = f'theme = "{app.theme}" in {shortened(launch.config_path, launch.environment)}'
        tell(f"{app.theme} until pmtui ends ({why}) · {line} keeps it" if why else f"kept: {line}")


def keep_theme(config: Path, name: str) -> str:
    """Write the theme into the configuration, of which nothing else changes. Returns why that cannot be, "" when it is written."""
    try:
        file = config.resolve()  # a link, as to a folder of settings under git, stays a link
        text, mode = _read(config) if file.exists() else (CONFIG, 0o600)
        now = with_text(text, "theme", name)
        if now != text:
            files = Files()
            if not file.parent.exists():
                files.directory(file.parent)
            files.commit(files.prepare(file, now.encode(), mode), file)
    except OSError as error:
        return in_words(error)
    except (Untrusted, ValueError) as error:
        return str(error)
    return ""


def _read(config: Path) -> tuple[str, int]:
    """The text of the configuration and the mode of its file. Raises OSError, ValueError, Untrusted."""
    with open_plain(config) as stream:
        info = os.fstat(stream.fileno())
        check_trusted(config, info)
        if not stat.S_ISREG(info.st_mode):
            raise ValueError("the configuration is no plain file")
        return read_whole(stream).decode(), stat.S_IMODE(info.st_mode)


async def choose_profile(app: App[None], launch: Launch) -> str:
    """The name of the chosen profile, "" for none."""
    picks = [Pick(place.name, place.label) for place in launch.places]
    answer = await app.push_screen_wait(Picker("Profile", picks, current=launch.start))
    return str(answer.value) if isinstance(answer, Pick) else ""
