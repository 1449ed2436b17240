"""The decoder of the terminal's input: nothing that is no text becomes text, nothing that is text is lost."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pmtui.tui.terminal.decoder import MANY, SILENCE, Decoder, Event, Focus, ModeReport, Mouse, Pasted
from pmtui.tui.terminal.keys import ENTER, ESCAPE, PASTED_LINE_END, PASTED_TAB, TAB, Pressed, typed
from tests.bench.terminal_input import ANSWERS, run

SEQUENCES = 5_000
"""In the suite; `tests.bench.terminal_input` tries a million."""
NEVER_TYPED = (
    *ANSWERS,
    b"\x1b[97;1:3u",
    b"\x1b[1;1:3A",
    b"\x1b[9999999;1u",
    b"\x1b[5n",
    b"\x1b[?1;2;3;4;5;6h",
    b"\x1b[1 q",
    b"\x1b[1$p",
    b"\x1b[" + b"1;" * 500 + b"m",
    b"\x1b]0;" + b"title " * 2000 + b"\x1b\\",
    b"\x1bXsos\x1b\\",
    b"\x1b^pm\x1b\\",
    b"\x1bOz",
    b"\xff\xfe\x80\xc0",
    b"\xc2\x9b",  # C1, as UTF-8
    b"\xed\xa0\x80",  # a surrogate
)


class Line:
    """A line to a decoder, with a clock of its own."""

    def __init__(self) -> None:
        self.decoder, self.now = Decoder(0.1), 50.0
        self.events: list[Event] = []

    def send(self, *reads: bytes, pause: float = 0.0) -> Line:
        """Each is one read; ``pause`` comes before all but the first. Time passes as for the reader: it wakes at deadlines."""
        for number, read in enumerate(reads):
            if number:
                self.wait(pause)
            self.events += self.decoder.feed(read, self.now)
        return self

    def wait(self, seconds: float) -> Line:
        end = self.now + seconds
        while (deadline := self.decoder.deadline) is not None and deadline < end:
            self.now = deadline
            self.events += self.decoder.tick(deadline)
        self.now = end
        return self

    @property
    def text(self) -> str:
        """What an editor would have; pasted texts in angle brackets."""
        return "".join(_text(self.events))


def _text(events: Iterable[Event]) -> Iterable[str]:
    for event in events:
        if isinstance(event, Pasted):
            yield f"<{event.text}>"
        elif isinstance(event, Pressed) and event.character and event.character not in "\x13\x1b\x7f":
            yield event.character


def splits(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    return ((data[:at], data[at:]) for at in range(1, len(data)))


# ---- what is no text --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sequence", NEVER_TYPED, ids=lambda sequence: repr(sequence[:24]))
def test_what_is_no_text_is_never_typed(sequence: bytes) -> None:
    """In one read, byte by byte, and in two parts with pauses: what was typed before and after it is all there is."""
    assert Line().send(b"before " + sequence + b"after").text == "before after"
    assert Line().send(b"before ", *(bytes([each]) for each in sequence[:60]), sequence[60:], b"after", pause=0.01).text == "before after"
    for first, second in list(splits(sequence))[:80]:
        for pause in (0.05, 0.15, 0.5, 0.9):
            if pause > 0.1 and first == b"\x1b" and sequence not in ANSWERS:
                continue  # ESC was the escape key by then, and only what terminals are known to send is still known for its rest
            assert Line().send(b"before ", first, second, b"after", pause=pause).text == "before after", (first, pause)


def test_what_never_ends_is_dropped_after_a_silence() -> None:
    for beginning in (b"\x1b[", b"\x1b[12;", b"\x1b]11;rgb:00", b"\x1bP", b"\x1b_G", b"\x1bO", b"\xe4\xbd", b"\x1b\xe4"):
        line = Line().send(beginning).wait(SILENCE + 0.01).send(b"after")
        assert line.text == "after", beginning
        assert line.decoder.deadline is None


def test_what_never_ends_is_dropped_though_bytes_come() -> None:
    assert Line().send(b"\x1b]", *[b"x"] * 100, pause=0.2).text in ("x" * 90, "x" * 91)


@pytest.mark.parametrize("key", [b"\r", b"\x13", b"\x1b[A", b"\x7f"])
def test_a_key_ends_what_never_ends(key: bytes) -> None:
    (alone,) = Line().send(key).events
    for beginning in (b"\x1b[12;", b"\x1b]11;rgb:00", b"\x1bP", b"\x1b_G", b"\xe4\xbd"):
        if key != b"\x7f" or beginning[:2] in (b"\x1b[", b"\xe4\xbd"):
            assert Line().send(beginning, key).events == [alone]


def test_random_sequences() -> None:
    _, broken = run(SEQUENCES, seed=2)
    assert broken == []


def test_a_broken_promise_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.tui.terminal.decoder._STRINGS", b"]")
    assert run(1000, seed=2)[1]


# ---- escape and alt ---------------------------------------------------------------------------------------------
def test_a_lone_escape_is_the_key_after_a_moment() -> None:
    line = Line().send(b"\x1b")
    assert line.events == []
    assert line.wait(0.11).events == [ESCAPE]


def test_escape_and_a_key_of_their_own() -> None:
    assert Line().send(b"\x1b", b"x", pause=0.05).events == [ESCAPE, typed("x")]
    assert Line().send(b"\x1b", b"\x1b", pause=0.05).wait(1).events == [ESCAPE, ESCAPE]
    assert Line().send(b"\x1b\x1b").wait(1).events == [ESCAPE, ESCAPE]
    assert Line().send(b"\x1b\x1b[A").events == [ESCAPE, Pressed("up")]


def test_alt_types_nothing() -> None:
    line = Line().send("\x1bx\x1bé\x1b\x7fa".encode())
    assert [event.key for event in line.events if isinstance(event, Pressed)] == ["alt+x", "alt+é", "alt+backspace", "a"]
    assert line.text == "a"


def test_brackets_that_are_typed_after_escape_are_text() -> None:
    for text in ("[Runbook](https://example.com)", "On Friday", "[x] done", "P", "["):
        assert Line().send(b"\x1b").wait(0.5).send(text.encode()).wait(2).text == text


# ---- pastes -----------------------------------------------------------------------------------------------------
PASTE = b"\x1b[200~- one\r- two\r\n  - deep\x1b[201~"
PASTED = "<- one\n- two\n  - deep>"


def test_a_paste_in_two_parts() -> None:
    for first, second in splits(PASTE):
        for pause in (0.0, 0.15, 0.9):
            line = Line().send(first, second, pause=pause).send(b"after")
            assert line.text == f"{PASTED}after", (first, pause)


def test_a_paste_byte_by_byte() -> None:
    assert Line().send(*(bytes([each]) for each in PASTE), pause=0.09).send(b"after").text == f"{PASTED}after"


def test_a_paste_that_never_ends() -> None:
    line = Line().send(PASTE[:-6]).wait(0.9)
    assert line.text == ""
    assert line.wait(0.2).send(b"after\x13").text == f"{PASTED}after"
    assert line.events[-1] == Pressed("ctrl+s", "\x13")


def test_the_rest_of_a_bracket_that_comes_too_late() -> None:
    for cut in range(1, 7):
        line = Line().send(PASTE[: len(PASTE) - cut], PASTE[len(PASTE) - cut :], pause=1.5).send(b"after")
        assert line.text == f"{PASTED}after", cut


def test_the_rest_of_a_paste_that_stalled_is_text() -> None:
    assert Line().send(b"\x1b[200~- one\r", b"- two\x13\x1b[201~after", pause=3).text == "<- one\n><- two\x13>after"


def test_all_in_a_paste_is_text_in_its_order() -> None:
    data = b"a\x1b[31mred\x1b[0m\x1b[106;5ub\rc\nd\r\ne\tf\x1b]0;t\x07\x1b[97;1:3u\xff\x1b[200~\x1b"
    (event,) = Line().send(b"\x1b[200~" + data + b"\x1b[201~").events
    assert event == Pasted("a\x1b[31mred\x1b[0m\nb\nc\nd\ne\tf\x1b]0;t\x07\x1b[97;1:3u\ufffd\x1b[200~\x1b")


def test_a_large_paste_takes_no_longer_than_its_size() -> None:
    line = Line().send(b"\x1b[200~", *[b"x" * 4096] * 2000, b"\x1b[201~")
    (event,) = line.events
    assert isinstance(event, Pasted)
    assert len(event.text) == 4096 * 2000


def test_a_bracket_without_a_paste_is_dropped() -> None:
    assert Line().send(b"a\x1b[201~b").text == "ab"


# ---- pastes without brackets --------------------------------------------------------------------------------------
def test_a_paste_without_brackets_is_marked() -> None:
    line = Line().send(b"- one\r- two\n\t- deep\r\nend")
    assert line.text == "- one\n- two\n\t- deep\nend"
    assert [event for event in line.events if event in (PASTED_LINE_END, PASTED_TAB)] == [
        PASTED_LINE_END,
        PASTED_LINE_END,
        PASTED_TAB,
        PASTED_LINE_END,
    ]


def test_its_next_read_is_marked_too() -> None:
    line = Line().send(b"- a line of it\r- another\r", b"- x\r", pause=0.001)
    assert ENTER not in line.events
    assert Line().send(b"- a line of it\r- another\r", b"- x\r", pause=0.1).events[-1] == ENTER


@pytest.mark.parametrize(
    "read",
    [
        b"- one\rtwo\r",  # fewer keys than MANY
        b"nothing but one long line\r",  # no line end between
        b"\r\rnothing but one long line",
        b"a long line\rand\x1bOQa key",  # keys that are no text
        b"a long line\rand \x13 ctrl+s",
        b"a long line\rand\x1b[Ban arrow",
        b"a long line\rand\x7f\x7fbackspace",
    ],
)
def test_keys_in_one_packet_are_keys(read: bytes) -> None:
    events = Line().send(read).events
    assert ENTER in events
    assert PASTED_LINE_END not in events
    assert (len(read) < MANY) == (read == b"- one\rtwo\r")


def test_line_ends() -> None:
    assert Line().send(b"\n").events == [ENTER]
    assert Line().send(b"\r\n").events == [ENTER]
    assert Line().send(b"\r", b"\n", pause=0.001).events == [ENTER]
    assert Line().send(b"\r", b"\n", pause=0.2).events == [ENTER, ENTER]
    assert Line().send(b"\t").events == [TAB]


# ---- reports ------------------------------------------------------------------------------------------------------
def test_reports_that_mean_something() -> None:
    assert Line().send(b"\x1b[I\x1b[O").events == [Focus(True), Focus(False)]
    assert Line().send(b"\x1b[?2026;2$y").events == [ModeReport(2026, 2)]
    assert Line().send(b"\x1b[<0;10;5M\x1b[<0;10;5m").events == [Mouse(0, 9, 4, False), Mouse(0, 9, 4, True)]


@pytest.mark.parametrize(
    "report", [b"\x1b[<0;0;5M", b"\x1b[<0;-1;5M", b"\x1b[<0;99999999999;5M", b"\x1b[<M", b"\x1b[?2026$y", b"\x1b[?;$y"]
)
def test_reports_that_make_no_sense(report: bytes) -> None:
    assert Line().send(report).events == []


def test_text_in_pieces() -> None:
    data = "né 你好 👩‍🚒 e\u0301".encode()
    assert Line().send(*(bytes([each]) for each in data), pause=0.3).text == data.decode()
