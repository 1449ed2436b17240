"""What the terminal sends, as events: bytes and the time in, keys, pastes and reports out. Pure.

A state machine over ECMA-48's grammar. It decides by these rules:

- A control sequence or string (CSI, SS3, OSC, DCS, APC, PM, SOS) is one event or none, never text. It may come in
  pieces; after a second of silence its beginning is dropped.
- ESC is the escape key when nothing follows within `escape_delay`. With a character behind it, in the same read, it is
  alt and that character. When the rest of a sequence comes later than that, alone in its read, it is still its rest.
- A bracketed paste ends at its bracket, or after a second of silence. All in it is text.
- A paste without brackets is a read of `MANY` characters or more, all of them text, with a line end between others.
  Its line ends and tabs are marked as pasted (`PASTED_LINE_END`), so that an editor takes them literally. Whoever
  types ahead over a slow line fills a packet with a few keys, or with keys that are no text: these stay keys.
- Bytes that are no UTF-8 are dropped; within a paste they become U+FFFD.
"""

from __future__ import annotations

import re
from codecs import utf_8_decode
from typing import NamedTuple, TypeAlias

from pmtui.tui.terminal.keys import ESCAPE, PASTED_LINE_END, PASTED_TAB, Pressed, control, from_csi, from_ss3, typed, with_alt

SILENCE = 1.0
"""Seconds without a byte after which an unfinished sequence is dropped, and a paste is over."""
LONGEST = 2.0
"""Seconds after its beginning when an unfinished sequence is dropped, though bytes still come."""
MANY = 16
"""Bytes of a read from which on it can be a paste without brackets."""
SAME_PASTE = 0.05
"""Seconds within which the next read of text belongs to the paste before it."""

_ESC = 0x1B
_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
_STRINGS = b"]P_^X"  # OSC DCS APC PM SOS
_INTRODUCERS = b"[O" + _STRINGS
_LONGEST_STRING = 4096  # bytes of a string that are kept while its end is awaited
_LONGEST_CSI = 128

_TEXT = re.compile(rb"[^\x00-\x1f\x7f]++")
_CSI_PARAMETERS = re.compile(rb"[\x20-\x3f]*+")
_SS3_PARAMETERS = re.compile(rb"[0-9;]*+")
_CSI = re.compile(rb"\x1b\[([0-?]*+)([ -/]*+)([@-~])")
_STRING_STOPS = re.compile(rb"[\x00-\x1f]")
_ALL_TEXT = re.compile(rb"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*+")
_LINE_BETWEEN = re.compile(rb"[^\r\n][\r\n]++[^\r\n]")
_REST_OF_SEQUENCE = re.compile(rb"\[(?:[0-?][ -?]*+[@-Z\\^-~]|[A-DFHIOP-SZ])|O[A-DFHP-S]|[\]P_^X][^\x00-\x1f]*+(?:\x1b\\|\x07)")
_LINE_FEED_KEY = re.compile(rb"\x1b\[106;5u|\x1b\[27;5;106~|\r\n|\r")


class Pasted(NamedTuple):
    """The text of a bracketed paste; line ends are ``\\n``."""

    text: str


class Mouse(NamedTuple):
    """A mouse report (SGR, 1006): xterm's code for buttons and modifiers, the cell from 0, press or release."""

    buttons: int
    x: int
    y: int
    released: bool


class Focus(NamedTuple):
    """The terminal's window gained or lost the focus."""

    gained: bool


class ModeReport(NamedTuple):
    """The answer to a question about a private mode (DECRPM): 0 unknown, 1 and 3 set, 2 and 4 reset."""

    mode: int
    setting: int


Event: TypeAlias = Pressed | Pasted | Mouse | Focus | ModeReport


class Decoder:
    """Turns bytes into events. Call ``feed`` with each read, and ``tick`` when `deadline` has come; both return the complete events."""

    def __init__(self, escape_delay: float = 0.1) -> None:
        self._escape_delay = escape_delay
        self._held = b""  # an incomplete sequence or character
        self._since = self._last = 0.0  # when it began, and when its last byte came
        self._paste: bytearray | None = None
        self._cut = b""  # the missing part of a paste's closing bracket, after silence ended the paste in the middle of it
        self._escaped = self._stalled = self._literal = float("-inf")  # when an ESC alone, a paste, and a paste without brackets ended
        self._after_cr = False

    @property
    def deadline(self) -> float | None:
        """When to call ``tick``; None when nothing is incomplete."""
        if self._paste is not None:
            return self._last + SILENCE
        if not self._held:
            return None
        if self._held == b"\x1b":
            return self._last + self._escape_delay
        return min(self._last + SILENCE, self._since + LONGEST)

    def tick(self, now: float) -> list[Event]:
        """The events that are complete because no byte came until now."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._paste is not None:
            return [self._end_of_silent_paste(self._paste, now)]
        held, self._held = self._held, b""
        if held != b"\x1b":
            return []
        self._escaped = now
        return [ESCAPE]

    def feed(self, data: bytes, now: float) -> list[Event]:
        """The events in these bytes, which one read returned at this time (seconds of any clock)."""
        events = self.tick(now)
        data = self._with_what_was_held(data, now, events)
        literal = self._paste is None and self._is_paste(data, now)
        at = 0
        while at < len(data):
            took = self._take(data, at, events, literal)
            if not took:
                break
            at += took
        if at or not self._held:
            self._since = now
        self._held = _shortened(data[at:])
        self._last, self._after_cr = now, self._paste is None and data.endswith(b"\r")
        if literal:
            self._literal = now
        return events

    def _with_what_was_held(self, data: bytes, now: float, events: list[Event]) -> bytes:
        """The bytes of a read, after those that were incomplete."""
        if self._cut and data.startswith(self._cut):
            data, self._stalled = data[len(self._cut) :], float("-inf")
        self._cut = b""
        if self._after_cr and data[:1] == b"\n" and now - self._last < SAME_PASTE:
            data = data[1:]
        if self._held == b"\x1b" and data and data[0] not in _INTRODUCERS:
            events.append(ESCAPE)  # alt and a character come together
            self._held = b""
        elif self._held:
            pass
        elif now - self._escaped < SILENCE and (_REST_OF_SEQUENCE.fullmatch(data) or data.startswith(_PASTE_BEGINS[1:])):
            data = b"\x1b" + data
        elif now - self._stalled < SILENCE * 5 and (end := data.find(_PASTE_ENDS)) >= 0:
            events += [Pasted(_pasted_text(data[:end]))] if end else []
            data, self._stalled = data[end + len(_PASTE_ENDS) :], float("-inf")
        return self._held + data

    def _is_paste(self, data: bytes, now: float) -> bool:
        if not _ALL_TEXT.fullmatch(data):
            return False
        return now - self._literal < SAME_PASTE or (len(data) >= MANY and _LINE_BETWEEN.search(data) is not None)

    def _take(self, data: bytes, at: int, events: list[Event], literal: bool) -> int:
        """Take one event from ``data``. Returns its length in bytes, 0 when it is incomplete."""
        if self._paste is not None:
            return self._take_pasted(self._paste, data, at, events)
        code = data[at]
        if code == _ESC:
            end = _end_of_sequence(data, at)
            if end is None:
                return 0
            events += self._understood(data[at:end])
            return end - at
        if code < 32 or code == 127:
            if literal and code != 127:
                events.append(PASTED_TAB if code == 9 else PASTED_LINE_END)
            else:
                events.append(control(code))
            return 2 if data[at : at + 2] == b"\r\n" else 1
        run = _TEXT.match(data, at)
        assert run is not None
        text, used = utf_8_decode(run[0], "ignore", run.end() < len(data))
        events += [typed(character) for character in text if not "\x7f" <= character < "\xa0"]
        return used

    def _take_pasted(self, paste: bytearray, data: bytes, at: int, events: list[Event]) -> int:
        before = len(paste)
        paste += data[at:]
        end = paste.find(_PASTE_ENDS, max(0, before - len(_PASTE_ENDS) + 1))
        if end < 0:
            return len(data) - at
        events.append(Pasted(_pasted_text(paste[:end])))
        self._paste = None
        return end + len(_PASTE_ENDS) - before

    def _end_of_silent_paste(self, paste: bytearray, now: float) -> Event:
        for length in range(len(_PASTE_ENDS) - 1, 0, -1):
            if paste.endswith(_PASTE_ENDS[:length]):
                self._cut = _PASTE_ENDS[length:]
                del paste[-length:]
                break
        self._paste, self._stalled = None, now
        return Pasted(_pasted_text(paste))

    def _understood(self, sequence: bytes) -> list[Event]:
        """The events of a complete sequence, or of one that was cut short by what follows."""
        if sequence == b"\x1b":
            return [ESCAPE]
        if sequence == _PASTE_BEGINS:
            self._paste = bytearray()
            return []
        kind = sequence[1]
        if kind == 0x5B:
            return _csi_events(sequence)
        if kind == 0x4F:
            final = sequence[-1:].decode("latin-1")
            return [*from_ss3(sequence[2:-1].decode("latin-1"), final)] if len(sequence) > 2 else []
        if kind in _STRINGS:
            return []
        character = sequence[1:].decode(errors="ignore")
        return [with_alt(character)] if character else []


def _csi_events(sequence: bytes) -> list[Event]:
    if sequence[:3] == b"\x1b[[":  # the Linux console's F1 to F5
        number = sequence[-1] - 0x40
        return [Pressed(f"f{number}")] if len(sequence) == 4 and 1 <= number <= 5 else []
    match = _CSI.fullmatch(sequence) if len(sequence) <= _LONGEST_CSI else None
    if match is None:
        return []
    parameters, between, final = (part.decode("ascii") for part in match.groups())
    if between or parameters[:1] in ("<", "=", ">", "?"):
        return _report(parameters, between, final)
    if final in "IO" and not parameters:
        return [Focus(final == "I")]
    return [*from_csi(parameters, final)]


def _report(parameters: str, between: str, final: str) -> list[Event]:
    """Mouse and mode reports. All others answer what other programs asked, and are dropped."""
    numbers = [int(part) for part in parameters[1:].split(";") if part.isdecimal() and len(part) < 6]
    if parameters[:1] == "<" and not between and final in "Mm" and len(numbers) == 3 and numbers[1] and numbers[2]:
        return [Mouse(numbers[0], numbers[1] - 1, numbers[2] - 1, final == "m")]
    if parameters[:1] == "?" and between == "$" and final == "y" and len(numbers) == 2:
        return [ModeReport(*numbers)]
    return []


def _end_of_sequence(data: bytes, at: int) -> int | None:
    """Where the sequence that begins with the ESC at ``at`` ends, or is cut short; None when it is incomplete."""
    kind = data[at + 1 : at + 2]
    if not kind:
        return None
    if kind == b"[":
        if data[at + 2 : at + 3] == b"[":
            return None if len(data) == at + 3 else at + 4 if data[at + 3] in b"ABCDE" else at + 3
        return _after_final(data, at, _CSI_PARAMETERS, 0x40)
    if kind == b"O":
        return _after_final(data, at, _SS3_PARAMETERS, 0x20)
    if kind in _STRINGS:
        return _end_of_string(data, at)
    if kind == b"\x1b":
        return at + 1
    return _end_of_alt(data, at)


def _after_final(data: bytes, at: int, parameters: re.Pattern[bytes], lowest: int) -> int | None:
    match = parameters.match(data, at + 2)
    assert match is not None
    end = match.end()
    if end == len(data):
        return None
    return end + 1 if lowest <= data[end] < 0x7F else end


def _end_of_string(data: bytes, at: int) -> int | None:
    stop = _STRING_STOPS.search(data, at + 2)
    if stop is None:
        return None
    if stop[0] in b"\x07\x18\x1a":  # BEL, CAN, SUB
        return stop.end()
    if stop[0] == b"\x1b":
        following = data[stop.end() : stop.end() + 1]
        return None if not following else stop.end() + 1 if following == b"\\" else stop.start()
    return stop.start()


def _end_of_alt(data: bytes, at: int) -> int | None:
    lead = data[at + 1]
    if lead < 0xC2 or lead > 0xF4:
        return at + 2
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    end = at + 2
    while end < at + 1 + length:
        if end == len(data):
            return None
        if not 0x80 <= data[end] < 0xC0:
            return end
        end += 1
    return end


def _shortened(held: bytes) -> bytes:
    """The beginning of a sequence, without what is not needed to find its end."""
    if held[1:2] in (b"[", b"O"):
        return held[: _LONGEST_CSI + 1]
    if len(held) > _LONGEST_STRING:
        return held[:2] + (b"\x1b" if held.endswith(b"\x1b") else b"")
    return held


def _pasted_text(data: bytes | bytearray) -> str:
    """The pasted text: tmux and others send a line feed as ctrl+j. NUL, which no vendor accepts, is left out."""
    return _LINE_FEED_KEY.sub(b"\n", bytes(data)).replace(b"\x00", b"").decode(errors="replace")
