"""Exit codes. Scripts rely on them: never change the meaning of one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class ExitCode(IntEnum):
    """How a command ended. What each one means is in ``MEANINGS``, and in ``pmtui help exit-codes``."""

    OK = 0
    NO = 1
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
    NOT_UNDERSTOOD = 12
    SERVER = 13
    INCOMPLETE = 14
    LOCKED = 15
    NO_ACTOR = 16
    NO_IDENTITY = 17
    DISK = 18
    NOT_APPLIED = 19
    ENDED = 20
    UNHEALTHY = 21
    BUG = 70
    INTERRUPTED = 130
    CUT_SHORT = 141

    @property
    def kind(self) -> str:
        """The word for it in JSON errors: ``not-understood``."""
        return self.name.lower().replace("_", "-")


MEANINGS: Mapping[ExitCode, str] = MappingProxyType(
    {
        ExitCode.OK: "it worked; what was saved is verified; an empty list is empty",
        ExitCode.NO: 'the answer is no: only from commands that ask ("is it the same?"), never an error',
        ExitCode.USAGE: "wrong usage or configuration, a filter that cannot be applied, not a terminal, or cancelled",
        ExitCode.MISSING: "there is no such incident, postmortem, section or draft",
        ExitCode.CREDENTIALS: "credentials are missing or wrong, or may not do this",
        ExitCode.CONFLICT: "somebody else changed the same part; nothing was sent",
        ExitCode.OFFLINE: "the server was not reached, or did not answer in time",
        ExitCode.LIMITED: "too many requests, and waiting did not help",
        ExitCode.INVALID: "the server, or pmtui in its place, refuses the values",
        ExitCode.READ_ONLY: "pmtui was told not to write",
        ExitCode.BUSY: "the draft is open in another pmtui",
        ExitCode.UNKNOWN: "not known whether it was saved; the draft is kept",
        ExitCode.NOT_UNDERSTOOD: "the server's answer was not understood: it is neither empty nor refused",
        ExitCode.SERVER: "the server had an error (5xx)",
        ExitCode.INCOMPLETE: "part of it could not be read; what is printed is right, and not all",
        ExitCode.LOCKED: "this cannot be done or edited here: the vendor cannot, or sets it itself, or Markdown cannot say it",
        ExitCode.NO_ACTOR: "no actor is set: set PMTUI_ACTOR, or actor in the profile",
        ExitCode.NO_IDENTITY: "this cannot be edited: the id of its incident or postmortem is not known",
        ExitCode.DISK: "a file of this computer, standard input or standard output cannot be read or written",
        ExitCode.NOT_APPLIED: "the server accepted it, but had something else when it was read back",
        ExitCode.ENDED: "the vendor has ended the service",
        ExitCode.UNHEALTHY: "pmtui doctor found something that does not work",
        ExitCode.BUG: "an error of pmtui's own: please report the traceback",
        ExitCode.INTERRUPTED: "interrupted with ctrl+c before anything was sent",
        ExitCode.CUT_SHORT: "the reader of the output (head, less) closed it",
    }
)
