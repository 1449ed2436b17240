"""The folder on disk: the only module of this backend that touches it. Every method raises OSError.

Files are replaced atomically (temporary file beside it, fsync, rename). No link below the folder is followed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from pmtui.backends.base import RequestPreview, WriteRefused
from pmtui.processes import runs
from pmtui.store.files import Files, System

MOST_FILES: Final = 100_000
LARGEST: Final = 8 << 20
"""The largest file that can be a postmortem, in bytes."""
DEEPEST: Final = 12
"""The most levels of folders that are read."""
OURS: Final = ".pmtui"
TEMPLATES: Final = "templates"
_NO_POSTMORTEMS: Final = frozenset({"readme.md", "index.md", "_index.md", "contributing.md", "changelog.md"})
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK: Final = 1 << 20
_TEMPORARY: Final = re.compile(r"\.(?P<name>.+)\.(?P<process>\d+)\.\d+\.tmp", re.DOTALL)


class Stamp(NamedTuple):
    """Identifies a state of a file without reading it. Times are in nanoseconds."""

    size: int
    modified: int
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it was read."""

    data: bytes
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Scan:
    """The Markdown files of the folder, by path with ``/``, and the files that were skipped.

    ``unreadable`` has a line for each file that could be a postmortem and is not read; ``links`` were not followed.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class Disk:
    """The folder at ``root``, its real path. Tests replace ``system``."""

    def __init__(self, root: Path, system: System | None = None) -> None:
        self.root = root
        self._files = Files(system)

    def scan(self) -> Scan:
        """List the files. A subfolder that cannot be read becomes a line in ``unreadable``."""
        found = Scan()
        self._scan(self.root, "", found, 0)
        return found

    def _scan(self, directory: Path, prefix: str, found: Scan, depth: int) -> None:
        for entry in self._files.system.scan(directory):
            path = f"{prefix}{entry.name}"
            if entry.name.startswith(".") or (path.casefold() == TEMPLATES and not prefix):
                continue
            if len(found.files) >= MOST_FILES:
                found.unreadable.append(f"there are more than {MOST_FILES:,} files: the others are not listed")
                return
            if entry.is_symlink():
                if entry.name.endswith(".md"):
                    found.links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                self._below(Path(entry.path), path, found, depth)
            elif entry.name.endswith(".md") and entry.name.casefold() not in _NO_POSTMORTEMS:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    self._take(path, entry.stat(follow_symlinks=False), found)

    def _below(self, directory: Path, path: str, found: Scan, depth: int) -> None:
        if depth >= DEEPEST:
            found.unreadable.append(f"{path}/: folders are nested too deep")
            return
        try:
            self._scan(directory, f"{path}/", found, depth + 1)
        except OSError as error:
            found.unreadable.append(f"{path}/: {error.strerror}")

    def _take(self, path: str, info: os.stat_result, found: Scan) -> None:
        if not stat.S_ISREG(info.st_mode):
            found.unreadable.append(f"{path}: this is not a plain file")
        elif info.st_size > LARGEST:
            found.unreadable.append(f"{path}: larger than {LARGEST >> 20} MB")
        elif not path.isprintable():
            found.unreadable.append(f"{path!a}: its name is not UTF-8, or has control characters")
        else:
            found.files[path] = _stamp(info)

    def read(self, path: str) -> FileRead:
        """Read a plain file."""
        place = self._place(path)
        fd = self._files.system.open(place, _READ)
        try:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                raise OSError(errno.EINVAL, "this is not a plain file", str(place))
            if info.st_size > LARGEST:
                raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MB", str(place))
            data = b"".join(iter(lambda: self._files.system.read(fd, _CHUNK), b""))
        finally:
            self._files.system.close(fd)
        return FileRead(data, _stamp(info))

    def write(self, path: str, data: bytes) -> None:
        """Replace a file atomically: after a failure at any point it is the old file or the new one. Its mode stays."""
        place = self._place(path)
        info = place.lstat()
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.ELOOP, "this is not a plain file any more", str(place))
        if not os.access(place, os.W_OK):  # a rename would ignore the file's permissions
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        self._sweep(place)
        self._files.commit(self._files.prepare(place, data, stat.S_IMODE(info.st_mode) & 0o777), place)

    def add(self, path: str, data: bytes) -> None:
        """Create a file, with the permissions of the folder. Raises FileExistsError."""
        place = self._place(path)
        self._sweep(place)
        mode = stat.S_IMODE(self.root.stat().st_mode) & 0o666
        self._files.publish(self._files.prepare(place, data, mode), place)

    def put_away(self, path: str) -> str:
        """Move a file to ``.pmtui/trash``, which git ignores. Returns its path there."""
        trash = self.root / OURS / "trash"
        for each in (trash.parent, trash):
            self._own_directory(each)
        with suppress(FileExistsError):
            self._files.create(trash / ".gitignore", b"*\n")
        name = Path(path).name
        free = next(each for number in range(1, MOST_FILES) if not self._files.exists(each := trash / (f"{number}-" * (number > 1) + name)))
        self._files.rename(self._place(path), free)
        return free.relative_to(self.root).as_posix()

    def _own_directory(self, path: Path) -> None:
        try:
            self._files.system.mkdir(path)
        except FileExistsError:
            if not stat.S_ISDIR(path.lstat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "this is not a folder of its own", str(path)) from None
        else:
            self._files.system.chmod(path, stat.S_IMODE(self.root.stat().st_mode) & 0o777)

    def writable(self, path: str = "") -> bool:
        """Whether this file can be written, or without a path a new one, by the permissions."""
        place = self.root / path
        here = os.access(place, os.W_OK) if path else True
        return here and os.access(place.parent if path else place, os.W_OK | os.X_OK)

    def exists(self, path: str) -> bool:
        """Whether something has this name."""
        return self._files.exists(self.root / path)

    def templates(self) -> Iterator[str]:
        """The paths of the templates, sorted by name; none without a folder of templates."""
        yield from (f"{TEMPLATES}/{each.name}" for each in self._files.matching(self.root / TEMPLATES, ".md"))

    def _place(self, path: str) -> Path:
        """The full path of a file. Raises OSError when a folder in the path is a link."""
        place = self.root / path
        real = os.path.realpath(place.parent)
        if real != str(place.parent):
            raise OSError(errno.ELOOP, "a folder in its path is a link", str(place))
        return place

    def _sweep(self, place: Path) -> None:
        """Remove temporary files of this file, left behind by killed processes of this machine."""
        for each in self._files.system.scan(place.parent):
            found = _TEMPORARY.fullmatch(each.name)
            if found and found["name"] == place.name[:50] and _is_left(int(found["process"])):
                self._files.remove(Path(each.path))


class RefusingDisk(Disk):
    """A read-only disk: every write raises WriteRefused, with what would have been written."""

    def write(self, path: str, data: bytes) -> None:
        raise WriteRefused(f"write {path}", RequestPreview("write", path, data.decode()))

    def add(self, path: str, data: bytes) -> None:
        raise WriteRefused(f"write {path}", RequestPreview("create", path, data.decode()))

    def put_away(self, path: str) -> str:
        raise WriteRefused(f"delete {path}", RequestPreview("move", f"{path} to {OURS}/trash"))


def _stamp(info: os.stat_result) -> Stamp:
    return Stamp(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def _is_left(process: int) -> bool:
    """Whether what this process wrote is left over: no other process with its id runs."""
    return process == os.getpid() or not runs(process)
