"""The keys for a row of the form, for the last line of a screen with a form."""

from __future__ import annotations

from pmtui.tui.form.rows import REMOVED, Row
from pmtui.tui.widgets.bars import Key

_SAVE, _LEAVE = ("ctrl+s", "save"), ("esc", "document")
TYPING = (_SAVE, ("↑↓", "field"), ("ctrl+r", "revert"), ("ctrl+z", "undo"), _LEAVE)
CHOOSING = (_SAVE, ("enter", "change"), ("backspace", "revert"), _LEAVE)
IN_A_LIST = (_SAVE, ("enter", "change"), ("del", "remove"), ("backspace", "revert the field"), _LEAVE)
IN_TASKS = (_SAVE, ("space", "done"), ("enter", "change"), ("del", "remove"), _LEAVE)
ADDING = (_SAVE, ("enter", "add"), ("backspace", "revert"), _LEAVE)
TAKEN_OUT = (_SAVE, ("del", "add it again"), ("backspace", "revert the field"), _LEAVE)
LOCKED = (("↑↓", "field"), _LEAVE)


def keys_of(row: Row) -> tuple[Key, ...]:
    """The keys that work in this row; none when the field is locked."""
    if row.field.locked:
        return LOCKED
    if row.typed:
        return TYPING
    if row.mark == REMOVED:
        return TAKEN_OUT
    if row.columns is not None:
        return IN_TASKS
    return IN_A_LIST if row.is_item else ADDING if row.field.kind.is_list else CHOOSING
