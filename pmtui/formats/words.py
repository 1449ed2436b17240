"""The words of a text, and which of them another text lacks: the guard against text that vanishes in a conversion.

A word is a run of letters and digits, or one symbol outside ASCII (an arrow, an emoji). So numbers and the parts of
addresses are words, too, while blanks, line ends and the punctuation of Markdown are not.
"""

from __future__ import annotations

import re
from collections import Counter
from html.entities import html5

_WORD = re.compile(r"[^\W_]+|[^\s\w\x00-\x7f]")
#: A character reference of HTML and Markdown.
REFERENCE = r"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})|[A-Za-z][A-Za-z0-9]{1,31});"
_REFERENCE = re.compile(REFERENCE)


def words_of(text: str) -> Counter[str]:
    """The words of a Markdown or plain text, with how often each occurs. ``&auml;`` and ``&#228;`` count as ``ä``."""
    return Counter(_WORD.findall(resolve(text)))


def lost_words(typed: str, stored: str) -> tuple[str, ...]:
    """What stands in ``typed`` and not, or not as often, in ``stored``, for two texts in the same notation.

    Each item is what stands between two blanks (``https://example.com/a``), in the order of the text. Empty when nothing
    is lost. What ``stored`` has besides does not count.
    """
    return missing(typed, words_of(stored))


def missing(typed: str, present: Counter[str]) -> tuple[str, ...]:
    """As `lost_words`, with the words that are there already counted."""
    short = words_of(typed) - present
    if not short:
        return ()
    chunks = [(chunk, words_of(chunk)) for chunk in typed.split()]
    named: set[int] = set()
    for wanted in (_is_wholly, _is_partly):  # what is lost whole first: an address, and not another word that is in it, too
        for at in reversed(range(len(chunks))):
            own = chunks[at][1]
            if at not in named and wanted(own, short):
                named.add(at)
                for word in own:
                    short[word] -= own[word]
    return tuple(chunk for at, (chunk, _) in enumerate(chunks) if at in named and not _is_glued(chunk, present))


def _is_glued(chunk: str, present: Counter[str]) -> bool:
    """Whether the words of a chunk stand together as one: ``**half****way**`` is one word, in bold."""
    words = _WORD.findall(resolve(chunk))
    return len(words) > 1 and present["".join(words)] > 0


def _is_wholly(own: Counter[str], short: Counter[str]) -> bool:
    return bool(own) and all(short[word] >= count for word, count in own.items())


def _is_partly(own: Counter[str], short: Counter[str]) -> bool:
    return any(short[word] > 0 for word in own)


def resolve(text: str) -> str:
    """The text with each character reference (``&amp;``, ``&#228;``) as the character that it stands for; unknown ones stay."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[0][1:-1]
    if name[0] != "#":
        return html5.get(name + ";", match[0])
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else "\ufffd"
