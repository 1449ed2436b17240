"""Measures the time to the first frame and to the first incidents, and memory, compared with a bare Textual app.

    python -m tests.bench.start [RUNS]

Milliseconds and megabytes, medians. Each run is a fresh process under a pty of 80x24; the sandbox runs in another.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.sandbox import served
from tests.pty_screen import PtyScreen

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("ready")
Bare().run()
"""


def once(argv: Sequence[str], wanted: str, env: Mapping[str, str]) -> tuple[float, float]:
    """Milliseconds until ``wanted`` is on the screen, and the resident memory then, in MB."""
    started = time.perf_counter()
    with PtyScreen(argv, env=env) as program:
        program.wait_for(wanted)
        shown = (time.perf_counter() - started) * 1000
        program.settle(0.5)
        status = Path(f"/proc/{program.pid}/status").read_text()
    resident = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")  # it has ended: --help
    return shown, int(resident) / 1024


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pmtui = [sys.executable, "-m", "pmtui", "--profile", "datadog"]
    cases = {
        "bare Textual app": ([sys.executable, "-c", BARE], "ready"),
        "pmtui, first frame": (pmtui, "ctrl\\+p all"),
        "pmtui, incidents from the server": (pmtui, "IR-\\d+"),
        "pmtui --help": ([sys.executable, "-m", "pmtui", "--help"], "usage"),
    }
    with served(30) as env:
        for name, (argv, wanted) in cases.items():
            cold = {**env, "XDG_CACHE_HOME": os.devnull} if "server" in name else env
            found = [once(argv, wanted, cold) for _ in range(runs)]
            shown, resident = (statistics.median(column) for column in zip(*found, strict=True))
            print(f"{name:<36}{shown:8.0f} ms {resident:8.1f} MB")


if __name__ == "__main__":
    main()
