"""Runs a program under a pty, and emulates its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.emulator import ByteStream, Screen
from tests.patience import PATIENCE
from tests.warm_program import WarmProgram, fits

KEYS = {
    "enter": "\r",
    "escape": "\x1b[27u",  # as sent with the kitty protocol: after a lone ESC the program waits for the rest of a sequence
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+up": "\x1b[1;5A",
    "ctrl+down": "\x1b[1;5B",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f12": "\x1b[24~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghjklnopqrstuvwxyz"},
}
# pyte knows neither private-parameter CSI of kitty nor mode queries.
_UNKNOWN = re.compile(rb"\x1b\[[<>=?][0-9;]*[um]|\x1b\[\?[0-9]+\$p")
_UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<>=$]*)?\Z")
_BEGIN, _END, _ASKED, _KNOWN = b"\x1b[?2026h", b"\x1b[?2026l", b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Synchronised output: a frame between the first two is shown when it is complete."""


class PtyScreen:
    """Runs ``argv`` at this size; ``wait_for`` reads until the screen shows what is wanted.

    A frame that the program marks is shown as a whole, as in most terminals.
    """

    loaded_before = True
    """Whether pmtui may be forked from a process that has loaded it, see ``tests.warm_program``."""

    def __init__(self, argv: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None) -> None:
        self.screen = Screen(columns, rows)
        self._stream = ByteStream(self.screen)
        self._rows = [""] * rows  # of the screen, as last looked at
        self.output = bytearray()
        self._held = b""  # the beginning of a frame, or of a sequence
        self.exit_code: int | None = None
        self._warm: WarmProgram | None = None
        environ = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        size = struct.pack("HHHH", rows, columns, 0, 0)
        if self.loaded_before and fits(argv, environ):
            self._fd, terminal = pty.openpty()
            fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)
            self._warm = WarmProgram(argv, environ, terminal)
            os.close(terminal)
            self.pid = self._warm.pid
            return
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(argv[0], list(argv), environ)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- looking ------------------------------------------------------------------------------------------
    @property
    def rows(self) -> list[str]:
        """The lines of the screen. (pyte's ``display`` fails on a half-overwritten wide character.)"""
        for y in self.screen.dirty:
            line = self.screen.buffer[y]
            self._rows[y] = "".join([line[x].data for x in range(self.screen.columns)])
        self.screen.dirty.clear()
        return list(self._rows)

    @property
    def text(self) -> str:
        return "\n".join([line.rstrip() for line in self.rows])

    def read(self, seconds: float) -> bool:
        """Read output for this many seconds. Returns False when the program has closed the terminal."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        if not ready:
            return True
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        if not data:
            return False
        self.output += data
        self._show(data)
        return True

    def _show(self, data: bytes) -> None:
        """Show complete frames and sequences, and keep the rest for later."""
        data = self._held + data
        if _ASKED in data:
            os.write(self._fd, _KNOWN)
            data = data.replace(_ASKED, b"")
        begin = data.rfind(_BEGIN)
        unfinished = _UNFINISHED.search(data)
        end = begin if begin > data.rfind(_END) else unfinished.start() if unfinished else len(data)
        self._held = data[end:]
        self._stream.feed(_UNKNOWN.sub(b"", data[:end]))

    def wait_for(self, wanted: str, timeout: float = PATIENCE) -> str:
        """Wait until the screen matches this regular expression. Raises AssertionError with the screen."""
        pattern = re.compile(wanted)
        end = time.monotonic() + timeout
        while not pattern.search(self.text):
            left = end - time.monotonic()
            alive = self.read(min(left, 0.2)) if left > 0 else False
            if not alive and not pattern.search(self.text):
                raise AssertionError(f"never on the screen: {wanted}\n{self.text}")
        return self.text

    def settle(self, quiet: float = 0.15, timeout: float = 30.0) -> str:
        """The screen once nothing has come for ``quiet`` seconds, and the program is not about to do anything."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            before = len(self.output)
            if not self.read(quiet) or (len(self.output) == before and not self._is_at_work()):
                break
        return self.text

    def _is_at_work(self) -> bool:
        """Whether a thread of the program runs, or would if the machine were less busy; False where /proc does not tell."""
        try:
            states = [each.read_text().rpartition(")")[2].split()[0] for each in Path(f"/proc/{self.pid}/task").glob("*/stat")]
        except OSError:  # a thread that ends meanwhile
            return True
        return bool({"R", "D"} & set(states))

    # ---- typing -----------------------------------------------------------------------------------------------
    def press(self, *keys: str) -> None:
        """Press keys by name (``ctrl+s``, ``f2``, ``a``), each after the screen is quiet."""
        for key in keys:
            self.send(KEYS.get(key, key))
            self.settle(0.05)

    def type(self, text: str) -> None:
        self.send(text)
        self.settle(0.05)

    def send(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._fd, data) :]

    # ---- ending -------------------------------------------------------------------------------------------------
    def wait_exit(self, timeout: float = PATIENCE) -> int:
        """Wait for the end. Returns the exit code, negative for a signal. Raises AssertionError when it does not end."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.exit_code is not None:
                break
            if self._fd < 0 or not self.read(0.05):
                time.sleep(0.005)
            self.ended()
        if self.exit_code is None:
            raise AssertionError(f"still running\n{self.text}")
        while self._fd >= 0 and select.select([self._fd], [], [], 0)[0] and self.read(0):
            pass  # its last output
        return self.exit_code

    def ended(self) -> bool:
        """Whether it has, without reading what it may still have to say."""
        if self.exit_code is None:
            if self._warm is not None:
                status = self._warm.ended()
            else:
                pid, found = os.waitpid(self.pid, os.WNOHANG)
                status = found if pid else None
            self.exit_code = None if status is None else os.waitstatus_to_exitcode(status)
        return self.exit_code is not None

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal while the program runs."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def close(self) -> None:
        """Close the terminal and end the program."""
        self.hang_up()
        if self.exit_code is None:
            with suppress(ProcessLookupError):  # it has ended, and somebody else has waited for it
                os.kill(self.pid, signal.SIGKILL)
            status = self._warm.wait() if self._warm is not None else os.waitpid(self.pid, 0)[1]
            self.exit_code = os.waitstatus_to_exitcode(status)


class FreshPtyScreen(PtyScreen):
    """The same with an interpreter that loads the program as for a user, for tests of what that takes and shows."""

    loaded_before = False
