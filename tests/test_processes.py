"""Whether a process runs, also one that was killed and that nobody has asked about: it still has its id."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.processes import runs, started
from pmtui.sandbox import storage
from pmtui.store.lock import this_process
from tests.backends.folder.folders import NAME, folder, opened

HOLDS = (
    "import sys, time; from pathlib import Path; from pmtui.sandbox import storage; "
    "storage.take(Path(sys.argv[1])); print('taken', flush=True); time.sleep(1000)"
)


@pytest.fixture
def zombie(tmp_path: Path) -> Iterator[int]:
    """The id of a process that held the state of a sandbox, was killed, and was not reaped."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path / "state")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"taken\n"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.communicate()


def test_who_runs() -> None:
    assert runs(os.getpid()) and runs(os.getppid()) and runs(1)
    assert not any(map(runs, (0, -1, 2**22 + 1, 2**80)))
    assert started(2**22 + 1) == ""


def test_a_killed_process_does_not_run_although_it_has_its_id(zombie: int, tmp_path: Path) -> None:
    assert not runs(zombie)
    assert replace(this_process(), pid=zombie, started=started(zombie)).alive is False
    storage.take(tmp_path / "state")()


async def test_the_files_of_a_killed_process_are_left_over(zombie: int, tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / f".{NAME}.{zombie}.0.tmp").write_text("half of")
    session = await opened(root)
    session.set_field("severity", "SEV-2")
    await session.save(await session.review())
    session.close()
    assert list(root.glob(".*.tmp")) == []
