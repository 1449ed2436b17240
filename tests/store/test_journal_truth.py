"""The journal says what is on disk and what is not, and never waits for ever."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.store import journal as journal_module
from pmtui.store.drafts import Drafts
from pmtui.store.files import Files, System
from pmtui.store.journal import Journal
from tests.store.disks import PLENTY, FaultySystem
from tests.store.test_journal import edits


class StuckSystem(System):
    """Answers until ``stuck`` is set; then nothing that touches a file comes back, and ``asked`` says that something has tried."""

    def __init__(self) -> None:
        self.stuck = threading.Event()
        self.asked = threading.Event()
        self.healed = threading.Event()

    def _wait(self) -> None:
        if self.stuck.is_set():
            self.asked.set()
            self.healed.wait(10 * PLENTY)

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        self._wait()
        return super().open(path, flags, mode)

    def write(self, fd: int, data: bytes) -> int:
        self._wait()
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self._wait()
        super().fsync(fd)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be on disk is waited for, however slow it is; ``gives_up_soon`` is for a disk that never answers."""
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    monkeypatch.setattr(journal_module, "LAST_WORDS", PLENTY)


def gives_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LAST_WORDS", 0.1)


@pytest.fixture
def stuck() -> Iterator[StuckSystem]:
    system = StuckSystem()
    yield system
    system.healed.set()


def open_journal(state: Path, system: System | None = None) -> Journal:
    return Drafts(state, Files(system)).open("work", "i-1", "p-1")


def test_flush_and_close_say_that_all_is_on_disk(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert not journal.flush(), "without a record there is no file"
    journal.append({"n": 1})
    assert journal.flush()
    journal.append({"n": 2})
    assert journal.close()
    assert edits(journal.path) == [{"n": 1}, {"n": 2}]


def test_flush_and_close_say_that_the_disk_refuses(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, FaultySystem(lambda call: call > 12, errno.ENOSPC))
    journal.append({"n": 1})
    journal.append({"n": 2})
    journal.caught_up(PLENTY)
    for n in range(20):
        journal.append({"n": n})
    assert not journal.flush()
    assert journal.state.problem == "disk full"
    assert not journal.close()


@pytest.mark.parametrize("way", ["flush", "close", "finish"])
@pytest.mark.parametrize("typed", [False, True])
def test_a_stuck_disk_is_given_up(tmp_path: Path, stuck: StuckSystem, way: str, typed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(tmp_path, stuck)
    journal.append({"n": 1})
    assert journal.flush()
    gives_up_soon(monkeypatch)
    stuck.stuck.set()
    if typed:
        journal.append({"n": 2})
        assert stuck.asked.wait(PLENTY), "the writer hangs"
    began = time.monotonic()
    if way == "finish":
        with pytest.raises(OSError, match="does not answer"):
            journal.finish()
    elif way == "close" or typed:
        assert getattr(journal, way)() is not typed
    assert time.monotonic() - began < PLENTY
    assert edits(journal.path)[0] == {"n": 1}


def test_a_disk_that_does_not_answer_is_noticed_by_the_age_of_what_waits(tmp_path: Path, stuck: StuckSystem) -> None:
    journal = open_journal(tmp_path, stuck)
    journal.append({"n": 1})
    assert journal.flush() and journal.state.waiting == 0.0
    stuck.stuck.set()
    journal.append({"n": 2})
    time.sleep(0.15)
    assert not journal.state.problem and journal.state.waiting > 0.1
    journal.append({"n": 3})
    assert journal.state.waiting > 0.1, "the oldest counts"
    stuck.healed.set()
    assert journal.caught_up(PLENTY) and journal.flush() and journal.state.waiting == 0.0
    journal.close()


def test_what_was_written_but_not_forced_to_the_disk_is_not_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "PAUSE", 0.0)
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    assert journal.flush()
    hangs, come = threading.Event(), threading.Event()
    real = journal._files.system.fsync

    def fsync(fd: int) -> None:
        come.set()
        hangs.wait(PLENTY)
        real(fd)

    monkeypatch.setattr(journal._files.system, "fsync", fsync)
    journal.append({"n": 2})
    assert journal.caught_up(PLENTY) and come.wait(PLENTY)
    gives_up_soon(monkeypatch)
    assert not journal.flush(), "the syncer is still at it"
    hangs.set()
    monkeypatch.setattr(journal_module, "LAST_WORDS", PLENTY)
    assert journal.flush()
    journal.close()


def test_a_sync_that_failed_is_not_hidden_by_the_next_that_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system tells of a failed write once only."""
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    assert journal.flush()
    before = journal.path.stat().st_ino
    failures = [OSError(errno.EIO, "I/O error")]
    real = journal._files.system.fsync

    def fsync(fd: int) -> None:
        if failures:
            raise failures.pop()
        real(fd)

    monkeypatch.setattr(journal._files.system, "fsync", fsync)
    journal.append({"n": 2})
    assert journal.flush()
    assert journal.path.stat().st_ino != before, "written anew"
    assert edits(journal.path) == [{"n": 1}, {"n": 2}]
    journal.close()


@pytest.mark.parametrize("way", ["removed", "replaced", "linked", "directory removed"])
def test_a_file_that_is_gone_or_another_is_written_anew(tmp_path: Path, way: str) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    assert journal.flush()
    match way:
        case "removed":
            journal.path.unlink()
        case "replaced":
            other = journal.path.with_name("other")
            other.write_bytes(b"somebody's")
            other.rename(journal.path)
        case "linked":
            os.link(journal.path, tmp_path / "backup")
        case _:
            journal.path.parent.rename(tmp_path / "old")
    journal.append({"n": 2})
    assert journal.flush()
    assert edits(journal.path) == [{"n": 1}, {"n": 2}]
    if way == "replaced":
        assert next(journal.path.parent.glob("*~1.journal")).read_bytes() == b"somebody's"
    journal.append({"n": 3})
    assert journal.close()
    assert edits(journal.path) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_file_that_is_gone_is_written_anew_when_typing_pauses(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    assert journal.flush()
    journal.path.unlink()
    journal.append({"n": 2})
    until = time.monotonic() + PLENTY
    while not journal.path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert journal.caught_up(PLENTY)
    assert edits(journal.path) == [{"n": 1}, {"n": 2}]
    journal.close()


def test_finishing_puts_aside_what_could_not_be_read(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    journal.append({"n": 2})
    journal.close()
    broken = journal.path.read_bytes().replace(b'"n":2', b'"n":7')
    journal.path.write_bytes(broken)
    journal = open_journal(tmp_path)
    assert not journal.ours
    journal.finish()
    assert not journal.path.exists()
    assert next(journal.path.parent.glob("*~1.journal")).read_bytes() == broken


def test_finishing_removes_what_this_journal_wrote_beside_what_it_put_aside(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    journal.close()
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"n":1', b'"n":7'))
    journal = open_journal(tmp_path)
    journal.compact([{"n": 2}])
    assert journal.caught_up(PLENTY) and journal.ours
    journal.finish()
    assert [path.name.endswith("~1.journal") for path in journal.path.parent.iterdir()] == [True]


def test_a_file_that_is_replaced_by_its_own_journal_while_it_is_synced_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "PAUSE", 0.0)
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    assert journal.flush()
    goes_on, come = threading.Event(), threading.Event()
    real = journal._files.system.fsync

    def fsync(fd: int) -> None:
        if threading.current_thread().name == "draft-syncer":
            come.set()
            goes_on.wait(PLENTY)
        real(fd)

    monkeypatch.setattr(journal._files.system, "fsync", fsync)
    journal.append({"n": 2})
    assert come.wait(PLENTY)
    journal.compact([{"n": 3}])
    assert journal.caught_up(PLENTY)
    goes_on.set()
    assert journal.flush() and journal.ours
    journal.append({"n": 4})
    assert journal.close()
    assert edits(journal.path) == [{"n": 3}, {"n": 4}]
    assert len(list(journal.path.parent.iterdir())) == 1
