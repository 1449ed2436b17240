"""Secrets and where they come from: the environment, a private file, a command, or a private configuration file.

A secret is read when it is needed, kept in memory, and shown nowhere: `Secret` masks itself in every representation.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from pmtui.redaction import redact, register
from pmtui.trust import Untrusted, check_private, open_plain

COMMAND_TIMEOUT = 60.0  # seconds; a password manager may wait for a touch of a key
MAX_SECRET = 64 * 1024  # bytes read of a secret file


class ConfigError(Exception):
    """Something in the configuration that a user can mend. The message names the file, the line and the key, and no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


class CredentialsError(ConfigError):
    """A secret is missing, or could not be had from where the configuration says it is."""


class Secret:
    """A string that does not show itself: not in ``repr``, ``str``, f-strings, tracebacks or pickles.

    It is a live secret from now on: ``redaction`` takes it out of whatever is shown.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        register(value)

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __str__(self) -> str:
        return "•••"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a secret cannot be pickled")


class Credential(ABC):
    """One secret that a profile needs. ``source`` says in words where it comes from, for ``pmtui doctor``."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._known: Secret | None = None

    def get(self) -> Secret:
        """The secret; read at the first call and remembered. Raises CredentialsError. A command may take a while."""
        if self._known is None:
            self._known = Secret(self._checked(self._read()))
        return self._known

    def forget(self) -> None:
        """Read it again at the next ``get``: after a 401 a command may give a fresh one."""
        self._known = None

    @abstractmethod
    def _read(self) -> str: ...

    def _checked(self, value: str) -> str:
        if not value:
            raise CredentialsError(f"{self.source}: the secret is empty")
        if not value.isascii() or not value.isprintable():
            raise CredentialsError(f"{self.source}: the secret has characters that cannot stand in an HTTP header")
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"


class KnownCredential(Credential):
    """A secret that was found in the environment or in a private configuration file."""

    def __init__(self, source: str, value: str) -> None:
        super().__init__(source)
        self._value = Secret(value)

    def _read(self) -> str:
        return self._value.reveal().strip()


class FileCredential(Credential):
    """The first line of a file that only its owner can read."""

    def __init__(self, source: str, path: Path) -> None:
        super().__init__(source)
        self._path = path

    def _read(self) -> str:
        try:
            with open_plain(self._path) as file:
                check_private(self._path, os.fstat(file.fileno()))
                return first_line(file.read(MAX_SECRET))
        except Untrusted as error:
            raise ConfigError(str(error)) from None
        except OSError as error:
            raise CredentialsError(f"{self.source}: cannot be read: {error.strerror}") from None


class CommandCredential(Credential):
    """The first line that a command prints. The command is an argument list: no shell reads it."""

    def __init__(self, source: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        super().__init__(source)
        self._argv = list(argv)
        self._environ = dict(environ)

    def _read(self) -> str:
        import subprocess  # 10 ms that a start without commands need not pay

        try:
            done = subprocess.run(self._argv, env=self._environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT)
        except OSError as error:
            raise CredentialsError(f"{self.source}: cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise CredentialsError(f"{self.source}: no answer within {COMMAND_TIMEOUT:.0f} s") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or "it said nothing"
            raise CredentialsError(f"{self.source}: ended with {done.returncode}: {said}")
        return first_line(done.stdout)


def first_line(data: bytes) -> str:
    """The first line of what a file or command gave, without the line end and the blanks around it."""
    return data.decode("utf-8-sig", "replace").partition("\n")[0].strip()
