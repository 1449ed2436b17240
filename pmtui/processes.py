"""Whether a process runs. Locks and temporary files name the process that made them."""

from __future__ import annotations

import os
from pathlib import Path

_STATE, _THREADS, _STARTED = 0, 17, 19  # among the words of /proc/PID/stat that follow the name


def runs(pid: int) -> bool:
    """Whether a process with this id runs here.

    One that has ended, and that its parent has not asked about yet, does not: it still has its id (a zombie). Systems without
    /proc mostly know no group of it.
    """
    if pid <= 0:
        return False
    try:
        os.getpgid(pid)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    words = _stat(pid)
    return not words or words[_STATE] not in ("Z", "X") or int(words[_THREADS]) > 1  # a thread of it may still be writing


def started(pid: int) -> str:
    """The start time of a process in clock ticks since boot, "" where the system has no /proc."""
    words = _stat(pid)
    return words[_STARTED] if words else ""


def _stat(pid: int) -> list[str]:
    """What /proc says of a process after its name, [] for nothing."""
    try:
        text = Path("/proc", str(pid), "stat").read_text("ascii", "replace")
    except OSError:
        return []
    words = text.rpartition(")")[2].split()  # the name may contain spaces and brackets
    return words if len(words) > _STARTED else []
