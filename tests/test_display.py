"""`display`: no text from outside can command a terminal or hide from a reader."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui import display as display_module
from pmtui.display import MAX_MARKS, clip, display, is_narrow, mask, width
from pmtui.tui.textual_internals import cells_of

NASTY = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x34F, 0x115F, 0x3164)] + list(
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufe0f\ufe0e\ufe01\ufff9\ufffe\U000e0041\U000e0100\u0301\u20e3\U0001f3fb\ud800"
)
texts = st.text(st.one_of(st.characters(), st.sampled_from([*NASTY, "👩", "❤", "1", "漢", "한", "e", " ", "\n", "\t"])))


def is_harmless(char: str, before: str) -> bool:
    if char in "\u200d\ufe0e\ufe0f":
        return bool(before) and before not in "\n "  # part of an emoji; `display` knows better where
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and not 0xE0000 <= ord(char) <= 0xE0FFF


@given(texts, st.booleans())
def test_nothing_harmful_is_left(text: str, multiline: bool) -> None:
    shown = display(text, multiline=multiline)
    for before, char in zip("\n" + shown, shown, strict=False):
        assert is_harmless(char, before) or (multiline and char == "\n"), ascii(char)


@given(texts, st.booleans())
def test_displaying_twice_changes_nothing(text: str, multiline: bool) -> None:
    shown = display(text, multiline=multiline)
    assert display(shown, multiline=multiline) == shown


@given(texts)
def test_one_line_stays_one_line(text: str) -> None:
    assert len(display(text).splitlines()) <= 1


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd", "Po", "Sm", "Ps", "Pe")), min_size=1))
def test_plain_text_is_unchanged(text: str) -> None:
    assert display(text) == text
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a␛[2Jb"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x9b31m", "‹U+009B›31m"),
        ("\u202egpj.exe", "‹U+202E›gpj.exe"),
        ("pay\u200bpal", "pay‹U+200B›pal"),
        ("\U000e0041", "‹U+E0041›"),
        ("\ud800", "‹U+D800›"),
        ("a\nb\r\nc", "a␊b␍␊c"),
        ("a\tb", "a b"),
        ("a\u200db", "a‹U+200D›b"),
        ("a\ufe0f", "a‹U+FE0F›"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * MAX_MARKS + "‹+44 marks›"),
        ("\u0301a", "◌\u0301a"),
        ("[red]x[/red] [INC-1]", "[red]x[/red] [INC-1]"),
    ],
)
def test_stand_ins(text: str, shown: str) -> None:
    assert display(text) == shown


def test_line_ends_and_tabs_of_many_lines() -> None:
    assert display("a\r\nb\n\tc\nab\td\u2028e", multiline=True) == "a\nb\n    c\nab  d‹U+2028›e"


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "⚠️", "1️⃣", "👍🏽", "🇩🇪", "❤️‍🔥", "👩🏽‍🚒", "e\u0301", "Tiê\u0301ng", "한글", "שָׁלוֹם"])
def test_characters_of_several_code_points_survive(text: str) -> None:
    assert display(text) == text


def test_a_chain_of_joiners_is_bounded() -> None:
    assert "‹U+200D›" in display("👩\u200d" * 100 + "👩")
    assert "‹U+200D›" in display("👩🏽\u200d" * 100 + "👩")


@given(texts)
def test_mask_keeps_each_code_point_in_its_place(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    for before, char in zip("\n" + masked, masked, strict=False):
        assert is_harmless(char, before) or char in "\t\n"


@pytest.mark.parametrize(
    ("text", "cells"), [("abc", 3), ("漢字", 4), ("👩‍👩‍👧", 2), ("⚠️", 2), ("⚠", 1), ("e\u0301", 1), ("👍🏽", 2), ("🇩🇪", 2), ("", 0)]
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@given(texts.map(display), st.integers(0, 30))
def test_clip_fits(text: str, cells: int) -> None:
    clipped = clip(text, cells)
    assert width(clipped) <= cells
    assert clipped == text or clipped.endswith("…") or not clipped
    assert text.startswith(clipped.removesuffix("…")) or clipped == text


@pytest.mark.parametrize(
    ("text", "cells", "clipped"),
    [
        ("checkout", 8, "checkout"),
        ("checkout", 5, "chec…"),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢…"),
        ("ab 👩‍👩‍👧 c", 5, "ab…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_clip(text: str, cells: int, clipped: str) -> None:
    assert clip(text, cells) == clipped


def test_narrow_characters_are_shown_as_they_are_in_one_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are without the shortcut for them, behind whatever stands before them."""
    narrow = [char for char in map(chr, range(0x10000)) if is_narrow(char)]
    assert is_narrow("") and "é" in narrow and "Ж" in narrow and "—" in narrow and not is_narrow("a\tb") and not is_narrow("e\u0301")
    monkeypatch.setattr(display_module, "is_narrow", lambda text: False)
    for char in narrow:
        assert char == " " or not char.isspace()
        for text in (char, f"é{char}", f"{char}é", f"\u2122{char}", f"1{char}"):
            assert mask(text) == display(text) == text
            assert width(text) == cells_of(text) == len(text)
