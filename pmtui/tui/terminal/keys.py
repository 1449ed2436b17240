"""The names of keys, and the sequences that terminals send for them. Pure.

The names are Textual's, which bindings use: ``a``, ``é``, ``slash``, ``enter``, ``ctrl+s``, ``ctrl+shift+up``. Sources: xterm's
ctlseqs, ECMA-48, and https://sw.kovidgoyal.net/kitty/keyboard-protocol/ (called kitty below).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple


class Pressed(NamedTuple):
    """A key. ``character`` is what it types, or its control character; None for neither."""

    key: str
    character: str | None = None


ENTER, TAB, BACKSPACE, ESCAPE = Pressed("enter", "\r"), Pressed("tab", "\t"), Pressed("backspace", "\x7f"), Pressed("escape", "\x1b")
PASTED_LINE_END, PASTED_TAB = Pressed("enter", "\n"), Pressed("pasted_tab", "\t")
"""In a paste without brackets: text for an editor; elsewhere the one is enter and the other nothing."""

_SHIFT, _ALT, _CTRL, _CAPS, _NUM = 1, 2, 4, 64, 128
_MODIFIERS = ((_ALT, "alt"), (_CTRL, "ctrl"), (16, "hyper"), (32, "meta"), (_SHIFT, "shift"), (8, "super"))
_LOCKS = _CAPS | _NUM
_LETTERS = dict(zip("ABCDFHPQRS", ["up", "down", "right", "left", "end", "home", "f1", "f2", "f3", "f4"], strict=True))
_NUMBERS = {
    **dict(zip(range(1, 9), ["home", "insert", "delete", "end", "pageup", "pagedown", "home", "end"], strict=True)),
    **{number: f"f{n}" for n, number in enumerate((*range(11, 16), *range(17, 22), *range(23, 27), 28, 29, *range(31, 35)), 1)},
}
_NAMED = {9: TAB, 13: ENTER, 27: ESCAPE, 127: BACKSPACE, 8: BACKSPACE, 57414: ENTER}
_LIKE_UNSHIFTED = frozenset({"backspace", "escape"})
"""What these do with shift, they do without in most terminals."""
_FUNCTIONAL = {
    57361: "print_screen",
    57362: "pause",
    57363: "menu",
    **{code: f"f{n}" for n, code in enumerate(range(57376, 57399), 13)},
    **dict(zip(range(57417, 57427), ["left", "right", "up", "down", "pageup", "pagedown", "home", "end", "insert", "delete"], strict=True)),
}
_KEYPAD = dict(zip(range(57399, 57414), "0123456789./*-+", strict=True)) | {57415: "=", 57416: ","}
_PRIVATE_USE = range(57344, 63744)  # where kitty numbers what types nothing: modifiers alone, media keys
_SS3_KEYPAD = dict(zip("jklmnopqrstuvwxyX", "*+,-./0123456789=", strict=True))
_AS_IN_ASCII = {"ctrl+h": BACKSPACE, "ctrl+i": TAB, "ctrl+j": ENTER, "ctrl+m": ENTER, "ctrl+left_square_bracket": ESCAPE}
"""Keys that terminals without the kitty protocol cannot tell from others: the same in all."""
_ASCII_CONTROLS = {
    0: "ctrl+@",
    28: "ctrl+backslash",
    29: "ctrl+right_square_bracket",
    30: "ctrl+circumflex_accent",
    31: "ctrl+underscore",
}
_SHORT_NAMES = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_LAYOUTS = (
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),  # Russian
    ("іїєґў", "s]'\\o"),  # Ukrainian and Belarusian, where they differ
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),  # Greek
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),  # Hebrew
    ("ضصثقفغعهخحشسيبلاتنمئءؤرىة", "qwertyuiopasdfghjklzxcvnm"),  # Arabic
)
_LATIN = {letter: latin for letters, on_qwerty in _LAYOUTS for letter, latin in zip(letters, on_qwerty, strict=True)}


@lru_cache(maxsize=1024)
def name_of(character: str) -> str:
    """The name of the key that types a character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT_NAMES.get(name, name)


def latin_of(letter: str) -> str | None:
    """The letter at the same place on a US keyboard, for a letter that is not Latin; None when it is not known."""
    latin = _LATIN.get(letter.lower())
    return latin.upper() if latin and letter.isupper() else latin


def typed(character: str) -> Pressed:
    """The key that types a character."""
    return Pressed(name_of(character), character)


def control(code: int) -> Pressed:
    """The key for an ASCII control character. A bare line feed is a line end."""
    if code in _NAMED or code == 10:
        return _NAMED.get(code, ENTER)
    return Pressed(_ASCII_CONTROLS.get(code) or f"ctrl+{chr(code + 96)}", chr(code))


def with_alt(character: str) -> Pressed:
    """The key for ESC and a character: alt held down. It types nothing."""
    if not character.isprintable():
        return Pressed(f"alt+{control(ord(character)).key}")
    shift = _SHIFT if character.isupper() else 0
    return Pressed(_named(_ALT | shift, name_of(_on_latin(character.lower()))))


def from_ss3(parameters: str, final: str) -> tuple[Pressed, ...]:
    """The key for ``ESC O``: cursor and function keys, and the keypad if an earlier program left it so. () for none."""
    if final in "abcd":  # rxvt
        return (Pressed(f"ctrl+{_LETTERS[final.upper()]}"),)
    if character := _SS3_KEYPAD.get(final):
        return (typed(character),)
    if final == "M":
        return (ENTER,)
    modifiers = parameters.rpartition(";")[2]
    return from_csi(f"1;{modifiers}" if modifiers else "", final)


def from_csi(parameters: str, final: str) -> tuple[Pressed, ...]:
    """The keys for ``ESC [`` with parameters but no private prefix; () for none: releases, reports, unknown sequences."""
    fields = [_numbers(field) for field in parameters.split(";")] if parameters else []
    if any(field is None for field in fields) or len(fields) > 3:
        return ()
    codes, states, text = [*(field or [] for field in fields), [], [], []][:3]
    code, modifiers = (codes or [0])[0], max(0, (states or [1])[0] - 1)
    if states[1:2] == [3]:  # released
        return ()
    if final == "~" and code == 27 and text:  # xterm's modifyOtherKeys
        return _from_code(text[:1], modifiers, [])
    if final == "u":
        return _from_code(codes, modifiers, text)
    if final == "R" and parameters:  # a cursor report looks like f3 with modifiers, which nothing is bound to
        return ()
    if final in "abcd" and not parameters:  # rxvt
        return (Pressed(f"shift+{_LETTERS[final.upper()]}"),)
    if final == "Z":
        return (Pressed("shift+tab"),)
    if final in "^@" and code in _NUMBERS:  # rxvt
        return (Pressed(f"ctrl+{'shift+' if final == '@' else ''}{_NUMBERS[code]}"),)
    name = _NUMBERS.get(code) if final == "~" else _LETTERS.get(final) if code in (0, 1) else None
    return (Pressed(_named(modifiers, name)),) if name else ()


def _numbers(field: str) -> list[int] | None:
    """The numbers of a field, 0 for those left out; None when one is not a code point."""
    numbers = []
    for part in field.split(":"):
        if part and not (part.isascii() and part.isdecimal() and len(part) <= 7):
            return None
        number = int(part or 0)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            return None
        numbers.append(number)
    return numbers


def _from_code(codes: Sequence[int], modifiers: int, text: Sequence[int]) -> tuple[Pressed, ...]:
    """kitty: ``codes`` are those of the key, of the key with shift, and of the key at this place on a US keyboard."""
    code, shifted, base = (*codes, 0, 0, 0)[:3]
    if (key := _NAMED.get(code)) is not None:
        held = modifiers & ~_LOCKS & ~(_SHIFT if key.key in _LIKE_UNSHIFTED else 0)
        return (Pressed(_named(held, key.key)) if held else key,)
    if code in _FUNCTIONAL:
        return (Pressed(_named(modifiers, _FUNCTIONAL[code])),)
    own = _KEYPAD.get(code) or ("" if code in _PRIVATE_USE else chr(code))
    characters = [chr(each) for each in text if _is_text(each)]
    if characters and _types(modifiers, characters, own, shifted):
        return tuple(map(typed, characters))
    if not own or not _is_text(ord(own)):
        return ()
    if not modifiers & ~_SHIFT & ~_LOCKS:
        return (typed(_with_shift(own, shifted, modifiers)),)
    return (_with_modifiers(modifiers, own, base),)


def _types(modifiers: int, characters: Sequence[str], own: str, shifted: int) -> bool:
    """Whether a key with text types it. In some terminals AltGr is alt, or ctrl and alt; what it types is another character."""
    held = modifiers & ~_SHIFT & ~_LOCKS
    if held == _ALT:
        return characters not in ([own], [own.upper()], [chr(shifted)])
    return not held or held == _ALT | _CTRL


def _with_shift(own: str, shifted: int, modifiers: int) -> str:
    upper = bool(modifiers & _SHIFT) != bool(modifiers & _CAPS and own.isalpha())
    if not upper:
        return own
    if shifted and _is_text(shifted):
        return chr(shifted)
    return own.upper() if len(own.upper()) == 1 else own


def _with_modifiers(modifiers: int, own: str, base: int) -> Pressed:
    letter = own if own.isascii() else chr(base) if 32 < base < 127 else _on_latin(own)
    key = _named(modifiers, name_of(letter.lower()))
    return _AS_IN_ASCII.get(key) or Pressed(key)


def _on_latin(letter: str) -> str:
    return latin_of(letter) or letter


def _is_text(code: int) -> bool:
    return code >= 32 and not 127 <= code < 160


def _named(modifiers: int, key: str) -> str:
    return "+".join([*(name for bit, name in _MODIFIERS if modifiers & bit), key])
