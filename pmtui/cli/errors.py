"""From what went wrong to one line and an exit code. What is not in ``EXPECTED`` is a bug and keeps its traceback."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pmtui.backends.base import BackendError, SeveralDocuments, Trouble
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import ConfigError, CredentialsError
from pmtui.store.drafts import DraftBusy, DraftUnreadable

_BY_TROUBLE = {
    Trouble.OFFLINE: ExitCode.OFFLINE,
    Trouble.TIMEOUT: ExitCode.OFFLINE,
    Trouble.CREDENTIALS: ExitCode.CREDENTIALS,
    Trouble.RIGHTS: ExitCode.CREDENTIALS,
    Trouble.MISSING: ExitCode.MISSING,
    Trouble.CONFLICT: ExitCode.CONFLICT,
    Trouble.INVALID: ExitCode.INVALID,
    Trouble.LIMITED: ExitCode.LIMITED,
    Trouble.READ_ONLY: ExitCode.READ_ONLY,
    Trouble.LOCAL: ExitCode.USAGE,
}


class CommandError(Exception):
    """A command cannot go on. The message is for the user."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Explained:
    """``message`` is foreign text in one line; ``details`` stand beside it in JSON."""

    message: str
    code: ExitCode
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


EXPECTED = (CommandError, BackendError, ConfigError, DraftBusy, DraftUnreadable, SeveralDocuments, OSError)


def explain(error: Exception) -> Explained:
    """What to say of an error that is in ``EXPECTED``."""
    match error:
        case CommandError():
            return Explained(str(error), error.code)
        case BackendError():
            code = ExitCode.UNKNOWN if error.unknown else _BY_TROUBLE.get(error.trouble, ExitCode.FAILED)
            details = {"trouble": error.trouble.value, "status": error.status, "request_id": error.request_id, "advice": error.advice}
            return Explained(error.message, code, details)
        case CredentialsError():
            return Explained(str(error), ExitCode.CREDENTIALS)
        case ConfigError():
            return Explained(str(error), ExitCode.USAGE)
        case DraftBusy():
            advice = "" if error.owner.alive else "; that process is gone or elsewhere: open it in the screens to take it over"
            return Explained(f"{error}{advice}", ExitCode.BUSY)
        case DraftUnreadable():
            return Explained(f"{error}; `pmtui recover` gets out what is left", ExitCode.FAILED)
        case SeveralDocuments():
            listed = "; ".join(f"--document {each.id} ({each.title})" for each in error.documents)
            return Explained(f"{error}: choose with {listed}", ExitCode.USAGE)
        case OSError():
            said = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
            return Explained(f"{error.filename}: {said}" if error.filename else said, ExitCode.FAILED)
    raise error
