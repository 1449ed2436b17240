"""The notation's `{word key=value key="any JSON string"}`: what stands in braces behind a construct.

An item is (key, value); a lone word has the value None. Order is kept: for marks it is the order of nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

Item = tuple[str, str | None]

#: A brace as it stands in the text. A newline or another brace ends the attempt, so a scan is linear.
PATTERN = r'\{(?:[^{}"\n]|"(?:[^"\\\n]|\\.)*")*\}'
BRACE = re.compile(PATTERN)
#: A colour as both vendors of colour write it.
HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NAME = re.compile(r"[A-Za-z?][\w-]*")
_ITEM = re.compile(r'\s*(?:([^\s{}"=]+)=)?(?:"((?:[^"\\\n]|\\.)*)"|([^\s{}"]+))(?=[\s}]|$)')
_BARE = re.compile(r'[^\s{}"\\`\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028\u2029\ufeff]+')
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff`]")


def quoted(value: str) -> str:
    """A JSON string on one line, with nothing in it that a terminal or a file could trip over."""
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def unquoted(source: str) -> str | None:
    """The string behind a JSON string literal; None where it is none."""
    try:
        value = json.loads(source)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def write(items: Iterable[Item]) -> str:
    """`{…}`; "" for no items."""
    parts = [key if value is None else f"{key}={value if _BARE.fullmatch(value) else quoted(value)}" for key, value in items]
    return "{" + " ".join(parts) + "}" if parts else ""


def read(source: str) -> list[Item] | None:
    """The items of `{…}`; None where it does not follow the grammar."""
    items: list[Item] = []
    position, end = 1, len(source) - 1
    while source[position:end].strip():
        match = _ITEM.match(source, position, end)
        if match is None:
            return None
        key, string, bare = match.groups()
        value = bare if string is None else unquoted(f'"{string}"')
        if value is None or (key is None and string is not None):
            return None
        items.append((value, None) if key is None else (key, value))
        position = match.end()
    return items


def name(value: str) -> Item:
    """A type's name as the first item: a lone word where it is one."""
    return (value, None) if _NAME.fullmatch(value) else ("type", value)


def read_name(items: list[Item]) -> tuple[str, list[Item]]:
    """The name that `name` wrote first ("" without one), and the other items."""
    if items and items[0][0] == "type" and items[0][1] is not None:
        return items[0][1], items[1:]
    if items and items[0][1] is None:
        return items[0][0], items[1:]
    return "", items
