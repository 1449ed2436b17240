"""Names of keys and descriptions of actions, for help."""

from __future__ import annotations

from textual.binding import Binding

NAMES = {
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "escape": "esc",
    "delete": "del",
    "question_mark": "?",
    "@": "space",
}

TEXT_WORDS = {
    "cursor_word_left": "word left",
    "cursor_left_word": "word left",
    "cursor_word_right": "word right",
    "cursor_right_word": "word right",
    "cursor_line_start": "start of the row, pressed again of the line",
    "home": "start of the line",
    "cursor_line_end": "end of the row, pressed again of the line",
    "end": "end of the line",
    "delete_word_left": "delete the word before",
    "delete_left_word": "delete the word before",
    "delete_right_word": "delete the word after",
    "delete_word_right": "delete the word after",
    "delete_right": "delete the character after",
    "delete_to_start_of_line": "delete to the start of the line",
    "delete_left_all": "delete to the start of the line",
    "delete_to_end_of_line_or_delete_line": "delete to the end of the line",
    "delete_right_all": "delete to the end of the line",
    "delete_line": "delete the line",
    **dict.fromkeys(("cursor_up(True)", "cursor_down(True)", "cursor_left(True)", "cursor_right(True)"), "select"),
    **dict.fromkeys(("cursor_word_left(True)", "cursor_word_right(True)"), "select a word"),
    **dict.fromkeys(("cursor_left_word(True)", "cursor_right_word(True)"), "select a word"),
    "home(True)": "select to the start of the line",
    "end(True)": "select to the end of the line",
    "select_all": "select everything",
    "cursor_line_start(True)": "select to the start of the row, of the line",
    "cursor_line_end(True)": "select to the end of the row, of the line",
    "cut": "cut",
    "copy": "copy",
    "paste": "paste",
    "submit": "accept",
    "undo": "undo",
    "redo": "redo",
    "scroll_up": "up",
    "scroll_down": "down",
    **dict.fromkeys(("page_up", "cursor_page_up"), "page up"),
    **dict.fromkeys(("page_down", "cursor_page_down"), "page down"),
    **dict.fromkeys(("scroll_home", "first"), "start"),
    **dict.fromkeys(("scroll_end", "last"), "end"),
}
"""What Textual's own keys do, in a text and where there is more than fits.

What is missing here needs no words (the arrows), or does not belong here.
"""


def key_name(key: str) -> str:
    """A key as people write it: ``ctrl+↑``, ``/``, ``esc``."""
    return "+".join(NAMES.get(part, part) for part in key.split("+"))


def words_of(binding: Binding) -> str:
    """The description of an action, "" for Textual's actions that need none. Ours begin with a lower-case letter."""
    ours = not binding.description[:1].isupper()
    return binding.description if ours else TEXT_WORDS.get(binding.action, "")
