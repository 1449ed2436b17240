"""What is written down when the program ends because of an error of its own."""

from __future__ import annotations

import traceback
from pathlib import Path

from textual.worker import WorkerFailed

from pmtui.store.files import Files


def error_itself(error: BaseException) -> BaseException:
    """The error that ended the program. Textual raises that of a worker as another one, which has no traceback."""
    while isinstance(error, WorkerFailed):
        error = error.error
    return error


def write_crash(path: Path, error: BaseException) -> bool:
    """Write the traceback, without local variables, to a file that only its user can read. Whether that worked.

    A link or pipe that somebody left in its place is replaced; a directory that is not the user's own is refused.
    """
    files = Files()
    try:
        files.directory(path.parent)
        files.write(path, "".join(traceback.format_exception(error_itself(error))).encode(errors="backslashreplace"))
    except OSError:
        return False
    return True
