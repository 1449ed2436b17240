"""Reads and writes files: private, as a whole, and never through somebody else's link. The rest of ``store/`` uses only this.

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
# O_NONBLOCK: opening a planted FIFO must not wait for its other end. It has no effect on regular files.
_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK = 1 << 20
_LEFTOVER = 24 * 3600  # seconds
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})  # file systems without hard links
LARGEST = 256 << 20
"""The largest file that is read into memory, in bytes: a sparse file of terabytes would kill the program."""


class System:
    """The calls to the operating system, one method each, for tests to replace."""

    def open(self, path: Path, flags: int, mode: int = _PRIVATE_FILE) -> int:
        """Open a file. Returns a descriptor."""
        return os.open(path, flags, mode)

    def write(self, fd: int, data: bytes) -> int:
        """Write. Returns the number of bytes written."""
        return os.write(fd, data)

    def read(self, fd: int, size: int) -> bytes:
        """Read at most ``size`` bytes; b"" at the end."""
        return os.read(fd, size)

    def fsync(self, fd: int) -> None:
        """Wait until the disk has what was written."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close a descriptor."""
        os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Rename, replacing ``target``."""
        source.rename(target)

    def unlink(self, path: Path) -> None:
        """Remove a name."""
        path.unlink()

    def mkdir(self, path: Path) -> None:
        """Make a private directory."""
        path.mkdir(_PRIVATE_DIRECTORY)

    def chmod(self, path: Path, mode: int) -> None:
        """Set the permissions."""
        path.chmod(mode)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, which must be free."""
        target.hardlink_to(source)

    def scan(self, path: Path) -> list[os.DirEntry[str]]:
        """List a directory."""
        with os.scandir(path) as entries:
            return list(entries)


class Files:
    """Reads and writes private files as a whole: see the module."""

    def __init__(self, system: System | None = None) -> None:
        self.system = system or System()
        self._names = itertools.count()

    def directory(self, path: Path) -> None:
        """Make a private directory, and its parents. Refuses a link, one that belongs to somebody else, and to begin in `/`."""
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
        if missing and missing[-1].parent == Path(path.anchor) and missing[-1].name.startswith("."):
            raise PermissionError(
                errno.EPERM, "nothing is made in the root directory: set HOME, or XDG_STATE_HOME and XDG_CACHE_HOME", str(missing[-1])
            )
        for each in reversed(missing):
            try:
                self.system.mkdir(each)
            except FileExistsError:
                continue  # another process was faster

    def read(self, path: Path) -> bytes:
        """Read a file of up to ``LARGEST`` bytes. A file with a second hard link (a backup) is read, but never written."""
        fd = self._open(path, os.O_RDONLY)
        try:
            if os.fstat(fd).st_size > LARGEST:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
            return b"".join(iter(lambda: self.system.read(fd, _CHUNK), b""))
        finally:
            self.system.close(fd)

    def write(self, path: Path, data: bytes) -> None:
        """Replace a file atomically: after a failure or crash at any point it is the old file or the new one."""
        self.commit(self.prepare(path, data), path)

    def prepare(self, path: Path, data: bytes, mode: int = _PRIVATE_FILE) -> Path:
        """Write a temporary file beside ``path`` to disk; ``commit`` or ``publish`` renames it."""
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
        """Rename a prepared file to a name that must be free. After a failure it is gone, or has the name. Raises FileExistsError."""
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
        """Rename a prepared file, replacing ``path``. After a failure it is gone, or has the name."""
        try:
            self.rename(temporary, path)
        except OSError:
            self._discard(temporary)
            raise

    def create(self, path: Path, data: bytes) -> None:
        """Create a file; it is on disk when this returns. A failure leaves no file. Raises FileExistsError."""
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
        """Open an existing file for appending. Returns a descriptor."""
        return self._open(path, os.O_WRONLY | os.O_APPEND)

    def is_at(self, fd: int, path: Path) -> bool:
        """Whether the open file has this name, and no other name."""
        held = os.fstat(fd)
        try:
            there = path.lstat()
        except FileNotFoundError:
            return False
        return (held.st_dev, held.st_ino, held.st_nlink) == (there.st_dev, there.st_ino, 1)

    def write_all(self, fd: int, data: bytes) -> None:
        """Write all of ``data``, in as many calls as needed."""
        rest = memoryview(data)
        while rest:
            written = self.system.write(fd, bytes(rest[:_CHUNK]))
            if written == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[written:]

    def append(self, path: Path, line: bytes) -> None:
        """Append a line to a file, creating it if needed; the line is on disk when this returns.

        If a full disk cut the last line short, this begins a new one.
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
        """Rename within a directory; the new name is on disk when this returns."""
        self.system.rename(source, target)
        self._sync_directory(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, if it exists."""
        try:
            self.system.unlink(path)
        except FileNotFoundError:
            return
        self._sync_directory(path.parent)

    def exists(self, path: Path) -> bool:
        """Whether something has this name, even a broken link."""
        return os.path.lexists(path)

    def matching(self, directory: Path, suffix: str) -> Iterator[Path]:
        """The visible files of a directory that end in ``suffix``, sorted by name; none without the directory.

        Raises OSError, also when the path or a parent of it is not a directory.
        """
        try:
            paths = sorted(directory.iterdir())
        except FileNotFoundError:
            return
        yield from (path for path in paths if path.name.endswith(suffix) and not path.name.startswith("."))

    def sweep(self, directory: Path) -> None:
        """Remove temporary files of killed processes that are older than a day."""
        for path in directory.glob(".*"):
            if path.suffix in (".tmp", ".stale") and path.lstat().st_mtime < time.time() - _LEFTOVER:
                self._discard(path)

    def _open(self, path: Path, flags: int) -> int:
        fd = self.system.open(path, flags | _SAFE)
        info = os.fstat(fd)
        alone = (
            info.st_nlink <= 1 or flags & os.O_ACCMODE == os.O_RDONLY
        )  # a second name may be somebody else's: never write to such a file
        if stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid() and alone:
            return fd
        self.system.close(fd)
        raise PermissionError(errno.EPERM, "not a plain file with one name", str(path))

    def _sync_directory(self, path: Path) -> None:
        fd = self.system.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.system.fsync(fd)
        finally:
            self.system.close(fd)

    def _discard(self, temporary: Path) -> None:
        with suppress(OSError):  # the first failure is the one to report
            self.system.unlink(temporary)


def in_words(error: Exception) -> str:
    """A failed file operation in plain words. What is no OSError is a bug: its kind is named, and not its text, which may be foreign."""
    if not isinstance(error, OSError):
        return f"an error of pmtui's own: {type(error).__name__}"
    known = {
        errno.ENOSPC: "disk full",
        errno.EDQUOT: "disk quota used up",
        errno.EIO: "disk error",
        errno.EACCES: "no permission",
        errno.EROFS: "read-only file system",
    }
    text = known.get(error.errno or 0) or error.strerror or str(error)
    return f"{text}: {error.filename}" if error.filename else text
