"""One draft on disk: what the user typed, appended in order by threads of its own.

The event loop of a full-screen program stops when the terminal stalls, and a slow file system must not be felt while
typing: so `append` only queues. The writer thread hands everything queued to the system in one call; the syncer
thread forces it to the disk when typing pauses and at least once a second. When the disk fails, nothing is lost in
memory: the whole journal is written again, to a new file, until that works.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pmtui.store.files import Files, in_words
from pmtui.store.lock import Busy, Lock
from pmtui.store.records import encode

PAUSE = 0.25  # seconds without a new record after which the disk is made to have it
AT_LEAST = 1.0  # seconds after which the disk is made to have it while typing goes on
RETRY = 0.5  # seconds between attempts when the disk refuses
LAST_WORDS = 2.0  # seconds that ``flush`` and ``close`` wait for a write in progress


@dataclass(frozen=True, slots=True)
class JournalState:
    """``written``: records that the system has. ``synced_at``: when the disk last had them all. ``problem``: "" when all is well."""

    written: int
    synced_at: datetime | None
    problem: str


class Journal:
    """See `Drafts.open`, which makes them. Safe to use from any thread."""

    def __init__(
        self,
        path: Path,
        header: dict[str, Any],
        found: Sequence[dict[str, Any]],
        files: Files,
        claim: Callable[[], Lock],
        *,
        whole: bool = True,
        lock: Lock | None = None,
        problem: str = "",
    ) -> None:
        """``found`` is what the file at ``path`` holds; ``whole`` whether that is all of it.

        A file that holds something else is put aside before the first write, never overwritten.
        """
        self.path = path
        self.records = list(found)
        self._files = files
        self._claim = claim
        self._ours = whole and lock is not None  # whether the file there holds nothing that `_lines` does not
        self._lock = lock
        self._header = encode(header)
        # How many compactions there were, and all lines since the last; one value, for a signal may come at any point.
        self._content = (0, [encode(record) for record in found])
        self._on_disk = (0, len(found))  # the version and number of lines that the system has
        self._problem = problem
        self._synced_at: datetime | None = None
        self._unsynced_since = 0.0  # monotonic; 0 when the disk has everything
        self._appended_at = 0.0
        self._fd = -1  # -1: the next write is a whole new file
        self._started = self._stopped = False
        # Re-entrant: a signal handler may call flush at any point of the main thread.
        self._change = threading.Condition(threading.RLock())
        self._io = threading.RLock()
        loops = {"draft-writer": self._write_loop, "draft-syncer": self._sync_loop}
        self._threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]

    @property
    def state(self) -> JournalState:
        with self._change:
            return JournalState(self._on_disk[1], self._synced_at, self._problem)

    def append(self, record: dict[str, Any]) -> None:
        """Queue a record; returns at once."""
        line = encode(record)
        with self._change:
            self._content[1].append(line)
            self._queued()

    def compact(self, records: Sequence[dict[str, Any]]) -> None:
        """Queue the replacement, atomic, of all that was appended by these records; returns at once."""
        lines = [encode(record) for record in records]
        with self._change:
            self._content = (self._content[0] + 1, lines)
            self._queued()

    def _queued(self) -> None:
        self._appended_at = time.monotonic()
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        self._change.notify_all()

    @property
    def _goal(self) -> tuple[int, int]:
        version, lines = self._content
        return version, len(lines)

    def settled(self, timeout: float) -> bool:
        """Wait until all appended records are handed to the system, at most ``timeout`` seconds; False when they are not.

        Does not wait while the disk refuses: that is known already.
        """
        with self._change:
            self._change.wait_for(lambda: self._problem or self._on_disk == self._goal, timeout)
            return self._on_disk == self._goal

    def flush(self) -> None:
        """Write and sync now. Gives up when a stuck disk keeps it waiting; a signal handler may call it."""
        if not self._stop_io(LAST_WORDS):
            return
        try:
            self._write_and_sync()
            if self._problem:  # these may be the last words: once more, to a new file
                self._write_and_sync()
        finally:
            self._io.release()

    def _stop_io(self, timeout: float) -> bool:
        """Take `_io`. Lets go of `_change` meanwhile, which the interrupted thread may hold and the writer may wait for."""
        deadline = time.monotonic() + timeout
        with self._change:
            while not self._io.acquire(blocking=False):
                if time.monotonic() > deadline:
                    return False
                self._change.wait(0.005)
        return True

    def _write_and_sync(self) -> None:
        self._write()
        self._sync()

    def finish(self) -> None:
        """The server has it, verified: remove the draft and the lock. Raises OSError when the file cannot be removed."""
        self._stop()
        with self._io:
            self._drop_descriptor()
            if self._lock is not None and self._lock.held():
                self._files.remove(self.path)
            self._release()

    def close(self) -> None:
        """Keep the draft, drop the lock."""
        self.flush()
        self._stop()
        with self._io:
            self._drop_descriptor()
            self._release()

    def _stop(self) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()
        for thread in self._threads if self._started else ():
            thread.join(LAST_WORDS)

    def _release(self) -> None:
        if self._lock is not None:
            with suppress(OSError):  # a lock that stays names a process that is gone: the next one may take it over
                self._lock.release()
            self._lock = None

    # The writer thread

    def _write_loop(self) -> None:
        while self._wait_for_records():
            with self._io:
                self._write()

    def _wait_for_records(self) -> bool:
        with self._change:
            if self._problem:
                self._change.wait_for(lambda: self._stopped, RETRY)
            self._change.wait_for(lambda: self._stopped or self._on_disk != self._goal)
            return not self._stopped

    def _write(self) -> None:
        with self._change:
            if self._on_disk == self._goal:
                return
        try:
            self._hold_lock()
            goal, data, whole = self._due()
            if whole:
                self._replace(data)
            else:
                self._files.write_all(self._fd, data)
        except OSError as error:
            self._failed(in_words(error))
        except Busy as busy:
            self._failed(f"the draft is open elsewhere: {busy.owner}")
        else:
            self._written(goal, synced=whole)

    def _hold_lock(self) -> None:
        """Before each write: somebody on another host may have taken the draft over. Raises Busy, OSError."""
        if self._lock is None or not self._lock.held():
            self._drop_descriptor()
            self._ours = False  # what is there may be another's by now
            self._lock = None
            self._lock = self._claim()

    def _due(self) -> tuple[tuple[int, int], bytes, bool]:
        """What to reach, the bytes that reach it, and whether they are a whole file."""
        with self._change:
            (version, lines), (written_version, count) = self._content, self._on_disk
            whole = self._fd < 0 or version != written_version
            return (version, len(lines)), b"".join([self._header, *lines] if whole else lines[count:]), whole

    def _replace(self, data: bytes) -> None:
        """Write the whole file anew. One that is not ours is put aside first, where `Drafts.list` finds it."""
        self._drop_descriptor()
        temporary = self._files.prepare(self.path, data)
        if not self._ours and self._files.exists(self.path):
            self._files.rename(self.path, self._free_name())
        self._ours = True
        self._files.commit(temporary, self.path)
        with self._change:
            self._fd = self._files.open_append(self.path)

    def _free_name(self) -> Path:
        names = (self.path.with_name(f"{self.path.stem}~{count}{self.path.suffix}") for count in itertools.count(1))
        return next(name for name in names if not self._files.exists(name))

    def _written(self, goal: tuple[int, int], *, synced: bool) -> None:
        with self._change:
            self._on_disk = goal
            self._problem = ""
            if synced:
                self._unsynced_since, self._synced_at = 0.0, datetime.now(UTC)
            else:
                self._unsynced_since = self._unsynced_since or time.monotonic()
            self._change.notify_all()

    def _failed(self, problem: str, *, nothing_sure: bool = False) -> None:
        """The next write is a whole new file: the one there may end in half a record."""
        self._drop_descriptor()
        with self._change:
            self._problem = problem
            if nothing_sure:
                self._on_disk = (-1, 0)
            self._change.notify_all()

    def _drop_descriptor(self) -> None:
        with self._change:
            fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):  # of a file that will be written anew, or was synced
                self._files.system.close(fd)

    # The syncer thread

    def _sync_loop(self) -> None:
        while self._wait_for_pause():
            self._sync()

    def _wait_for_pause(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._stopped or self._unsynced_since)
            while self._unsynced_since and not self._stopped:
                due = min(self._appended_at + PAUSE, self._unsynced_since + AT_LEAST) - time.monotonic()
                if due <= 0:
                    return True
                self._change.wait(due)
            return not self._stopped

    def _sync(self) -> None:
        """Force to the disk what is written. On a copy of the descriptor, so that writing goes on meanwhile."""
        with self._change:
            if not self._unsynced_since or self._fd < 0:
                self._unsynced_since = 0.0
                return
            self._unsynced_since = 0.0
            fd = os.dup(self._fd)
        try:
            self._files.system.fsync(fd)
        except OSError as error:
            # The system may have dropped what it could not write: only a new file is sure to hold everything.
            with self._io:
                self._failed(in_words(error), nothing_sure=True)
        else:
            with self._change:
                self._synced_at = datetime.now(UTC)
        finally:
            os.close(fd)
