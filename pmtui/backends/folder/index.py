"""The index of a folder: rows kept between runs, so that listing thousands of files does not read them all again.

A row is valid only while size, times and inode of its file are unchanged. A file changed in the last seconds is read
again, because a second change may have the same time. The index may be lost at any time.
"""

from __future__ import annotations

import errno
import json
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pmtui.backends.folder.disk import Disk, Stamp
from pmtui.backends.folder.fields import Vocabulary
from pmtui.backends.folder.incidents import FileRow, identities, items, row_of
from pmtui.store.files import Files, in_words

SETTLED: Final = 2_000_000_000
"""A file's time identifies its state only once it is this old, in nanoseconds."""
_STAMP: Final = len(Stamp._fields)
_MOST_OFFERED: Final = 50


@dataclass(frozen=True)
class Listing:
    """The folder at one moment. ``rows`` are the readable files by identity, newest first."""

    rows: dict[str, FileRow]
    unreadable: tuple[str, ...]
    links: tuple[str, ...]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The values in the files, for fields that take any text."""
        rows = self.rows.values()
        return Vocabulary(
            _offered(row.severity for row in rows),
            _offered(row.status for row in rows),
            _offered(role for row in rows for role in items(row.roles)),
        )

    def row(self, name: str) -> FileRow | None:
        """The row with this identity or path, None when there is none."""
        found = self.rows.get(name)
        return found if found is not None else next((row for row in self.rows.values() if row.path == name), None)


class Index:
    """The index of one folder, stored in ``file``, None to store it nowhere. Methods block: call them in a thread."""

    def __init__(self, disk: Disk, file: Path | None, files: Files | None = None, settled: int = SETTLED) -> None:
        self._settled = settled
        self._disk = disk
        self._file = file
        self._files = files or Files()
        self._rows: dict[str, tuple[Stamp, FileRow]] | None = None
        self._latest: Listing | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._dirty = False
        self.problem = ""

    def known(self) -> Listing:
        """The latest listing, made now when there is none. Raises OSError."""
        return self._latest or self.refresh()

    def refresh(self) -> Listing:
        """List the folder again. Raises OSError when the folder itself cannot be read."""
        with self._lock:
            if self._rows is None:
                self._rows = self._load()
            scanned_at = time.time_ns()
            scan = self._disk.scan()
            rows = [row for path, stamp in scan.files.items() if (row := self._row(path, stamp, scanned_at)) is not None]
            gone = self._rows.keys() - scan.files.keys()
            for path in gone:
                del self._rows[path]
            self._save(changed=bool(gone))
            self._latest = _listing(rows, scan.unreadable, scan.links)
            return self._latest

    def stop(self) -> None:
        """End a refresh in another thread; the rows that it has read are kept."""
        self._stopped.set()

    def _row(self, path: str, stamp: Stamp, scanned_at: int) -> FileRow | None:
        """The row of a file, read again if the file changed; None when it is gone."""
        assert self._rows is not None
        known = self._rows.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        if self._stopped.is_set():
            self._save(changed=True)
            raise OSError(errno.ECANCELED, "stopped")
        try:
            found = self._disk.read(path)
            row = row_of(path, found.data.decode("utf-8"), found.stamp.modified)
        except FileNotFoundError:
            return None
        except OSError as error:
            return FileRow(path, problem=error.strerror or str(error))
        except UnicodeDecodeError as error:
            row = FileRow(path, problem=f"this is not UTF-8, at byte {error.start}")
        if max(found.stamp.modified, found.stamp.changed) < scanned_at - self._settled:
            self._rows[path] = (found.stamp, row)
            self._dirty = True
        else:
            self._rows.pop(path, None)
        return row

    def _load(self) -> dict[str, tuple[Stamp, FileRow]]:
        """Load the stored rows; none when they are of another folder or another version of pmtui, or damaged."""
        if self._file is None:
            return {}
        with suppress(OSError, ValueError, TypeError, RecursionError, AttributeError):
            data = json.loads(self._files.read(self._file))
            if data["root"] == str(self._disk.root) and data["fields"] == [*FileRow._fields]:
                return {row.path: (stamp, row) for stamp, row in map(_from_json, data["rows"])}
        return {}

    def _save(self, *, changed: bool) -> None:
        if self._file is None or self._rows is None or not (changed or self._dirty):
            return
        listed = [[*stamp, *row] for stamp, row in self._rows.values()]
        data = json.dumps({"root": str(self._disk.root), "fields": FileRow._fields, "rows": listed}, separators=(",", ":"))
        try:
            self._files.directory(self._file.parent)
            self._files.write(self._file, data.encode("ascii"))
            self._dirty = False
        except OSError as error:  # without it the next listing is only slower
            self.problem = in_words(error)


def _from_json(data: list[Any]) -> tuple[Stamp, FileRow]:
    """The inverse of storing a row. Raises ValueError or TypeError for anything else."""
    stamp, row = data[:_STAMP], data[_STAMP:]
    if set(map(type, stamp)) != {int} or set(map(type, row)) != {str}:
        raise ValueError("this is not a row")
    return Stamp(*stamp), FileRow(*row)


def _listing(rows: list[FileRow], unreadable: Iterable[str], links: Iterable[str]) -> Listing:
    problems = [f"{row.path}: {row.problem}" for row in rows if row.problem]
    newest = sorted((row for row in rows if not row.problem), key=lambda row: (row.created, row.path), reverse=True)
    return Listing(identities(newest), tuple(sorted(problems)) + tuple(unreadable), tuple(sorted(links)))


def _offered(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}, key=lambda text: (text.casefold(), text)))[:_MOST_OFFERED]
