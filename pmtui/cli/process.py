"""Protects the secrets of this process on a shared host."""

from __future__ import annotations

import ctypes
import resource
import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4  # <sys/prctl.h>


def harden() -> None:
    """Forbid core dumps, and on Linux keep other processes of the same account from reading our memory and environment.

    On jump hosts several people share one account, so file modes do not keep them apart. Child processes started with
    exec are not protected.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without prctl
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
