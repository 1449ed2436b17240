"""Exit codes: part of what scripts rely on. Change them only on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    USAGE = 2
    MISSING = 3
    CREDENTIALS = 4
    CONFLICT = 5
    OFFLINE = 6
    LIMITED = 7
    INVALID = 8
    READ_ONLY = 9
    BUSY = 10
    UNKNOWN = 11
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.OK: "it worked; what was saved is verified",
        ExitCode.FAILED: "it failed: the server had an error, or its answer made no sense",
        ExitCode.USAGE: "wrong usage or configuration, not a terminal, or cancelled",
        ExitCode.MISSING: "there is no such incident, postmortem or draft",
        ExitCode.CREDENTIALS: "credentials are missing or wrong, or may not do this",
        ExitCode.CONFLICT: "somebody else changed the same; nothing was sent",
        ExitCode.OFFLINE: "the server was not reached, or did not answer in time",
        ExitCode.LIMITED: "too many requests, and waiting did not help",
        ExitCode.INVALID: "the server refuses the values",
        ExitCode.READ_ONLY: "pmtui was told not to write",
        ExitCode.BUSY: "the draft is open in another pmtui",
        ExitCode.UNKNOWN: "not known whether it was saved; the draft is kept",
        ExitCode.INTERRUPTED: "interrupted with ctrl+c",
    }
)
