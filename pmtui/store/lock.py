"""The lock file of a draft, which names host, process, boot and time. It is not a flock, because home may be on NFS."""

from __future__ import annotations

import json
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pmtui.processes import runs, started
from pmtui.store.files import Files


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that has a draft open. ``boot`` and ``started`` identify it among reused process ids; "" when unknown.

    ``machine`` and ``namespace`` say where the process id is valid: containers with a shared home may have the same host name.
    """

    host: str
    pid: int
    boot: str = ""
    started: str = ""
    since: str = ""
    token: str = ""
    machine: str = ""
    namespace: str = ""

    @property
    def alive(self) -> bool | None:
        """Whether the process still runs; None when that cannot be known, because it is on another host or in a container."""
        if self.host != socket.gethostname() or self.pid <= 0:
            return None
        if self.machine not in ("", _machine_id()) or self.namespace not in ("", _namespace()):
            return None
        if self.boot and self.boot != _boot_id():
            return False if self.machine else None  # rebooted, or another machine that looks like this one
        return runs(self.pid) and self.started in ("", started(self.pid))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}" if self.pid else "an unknown process"


UNKNOWN_OWNER = Owner(host="", pid=0)


def this_process() -> Owner:
    """This process as an owner, with a new token at each call."""
    pid = os.getpid()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Owner(socket.gethostname(), pid, _boot_id(), started(pid), now, secrets.token_hex(8), _machine_id(), _namespace())


class Busy(Exception):
    """Another process holds the lock."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        super().__init__(str(owner))


class Lock:
    """A held lock. Make one with ``acquire``."""

    def __init__(self, path: Path, files: Files, owner: Owner) -> None:
        self._path = path
        self._files = files
        self._owner = owner

    def held(self) -> bool:
        """Whether the lock is still ours: a process on another host may have taken it over. Raises OSError."""
        try:
            return _parse(self._files.read(self._path)) == self._owner
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Remove the lock, unless it was taken over. Raises OSError."""
        if self.held():
            self._files.remove(self._path)


def acquire(path: Path, files: Files, *, take_over: bool = False) -> Lock:
    """Take the lock; with ``take_over`` also from an owner that has ended or is unknown. Raises Busy, OSError."""
    if take_over:
        _clear_stale(path, files)
    owner = this_process()
    try:
        files.create(path, json.dumps(asdict(owner)).encode())
    except FileExistsError:
        raise Busy(owner_of(path, files) or UNKNOWN_OWNER) from None
    return Lock(path, files, owner)


def give_back(path: Path, files: Files, owner: Owner) -> None:
    """Put the lock back that this owner had, unless somebody has it by now. Raises OSError."""
    with suppress(FileExistsError):
        files.create(path, json.dumps(asdict(owner)).encode())


def owner_of(path: Path, files: Files) -> Owner | None:
    """The owner of the lock, None without one, UNKNOWN_OWNER when the file cannot be understood (it may be half written)."""
    try:
        return _parse(files.read(path))
    except FileNotFoundError:
        return None
    except OSError:
        return UNKNOWN_OWNER


def _parse(data: bytes) -> Owner:
    try:
        fields = json.loads(data)
        return Owner(**{**fields, "pid": int(fields["pid"]), "host": str(fields["host"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return UNKNOWN_OWNER


def _clear_stale(path: Path, files: Files) -> None:
    """Remove the lock unless its owner runs. It is renamed first, so that of two processes only one gets the stale file."""
    owner = owner_of(path, files)
    if owner is None:
        return
    if owner.alive:
        raise Busy(owner)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.stale")
    try:
        files.rename(path, aside)
    except FileNotFoundError:
        return
    taken = owner_of(aside, files)
    if taken != owner:  # it has a new owner since it was read: put it back
        files.rename(aside, path)
        raise Busy(taken or UNKNOWN_OWNER)
    files.remove(aside)


@lru_cache(maxsize=1)
def _boot_id() -> str:
    return _proc("sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def _machine_id() -> str:
    try:
        return Path("/etc/machine-id").read_text("ascii", "replace").strip()
    except OSError:
        return ""


@lru_cache(maxsize=1)
def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _proc(name: str) -> str:
    try:
        return Path("/proc", name).read_text("ascii", "replace").strip()
    except OSError:
        return ""
