"""Where a cursor may stand: the borders of user-perceived characters (grapheme clusters) in one line.

The rules of Unicode Annex #29 from `unicodedata`, without Indic conjuncts and prepended marks, which Python's tables
do not tell.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ZWJ = "\u200d"
_LONGEST = 64
"""Code points looked back at to find where a cluster begins. Text that exceeds it is an attack, not a word: there each
mark stands alone, and each look back costs the same in any text."""


@lru_cache(maxsize=4096)
def _extends(char: str) -> bool:
    """Whether `char` continues the cluster before it: marks, joiners, selectors, skin tones and tags."""
    code = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in "\u200c\u200d\uff9e\uff9f"
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


@lru_cache(maxsize=4096)
def _hangul(char: str) -> str:
    """The part a Hangul character plays: L(ead), V(owel), T(rail), "LV", "LVT"; "" for all others."""
    code = ord(char)
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


_HANGUL_PAIRS = frozenset(
    {("L", "L"), ("L", "V"), ("L", "LV"), ("L", "LVT"), ("LV", "V"), ("V", "V"), ("LV", "T"), ("V", "T"), ("LVT", "T"), ("T", "T")}
)


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_picture(char: str) -> bool:
    return char in "©®" or "\u2190" <= char <= "\u2bff" or "\U0001f000" <= char <= "\U0001faff" or char in "‼⁉™ℹ〰〽㊗㊙"


def _joins_picture(text: str, index: int) -> bool:
    """Whether the joiner just before `index` ties the picture at `index` to one before it."""
    before = index - 2
    while before > 0 and index - before < _LONGEST and text[before] != _ZWJ and _extends(text[before]):
        before -= 1
    return before >= 0 and _is_picture(text[before]) and _is_picture(text[index])


def _is_border(text: str, index: int) -> bool:
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if after < "\u0300" and before < "\u0300" and after not in "©®":
        return True
    if _extends(after):
        return _is_too_long(text, index)
    if before == _ZWJ:
        return not _joins_picture(text, index) or _is_too_long(text, index)
    if _is_regional(before) and _is_regional(after):
        return _regionals_before(text, index) % 2 == 0
    return (_hangul(before), _hangul(after)) not in _HANGUL_PAIRS


def _is_too_long(text: str, index: int) -> bool:
    """Whether a cluster that goes on at `index` would be longer than any word of any language."""
    return index >= _LONGEST and all(_extends(char) or _is_picture(char) for char in text[index - _LONGEST : index])


def _regionals_before(text: str, index: int) -> int:
    count = 0
    while count < min(index, _LONGEST) and _is_regional(text[index - 1 - count]):
        count += 1
    return count


def next_border(text: str, index: int) -> int:
    """The first border after `index`; the length of `text` when there is none."""
    index += 1
    while not _is_border(text, index):
        index += 1
    return min(index, len(text))


def previous_border(text: str, index: int) -> int:
    """The last border before `index`; 0 when there is none."""
    index -= 1
    while not _is_border(text, index):
        index -= 1
    return max(index, 0)


def snap(text: str, index: int) -> int:
    """`index` when it is a border, else the border before it."""
    return index if _is_border(text, index) else previous_border(text, index)
