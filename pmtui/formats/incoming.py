"""Normalises text from outside: a file, an editor, standard input."""

from __future__ import annotations

BYTE_ORDER_MARK = "\ufeff"


def plain_lines(text: str) -> str:
    """The text without a byte-order mark at its start, and with ``\\n`` for each ``\\r\\n`` and lone ``\\r``."""
    return text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
