"""Imports what the first keys will want, while the server is asked for the list."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterable

SOON = ("pmtui.tui.flows.opening", "pmtui.tui.screens.postmortem", "pmtui.tui.dialogs.help", "pmtui.tui.dialogs.picker")
"""What the next keys will want, most likely."""


async def warm_up(opens_with: Iterable[str]) -> None:
    """``opens_with`` are the modules with which the backend opens a postmortem."""
    for name in (*SOON, *opens_with):
        await asyncio.to_thread(importlib.import_module, name)
