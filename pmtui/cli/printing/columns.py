"""Two columns of text for a terminal of 80 columns, as in the help."""

from __future__ import annotations

from textwrap import wrap

WIDTH = 79


def in_columns(start: str, text: str) -> str:
    """The text behind ``start``, its further lines below its first word."""
    return "\n".join(
        wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False, break_long_words=False)
    )
