"""One draft on disk: the user's edits, appended in order by two threads.

The event loop of a full-screen program stops when the terminal stalls, and a slow file system must not slow down typing.
So `append` only queues. The writer thread writes everything queued in one call. The syncer thread syncs it to the disk
when typing pauses, and at least once a second. When the disk fails, or the file was removed or replaced, nothing is lost
in memory: the whole journal is written again, to a new file, until that works.
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
from pmtui.store.records import Lines, NotJson, Record, encode
from pmtui.store.timeouts import STUCK, in_time, taken

PAUSE = 0.25  # seconds without a new record before a sync
AT_LEAST = 1.0  # seconds between syncs during continuous typing
RETRY = 0.5  # seconds between attempts when the disk refuses
LAST_WORDS = 2.0  # seconds that ``flush``, ``close`` and ``finish`` wait for a write under way


@dataclass(frozen=True, slots=True)
class JournalState:
    """``written``: records written to the system. ``synced_at``: when all were last on disk. ``problem``: "" when there is none.

    ``waiting``: seconds that the oldest record has waited for a disk that does not answer, beyond the planned delay.
    """

    written: int
    synced_at: datetime | None
    problem: str
    waiting: float = 0.0


class Journal:
    """A journal file. `Drafts.open` makes them. Safe to use from any thread."""

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
        """``found`` has the records of the file at ``path``; ``damage`` says why some are missing, "" when none are.

        A file with other records is renamed before the first write, never overwritten.
        """
        self.path = path
        self.records = list(found)
        self.damage = damage
        self._files = files
        self._claim = claim
        self._ours = not damage and lock is not None  # whether every record of the file is in `_lines`
        self._lock = lock
        self._header = encode(header)
        # The number of compactions, and all lines since the last. One value, because a signal may come at any point.
        self._content = (0, Lines(found))
        self._on_disk = (0, len(found))  # the compaction and number of lines written to the system
        self._synced = self._on_disk  # those known to be on disk
        self._doubts = 0  # how often the file turned out not to have what was written
        self._problem = problem
        self._synced_at: datetime | None = None
        # Monotonic times, 0 for none: since when there is something to sync, not yet on disk, not yet written.
        self._unsynced_since = self._undurable_since = self._unwritten_since = 0.0
        self._appended_at = 0.0
        self._fd = -1  # -1: the next write replaces the whole file
        self._started = self._stopped = False
        # Re-entrant: a signal handler may call flush at any point of the main thread.
        self._change = threading.Condition(threading.RLock())
        self._io = threading.RLock()
        self._syncing = threading.RLock()  # the system reports a failed write only once, so a second sync must wait for the first
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
        """Whether every record of the file is known to this journal: else the file is put aside, never removed."""
        return self._ours

    def append(self, record: dict[str, Any]) -> None:
        """Queue a record; returns at once. It must not change any more: the writer thread encodes it."""
        with self._change:
            self._content[1].append(record)
            self._queued()

    def compact(self, records: Sequence[Record | Callable[[], Record]]) -> None:
        """Queue the atomic replacement of the whole journal by these records; returns at once. The writer thread makes and encodes them."""
        with self._change:
            self._content = (self._content[0] + 1, Lines(records))
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
        """Whether all records so far are written to the system, after at most ``timeout`` seconds; does not wait while the disk refuses."""
        with self._change:
            goal = self._goal
            self._change.wait_for(lambda: self._problem or self._on_disk >= goal, timeout)
            return self._on_disk >= goal

    def flush(self) -> bool:
        """Write and sync now. Returns whether everything is on disk. Gives up waiting for a disk that hangs.

        A signal handler may call it.
        """
        if not taken(self._io, self._change, LAST_WORDS):
            return False
        try:
            self._check_file()
            self._write_and_sync()
            if not self.durable:  # this may be the last chance: once more, to a new file
                self._write_and_sync()
        finally:
            self._io.release()
        return self.durable

    @property
    def durable(self) -> bool:
        """Whether all records are on disk. False without records: then there is no file to name."""
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
        """Remove the draft and the lock, because the server has everything, verified. A file that is not ours is put aside.

        Raises OSError when the file cannot be removed, or the disk does not answer.
        """
        self._stop()
        if not in_time(self._remove, 3 * LAST_WORDS):
            raise OSError(errno.ETIMEDOUT, STUCK)

    def put_aside(self) -> None:
        """As ``finish``, but rename the file instead of removing it. Raises OSError."""
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
        """Keep the draft and release the lock. Returns whether everything is on disk. Nothing is written after this."""
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
            with suppress(OSError):  # a lock that stays names an ended process, so the next one may take it over
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
        except NotJson as error:
            self._failed(str(error))
        except Busy as busy:
            self._failed(f"the draft is open elsewhere: {busy.owner}")
        except Exception as error:  # noqa: BLE001  (nothing ends this thread: the status line tells it)
            self._failed(in_words(error))
        else:
            self._written(goal, began, None if whole else doubts)

    def _hold_lock(self) -> None:
        """Check or take the lock before each write: a process on another host may have taken it over. Raises Busy, OSError."""
        if self._lock is None or not self._lock.held():
            self._drop_descriptor()
            self._ours = False  # the file may be another process's by now
            self._lock = None
            self._lock = self._claim()

    def _due(self) -> tuple[tuple[int, int], bytes, bool, int]:
        """What to write next: the goal, its bytes, whether they are a whole file, and the number of doubts so far."""
        with self._change:
            (version, lines), (written_version, count) = self._content, self._on_disk
            whole, doubts, end = self._fd < 0 or version != written_version, self._doubts, len(lines)
        data = self._header + lines.encoded(0, end) if whole else lines.encoded(count, end)
        return (version, end), data, whole, doubts

    def _replace(self, data: bytes) -> None:
        """Replace the whole file. A file that is not ours is first renamed, so that `Drafts.list` finds it."""
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
        """Note a write. ``doubts`` is their number before an append, None for a whole file, which is on disk once written."""
        with self._change:
            if doubts is not None and doubts != self._doubts:  # meanwhile the syncer found that this went to a lost file
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
        """Note a failed write. The next write replaces the whole file, because this one may end in half a record."""
        self._drop_descriptor()
        with self._change:
            self._problem = problem
            self._change.notify_all()

    def _doubt(self, problem: str = "") -> None:
        """Note that written records may be lost. The next write is a new file with everything."""
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
            with suppress(OSError):  # the file will be replaced, or was synced
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
        """Sync what is written. It uses a copy of the descriptor, so that writing can continue."""
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
        except Exception as error:  # noqa: BLE001  (the system may have dropped the data)
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
            if self._on_disk[0] == goal[0]:  # else a new file was written meanwhile, and is on disk
                self._synced, self._synced_at = max(self._synced, goal), datetime.now(UTC)
                self._undurable_since = 0.0 if self._synced == self._on_disk else began

    def _check_file(self) -> None:
        """Check that the file still has its name, even when nothing was written since the last sync."""
        with self._change:
            fd = os.dup(self._fd) if self._fd >= 0 else -1
        if fd < 0:
            return
        try:
            if not self._files.is_at(fd, self.path):
                self._lost(fd)
        except OSError:
            return  # the next write reports the problem
        finally:
            os.close(fd)

    def _lost(self, fd: int) -> None:
        """Note that the file was removed or replaced: a file of this name may be somebody else's.

        Does nothing when our own writer replaced it.
        """
        with self._change:
            if self._fd >= 0 and os.path.samestat(os.fstat(self._fd), os.fstat(fd)):
                self._ours = False
                self._doubt()
