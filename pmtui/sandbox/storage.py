"""Where a sandbox keeps its state between runs: one JSON file a vendor, replaced atomically."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

VENDORS = ("datadog", "opsgenie")


def read(path: Path) -> dict[str, Any] | None:
    """The state that was written there, or None when there is none.

    Raises:
        ValueError: the file is not a state; says how to begin anew.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"{path} is not a sandbox's state ({error}); delete it to begin anew") from error
    if not isinstance(value, dict):
        raise ValueError(f"{path} is not a sandbox's state; delete it to begin anew")
    return value


def reset(directory: Path) -> None:
    """Forget the states that are kept there; the next sandbox begins anew."""
    for vendor in VENDORS:
        (directory / f"{vendor}.json").unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Replace the file: a reader sees the old state or the new one, never half of either."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
