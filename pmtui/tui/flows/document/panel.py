"""Inserts a panel, of a kind that is asked for."""

from __future__ import annotations

from textual.app import App

from pmtui.tui.dialogs.ask import Menu
from pmtui.tui.editor.cell_editor import Editor

PANELS = (("i", "info"), ("n", "note"), ("t", "tip"), ("w", "warning"), ("e", "error"), ("s", "success"))
"""The kinds of panels, by their keys."""


async def insert_panel(app: App[None], editor: Editor) -> None:
    """Ask for a kind, and insert a panel below the line of the cursor."""
    if kind := await app.push_screen_wait(Menu("Which panel?", PANELS)):
        begin_block(editor, f"> [!{dict(PANELS)[kind].upper()}]\n> ")


def begin_block(editor: Editor, words: str) -> None:
    """Insert a block: in place of an empty line or a selected gap, else below the line of the cursor."""
    if editor.selected_gap is not None:
        editor.type_over("", *sorted(editor.selection))
    row, _ = editor.cursor_location
    line = editor.document[row]
    above = editor.document[row - 1] if row else ""
    if line.strip():
        editor.type_over(f"\n\n{words}", (row, len(line)), (row, len(line)))
    else:
        editor.type_over("\n" * bool(above.strip()) + words, (row, 0), (row, len(line)))
