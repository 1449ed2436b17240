"""Refuses files that somebody else can write, and secrets that somebody else can read, as OpenSSH does."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

LARGEST = 1 << 20
"""The largest configuration or theme, in bytes: a sparse file of gigabytes would kill the program."""
LARGEST_TEXT = 64 << 20
"""The largest text that is read as input, in bytes: more than any vendor accepts."""


class Untrusted(Exception):
    """Somebody else owns, can write, or can read a file that must be private. The message names the path and the remedy."""


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading, without waiting for the other end of a pipe. Raises OSError, also for anything but a file."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
        return os.fdopen(fd, "rb")
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is not a plain file", str(path))


def read_whole(stream: BinaryIO, most: int = LARGEST) -> bytes:
    """Read a whole file. Raises OSError when it has more than ``most`` bytes."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB")
    return data


def check_trusted(path: Path, info: os.stat_result) -> None:
    """Refuse a file that somebody else owns or can write, or whose folder somebody else can change.

    ``info`` is of the open file, so that the file that was read is the one checked. All folders up to the user's home or the
    root are checked, because whoever can rename one of them can replace the file. Raises Untrusted.
    """
    if stat.S_ISCHR(info.st_mode):  # /dev/null
        return
    _check_owner(path, info)
    if _others_write(info):
        raise Untrusted(f"{path}: others can write it (mode {_mode(info)}); run: chmod go-w {path}")
    for folder in _folders(path):
        there = folder.stat()
        _check_owner(folder, there)
        if _others_write(there) and not there.st_mode & stat.S_ISVTX:
            raise Untrusted(f"{path}: others can change its folder {folder} (mode {_mode(there)}); run: chmod go-w {folder}")


def check_private(path: Path, info: os.stat_result) -> None:
    """Refuse a file with secrets that somebody else can read or may have written. Raises Untrusted."""
    check_trusted(path, info)
    if stat.S_ISREG(info.st_mode) and info.st_mode & 0o077:
        raise Untrusted(f"{path}: holds a secret but its mode is {_mode(info)}: others can read it; run: chmod 600 {path}")


def _folders(path: Path) -> list[Path]:
    """The folders above the given path, and above the file that links lead to, each up to the home directory."""
    home = _home()
    found: dict[Path, None] = {}
    for start in (path.absolute(), path.resolve()):
        for folder in start.parents:
            found[folder] = None
            if folder == home:
                break
    return list(found)


def _home() -> Path | None:
    import pwd

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:  # an account without an entry, as in containers
        return None


def _check_owner(path: Path, info: os.stat_result) -> None:
    if info.st_uid not in (os.geteuid(), 0):
        raise Untrusted(f"{path}: belongs to user {info.st_uid}; it must be yours or root's")


def _others_write(info: os.stat_result) -> bool:
    if info.st_mode & 0o002:
        return True
    return bool(info.st_mode & 0o020) and not _is_own_group(info.st_gid)


def _is_own_group(gid: int) -> bool:
    """Whether the user is the group's only member: many systems make a group per user, and files that it can write."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return gid == 0 or (user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name})


def _mode(info: os.stat_result) -> str:
    return f"{stat.S_IMODE(info.st_mode):04o}"
