"""What a process that knows secrets does for itself on a host that it shares."""

from __future__ import annotations

import ctypes
import resource
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4  # <sys/prctl.h>


def harden() -> None:
    """No core dump holds our secrets, and on Linux no other process of the same account reads our environment.

    On jump hosts several people share one account: file modes do not keep them apart. Children that are started with
    exec are as open as ever.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library that has no prctl
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
