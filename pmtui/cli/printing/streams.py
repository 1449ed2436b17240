"""Standard input, output and error as they are given to us: closed, full, or a pipe whose reader has left.

What cannot be printed never makes a save that was done look like a failure, and never ends in a traceback.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pmtui.cli.exit_codes import ExitCode

TYPE_CHECKING = False  # not typing's own: importing that would take `pmtui --help` a third longer
if TYPE_CHECKING:
    from typing import NoReturn, TextIO


class OutputFailed(Exception):
    """Standard output takes no more: ``code`` says why."""

    def __init__(self, error: OSError) -> None:
        self.code = ExitCode.CUT_SHORT if isinstance(error, BrokenPipeError) else ExitCode.DISK
        super().__init__(f"standard output: {error.strerror}")


class _Closed(io.TextIOBase):
    """In the place of a standard stream that was closed before the program began: using it is an error."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def buffer(self) -> _Closed:
        return self

    def isatty(self) -> bool:
        return False

    def write(self, text: object) -> NoReturn:
        self._refuse()

    def read(self, size: int | None = -1) -> NoReturn:
        self._refuse()

    def readline(self, size: int = -1) -> NoReturn:  # type: ignore[override]
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed", self._name)


def open_missing() -> None:
    """Take the places of standard streams that are closed: else the next file that is opened would be printed into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = _Closed("standard input")
    if sys.stdout is None:
        sys.stdout = _Closed("standard output")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (open to the end, as its like are)


def flush() -> None:
    """Hand on what was printed. Raises OutputFailed."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise refused(error) from None


def refused(error: OSError) -> OutputFailed:
    """What to raise when printing failed. What is not printed yet is dropped; why is said, unless the reader just had enough."""
    failed = OutputFailed(error)
    _abandon(sys.stdout)
    if failed.code is not ExitCode.CUT_SHORT:
        warn(f"pmtui: {failed}")
    return failed


@contextmanager
def told_afterwards() -> Iterator[None]:
    """What is printed here tells of something that was done: where it cannot be printed, that is said, and no error."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        _abandon(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            warn(f"pmtui: what was done cannot be told: standard output: {error.strerror}")


def warn(line: str) -> None:
    """A line on standard error, as far as that takes it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _abandon(sys.stderr)


def finish(code: int) -> int:
    """The exit code, once all that was printed is handed on. Nothing is left for Python to complain of at its end."""
    try:
        flush()
    except OutputFailed as failed:
        code = code or failed.code
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    return int(code)


def _abandon(stream: TextIO) -> None:
    """Let what is still held back go nowhere."""
    with suppress(OSError, ValueError):  # a stream of a test has no number, one that is closed wants nothing
        number = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(number, stream.fileno())
        finally:
            os.close(number)
    with suppress(OSError, ValueError):
        stream.flush()
