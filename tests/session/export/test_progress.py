"""How far it is, in words and on the line."""

from __future__ import annotations

import io
import sys

import pytest

from pmtui.cli.printing import progress as line
from pmtui.session.export.progress import Progress, duration


def test_words() -> None:
    assert Progress(listed=1200).words == "1,200 incidents listed"
    assert Progress(total=100).words == "0 of 100 postmortems"
    told = Progress(done=40, total=100, seconds=20, not_found=2, failed=1, waiting="Fake limits requests: 3 s")
    assert told.words == "40 of 100 postmortems · 2 not found · 1 could not be read · 30 s left · Fake limits requests: 3 s"
    assert [duration(each) for each in (12, 240, 4800, 7500)] == ["12 s", "4 min", "80 min", "2 h 5 min"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_is_rewritten_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(line, "_OFTEN", 0)
    with line.ProgressLine() as shown:
        shown.tell("one\x1b[31m")
        shown.tell("two" * 50)
    one, two, end = out.getvalue().split("\r\x1b[K")[1:]
    assert one.startswith("one") and "\x1b" not in one and len(two) < 80 and end == ""


def test_elsewhere_it_is_a_plain_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    with line.ProgressLine() as shown:
        shown.tell("at once, and so not told")
        monkeypatch.setattr(line, "_SELDOM", 0)
        shown.tell("half")
    assert out.getvalue() == "pmtui: half\n"
