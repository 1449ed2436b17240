"""Writes a text elsewhere when the state directory cannot be written and the program ends."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pmtui.store.files import Files

_TRIES = 100


def put_in_last_resort(directories: Iterable[Path], name: str, text: str) -> Path | None:
    """Create a private file with this text in the first directory that can be written. None when none can. ``name`` is foreign text."""
    stem = "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in name).split())[:60] or "pmtui"
    files, data = Files(), text.encode("utf-8", "surrogatepass")
    for directory in directories:
        for count in range(1, _TRIES):
            path = directory / (f"{stem}.md" if count == 1 else f"{stem}-{count}.md")
            try:
                files.create(path, data)
            except FileExistsError:
                continue
            except OSError:
                break
            return path
    return None
