"""Turns failed file operations into BackendError."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from pmtui.backends.base import BackendError, Trouble
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.store.files import in_words

_GONE: Final = (Trouble.MISSING, "read the list again: another program may have moved or deleted it")
_FORBIDDEN: Final = (Trouble.RIGHTS, "look at the permissions of the file and of its folder")
_ODD: Final = (Trouble.LOCAL, "only plain files in the folder are read and written, never what a link leads to")
_AWAY: Final = (Trouble.OFFLINE, "look whether the file server is mounted and answers")
_KINDS: Final[Mapping[int, tuple[Trouble, str]]] = MappingProxyType(
    {
        errno.ENOENT: _GONE,
        errno.ENOTDIR: _GONE,
        errno.EACCES: _FORBIDDEN,
        errno.EPERM: _FORBIDDEN,
        errno.EROFS: _FORBIDDEN,
        errno.ELOOP: _ODD,
        errno.EISDIR: _ODD,
        errno.EINVAL: _ODD,
        errno.ENXIO: _ODD,
        errno.EEXIST: (Trouble.CONFLICT, "another program created it just now: read the list again"),
        errno.EFBIG: (Trouble.INVALID, "remove what does not belong into a postmortem"),
        errno.ENAMETOOLONG: (Trouble.LOCAL, "give it a shorter name"),
        errno.ENOSPC: (Trouble.DISK, "make room on the disk and save again; the file is as it was"),
        errno.EDQUOT: (Trouble.DISK, "make room on the disk and save again; the file is as it was"),
        errno.ESTALE: _AWAY,
        errno.ENOTCONN: _AWAY,
        errno.EHOSTDOWN: _AWAY,
        errno.ETIMEDOUT: _AWAY,
    }
)
_OTHERS: Final = (Trouble.DISK, "look at the disk and try again; a file is never left half written")


@contextmanager
def explained(tried: str) -> Iterator[None]:
    """Raise an OSError of this block as a BackendError."""
    try:
        yield
    except OSError as error:
        trouble, advice = _KINDS.get(error.errno or 0, _OTHERS)
        raise BackendError(trouble, tried, in_words(error), advice) from error


def not_understood(path: str, said: str) -> BackendError:
    """The error for a file that cannot be read as a postmortem."""
    return BackendError(Trouble.ANSWER, f"read {path}", said, "mend it in an editor: nothing of it is shown or written until then")


def in_front_matter(error: FrontMatterError) -> str:
    """The error in front matter, with line and key."""
    return str(error) if error.line else f"{error.key}: {error.said}"
