"""Makes foreign text safe to show on a screen or terminal.

Titles, names and cells come from outside: an alert, an e-mail, a monitor. All such text goes through `display` before a person
sees it. Characters that control a terminal or are invisible are replaced by visible stand-ins; the stored text is unchanged.

Stand-ins: `␛` and friends (U+2400..) for C0 controls and DEL, `‹U+202E›` for the rest, `‹+37 marks›` for a flood of
combining marks. Emoji sequences keep their joiners (ZWJ) and variation selectors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from itertools import groupby

MAX_MARKS = 6
"""The most combining marks on one character; Vietnamese, Hebrew and IPA need fewer."""
MAX_JOINS = 7
"""The most joiners in one emoji sequence; the longest that Unicode recommends (a kiss with skin tones) has three."""
TAB_STOP = 4

_ASCII_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Latin, Greek and Cyrillic letters, and signs that people type: what is shown as it is wherever it stands, one cell each.
_NARROW = re.compile(
    "[ -~\xa1-\xac\xae-\u02ff\u038e-\u03a1\u03a3-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0]*"
)
_ZWJ, _TEXT_STYLE, _EMOJI_STYLE, _KEYCAP = "\u200d", "\ufe0e", "\ufe0f", "\u20e3"
_CONTROL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Invisible letters and marks: Hangul fillers, the grapheme joiner, Khmer inherent vowels, Mongolian selectors.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
# Approximate ranges of emoji: Python has no emoji property, and a wrong guess only hides a selector.
_EMOJI_RANGES = ((0x203C, 0x2049), (0x2122, 0x2139), (0x2190, 0x2BFF), (0x3030, 0x303D), (0x3297, 0x3299), (0x1F000, 0x1FAFF))


class _Kind(Enum):
    PLAIN = "plain"
    MARK = "mark"  # a combining mark: drawn on the character before it
    SPECIAL = "special"  # ZWJ and the two emoji selectors: allowed in some places only
    CONTROL = "control"  # never allowed


class _Verdict(Enum):
    SHOWN = "shown"
    HIDDEN = "hidden"  # needs a stand-in
    EXCESS = "excess"  # one mark too many
    ORPHAN = "orphan"  # a mark at the start of a line, which would be drawn onto another widget


@lru_cache(maxsize=4096)
def _kind(char: str) -> _Kind:
    if char in (_ZWJ, _TEXT_STYLE, _EMOJI_STYLE):
        return _Kind.SPECIAL
    code, category = ord(char), unicodedata.category(char)
    if category in _CONTROL_CATEGORIES or char in _INVISIBLE or _is_selector(code) or _is_noncharacter(code):
        return _Kind.CONTROL
    # Hangul vowels and finals are letters without a cell of their own, so they count as marks.
    return _Kind.MARK if category in ("Mn", "Me") or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF else _Kind.PLAIN


def _is_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0D or 0xE0000 <= code <= 0xE0FFF


def _is_noncharacter(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def _is_emoji(char: str) -> bool:
    return char in "©®" or any(low <= ord(char) <= high for low, high in _EMOJI_RANGES) if char else False


def _is_skin_tone(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def _judge(text: str) -> Iterator[tuple[str, _Verdict]]:
    """Each character of `text` with its verdict. Tabs and newlines are shown."""
    previous = ""  # the previous character as shown
    marks = joins = 0
    for index, char in enumerate(text):
        kind = _kind(char)
        following = text[index + 1 : index + 2]
        verdict = _Verdict.SHOWN
        if char in "\t\n":
            previous, marks, joins = "", 0, 0
        elif kind is _Kind.PLAIN:
            joins = joins if previous == _ZWJ or _is_skin_tone(char) else 0
            previous, marks = char, 0
        elif kind is _Kind.MARK:
            marks += 1
            verdict = _Verdict.EXCESS if marks > MAX_MARKS else _Verdict.ORPHAN if not previous else _Verdict.SHOWN
            previous = "›" if verdict is _Verdict.EXCESS else char
        elif kind is _Kind.SPECIAL and _belongs(char, previous, following, joins):
            joins += char == _ZWJ
            previous = char
        else:
            verdict = _Verdict.HIDDEN
            previous, marks, joins = "›", 0, 0
        yield char, verdict


def _belongs(char: str, previous: str, following: str, joins: int) -> bool:
    """Whether a joiner or selector is in its place in an emoji sequence."""
    if char == _ZWJ:
        return joins < MAX_JOINS and (_is_emoji(previous) or previous == _EMOJI_STYLE) and _is_emoji(following)
    return _is_emoji(previous) or (previous in tuple("0123456789#*") and following == _KEYCAP)


def _stand_in(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"


_ASCII_STAND_INS = {code: _stand_in(chr(code)) for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n"}
"""Text that needs no judging. A long log with one escape character is shown a hundred times faster this way."""


def display(text: str, *, multiline: bool = False) -> str:
    """`text` without control, bidi, zero-width and tag characters, safe to show. Idempotent.

    With `multiline` line ends stay (as `\\n`) and tabs become blanks up to the next tab stop. Without it a line end becomes `␊`
    and a tab one blank, so that the result is one line.
    """
    if (text.isascii() and not _ASCII_CONTROL.search(text)) or is_narrow(text):
        return text
    if multiline:
        return "\n".join(_expand_tabs(_shown(line)) for line in text.replace("\r\n", "\n").split("\n"))
    return _shown(text).replace("\n", "␊").replace("\t", " ")


def _shown(text: str) -> str:
    if text.isascii():
        return text.translate(_ASCII_STAND_INS)
    parts: list[str] = []
    for verdict, group in groupby(_judge(text), key=lambda pair: pair[1]):
        chars = [char for char, _ in group]
        if verdict is _Verdict.SHOWN:
            parts.append("".join(chars))
        elif verdict is _Verdict.HIDDEN:
            parts.extend(map(_stand_in, chars))
        elif verdict is _Verdict.ORPHAN:
            parts.extend(f"◌{char}" for char in chars)
        else:
            parts.append(f"‹+{len(chars)} marks›")
    return "".join(parts)


def _expand_tabs(line: str) -> str:
    *parts, last = line.split("\t")
    made: list[str] = []
    for part in parts:  # each part starts at a tab stop, so earlier parts do not count
        made += [part, " " * (TAB_STOP - width(part) % TAB_STOP)]
    return "".join([*made, last])


def is_narrow(text: str) -> bool:
    """Whether each character is one of a few thousand that are shown as they are, in one cell: said quickly, of most texts."""
    return _NARROW.fullmatch(text) is not None


def mask(line: str) -> str:
    """Like `display`, but replaces each code point by one code point, so that an editor's columns stay right. Tabs stay.

    Stand-ins are one cell wide: `␛` and friends, and `�` for anything else.
    """
    if line.isascii():
        return line if line.isprintable() else line.translate(_ASCII_STAND_INS)
    if is_narrow(line):
        return line
    return "".join(char if verdict is _Verdict.SHOWN else _short_stand_in(char) for char, verdict in _judge(line))


def _short_stand_in(char: str) -> str:
    stand_in = _stand_in(char)
    return stand_in if len(stand_in) == 1 else "�"


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if _kind(char) is not _Kind.PLAIN or _is_skin_tone(char):  # a skin tone belongs to the emoji before it
        return 0
    # Emoji newer than this Python's tables are wide, like all others in their block.
    return 2 if unicodedata.east_asian_width(char) in "WF" or "\U0001fa70" <= char <= "\U0001faff" else 1


def _cells(text: str) -> Iterator[tuple[int, int]]:
    """The width in cells up to and including each character, as `(index, cells)`."""
    total = 0
    base = previous = ""  # the last character with a width; the previous character
    for index, char in enumerate(text):
        own = _char_width(char)
        if previous == _ZWJ:
            own = 0
        elif char == _EMOJI_STYLE and base and _char_width(base) == 1:
            own, base = 1, ""
        elif own:
            base = char
        total += own
        previous = char
        yield index, total


def width(text: str) -> int:
    """The width of displayed text in a terminal, in cells."""
    if text.isascii() or is_narrow(text):
        return len(text)
    return max((cells for _, cells in _cells(text)), default=0)


def clip(text: str, cells: int) -> str:
    """Displayed `text` cut to at most `cells` cells, ending in `…` if it was cut."""
    if width(text) <= cells:
        return text
    if cells < 1:
        return ""
    end = next((index for index, taken in _cells(text) if taken > cells - 1), len(text))
    while 0 < end < len(text) and (_char_width(text[end]) == 0 or text[end - 1] == _ZWJ):  # never cut inside a character
        end -= 1
    return text[:end].rstrip() + "…"


def count(number: int, noun: str) -> str:
    """``1 change``, ``3 changes``, ``1,200 changes``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
