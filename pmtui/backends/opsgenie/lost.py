"""What a section says on the screen and the server's document does not."""

from __future__ import annotations

import json

from pmtui.backends.base import Lost
from pmtui.formats.adf import to_markdown
from pmtui.formats.sections import lost_words
from pmtui.model.postmortem import Cell


def lost(cell: Cell) -> Lost | None:
    """The words of a Markdown cell that its blocks, as the server has them, lack; None when they have all."""
    if not (cell.editable and cell.source):
        return None
    document = {"version": 1, "type": "doc", "content": json.loads(cell.source)}
    words = lost_words((cell,), document)
    return Lost(words, to_markdown(document)) if words else None
