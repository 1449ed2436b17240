"""Shows long texts in ``$PAGER``, else ``less``, as git and man do. Into a pipe they are printed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress

_LESS = "FRX"  # quit if it fits on one screen, leave the text on the screen, pass colours


def show_pages(text: str) -> None:
    """Print a text, through a pager when the terminal is too small for it."""
    argv = _pager(os.environ) if sys.stdout.isatty() and len(text.splitlines()) >= _rows() else []
    if not argv or not _paged(argv, text):
        print(text)


def _rows() -> int:
    return shutil.get_terminal_size().lines


def _pager(environ: Mapping[str, str]) -> list[str]:
    """The command line of the pager, [] when none can be run."""
    import shlex

    try:
        words = shlex.split(environ.get("PAGER", "less"))
    except ValueError:  # a quote is not closed
        return []
    return words if words and words != ["cat"] and shutil.which(words[0]) else []


def _paged(argv: list[str], text: str) -> bool:
    """Show the text in a pager; whether that worked. A pager that is left early did."""
    import subprocess

    environ = {**os.environ, "LESS": os.environ.get("LESS", _LESS), "LESSCHARSET": "utf-8"}
    try:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, env=environ, text=True, encoding="utf-8")
    except OSError:
        return False
    with suppress(BrokenPipeError, KeyboardInterrupt):
        process.communicate(text + "\n")
    process.wait()
    return True
