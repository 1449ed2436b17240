"""The only place that touches the user's disk: private, whole, never through somebody else's link.

Directories are 0700, files 0600. A file is replaced as a whole (temporary file beside it, fsync, rename, fsync of the
directory) or appended to. Every method raises OSError. `System` is what tests replace, to fail the k-th operation.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PRIVATE_FILE, _PRIVATE_DIRECTORY = 0o600, 0o700
# O_NONBLOCK: opening a planted FIFO must not wait for its other end; it means nothing for regular files.
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK = 1 << 20
_LEFTOVER = 24 * 3600  # seconds
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})  # file systems where a file has one name only
LARGEST = 256 << 20
"""Bytes of a file that is read into memory: a sparse one of some terabytes would end the program."""


class System:
    """The calls to the operating system, one method each."""

    def open(self, path: Path, flags: int, mode: int = _PRIVATE_FILE) -> int:
        """A descriptor."""
        return os.open(path, flags, mode)

    def write(self, fd: int, data: bytes) -> int:
        """How many bytes were taken."""
        return os.write(fd, data)

    def read(self, fd: int, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        return os.read(fd, size)

    def fsync(self, fd: int) -> None:
        """Returns when the disk has what was written."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Lets go of a descriptor."""
        os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Replaces what has the name."""
        source.rename(target)

    def unlink(self, path: Path) -> None:
        """Removes a name."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Makes a private directory."""
        path.mkdir(_PRIVATE_DIRECTORY)

    def chmod(self, path: Path, mode: int) -> None:
        """Sets the permissions."""
        path.chmod(mode)

    def link(self, source: Path, target: Path) -> None:
        """Gives a file a second name, which must be free."""
        target.hardlink_to(source)

    def scan(self, path: Path) -> list[os.DirEntry[str]]:
        """What a directory holds."""
        with os.scandir(path) as entries:
            return list(entries)


class Files:
    """Everything that touches the disk, private and whole: see the module."""

    def __init__(self, system: System | None = None) -> None:
        self.system = system or System()
        self._names = itertools.count()

    def directory(self, path: Path) -> None:
        """Make a directory, and those above it, private; refuse one that is a link or that others can write to."""
        if not path.parent.exists():
            self._make_parents(path.parent)
        try:
            self.system.mkdir(path)
        except FileExistsError:
            info = path.lstat()
            if not stat.S_ISDIR(info.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "not a directory of its own", str(path)) from None
            if info.st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, "belongs to somebody else", str(path)) from None
            if stat.S_IMODE(info.st_mode) & 0o077:
                self.system.chmod(path, _PRIVATE_DIRECTORY)

    def _make_parents(self, path: Path) -> None:
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            try:
                self.system.mkdir(each)
            except FileExistsError:
                continue  # another process made it just now

    def read(self, path: Path) -> bytes:
        """All of a file, up to ``LARGEST`` bytes. One that a backup program links to is read, too; it is never written."""
        fd = self._open(path, os.O_RDONLY)
        try:
            if os.fstat(fd).st_size > LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
            return b"".join(iter(lambda: self.system.read(fd, _CHUNK), b""))
        finally:
            self.system.close(fd)

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file: afterwards, and after a failure or a crash at any point, it is the old one or the new one, whole."""
        self.commit(self.prepare(path, data), path)

    def prepare(self, path: Path, data: bytes, mode: int = _PRIVATE_FILE) -> Path:
        """A new file beside ``path``, on disk; ``commit`` or ``publish`` gives it the name."""
        temporary = path.with_name(f".{path.name[:50]}.{os.getpid()}.{next(self._names)}.tmp")
        self.create(temporary, data)
        if mode != _PRIVATE_FILE:
            try:
                self.system.chmod(temporary, mode)
            except OSError:
                self._discard(temporary)
                raise
        return temporary

    def publish(self, temporary: Path, path: Path) -> None:
        """Give a prepared file a name that must be free; after a failure it is gone, or has it. Raises FileExistsError."""
        try:
            self._publish(temporary, path)
        finally:
            self._discard(temporary)
        self._sync_directory(path.parent)

    def _publish(self, temporary: Path, path: Path) -> None:
        try:
            self.system.link(temporary, path)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if self.exists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            self.system.rename(temporary, path)

    def commit(self, temporary: Path, path: Path) -> None:
        """Give a prepared file its name; after a failure it is gone, or has it."""
        try:
            self.rename(temporary, path)
        except OSError:
            self._discard(temporary)
            raise

    def create(self, path: Path, data: bytes) -> None:
        """Make a new file with this content, on disk when this returns; none is left after a failure. Raises FileExistsError."""
        fd = self._open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            try:
                self.write_all(fd, data)
                self.system.fsync(fd)
            finally:
                self.system.close(fd)
        except OSError:
            self._discard(path)
            raise

    def open_append(self, path: Path) -> int:
        """A descriptor that appends to a file that is there."""
        return self._open(path, os.O_WRONLY | os.O_APPEND)

    def is_at(self, fd: int, path: Path) -> bool:
        """Whether the open file is the one that has this name, and has no other."""
        held = os.fstat(fd)
        try:
            there = path.lstat()
        except FileNotFoundError:
            return False
        return (held.st_dev, held.st_ino, held.st_nlink) == (there.st_dev, there.st_ino, 1)

    def write_all(self, fd: int, data: bytes) -> None:
        """Write all of ``data``, in as many calls as it takes."""
        rest = memoryview(data)
        while rest:
            written = self.system.write(fd, bytes(rest[:_CHUNK]))
            if written == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[written:]

    def append(self, path: Path, line: bytes) -> None:
        """Append a line to a file, which is made when it is missing; on disk when this returns.

        Begins a new line where an earlier one was cut short by a full disk.
        """
        fd = self._open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            size = os.fstat(fd).st_size
            cut = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            self.write_all(fd, b"\n" + line if cut else line)
            self.system.fsync(fd)
        finally:
            self.system.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Rename within a directory, on disk when this returns."""
        self.system.rename(source, target)
        self._sync_directory(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is fine."""
        try:
            self.system.unlink(path)
        except FileNotFoundError:
            return
        self._sync_directory(path.parent)

    def exists(self, path: Path) -> bool:
        """Whether something has this name, be it a broken link."""
        return os.path.lexists(path)

    def matching(self, directory: Path, suffix: str) -> Iterator[Path]:
        """The visible files of a directory that end in ``suffix``, by name; none when there is no such directory.

        Raises OSError, also when something that is no directory has its name, or that of one above it.
        """
        try:
            paths = sorted(directory.iterdir())
        except FileNotFoundError:
            return
        yield from (path for path in paths if path.name.endswith(suffix) and not path.name.startswith("."))

    def sweep(self, directory: Path) -> None:
        """Remove what killed processes left half made, a day later."""
        for path in directory.glob(".*"):
            if path.suffix in (".tmp", ".stale") and path.lstat().st_mtime < time.time() - _LEFTOVER:
                self._discard(path)

    def _open(self, path: Path, flags: int) -> int:
        fd = self.system.open(path, flags | _SAFE)
        info = os.fstat(fd)
        alone = info.st_nlink <= 1 or flags & os.O_ACCMODE == os.O_RDONLY  # a second name may be somebody's: never write through it
        if stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid() and alone:
            return fd
        self.system.close(fd)
        raise PermissionError(errno.EPERM, "not a plain file of its own", str(path))

    def _sync_directory(self, path: Path) -> None:
        fd = self.system.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.system.fsync(fd)
        finally:
            self.system.close(fd)

    def _discard(self, temporary: Path) -> None:
        with suppress(OSError):  # the failure that led here is what the user has to know
            self.system.unlink(temporary)


def in_words(error: OSError) -> str:
    """What a failed file operation means to a person."""
    known = {
        errno.ENOSPC: "disk full",
        errno.EDQUOT: "disk quota used up",
        errno.EIO: "disk error",
        errno.EACCES: "no permission",
        errno.EROFS: "read-only file system",
    }
    text = known.get(error.errno or 0) or error.strerror or str(error)
    return f"{text}: {error.filename}" if error.filename else text
