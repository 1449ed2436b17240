"""Measures the cost of a journalled key in microseconds: on this disk, and on one where each write takes 20 ms.

    python -m tests.bench.journal [KEYS]

"append" is the session's part of a key: the record encoded and queued, which is all that typing waits for. "on disk" is
until the system has it, which is what the frame that shows the key waits for. Keys come one by one, a hundred a second.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pmtui.model.incident import Incident
from pmtui.model.postmortem import Cell, Postmortem
from pmtui.session.draft import Draft
from pmtui.session.edits import Splice
from pmtui.store.drafts import Drafts
from pmtui.store.files import Files, System

WORDS = "the failover script picked the replica with the fewest connections "
PAUSE = 0.01  # seconds between keys
SLOW = 0.02  # seconds per write on a slow disk


class SlowSystem(System):
    def write(self, fd: int, data: bytes) -> int:
        time.sleep(SLOW)
        return super().write(fd, data)


def postmortem() -> Postmortem:
    """A postmortem of ordinary size: ten cells of 2,000 characters."""
    cells = tuple(Cell(f"c{number}", f"## Part {number}\n" + WORDS * 30) for number in range(10))
    return Postmortem(Incident("i-1", "IR-1", "Checkout 5xx"), "p-1", cells=cells)


def typed(files: Files, keys: int) -> tuple[list[float], list[float]]:
    """Microseconds per key: until it is queued, and until it is written to the system."""
    queued, settled = [], []
    with tempfile.TemporaryDirectory() as home:
        drafts = Drafts(Path(home), files)
        journal = drafts.open("bench", "i-1", "p-1")
        draft = Draft(postmortem(), journal, lambda: drafts.open("bench", "i-1", "p-1"))
        for number in range(keys):
            started = time.perf_counter()
            draft.do(Splice("c5", 12 + number, 0, WORDS[number % len(WORDS)]), time.time())
            queued.append((time.perf_counter() - started) * 1e6)
            if not journal.caught_up(10):
                raise RuntimeError(journal.state.problem)
            settled.append((time.perf_counter() - started) * 1e6)
            time.sleep(PAUSE)
        journal.close()
    return queued[1:], settled[1:]  # the first one creates the file


def figures(numbers: Sequence[float]) -> str:
    ordered = sorted(numbers)
    return f"median {statistics.median(ordered):9,.0f} µs   p99 {ordered[round(0.99 * (len(ordered) - 1))]:9,.0f} µs"


def main() -> None:
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    for name, files in (("this disk", Files()), ("20 ms a write", Files(SlowSystem()))):
        queued, settled = typed(files, keys)
        print(f"{name:<14} append   {figures(queued)}")
        print(f"{'':<14} on disk  {figures(settled)}", flush=True)


if __name__ == "__main__":
    main()
