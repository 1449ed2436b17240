"""Turns an exception into one line and an exit code. An exception that is not ``expected`` is a bug and keeps its traceback.

The errors of session and store are loaded with the first error: no command waits for them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pmtui.backends.trouble import BackendError, NotApplied, Trouble
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import ConfigError, CredentialsError

if TYPE_CHECKING:
    from pmtui.model.fields import LockedBy

BY_TROUBLE: Mapping[Trouble, ExitCode] = MappingProxyType(
    {
        Trouble.OFFLINE: ExitCode.OFFLINE,
        Trouble.TIMEOUT: ExitCode.OFFLINE,
        Trouble.ANSWER: ExitCode.NOT_UNDERSTOOD,
        Trouble.CREDENTIALS: ExitCode.CREDENTIALS,
        Trouble.RIGHTS: ExitCode.CREDENTIALS,
        Trouble.PLAN: ExitCode.CREDENTIALS,
        Trouble.MISSING: ExitCode.MISSING,
        Trouble.CONFLICT: ExitCode.CONFLICT,
        Trouble.INVALID: ExitCode.INVALID,
        Trouble.LIMITED: ExitCode.LIMITED,
        Trouble.SERVER: ExitCode.SERVER,
        Trouble.ENDED: ExitCode.ENDED,
        Trouble.READ_ONLY: ExitCode.READ_ONLY,
        Trouble.DISK: ExitCode.DISK,
        Trouble.UNABLE: ExitCode.LOCKED,
        Trouble.LOCAL: ExitCode.USAGE,
    }
)


class CommandError(Exception):
    """A command cannot go on. The message is for the user."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        self.code = code
        super().__init__(message)


class Explained(NamedTuple):
    """An error for the user. ``message`` is foreign text in one line; ``details`` are further keys of the JSON error."""

    message: str
    code: ExitCode
    details: Mapping[str, object] = MappingProxyType({})


def expected() -> tuple[type[Exception], ...]:
    """The errors that are no bugs: ``except expected() as error``, which asks only when there is one."""
    from pmtui.backends.base import SeveralDocuments
    from pmtui.session.locks import Locked
    from pmtui.store.drafts import DraftBusy, DraftUnreadable

    return (CommandError, BackendError, ConfigError, DraftBusy, DraftUnreadable, Locked, SeveralDocuments, OSError)


def explain(error: Exception) -> Explained:
    """Explain an error that is ``expected``, with its notes."""
    found = _explain(error)
    return found._replace(message=" · ".join((found.message, *getattr(error, "__notes__", ()))))


def _explain(error: Exception) -> Explained:
    from pmtui.backends.base import SeveralDocuments
    from pmtui.session.locks import Locked
    from pmtui.store.drafts import DraftBusy, DraftUnreadable

    match error:
        case CommandError():
            return Explained(str(error), error.code)
        case BackendError():
            known = ExitCode.NOT_APPLIED if isinstance(error, NotApplied) else BY_TROUBLE[error.trouble]
            code = ExitCode.UNKNOWN if error.unknown else known
            details = {"trouble": error.trouble.value, "status": error.status, "request_id": error.request_id, "advice": error.advice}
            return Explained(error.message, code, details)
        case CredentialsError():
            return Explained(str(error), ExitCode.CREDENTIALS)
        case ConfigError():
            return Explained(str(error), ExitCode.USAGE)
        case Locked():
            return Explained(str(error), _of_lock(error.by), {"locked_by": error.by.value})
        case DraftBusy():
            elsewhere = "that process has ended or is on another computer: open the draft in the screens to take it over"
            advice = "save or leave there first" if error.owner.alive else elsewhere
            return Explained(f"{error}; {advice}", ExitCode.BUSY)
        case DraftUnreadable():
            return Explained(f"{error}; `pmtui recover` prints what is left of it", ExitCode.DISK)
        case SeveralDocuments():
            import shlex

            listed = "; ".join(f"--document {shlex.quote(each.id)} ({each.title})" for each in error.documents)
            return Explained(f"{error}: choose with {listed}", ExitCode.USAGE)
        case OSError():
            return Explained(_of_system(error), ExitCode.DISK)
    raise error


def _of_lock(by: LockedBy) -> ExitCode:
    from pmtui.model.fields import LockedBy

    return {
        LockedBy.VENDOR: ExitCode.LOCKED,
        LockedBy.OPAQUE: ExitCode.LOCKED,
        LockedBy.PINNED: ExitCode.LOCKED,
        LockedBy.UNREAD: ExitCode.INCOMPLETE,
        LockedBy.ACTOR: ExitCode.NO_ACTOR,
        LockedBy.IDENTITY: ExitCode.NO_IDENTITY,
        LockedBy.RIGHTS: ExitCode.CREDENTIALS,
        LockedBy.NO_POSTMORTEM: ExitCode.MISSING,
        LockedBy.READ_ONLY: ExitCode.READ_ONLY,
        LockedBy.SAVING: ExitCode.BUSY,
        LockedBy.TAKEN: ExitCode.BUSY,
    }[by]


def _of_system(error: OSError) -> str:
    said = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return f"{error.filename}: {said}" if error.filename else said
