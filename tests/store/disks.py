"""Faulty and slow file systems, and a postmortem to store on them."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pmtui.model.fields import TITLE, Field, Kind
from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.store.files import System
from pmtui.store.journal import Journal
from tests.patience import PATIENCE

Result = TypeVar("Result")
PLENTY = PATIENCE

INCIDENT = Incident("i-1", "IR-123", "Checkout \x1b[31m down 結帳", created=datetime(2026, 2, 3, tzinfo=UTC))
POSTMORTEM = Postmortem(
    INCIDENT,
    id="p-1",
    form=(Field(TITLE, Kind.TEXT, "Title"),),
    fields={TITLE: "Checkout down"},
    cells=(Cell("c1", "# Summary\n\nIt broke.\r\n"), Cell("c2", "\ud800 lone surrogate, \u2028 separator")),
)


class FaultySystem(System):
    """Counts every call, and makes chosen ones fail. ``fails`` is called with the number of the call, from 1."""

    def __init__(self, fails: Callable[[int], bool], code: int = errno.EIO, spared: frozenset[str] = frozenset()) -> None:
        self.calls = 0
        self._fails = fails
        self._code = code
        self._spared = spared
        self._lock = threading.Lock()

    def _call(self, name: str, call: Callable[[], Result]) -> Result:
        if name not in self._spared:
            with self._lock:
                self.calls += 1
                number = self.calls
            if self._fails(number):
                raise OSError(self._code, os.strerror(self._code))
        return call()

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        return self._call("open", lambda: System.open(self, path, flags, mode))

    def write(self, fd: int, data: bytes) -> int:
        half = data[: len(data) // 2]

        def write() -> int:
            return System.write(self, fd, data)

        try:
            return self._call("write", write)
        except OSError:
            System.write(self, fd, half)  # a disk that fills up writes a part
            raise

    def read(self, fd: int, size: int) -> bytes:
        return self._call("read", lambda: System.read(self, fd, size))

    def fsync(self, fd: int) -> None:
        self._call("fsync", lambda: System.fsync(self, fd))

    def close(self, fd: int) -> None:
        System.close(self, fd)
        self._call("close", lambda: None)

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename", lambda: System.rename(self, source, target))

    def unlink(self, path: Path) -> None:
        self._call("unlink", lambda: System.unlink(self, path))

    def mkdir(self, path: Path) -> None:
        self._call("mkdir", lambda: System.mkdir(self, path))

    def chmod(self, path: Path, mode: int) -> None:
        self._call("chmod", lambda: System.chmod(self, path, mode))

    def link(self, source: Path, target: Path) -> None:
        self._call("link", lambda: System.link(self, source, target))

    def scan(self, path: Path) -> list[os.DirEntry[str]]:
        return self._call("scan", lambda: System.scan(self, path))


class ShortWrites(System):
    """Writes at most seven bytes per call, as a system may."""

    def write(self, fd: int, data: bytes) -> int:
        return super().write(fd, data[:7])


class SlowSystem(System):
    """20 ms per write and 50 ms per sync, like a home directory on a busy file server."""

    def __init__(self) -> None:
        self.writes = 0

    def write(self, fd: int, data: bytes) -> int:
        self.writes += 1
        time.sleep(0.02)
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        time.sleep(0.05)
        super().fsync(fd)


def settles_at_last(journal: Journal) -> bool:
    """Wait until everything is on disk, also while the disk refuses and the journal retries."""
    deadline = time.monotonic() + PLENTY
    while not journal.caught_up(0.05) and time.monotonic() < deadline:
        time.sleep(0.005)
    return journal.caught_up(0)
