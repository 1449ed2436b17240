from __future__ import annotations

import errno
import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pmtui.store import journal as journal_module
from pmtui.store.drafts import Drafts, base_record
from pmtui.store.files import Files
from pmtui.store.journal import Journal
from pmtui.store.records import decode
from tests.patience import PATIENCE
from tests.store.disks import PLENTY, POSTMORTEM, FaultySystem, ShortWrites, SlowSystem, settles_at_last


def edits(journal_path: Path) -> list[dict[str, Any]]:
    decoded = decode(journal_path.read_bytes())
    assert not decoded.damaged
    return [record for record in decoded.records if "draft" not in record]


def open_journal(state: Path, files: Files | None = None) -> Journal:
    return Drafts(state, files).open("work", "i-1", "p-1")


@pytest.fixture(autouse=True)
def quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY", 0.01)


def test_what_is_settled_is_in_the_file(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert not journal.path.exists(), "opening to read leaves no draft"
    for n in range(100):
        journal.append({"n": n})
        if n % 10 == 0:
            assert journal.caught_up(PLENTY)
            assert edits(journal.path)[-1] == {"n": n}
    journal.close()
    assert edits(journal.path) == [{"n": n} for n in range(100)]
    assert journal.state.written == 100
    assert journal.state.synced_at is not None
    assert open_journal(tmp_path).records == [{"n": n} for n in range(100)]


def test_going_on_with_a_draft_keeps_what_it_had(tmp_path: Path) -> None:
    for n in range(3):
        journal = open_journal(tmp_path)
        journal.append({"n": n})
        journal.close()
    assert edits(journal.path) == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_the_disk_is_synced_when_typing_pauses_without_being_asked(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 0})  # a whole new file: synced at once
    assert journal.caught_up(PLENTY)
    first = journal.state.synced_at
    assert first is not None
    journal.append({"n": 1})
    while journal.state.synced_at == first:
        time.sleep(0.01)
    assert edits(journal.path) == [{"n": 0}, {"n": 1}]
    journal.close()


def test_compacting_replaces_all(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    for n in range(50):
        journal.append({"n": n})
    journal.compact([{"all": True}])
    assert journal.caught_up(PLENTY)
    assert edits(journal.path) == [{"all": True}]
    journal.append({"more": 1})
    journal.close()
    assert edits(journal.path) == [{"all": True}, {"more": 1}]


def test_finishing_leaves_nothing(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.append({"n": 1})
    journal.caught_up(PLENTY)
    journal.finish()
    assert not list((tmp_path / "drafts").iterdir())


def test_a_slow_disk_gets_few_large_writes(tmp_path: Path) -> None:
    system = SlowSystem()
    journal = open_journal(tmp_path, Files(system))
    for n in range(500):
        journal.append({"n": n})
    assert journal.caught_up(PLENTY)
    assert system.writes < 50
    journal.close()
    assert len(edits(journal.path)) == 500


def test_short_writes_lose_nothing(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, Files(ShortWrites()))
    for n in range(20):
        journal.append({"n": n})
        journal.caught_up(PLENTY)
    journal.close()
    assert edits(journal.path) == [{"n": n} for n in range(20)]


def run_scenario(state: Path, files: Files) -> Journal:
    journal = open_journal(state, files)
    journal.append(base_record(POSTMORTEM))
    journal.caught_up(PLENTY)
    for n in range(3):
        journal.append({"n": n})
        journal.caught_up(PLENTY)
        journal.flush()
    journal.compact([base_record(POSTMORTEM), {"compacted": True}])
    journal.caught_up(PLENTY)
    journal.append({"last": True})
    journal.caught_up(PLENTY)
    return journal


BASE = json.loads(json.dumps(base_record(POSTMORTEM)))  # with lists for tuples, as it is read
EXPECTED = [BASE, {"compacted": True}, {"last": True}]


def count_operations(state: Path) -> int:
    system = FaultySystem(lambda _: False)
    run_scenario(state, Files(system)).close()
    return system.calls


@pytest.mark.sweep(2)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_one_failing_operation_loses_nothing(tmp_path: Path, code: int) -> None:
    operations = count_operations(tmp_path / "count")
    assert operations > 25
    for k in range(1, operations + 1):
        journal = run_scenario(tmp_path / str(k), Files(FaultySystem(lambda call, k=k: call == k, code)))  # type: ignore[misc]
        assert settles_at_last(journal), f"operation {k}"
        journal.close()
        assert edits(journal.path) == EXPECTED, f"operation {k}"
        assert not journal.state.problem


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_for_good_keeps_a_whole_draft(tmp_path: Path, code: int) -> None:
    """From operation k on nothing works: what was settled before is readable, and the journal says what is wrong."""
    for k in range(1, count_operations(tmp_path / "count") + 1):
        broken = FaultySystem(lambda call, k=k: call >= k, code)  # type: ignore[misc]
        journal = open_journal(tmp_path / str(k), Files(broken))
        acknowledged: list[dict[str, Any]] = []
        for record in (BASE, {"n": 0}, {"n": 1}, {"n": 2}):
            journal.append(record)
            if journal.caught_up(PLENTY):
                acknowledged.append(record)
            journal.flush()
        last = journal.state
        journal._stop()
        if len(acknowledged) < 4:
            assert last.problem
        if journal.path.exists():
            assert edits(journal.path)[: len(acknowledged)] == acknowledged


def test_typing_goes_on_while_the_disk_is_full_and_is_written_when_it_is_not(tmp_path: Path) -> None:
    full = threading.Event()
    journal = open_journal(tmp_path, Files(FaultySystem(lambda _: full.is_set(), errno.ENOSPC)))
    journal.append({"n": 0})
    assert journal.caught_up(PLENTY)
    full.set()
    for n in range(1, 30):
        journal.append({"n": n})
    while not journal.state.problem:
        journal.caught_up(0.01)
    assert journal.state.problem == "disk full"
    assert not journal.caught_up(PLENTY), "does not wait for a disk that refuses"
    assert edits(journal.path)[0] == {"n": 0}
    full.clear()
    assert settles_at_last(journal)
    assert not journal.state.problem
    assert edits(journal.path) == [{"n": n} for n in range(30)]
    journal.close()


TYPIST = """
import sys
from pathlib import Path
from pmtui.store.drafts import Drafts

journal = Drafts(Path(sys.argv[1])).open("work", "i-1", "p-1", take_over=True)
print("found", len(journal.records), flush=True)
n = len(journal.records)
while True:
    journal.append({"n": n})
    if n % 7 == 6:
        journal.compact([{"n": m} for m in range(n + 1)])
    if journal.caught_up(5):
        print(n, flush=True)
    n += 1
"""


def test_kill_9_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    for _ in range(12):
        typist = subprocess.Popen([sys.executable, "-c", TYPIST, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert typist.stdout is not None
        typist.stdout.readline()
        for _ in range(chance.randrange(1, 120)):
            typist.stdout.readline()
        typist.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in typist.stdout.read().splitlines()]
        typist.wait()
        typist.stdout.close()
        (path,) = (tmp_path / "drafts").glob("*.journal")
        found = [record["n"] for record in edits(path)]
        assert found == list(range(len(found)))
        assert not acknowledged or found[-1] >= acknowledged[-1]


HANGS_UP = """
import os, signal, sys
from pathlib import Path
from pmtui.store import journal as journal_module
from pmtui.store.drafts import Drafts

journal_module.LAST_WORDS = 3600.0  # however slow the disk is
journal = Drafts(Path(sys.argv[1])).open("work", "i-1", "p-1")
def on_signal(number, frame):
    journal.flush()
    print(n, flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, on_signal)
n = 0
print("ready", flush=True)
while True:
    n += 1
    journal.append({"n": n})
"""


def test_flush_in_a_signal_handler_writes_all(tmp_path: Path) -> None:
    for turn in range(3):
        state = tmp_path / str(turn)
        typist = subprocess.Popen([sys.executable, "-c", HANGS_UP, str(state)], stdout=subprocess.PIPE, text=True)
        assert typist.stdout is not None
        typist.stdout.readline()
        while not list(state.glob("drafts/*.journal")):
            assert typist.poll() is None
        typist.terminate()
        output, _ = typist.communicate(timeout=PATIENCE)
        (path,) = (state / "drafts").glob("*.journal")
        last = edits(path)[-1]["n"]
        assert last in (int(output), int(output) - 1), "the signal may fall between counting and appending"
