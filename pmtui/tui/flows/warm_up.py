"""What the first frame does not wait for.

While the server is asked for the list, what the first keys will want is loaded: modules, and the styles of the other screens.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Iterable
from pathlib import Path

from textual.app import App

from pmtui.tui.launch import Launch

SOON = ("pmtui.tui.flows.opening", "pmtui.tui.screens.postmortem", "pmtui.tui.dialogs.help", "pmtui.tui.dialogs.picker")
"""What the next keys will want, most likely."""

_STYLES = Path(__file__).parents[1] / "screens.tcss"
"""Three quarters of all rules, which the first frame does not wait for."""


async def warm_up(app: App[None], opens_with: Iterable[str]) -> None:
    """``opens_with`` are the modules with which the backend opens a postmortem."""
    for name in (*SOON, *opens_with):
        await asyncio.to_thread(importlib.import_module, name)
    read_styles(app)
    if not gc.get_freeze_count():  # once: what another profile leaves behind is to be found
        gc.freeze()  # what is loaded stays, and to look for garbage in it takes long enough to be felt at a key


def warn(app: App[None], launch: Launch) -> None:
    """Say what is wrong with the themes, and which texts an editor left behind."""
    from pmtui.store.editor_files import left_words
    from pmtui.tui.flows.choosing import wrong_themes
    from pmtui.tui.flows.last_words import left_behind

    for said in filter(None, [*wrong_themes(app, launch), left_words(left_behind(launch))]):
        app.notify(said, markup=False, severity="warning", timeout=10)


def read_styles(app: App[None]) -> None:
    """Read the styles of all screens but the list, once. A screen that is shown earlier needs them, too."""
    if not app.stylesheet.has_source(str(_STYLES)):
        app.stylesheet.read(_STYLES)
        app.stylesheet.parse()
