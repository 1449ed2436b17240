"""A progress line: rewritten in place on a terminal, an occasional plain line elsewhere."""

from __future__ import annotations

import sys
import time

from pmtui.cli.printing.streams import warn
from pmtui.display import clip, display
from pmtui.redaction import redact

_OFTEN, _SELDOM = 0.2, 30.0  # seconds between two lines on a terminal, and elsewhere


class ProgressLine:
    """A progress line. A context manager: the line is removed at its end."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._told = 0.0 if self._live else time.monotonic()
        self._shown = False

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.clear()

    def tell(self, words: str) -> None:
        """Show these words, unless others were shown a moment ago."""
        now = time.monotonic()
        if now - self._told < (_OFTEN if self._live else _SELDOM):
            return
        self._told = now
        text = display(redact(words))
        if not self._live:
            warn(f"pmtui: {text}")
            return
        self._write(f"\r\x1b[K{clip(text, _columns() - 1)}")
        self._shown = True

    def clear(self) -> None:
        """Remove the line, so that something else can be printed."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = False

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            self._live = False


def _columns() -> int:
    import os

    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80  # some terminals do not know
    except (OSError, ValueError):
        return 80
