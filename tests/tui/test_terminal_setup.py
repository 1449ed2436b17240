"""The terminal before and after the app."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import termios
import tty
from pathlib import Path

import pytest
from textual import constants

from pmtui.tui.terminal import setup as terminal


class Stream(io.StringIO):
    def __init__(self, tty: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self._tty, self._encoding = tty, encoding

    def isatty(self) -> bool:
        return self._tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


TTY = Stream(tty=True)


@pytest.mark.parametrize(
    ("environ", "stdin", "stderr", "words"),
    [
        ({"TERM": "xterm-256color"}, TTY, TTY, None),
        ({"TERM": "linux"}, TTY, Stream(tty=True, encoding="UTF_8"), None),
        ({}, TTY, TTY, None),
        ({"TERM": "dumb"}, TTY, TTY, "TERM=dumb"),
        ({"TERM": "xterm"}, Stream(tty=False), TTY, "standard input"),
        ({"TERM": "xterm"}, TTY, Stream(tty=False), "standard error"),
        ({"TERM": "xterm"}, TTY, Stream(tty=True, encoding="latin-1"), "latin-1"),
    ],
)
def test_why_not(environ: dict[str, str], stdin: Stream, stderr: Stream, words: str | None) -> None:
    reason = terminal.why_not(environ, stdin, stderr)
    assert (words is None) == (reason is None)
    assert words is None or words in str(reason)


def test_prepare_keeps_what_the_user_says_of_the_terminal() -> None:
    environ = {"TEXTUAL_ANIMATIONS": "full", "TEXTUAL_COLOR_SYSTEM": "256", "TERM_PROGRAM": "iTerm.app", "TERM": "xterm"}
    terminal.prepare(environ)
    assert environ == {
        "TEXTUAL_ANIMATIONS": "full",
        "TEXTUAL_COLOR_SYSTEM": "256",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TERM_PROGRAM": "iTerm.app",
        "TERM": "xterm",
    }
    other: dict[str, str] = {}
    terminal.prepare(other)
    assert other == {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}


def test_prepare_takes_out_the_switches_of_textuals_developers() -> None:
    """All that its constants read, so that a new one is noticed, too."""
    read = set(re.findall(r'"(TEXTUAL_\w+)"', Path(constants.__file__).read_text()))
    assert {"TEXTUAL_DEBUG", "TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT"} < read
    environ = dict.fromkeys((*read, "TEXTUAL_ALLOW_SIGNALS"), "1")
    terminal.prepare(environ)
    assert environ.keys() == {"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_SMOOTH_SCROLL"}


def test_restore_puts_the_terminal_back() -> None:
    master, slave = pty.openpty()
    try:
        before = termios.tcgetattr(slave)
        terminal.remember(slave)
        tty.setraw(slave)
        assert termios.tcgetattr(slave) != before
        terminal.restore(slave, slave)
        assert termios.tcgetattr(slave)[:4] == before[:4]
        assert os.get_blocking(slave)
        written = os.read(master, 4096)
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u", b"\x1b[m", b"\x1b[?7h"):
            assert sequence in written
    finally:
        os.close(master)
        os.close(slave)


def test_restore_does_not_wait_for_a_stalled_terminal() -> None:
    master, slave = pty.openpty()
    try:
        tty.setraw(slave)
        os.set_blocking(slave, False)
        with pytest.raises(BlockingIOError):
            while True:
                os.write(slave, b"x" * 4096)
        os.set_blocking(slave, True)
        terminal.restore(slave, slave)
        assert os.get_blocking(slave)
    finally:
        os.close(master)
        os.close(slave)


def test_restore_bears_a_terminal_that_is_gone() -> None:
    master, slave = pty.openpty()
    terminal.remember(slave)
    os.close(master)
    os.close(slave)
    terminal.restore(slave, slave)


def test_nothing_heavy_is_imported() -> None:
    heavy = ("textual", "rich", "httpx", "pydantic")
    code = f"import pmtui.tui.terminal.setup, pmtui.display, sys; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
