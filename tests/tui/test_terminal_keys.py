"""What each key sends, in each of the ways that terminals have, is the key that bindings know."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from textual.keys import _character_to_key

from pmtui.tui.terminal.decoder import Decoder, Event
from pmtui.tui.terminal.keys import ENTER, Pressed, latin_of, name_of


def decoded(data: str | bytes) -> list[Event]:
    """The events of one read, and of the silence after it."""
    decoder = Decoder()
    return [*decoder.feed(data.encode() if isinstance(data, str) else data, 0.0), *decoder.tick(5.0)]


def test_names_are_those_of_textual() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co"):
            assert name_of(character) == _character_to_key(character), hex(code)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        # ASCII, UTF-8
        ("\r", "enter"),
        ("\n", "enter"),
        ("\t", "tab"),
        ("\x7f", "backspace"),
        ("\x08", "backspace"),
        ("\x1b", "escape"),
        ("\x13", "ctrl+s"),
        ("\x1a", "ctrl+z"),
        ("\x00", "ctrl+@"),
        ("\x1f", "ctrl+underscore"),
        (" ", "space"),
        ("/", "slash"),
        ("é", "é"),
        # xterm, VT
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[1;5C", "ctrl+right"),
        ("\x1b[1;6D", "ctrl+shift+left"),
        ("\x1b[H", "home"),
        ("\x1bOF", "end"),
        ("\x1b[1~", "home"),
        ("\x1b[4~", "end"),
        ("\x1b[3~", "delete"),
        ("\x1b[3;3~", "alt+delete"),
        ("\x1b[5~", "pageup"),
        ("\x1b[Z", "shift+tab"),
        ("\x1bOP", "f1"),
        ("\x1b[11~", "f1"),
        ("\x1b[15~", "f5"),
        ("\x1b[24~", "f12"),
        ("\x1b[34~", "f20"),
        ("\x1b[27;5;115~", "ctrl+s"),  # modifyOtherKeys
        # the Linux console, rxvt
        ("\x1b[[A", "f1"),
        ("\x1b[[E", "f5"),
        ("\x1b[5^", "ctrl+pageup"),
        ("\x1b[a", "shift+up"),
        ("\x1bOc", "ctrl+right"),
        ("\x1bOM", "enter"),
        ("\x1bOn", "full_stop"),
        # alt
        ("\x1bx", "alt+x"),
        ("\x1bB", "alt+shift+b"),
        ("\x1b\x7f", "alt+backspace"),
        ("\x1b\r", "alt+enter"),
        ("\x1b\x13", "alt+ctrl+s"),
        # kitty
        ("\x1b[27u", "escape"),
        ("\x1b[13u", "enter"),
        ("\x1b[13;2u", "shift+enter"),
        ("\x1b[127;5u", "ctrl+backspace"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1b[115;5u", "ctrl+s"),
        ("\x1b[115;5:2u", "ctrl+s"),
        ("\x1b[115;69u", "ctrl+s"),  # caps lock is on
        ("\x1b[115;133u", "ctrl+s"),  # num lock
        ("\x1b[115:83;6u", "ctrl+shift+s"),
        ("\x1b[106;5u", "enter"),
        ("\x1b[105;5u", "tab"),
        ("\x1b[1;1:1A", "up"),
        ("\x1b[13~", "f3"),
        ("\x1b[57414u", "enter"),
        ("\x1b[57419u", "up"),
        ("\x1b[57376u", "f13"),
        ("\x1b[99;9u", "super+c"),
    ],
)
def test_a_key(sent: str, key: str) -> None:
    (event,) = decoded(sent)
    assert isinstance(event, Pressed)
    assert event.key == key


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b[1099;5u",  # ы, by its layout
        "\x1b[1099::115;5u",  # by the key's place
        "\x1b[1099:1067:115;5u",
        "\x1b[963;5u",  # Greek σ
        "\x1b[1491;5u",  # Hebrew ד
        "\x1b[1587;5u",  # Arabic س
        "\x1b[595::115;5u",  # a letter that only the terminal can place
    ],
)
def test_a_shortcut_in_other_layouts(sent: str) -> None:
    assert decoded(sent) == [Pressed("ctrl+s")]


def test_every_layout_has_every_shortcut() -> None:
    for letters in ("йцукенгшщзфывапролдячсмить", "ςερτυθιοπασδφγηξκλζχψωβνμ"):
        for letter in letters:
            latin = latin_of(letter)
            assert latin is not None
            plain = decoded(f"\x1b[{ord(latin)};5u")
            assert decoded(f"\x1b[{ord(letter)};5u") == plain
            assert decoded(f"\x1b{letter}") == [Pressed(f"alt+{latin}")]
    assert latin_of("Ы") == "S"
    assert latin_of("s") is None


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("\x1b[97u", "a"),
        ("\x1b[97;1u", "a"),
        ("\x1b[97;1;97u", "a"),
        ("\x1b[97;1;27u", "a"),  # a control character is no text
        ("\x1b[97;2;65u", "A"),
        ("\x1b[97:65;2u", "A"),
        ("\x1b[97;2u", "A"),
        ("\x1b[97;65u", "A"),  # caps lock
        ("\x1b[97;66u", "a"),  # and shift
        ("\x1b[49:33;2u", "!"),
        ("\x1b[49;65u", "1"),
        ("\x1b[32;2;32u", " "),
        ("\x1b[1099;1;1099u", "ы"),
        ("\x1b[113;1;64u", "@"),  # AltGr, which kitty does not report
        ("\x1b[113;7;64u", "@"),  # as ctrl and alt
        ("\x1b[120;3;8776u", "≈"),  # as alt
        ("\x1b[101;1;234u", "ê"),  # a dead key before it
        ("\x1b[101;1;101:770u", "e\u0302"),
        ("\x1b[0;;20320:22909u", "你好"),  # an input method
        ("\x1b[57401u", "2"),  # the keypad
        ("\x1b[57401;129;50u", "2"),
        ("\x1b[57413u", "+"),
        ("\x1b[27;2;65~", "A"),
    ],
)
def test_a_key_that_types(sent: str, text: str) -> None:
    events = [event for event in decoded(sent) if isinstance(event, Pressed)]
    assert "".join(event.character or "" for event in events) == text
    assert [event.key for event in events] == [name_of(character) for character in text]


@pytest.mark.parametrize(
    "sent",
    [
        "\x1b[97;1:3u",  # released
        "\x1b[97;5:3u",
        "\x1b[1;1:3A",
        "\x1b[57441;2u",  # shift alone
        "\x1b[57358u",  # caps lock
        "\x1b[55296u",  # no code point
        "\x1b[1114112u",
        "\x1b[99999999999999999999u",
        "\x1b[97;;;;u",
        "\x1b[;;u",
        "\x1b[u",
        "\x1b[77A",
        "\x1b[99~",
        "\x1b[~",
        "\x1b[24;80R",  # a cursor report
        "\x1b[1;2R",
        "\x1bOz",
    ],
)
def test_what_is_no_key(sent: str) -> None:
    assert decoded(sent) == []


def test_text_of_a_key_that_no_text_belongs_to() -> None:
    assert decoded("\x1b[115;5;115u") == [Pressed("ctrl+s")]
    assert decoded("\x1b[115;3;115u") == [Pressed("alt+s")]
    assert decoded("\x1b[13;1;13u") == [ENTER]
