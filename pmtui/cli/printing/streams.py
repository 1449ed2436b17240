"""Standard input, output and error that are closed, full, or a pipe whose reader has gone.

When printing fails, a save that succeeded is still reported as such, and there is no traceback.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pmtui.cli.exit_codes import ExitCode

TYPE_CHECKING = False  # not from typing: importing it would make `pmtui --help` a third slower
if TYPE_CHECKING:
    from typing import NoReturn, TextIO


class OutputFailed(Exception):
    """Standard output cannot be written. ``code`` is the exit code: a full disk, or a reader that closed it."""

    def __init__(self, error: OSError) -> None:
        self.code = ExitCode.CUT_SHORT if isinstance(error, BrokenPipeError) else ExitCode.DISK
        super().__init__(f"standard output: {error.strerror}")


class _Closed(io.TextIOBase):
    """Replaces a standard stream that was closed before the program started. Every use raises OSError."""

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
    """Replace standard streams that are closed; otherwise the next file to be opened would get their number, and our output."""
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
    """Flush standard output. Raises OutputFailed."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise refused(error) from None


def refused(error: OSError) -> OutputFailed:
    """The exception to raise when printing failed. Drops buffered output, and says why unless the reader closed the pipe."""
    failed = OutputFailed(error)
    _abandon(sys.stdout)
    if failed.code is not ExitCode.CUT_SHORT:
        warn(f"pmtui: {failed}")
    return failed


@contextmanager
def told_afterwards() -> Iterator[None]:
    """For printing what has already been done: if that fails, warn on standard error and go on, because the save succeeded."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        _abandon(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            warn(f"pmtui: done, but the result could not be printed: standard output: {error.strerror}")


def warn(line: str) -> None:
    """Print a line on standard error; failures are ignored."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _abandon(sys.stderr)


def finish(code: int) -> int:
    """Flush both streams and return the exit code. Python finds nothing left to flush, and so nothing to complain about, at exit."""
    try:
        flush()
    except OutputFailed as failed:
        code = code or failed.code
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    return int(code)


def _abandon(stream: TextIO) -> None:
    """Discard what is still buffered."""
    with suppress(OSError, ValueError):  # a test's stream has no file number; a closed one needs nothing
        number = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(number, stream.fileno())
        finally:
            os.close(number)
    with suppress(OSError, ValueError):
        stream.flush()
