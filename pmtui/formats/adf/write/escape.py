"""Escapes plain text as Markdown that reads back as exactly this text, with as few backslashes as possible."""

from __future__ import annotations

import re

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import info_of
from pmtui.formats.adf.emoji import EMOJI
from pmtui.formats.adf.notation import OPAQUE, WORDS
from pmtui.formats.words import REFERENCE, resolve

#: Characters that a terminal or a Markdown parser would change; they are written as numeric references.
_ODD = "\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff"
_REFERENCE = r"&(?=#?[0-9A-Za-z]+;)"  # at the "&" of a possible reference
_PLAIN_URL = re.compile(rf"(?:[^\s<>()\\&\x20{_ODD}]|(?!{_REFERENCE})&)+")
_INFO = re.compile(rf"[^\s`\\&{_ODD}]+(?: [^\s`\\&{_ODD}]+)*")
_LABEL = re.compile(rf"[^\s\"{{}}{_ODD}](?:[^{{}}{_ODD}]*[^\s{{}}{_ODD}])?")
_BEFORE_BRACKET = re.compile(rf"[!@]$|:(?:{'|'.join(WORDS)})$")
_BLOCK_BRACE = re.compile(r"(?:^|(?<=[ \n]))\{[^{}\n]*\}$")
_AMPERSAND = re.compile(_REFERENCE)
_ODD_CHARACTER = re.compile(f"[{_ODD}]")
_SPECIAL = re.compile(
    rf"(?P<odd>[{_ODD}])"
    r"|[`\[\]]"
    rf"|\\(?=[!-/:-@\[-`{{-~{_ODD}]|$)"
    r"|(?P<plain>(?<= )\*+(?= )|(?<=[^\W_])_+(?=[^\W_]))"
    r"|\*|_"
    r"|~(?=~|$)|(?<=~)~|^~"
    r"|<(?=[A-Za-z!/?>])"
    rf"|{_REFERENCE}"
    r"|(?<![^\W_]):(?=(?P<emoji>[a-z0-9_+-]+):)"
)
_MAY_BE_SPECIAL = re.compile(rf"[{_ODD}`\[\]\\*_~<&:]")  # the first characters of all of these
_BLOCK_START = re.compile(r"#{1,6}(?=[ \t]|$)|[-+*](?=[ \t]|$)|>|:{2,}|[-=]+[ \t]*$|[-:|][-:| \t]*$|(?P<number>\d{1,9})[.)](?=[ \t]|$)")
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))#+$")
_IN_BRACKETS = re.compile(rf"(?P<odd>[{_ODD}])|[\\\[\]]|{_REFERENCE}")
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|" + REFERENCE)


def reference(char: str) -> str:
    """A character as a numeric reference; our parser reads every number, also 0."""
    return "&nbsp;" if char == "\u00a0" else f"&#{ord(char)};"


def has_odd(value: str) -> bool:
    """Whether the text has characters that need a numeric reference, which code cannot have."""
    return _ODD_CHARACTER.search(value) is not None


def text(value: str) -> str:
    """Escape the text of one run within a line. `edges` and `line` escape the ends of a line."""
    return _SPECIAL.sub(_escaped, value) if _MAY_BE_SPECIAL.search(value) else value


def _escaped(match: re.Match[str]) -> str:
    if match["odd"]:
        return reference(match["odd"])
    if match["plain"] or (match["emoji"] and match["emoji"] not in EMOJI):
        return match[0]
    return "\\" + match[0]


def edges(value: str) -> str:
    """A line with the blanks at its ends as references, because Markdown trims them."""
    if value and value[0].isspace():
        value = reference(value[0]) + value[1:]
    return value[:-1] + reference(value[-1]) if value and value[-1].isspace() else value


def line(value: str) -> str:
    """Escape one line of a paragraph: its edges, and whatever would start a block."""
    if match := _BLOCK_START.match(value):
        at = match.end("number") if match["number"] else 0
        value = value[:at] + "\\" + value[at:]
    return edges(value)


def heading(value: str) -> str:
    """Escape the line of a heading: its edges, and hashes at its end."""
    return edges(_CLOSING_HASHES.sub(lambda match: "\\" + match[0], value))


def before_bracket(value: str) -> str:
    """Escape text before a `[` of the notation, so that it does not become a picture, mention or word."""
    return _BEFORE_BRACKET.sub(lambda match: "\\" + match[0], value)


def block_brace(value: str) -> str:
    """Escape the end of a block's words, so that it is not read as the block's brace."""
    match = _BLOCK_BRACE.search(value) if "}" in value else None
    if match is None or not brace.BRACE.fullmatch(match[0]) or brace.read(match[0]) is None:
        return value  # such as a brace in a string of a span's brace, which a backslash would break
    return value[: match.start()] + "\\" + value[match.start() :]


def label(value: str) -> str:
    """The label after `:::word`: bare if that reads back, else as a JSON string."""
    return value if _LABEL.fullmatch(value) else brace.quoted(value)


def is_info(value: str) -> bool:
    """Whether a code block's language can follow its fence unescaped."""
    return _INFO.fullmatch(value) is not None and value.split()[0] != OPAQUE and info_of(value) == (value, {}, [])


def is_plain_url(value: str) -> bool:
    """Whether a URL can be in `(…)` unescaped: also with an `&` that does not begin a reference."""
    return _PLAIN_URL.fullmatch(value) is not None


def references(value: str) -> str:
    """A URL or title with `&amp;` for each `&` that would begin a reference."""
    return _AMPERSAND.sub("&amp;", value)


def in_brackets(value: str) -> str:
    """Escape the text in the brackets of `:word[…]` and `@[…]`."""
    return _IN_BRACKETS.sub(lambda m: reference(m[0]) if m["odd"] else "\\" + m[0], value)


def unescape(source: str) -> str:
    """The inverse of `in_brackets`, also for any other escape or reference that a person writes there."""
    return _UNESCAPED.sub(lambda match: match[1] or resolve(match[0]), source)
