"""Stores a sandbox's state between runs: one JSON file per vendor, replaced atomically."""

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
    """Another running sandbox uses this state."""


def take(directory: Path) -> Callable[[], object]:
    """Create the private directory and lock it, because two sandboxes would overwrite each other's changes.

    Returns a function that unlocks it. Raises InUse when another sandbox has it; ValueError when it is a link, belongs to another
    user, or cannot be made.
    """
    try:
        Files().directory(directory)
        return acquire(directory / LOCK, Files(), take_over=True).release
    except Busy as busy:
        raise InUse(f"a sandbox that is running uses {directory} (process {busy.owner.pid}): end it, or give another directory") from None
    except OSError as error:
        raise ValueError(f"the state of the sandbox cannot be kept in {directory}: {in_words(error)}; choose another directory") from error


def read(path: Path) -> dict[str, Any] | None:
    """The stored state, None when there is none.

    Raises ValueError, which says how to start over, when the file is not a state, or not a plain file of this user.
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
    """Replace the file atomically. Raises OSError."""
    Files().write(path, text.encode())
