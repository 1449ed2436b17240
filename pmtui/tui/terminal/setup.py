"""Prepares the terminal before the app starts, and restores it afterwards.

Nothing here imports Textual: the environment must be set before Textual is imported, and a signal handler that restores the
terminal must not depend on it.
"""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Mapping, MutableMapping
from typing import TextIO

RESTORE = (
    b"\x1b\\"  # ends whatever sequence was cut short
    b"\x1b[?2026l"  # synchronised output
    b"\x1b[r\x1b[m\x1b[?7h"  # whole-screen scrolling, plain pen, line wrap
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l"  # mouse
    b"\x1b[?2004l\x1b[?2048l\x1b[?1004l"  # bracketed paste, resize reports, focus reports
    b"\x1b[<u"  # kitty keyboard: pop what was pushed, before the alternate screen is left
    b"\x1b[?1049l\x1b[?25h"  # alternate screen, cursor
)
"""Undoes everything that Textual and we switch on, in one write."""

_ABOUT_THE_TERMINAL = frozenset({"TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DISABLE_KITTY_KEY"})
_DUMB = frozenset({"dumb", "unknown"})


def why_not(
    environ: Mapping[str, str] = os.environ,
    stdin: TextIO | None = None,
    stderr: TextIO | None = None,
) -> str | None:
    """Why the screens cannot run here, in words for the user; None when they can.

    Textual reads standard input and paints on standard error, so both must be the terminal.
    """
    source, target = stdin or sys.__stdin__, stderr or sys.__stderr__
    if source is None or not source.isatty():
        return "standard input is not a terminal"
    if target is None or not target.isatty():
        return "standard error is not a terminal (the screens are painted there)"
    if (term := environ.get("TERM", "")) in _DUMB:
        return f"TERM={term} cannot move the cursor"
    if target.encoding.lower().replace("-", "").replace("_", "") != "utf8":
        return f"the terminal's encoding is {target.encoding}, not UTF-8 (set LC_ALL=C.UTF-8 or PYTHONUTF8=1)"
    return None


def prepare(environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables that Textual reads when it is imported.

    What the user set about the terminal stays; Textual's switches for its developers (logs, key presses, another driver) are
    removed. Animations are off, because they cost 100 KB a page over a slow line. iTerm2 loses composed text under the kitty
    keyboard protocol.
    """
    for name in [name for name in environ if name.startswith("TEXTUAL_") and name not in _ABOUT_THE_TERMINAL]:
        del environ[name]
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ["TEXTUAL_SMOOTH_SCROLL"] = "0"
    if environ.get("TERM_PROGRAM") == "iTerm.app" or environ.get("LC_TERMINAL") == "iTerm2":
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


class _Line:
    """The terminal settings of the shell. A process has one terminal, so there is one of these."""

    settings: list[int | list[bytes | int]] | None = None


def remember(input_fd: int = 0) -> None:
    """Remember the terminal's settings for `restore`; call it before the app starts."""
    try:
        _Line.settings = termios.tcgetattr(input_fd)
    except termios.error:
        _Line.settings = None


def remembered() -> list[int | list[bytes | int]] | None:
    """What ``remember`` found."""
    return _Line.settings


def restore(input_fd: int = 0, output_fd: int = 2) -> None:
    """Leave the alternate screen, turn off reports, show the cursor, and restore the settings.

    Safe in a signal handler: takes no lock and never waits for a stalled line. A terminal that is gone is not an error.
    """
    _write_without_waiting(output_fd, RESTORE)
    if _Line.settings is not None:
        try:
            termios.tcsetattr(input_fd, termios.TCSANOW, _Line.settings)
        except termios.error:
            return  # hung up: there are no settings left to restore


def _write_without_waiting(fd: int, data: bytes) -> None:
    try:
        blocking = os.get_blocking(fd)
        os.set_blocking(fd, False)
        try:
            os.write(fd, data)
        finally:
            # The shell shares this open file: it must not find it non-blocking.
            os.set_blocking(fd, blocking)
    except OSError:
        return  # gone or stalled: nobody can read it
