"""Lines of a TOML text, which ``tomllib`` does not give: where a key stands, and the text with another value for one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_STRING = re.compile(r"^(\s*)(?:\"[^\"]*\"|'[^']*')")


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


def with_text(text: str, key: str, value: str) -> str:
    """The text with this value for a key above all tables. Nothing else of it changes: no comment, line end, or order.

    ``value`` needs no escapes. Raises ValueError when the text is no TOML, or has the key in a form that is not understood.
    """
    import tomllib

    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    before = tomllib.loads(body)  # its error is a ValueError
    lines, newline = body.splitlines(keepends=True), "\r\n" if "\r\n" in body else "\n"
    if key in before:
        at = line_of(body, [key]) - 1
        name, equals, rest = lines[at].partition("=")
        lines[at] = name + equals + _STRING.sub(lambda found: f'{found[1]}"{value}"', rest, count=1)
    else:
        at = _end_of_top(lines)
        ended = at == 0 or lines[at - 1].endswith(("\n", "\r"))
        apart = newline if at < len(lines) and lines[at].strip() else ""
        lines.insert(at, f'{"" if ended else newline}{key} = "{value}"{newline}{apart}')
    made = "".join(lines)
    if tomllib.loads(made) != {**before, key: value}:
        raise ValueError(f"{key} is written in a way that is not understood")
    return mark + made


def _end_of_top(lines: Sequence[str]) -> int:
    """How many lines the keys above all tables take, with none the comment at the beginning that stands by itself."""
    import tomllib

    end = len(lines)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("["):
            try:
                tomllib.loads("".join(lines[:number]))
            except tomllib.TOMLDecodeError:  # it is inside a value
                continue
            end = number
            break
    keys = [number for number, line in enumerate(lines[:end]) if line.strip() and not line.lstrip().startswith("#")]
    if keys:
        return keys[-1] + 1
    return next((number + 1 for number, line in enumerate(lines[:end]) if not line.strip()), end if end == len(lines) else 0)
