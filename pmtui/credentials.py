"""Secrets and their sources: the environment, a private file, a command, or a private configuration file.

A secret is read when it is needed, kept in memory, and never shown: `Secret` masks itself in every representation.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from pmtui.redaction import redact, register
from pmtui.trust import Untrusted, check_private, open_plain

COMMAND_TIMEOUT = 60.0  # seconds; a password manager may wait for the user to touch a security key
MAX_SECRET = 64 * 1024  # bytes


class ConfigError(Exception):
    """An error in the configuration. The message names the file, line and key, and never a secret."""

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


class CredentialsError(ConfigError):
    """A secret is missing, or could not be read from its source."""


class Secret:
    """A string that is masked in ``repr``, ``str``, f-strings, tracebacks and pickles.

    Creating it registers the secret with ``redaction``, which removes it from all output.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        register(value)

    def reveal(self) -> str:
        """The secret, for the code that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __str__(self) -> str:
        return "•••"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a secret cannot be pickled")


class Credential(ABC):
    """One secret of a profile. ``source`` says in words where it comes from, for ``pmtui doctor``."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._known: Secret | None = None

    def get(self) -> Secret:
        """The secret, read at the first call and then kept. Raises CredentialsError. A command may take a while."""
        if self._known is None:
            self._known = Secret(self._checked(self._read()))
        return self._known

    def forget(self) -> None:
        """Read it again at the next ``get``, because after a 401 a command may give a new one."""
        self._known = None

    @abstractmethod
    def _read(self) -> str: ...

    def _checked(self, value: str) -> str:
        if not value:
            raise CredentialsError(f"{self.source}: the secret is empty")
        if not value.isascii() or not value.isprintable():
            raise CredentialsError(f"{self.source}: the secret has characters that are not allowed in an HTTP header")
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"


class KnownCredential(Credential):
    """A secret from the environment or a private configuration file."""

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
    """The first line that a command prints. The command is an argument list, run without a shell."""

    def __init__(self, source: str, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        super().__init__(source)
        self._argv = list(argv)
        self._environ = dict(environ)

    def _read(self) -> str:
        import subprocess  # takes 10 ms, which only commands need

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
    """The first line of data, without its line end and surrounding blanks."""
    return data.decode("utf-8-sig", "replace").partition("\n")[0].strip()
