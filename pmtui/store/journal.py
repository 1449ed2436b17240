"""One draft on disk: what the user typed, appended in order by threads of its own.

The event loop of a full-screen program stops when the terminal stalls, and a slow file system must not be felt while
typing: so `append` only queues. The writer thread hands everything queued to the system in one call; the syncer
thread forces it to the disk when typing pauses and at least once a second. When the disk fails, or the file is gone or
another, nothing is lost in memory: the whole journal is written again, to a new file, until that works.
"""

from __future__ import annotations

import errno
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
from pmtui.store.timeouts import STUCK, in_time, taken

PAUSE = 0.25  # seconds without a new record after which it is synced
AT_LEAST = 1.0  # seconds after which it is synced while typing goes on
RETRY = 0.5  # seconds between attempts when the disk refuses
LAST_WORDS = 2.0  # seconds that ``flush``, ``close`` and ``finish`` wait for a write in progress


@dataclass(frozen=True, slots=True)
class JournalState:
    """``written``: records that the system has. ``synced_at``: when the disk last had them all. ``problem``: "" when all is well.

    ``waiting``: seconds that the oldest record has waited for a disk that says nothing, beyond those that syncing takes its time.
    """

    written: int
    synced_at: datetime | None
    problem: str
    waiting: float = 0.0


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
        damage: str = "",
        lock: Lock | None = None,
        problem: str = "",
    ) -> None:
        """``found`` is what the file at ``path`` holds; ``damage`` says why that is not all of it, "" when it is.

        A file that holds something else is put aside before the first write, never overwritten.
        """
        self.path = path
        self.records = list(found)
        self.damage = damage
        self._files = files
        self._claim = claim
        self._ours = not damage and lock is not None  # whether the file there holds nothing that `_lines` does not
        self._lock = lock
        self._header = encode(header)
        # How many compactions there were, and all lines since the last; one value, for a signal may come at any point.
        self._content = (0, [encode(record) for record in found])
        self._on_disk = (0, len(found))  # the version and number of lines that the system has
        self._synced = self._on_disk  # those that the disk surely has
        self._doubts = 0  # how often the file turned out not to hold what was written to it
        self._problem = problem
        self._synced_at: datetime | None = None
        # Monotonic, 0 for none: since when there is something to sync, since when the disk lacks it, and the system.
        self._unsynced_since = self._undurable_since = self._unwritten_since = 0.0
        self._appended_at = 0.0
        self._fd = -1  # -1: the next write is a whole new file
        self._started = self._stopped = False
        # Re-entrant: a signal handler may call flush at any point of the main thread.
        self._change = threading.Condition(threading.RLock())
        self._io = threading.RLock()
        self._syncing = threading.RLock()  # the system tells of a failed write once: whoever asks second must wait for the first
        loops = {"draft-writer": self._write_loop, "draft-syncer": self._sync_loop}
        self._threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]

    @property
    def state(self) -> JournalState:
        with self._change:
            since = [at for at in (self._unwritten_since, self._undurable_since and self._undurable_since + AT_LEAST) if at]
            waiting = max(0.0, time.monotonic() - min(since)) if since else 0.0
            return JournalState(self._on_disk[1], self._synced_at, self._problem, waiting)

    @property
    def ours(self) -> bool:
        """Whether the file there holds nothing that this journal does not: else it is put aside, never removed."""
        return self._ours

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
        self._unwritten_since = self._unwritten_since or self._appended_at
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        self._change.notify_all()

    @property
    def _goal(self) -> tuple[int, int]:
        version, lines = self._content
        return version, len(lines)

    def caught_up(self, timeout: float) -> bool:
        """Wait until all appended records are handed to the system, at most ``timeout`` seconds; False when they are not.

        Does not wait while the disk refuses: that is known already.
        """
        with self._change:
            self._change.wait_for(lambda: self._problem or self._on_disk == self._goal, timeout)
            return self._on_disk == self._goal

    def flush(self) -> bool:
        """Write and sync now; whether the disk has everything. Gives up when a stuck disk keeps it waiting.

        A signal handler may call it.
        """
        if not taken(self._io, self._change, LAST_WORDS):
            return False
        try:
            self._check_file()
            self._write_and_sync()
            if not self.durable:  # these may be the last words: once more, to a new file
                self._write_and_sync()
        finally:
            self._io.release()
        return self.durable

    @property
    def durable(self) -> bool:
        """Whether the disk has all appended records. A journal without records has no file that could be named."""
        with self._change:
            return bool(self._content[1]) and self._synced == self._on_disk == self._goal

    def _write_and_sync(self) -> None:
        self._write()
        if taken(self._syncing, self._change, LAST_WORDS):
            try:
                self._sync()
            finally:
                self._syncing.release()

    def finish(self) -> None:
        """The server has it, verified: remove the draft and the lock. A file that is not ours is put aside.

        Raises OSError when the file cannot be removed, or the disk does not answer.
        """
        self._stop()
        if not in_time(self._remove, 3 * LAST_WORDS):
            raise OSError(errno.ETIMEDOUT, STUCK)

    def put_aside(self) -> None:
        """As ``finish``, but the file stays, under another name. Raises OSError."""
        self._ours = False
        self.finish()

    def _remove(self) -> None:
        if not taken(self._io, self._change, LAST_WORDS):
            raise OSError(errno.ETIMEDOUT, STUCK)
        try:
            self._drop_descriptor()
            if self._lock is not None and self._lock.held():
                if self._ours:
                    self._files.remove(self.path)
                elif self._files.exists(self.path):
                    self._files.rename(self.path, self._free_name())
            self._release()
        finally:
            self._io.release()

    def close(self) -> bool:
        """Keep the draft, drop the lock; whether the disk has everything. What it does not have then it never gets."""
        with suppress(OSError):
            in_time(self._close, 3 * LAST_WORDS)
        return self.durable

    def _close(self) -> None:
        self.flush()
        self._stop()
        if taken(self._io, self._change, LAST_WORDS):
            try:
                self._drop_descriptor()
                self._release()
            finally:
                self._io.release()

    def _stop(self) -> None:
        with self._change:
            self._stopped = True
            self._change.notify_all()
        until = time.monotonic() + LAST_WORDS
        for thread in self._threads if self._started else ():
            thread.join(max(0.0, until - time.monotonic()))

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
        began = time.monotonic()
        try:
            self._hold_lock()
            goal, data, whole, doubts = self._due()
            if whole:
                self._replace(data)
            else:
                self._files.write_all(self._fd, data)
        except OSError as error:
            self._failed(in_words(error))
        except Busy as busy:
            self._failed(f"the draft is open elsewhere: {busy.owner}")
        else:
            self._written(goal, began, None if whole else doubts)

    def _hold_lock(self) -> None:
        """Before each write: somebody on another host may have taken the draft over. Raises Busy, OSError."""
        if self._lock is None or not self._lock.held():
            self._drop_descriptor()
            self._ours = False  # what is there may be another's by now
            self._lock = None
            self._lock = self._claim()

    def _due(self) -> tuple[tuple[int, int], bytes, bool, int]:
        """The goal, the bytes to write for it, whether they are a whole file, and the number of doubts so far."""
        with self._change:
            (version, lines), (written_version, count) = self._content, self._on_disk
            whole = self._fd < 0 or version != written_version
            return (version, len(lines)), b"".join([self._header, *lines] if whole else lines[count:]), whole, self._doubts

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

    def _written(self, goal: tuple[int, int], began: float, doubts: int | None) -> None:
        """``doubts`` are those from before what was appended, None for a whole file: that is on disk when it is written."""
        with self._change:
            if doubts is not None and doubts != self._doubts:  # the syncer found out meanwhile: it went to a lost file
                return
            self._on_disk = goal
            self._problem = ""
            self._unwritten_since = 0.0 if goal == self._goal else began
            if doubts is None:
                self._unsynced_since = self._undurable_since = 0.0
                self._synced, self._synced_at = goal, datetime.now(UTC)
            else:
                self._unsynced_since = self._unsynced_since or time.monotonic()
                self._undurable_since = self._undurable_since or self._unsynced_since
            self._change.notify_all()

    def _failed(self, problem: str) -> None:
        """Have a whole new file written next: the present one may end in half a record."""
        self._drop_descriptor()
        with self._change:
            self._problem = problem
            self._change.notify_all()

    def _doubt(self, problem: str = "") -> None:
        """What was written may be lost: have a new file written that holds everything."""
        with self._change:
            self._doubts += 1
            self._problem = problem
            self._on_disk, self._synced = (-1, 0), (-1, 0)
            self._unsynced_since = self._undurable_since = 0.0
            self._unwritten_since = self._unwritten_since or time.monotonic()
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
            with self._syncing:
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
        """Sync what is written. On a copy of the descriptor, so that writing goes on meanwhile."""
        began = time.monotonic()
        with self._change:
            self._unsynced_since = 0.0
            goal = self._on_disk
            if goal == self._synced or self._fd < 0:
                return
            fd = os.dup(self._fd)
        try:
            self._files.system.fsync(fd)
            there = self._files.is_at(fd, self.path)
        except OSError as error:  # the system may have dropped what it could not write
            self._doubt(in_words(error))
        else:
            if there:
                self._durable(goal, began)
            else:
                self._lost(fd)
        finally:
            os.close(fd)

    def _durable(self, goal: tuple[int, int], began: float) -> None:
        with self._change:
            if self._on_disk[0] == goal[0]:  # else a whole new file was written meanwhile, which is on disk
                self._synced, self._synced_at = max(self._synced, goal), datetime.now(UTC)
                self._undurable_since = 0.0 if self._synced == self._on_disk else began

    def _check_file(self) -> None:
        """See whether the file still has its name, although nothing was written since the last sync."""
        with self._change:
            fd = os.dup(self._fd) if self._fd >= 0 else -1
        if fd < 0:
            return
        try:
            if not self._files.is_at(fd, self.path):
                self._lost(fd)
        except OSError:
            return  # the next write says what is wrong
        finally:
            os.close(fd)

    def _lost(self, fd: int) -> None:
        """The file was removed or replaced: what has the name now may be somebody's, what we hold has none.

        Unless the writer replaced it itself, and goes on with another file.
        """
        with self._change:
            if self._fd >= 0 and os.path.samestat(os.fstat(self._fd), os.fstat(fd)):
                self._ours = False
                self._doubt()
