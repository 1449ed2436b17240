"""What is written down when the program ends because of an error of its own."""

from __future__ import annotations

import os
import traceback
from pathlib import Path


def write_crash(path: Path, error: BaseException) -> bool:
    """Write the traceback, without local variables, to a file that only its user can read. Whether that worked."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return False
    return True
