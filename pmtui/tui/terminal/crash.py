"""Writes the traceback of a crash to a file."""

from __future__ import annotations

import traceback
from pathlib import Path

from textual.worker import WorkerFailed

from pmtui.store.files import Files


def error_itself(error: BaseException) -> BaseException:
    """The error that ended the program: Textual wraps the error of a worker in another one, without a traceback."""
    while isinstance(error, WorkerFailed):
        error = error.error
    return error


def write_crash(path: Path, error: BaseException) -> bool:
    """Write the traceback, without local variables, to a private file. Returns whether that worked.

    A link or pipe that somebody planted there is replaced; a directory of another user is refused.
    """
    files = Files()
    try:
        files.directory(path.parent)
        files.write(path, "".join(traceback.format_exception(error_itself(error))).encode(errors="backslashreplace"))
    except OSError:
        return False
    return True
