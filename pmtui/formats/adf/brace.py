"""Reads and writes the notation's braces after a construct: `{word key=value key="any JSON string"}`.

An item is (key, value); a lone word has the value None. The order is kept, because for marks it is the order of nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

Item = tuple[str, str | None]

#: A brace in the text. Braces in its strings are escaped, so that a scan is linear.
PATTERN = r"\{[^{}\n]*\}"
BRACE = re.compile(PATTERN)
#: A colour: `#` and six hexadecimal digits.
HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NAME = re.compile(r"[A-Za-z?][\w-]*")
_ITEM = re.compile(r'\s*+(?:([^\s{}"=]+)=)?(?:"((?:[^"\\\n]|\\.)*)"|([^\s{}"]+))(?=[\s}]|$)')
_BARE = re.compile(r'[^\s{}"\\`\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028\u2029\ufeff]+')
_UNSAFE = re.compile("[`\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]")


def quoted(value: str) -> str:
    """A JSON string on one line, without characters that are unsafe in a terminal or file."""
    return _UNSAFE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def unquoted(source: str) -> str | None:
    """The value of a JSON string literal, None when it is not one."""
    try:
        value = json.loads(source)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def write(items: Iterable[Item]) -> str:
    """`{…}`; "" for no items."""
    parts = [
        key if value is None else f"{key}={value if _BARE.fullmatch(value) else _without_braces(quoted(value))}" for key, value in items
    ]
    return "{" + " ".join(parts) + "}" if parts else ""


def _without_braces(string: str) -> str:
    return string.replace("{", "\\u007b").replace("}", "\\u007d")


def read(source: str) -> list[Item] | None:
    """The items of `{…}`, None when it does not follow the grammar."""
    items: list[Item] = []
    inner, position = source[1:-1].strip(), 0
    while position < len(inner):
        match = _ITEM.match(inner, position)
        if match is None:
            return None
        key, string, bare = match.groups()
        value = bare if string is None else unquoted(f'"{string}"')
        if value is None or (key is None and string is not None):
            return None
        items.append((value, None) if key is None else (key, value))
        position = match.end()
    return items


def trailing(source: str) -> tuple[str, list[Item]]:
    """The text before a brace at the end of a line, and the brace's items; without a brace the whole text and no items."""
    match = BRACE.fullmatch(source, source.rfind("{")) if source.endswith("}") and "{" in source else None
    items = read(match[0]) if match else None
    return (source[: match.start()], items) if match and items else (source, [])


def name(value: str) -> Item:
    """A type's name as the first item, as a lone word if possible."""
    return (value, None) if _NAME.fullmatch(value) else ("type", value)


def read_name(items: list[Item]) -> tuple[str, list[Item]]:
    """The inverse of `name`: the name ("" for none), and the other items."""
    if items and items[0][0] == "type" and items[0][1] is not None:
        return items[0][1], items[1:]
    if items and items[0][1] is None:
        return items[0][0], items[1:]
    return "", items
