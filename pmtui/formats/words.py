"""Compares the words of two texts, to find text that vanished in a conversion.

A word is a run of letters and digits, or one symbol outside ASCII (an arrow, an emoji). So numbers and parts of addresses
are words, too; blanks, line ends and Markdown punctuation are not.
"""

from __future__ import annotations

import re
from collections import Counter
from html.entities import html5

_WORD = re.compile(r"[^\W_]+|[^\s\w\x00-\x7f]")
#: A character reference of HTML and Markdown.
REFERENCE = r"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})|[A-Za-z][A-Za-z0-9]{1,31});"
_REFERENCE = re.compile(REFERENCE)
#: The most words that may be joined into one: see `_joined`.
_GLUED = 8


_MARKER = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?(?=[ \t]|$)", re.MULTILINE)
"""The marker of a list item, with its box."""


def count_words(text: str) -> int:
    """How many words a Markdown text has, as people count them: without the marks of headings, lists and tables."""
    return sum(any(char.isalnum() for char in word) for word in _MARKER.sub("", text).split())


def words_of(text: str) -> Counter[str]:
    """Count the words of a Markdown or plain text. ``&auml;`` and ``&#228;`` count as ``ä``."""
    return Counter(_WORD.findall(resolve(text)))


def lost_words(typed: str, stored: str) -> tuple[str, ...]:
    """The words of ``typed`` that ``stored`` does not have, or has less often, for two texts in the same notation.

    Each item is the text between two blanks (``https://example.com/a``), in the order of the text; empty when nothing is lost.
    Additional words of ``stored`` are ignored.
    """
    return missing(typed, words_of(stored))


def missing(typed: str, present: Counter[str]) -> tuple[str, ...]:
    """As `lost_words`, with the stored words already counted."""
    wanted = words_of(typed)
    short, spare = wanted - present, present - wanted
    if not short:
        return ()
    chunks = [(chunk, words_of(chunk)) for chunk in typed.split()]
    found: set[int] = set()
    for at, (chunk, own) in enumerate(chunks):  # before any is named: another chunk may have one of the words that are joined here
        if _is_partly(own, short) and (joined := _joined(chunk, present, spare)):
            found.add(at)
            spare.subtract(map("".join, joined))
            short.subtract(word for words in joined for word in words)
    named: set[int] = set()
    for lacks in (_is_wholly, _is_partly):  # first chunks that are wholly lost: an address, not another word that is also part of it
        for at in reversed(range(len(chunks))):
            own = chunks[at][1]
            if at not in named | found and lacks(own, short):
                named.add(at)
                short.subtract(own)
    return tuple(chunk for at, (chunk, _) in enumerate(chunks) if at in named)


def _joined(chunk: str, present: Counter[str], spare: Counter[str]) -> list[list[str]]:
    """The words of a chunk that are one word in the stored text: ``**half****way**``; none when another word of it is missing.

    ``spare`` are the stored words that the typed text does not have as such.
    """
    words = _WORD.findall(resolve(chunk))
    joined: list[list[str]] = []
    used: Counter[str] = Counter()
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + _GLUED), at + 1, -1)
        end = next((end for end in ends if spare[word := "".join(words[at:end])] > used[word]), at + 1)
        if end > at + 1:
            joined.append(words[at:end])
            used["".join(words[at:end])] += 1
        elif not present[words[at]]:
            return []
        at = end
    return joined


def _is_wholly(own: Counter[str], short: Counter[str]) -> bool:
    return bool(own) and all(short[word] >= count for word, count in own.items())


def _is_partly(own: Counter[str], short: Counter[str]) -> bool:
    return any(short[word] > 0 for word in own)


def resolve(text: str) -> str:
    """The text with each character reference (``&amp;``, ``&#228;``) replaced by its character; unknown ones stay."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[0][1:-1]
    if name[0] != "#":
        return html5.get(name + ";", match[0])
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else "\ufffd"
