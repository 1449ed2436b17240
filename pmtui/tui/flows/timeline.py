"""Entries of a timeline, typed by the hand or taken from the server."""

from __future__ import annotations

from datetime import datetime

from textual.app import App

from pmtui.formats.timeline import new_entry
from pmtui.formats.typed_time import moment_of
from pmtui.tui.dialogs.prompt import Prompt
from pmtui.tui.editor.cell_editor import Editor

EXAMPLES = "02:14, -5m, yesterday 23:50"


async def ask_time(app: App[None], now: datetime) -> datetime | None:
    """The time of a new entry, None for escape. Enter alone is now."""

    def wrong(text: str) -> str:
        return "" if moment_of(text, now) else f"{text} is no time; type {EXAMPLES}"

    text = await app.push_screen_wait(Prompt(f"Time in UTC: {EXAMPLES}; enter alone is now, {now:%H:%M}", check=wrong))
    return None if text is None else moment_of(text, now) or now


def insert_entry(editor: Editor, moment: datetime) -> None:
    """Begin an entry at the cursor, which comes behind its time."""
    start, end, put = new_entry(editor.source_text, editor.cursor_offset, moment)
    editor.type_over(put, editor.source.location_of(start), editor.source.location_of(end))
