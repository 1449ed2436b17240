"""Plain text as Markdown that reads back as exactly that text, with as few backslashes as that takes."""

from __future__ import annotations

import re

from pmtui.formats.adf import brace
from pmtui.formats.adf.attributes import info_of
from pmtui.formats.adf.emoji import EMOJI
from pmtui.formats.adf.notation import OPAQUE, WORDS
from pmtui.formats.words import REFERENCE, resolve

#: Characters that neither a terminal nor a Markdown parser keeps as they are: written as numeric references.
_ODD = "\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff"
_REFERENCE = r"&(?=#?[0-9A-Za-z]+;)"  # at the "&" of what may be one
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
_BLOCK_START = re.compile(r"#{1,6}(?=[ \t]|$)|[-+*](?=[ \t]|$)|>|:{2,}|[-=]+[ \t]*$|[-:|][-:| \t]*$|(?P<number>\d{1,9})[.)](?=[ \t]|$)")
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))#+$")
_IN_BRACKETS = re.compile(rf"(?P<odd>[{_ODD}])|[\\\[\]]|{_REFERENCE}")
_UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|" + REFERENCE)


def reference(char: str) -> str:
    """A character as a reference; our dialect reads every number back, NUL too."""
    return "&nbsp;" if char == "\u00a0" else f"&#{ord(char)};"


def has_odd(value: str) -> bool:
    """Whether the text holds characters that only a numeric reference can say: not for code."""
    return _ODD_CHARACTER.search(value) is not None


def text(value: str) -> str:
    """The text of one run, to stand inside a line. The ends of a line are the business of `edges` and `line`."""
    return _SPECIAL.sub(_escaped, value)


def _escaped(match: re.Match[str]) -> str:
    if match["odd"]:
        return reference(match["odd"])
    if match["plain"] or (match["emoji"] and match["emoji"] not in EMOJI):
        return match[0]
    return "\\" + match[0]


def edges(value: str) -> str:
    """A line with the blanks at its ends as references, since Markdown trims them."""
    if value and value[0].isspace():
        value = reference(value[0]) + value[1:]
    return value[:-1] + reference(value[-1]) if value and value[-1].isspace() else value


def line(value: str) -> str:
    """One line of a paragraph: edges, and what would start a block there loses that meaning."""
    if match := _BLOCK_START.match(value):
        at = match.end("number") if match["number"] else 0
        value = value[:at] + "\\" + value[at:]
    return edges(value)


def heading(value: str) -> str:
    """The line of a heading: edges, and hashes at its end stay."""
    match = _CLOSING_HASHES.search(value)
    return edges(value[: match.start()] + "\\" + value[match.start() :] if match else value)


def before_bracket(value: str) -> str:
    """Text with `[` from the notation behind it: it must not make that a picture, a mention or a word."""
    match = _BEFORE_BRACKET.search(value)
    return value[: match.start()] + "\\" + value[match.start() :] if match else value


def block_brace(value: str) -> str:
    """The end of a block's words: what would be read as the braces of the block is words."""
    match = _BLOCK_BRACE.search(value)
    if match is None or not brace.BRACE.fullmatch(match[0]) or brace.read(match[0]) is None:
        return value  # among others a brace in a string of a span's braces, where a backslash would break the string
    return value[: match.start()] + "\\" + value[match.start() :]


def label(value: str) -> str:
    """What stands behind `:::word`: bare where that reads back, else as a JSON string."""
    return value if _LABEL.fullmatch(value) else brace.quoted(value)


def is_info(value: str) -> bool:
    """Whether a code block's language can stand behind its fence as it is."""
    return _INFO.fullmatch(value) is not None and value.split()[0] != OPAQUE and info_of(value) == (value, {}, [])


def is_plain_url(value: str) -> bool:
    """Whether a URL can stand in `(…)` as it is: `&` can where it begins no reference."""
    return _PLAIN_URL.fullmatch(value) is not None


def references(value: str) -> str:
    """A URL or title with `&` as `&amp;` where it would begin a reference."""
    return _AMPERSAND.sub("&amp;", value)


def in_brackets(value: str) -> str:
    """The text in the brackets of `:word[…]` and `@[…]`."""
    return _IN_BRACKETS.sub(lambda m: reference(m[0]) if m["odd"] else "\\" + m[0], value)


def unescape(source: str) -> str:
    """What `in_brackets` escaped, and any escape or reference that a person may write there."""
    return _UNESCAPED.sub(lambda match: match[1] or resolve(match[0]), source)
