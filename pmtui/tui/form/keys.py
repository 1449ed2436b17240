"""The keys for a row of the form, for the last line of a screen with a form."""

from __future__ import annotations

from pmtui.tui.form.rows import REMOVED, Row
from pmtui.tui.widgets.bars import Key

_SAVE, _CHANGE, _LEAVE, _HELP = ("ctrl+s", "save"), ("enter", "change"), ("esc", "back"), ("f1", "help")
TYPING = (_SAVE, _LEAVE, ("↑↓", "field"), ("ctrl+r", "revert"), ("ctrl+z", "undo"), _HELP)
CHOOSING = (_SAVE, _LEAVE, _CHANGE, ("backspace", "revert"), _HELP)
IN_A_LIST = (_SAVE, _LEAVE, _CHANGE, ("del", "remove"), ("backspace", "revert"), _HELP)
IN_TASKS = (_SAVE, _LEAVE, ("space", "done"), _CHANGE, ("del", "remove"), _HELP)
ADDING = (_SAVE, _LEAVE, ("enter", "add"), ("backspace", "revert"), _HELP)
TAKEN_OUT = (_SAVE, _LEAVE, ("del", "add it again"), ("backspace", "revert"), _HELP)
LOCKED = (("↑↓", "field"), _LEAVE, _HELP)
"""The keys of each sort of row; where not all fit, the first ones and the last."""


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
