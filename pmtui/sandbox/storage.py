"""Where a sandbox keeps its state between runs: one JSON file a vendor, each replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pmtui.store.files import Files, in_words
from pmtui.store.lock import Busy, acquire

LOCK = "sandbox.lock"
MAX_STATE = 256 * 1024 * 1024  # bytes; the largest that a sandbox writes has some tens of megabytes


class InUse(ValueError):
    """Another sandbox that runs has this state."""


def take(directory: Path) -> Callable[[], object]:
    """Make the directory, private, and take it for this sandbox: two on one state would overwrite each other's changes.

    Returns what lets go of it.

    Raises:
        InUse: a sandbox that runs has it.
        ValueError: it is a link, somebody else's, or cannot be made.
    """
    try:
        Files().directory(directory)
        return acquire(directory / LOCK, Files(), take_over=True).release
    except Busy as busy:
        raise InUse(f"a sandbox that is running uses {directory} (process {busy.owner.pid}): end it, or give another directory") from None
    except OSError as error:
        raise ValueError(f"the state of the sandbox cannot be kept in {directory}: {in_words(error)}; choose another directory") from error


def read(path: Path) -> dict[str, Any] | None:
    """The state that was written there, or None when there is none.

    Raises:
        ValueError: the file is not a state, or not a plain file of the user's own; says how to begin anew.
    """
    anew = "delete it to begin anew"
    try:
        if path.lstat().st_size > MAX_STATE:
            raise ValueError(f"{path} is too large for a sandbox's state; {anew}")
        text = Files().read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {in_words(error)}; {anew}") from error
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a sandbox's state ({error}); {anew}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} is not a sandbox's state; {anew}")
    return value


def write(path: Path, text: str) -> None:
    """Replace the file: a reader sees the old state or the new one, never half of either. Raises OSError."""
    Files().write(path, text.encode())
