"""Finds the line of a key in a TOML text, which ``tomllib`` does not give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def line_of(text: str, keys: Sequence[str]) -> int:
    """The line, from 1, on which a key's value begins; that of its table when the key is absent; 0 when neither is found.

    It searches for the shortest beginning of the text in which ``tomllib`` finds the key, so it needs no knowledge of the syntax.
    It is quadratic, and only for messages about small files.
    """
    import tomllib  # only for messages: the start does not need it

    lines = text.splitlines(keepends=True)
    parsed_before = 0  # lines of the longest valid TOML before it: the value begins after them
    for count in range(1, len(lines) + 1):
        try:
            data = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(data, keys):
            return parsed_before + 1
        parsed_before = count
    return line_of(text, keys[:-1]) if len(keys) > 1 else 0


def _has(data: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True
