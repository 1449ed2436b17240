"""Measures the time to the first frame and to the first incidents, and memory, compared with a bare Textual app.

    python -m tests.bench.start [RUNS]

Milliseconds of the clock and of the processor, and megabytes, medians; the cases take turns, so that a busy machine is busy
for all of them. Each run is a fresh process under a pty of 80x24; the sandbox runs in another. pmtui is compiled first, as an
installation does it, whatever PYTHONDONTWRITEBYTECODE says.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.sandbox import served
from tests.bench.timed_screen import TimedScreen
from tests.pty_screen import FreshPtyScreen

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("ready")
Bare().run()
"""


def once(argv: Sequence[str], wanted: str, env: Mapping[str, str]) -> tuple[float, float, float]:
    """Milliseconds until ``wanted`` is on the screen, those that the processor worked, and the resident memory then, in MB."""
    with TimedScreen(argv, env=env) as program:
        cost = program.cost_until(wanted)
        program.settle(0.5)
        return cost.shown, cost.worked, program.resident


def keep_a_frame(argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Show the list, and leave: from now on the start paints it."""
    with FreshPtyScreen(argv, env=env) as program:
        program.wait_for("IR-\\d+", 60)
        while not list(Path(env["XDG_CACHE_HOME"]).rglob("frames/*.json")):
            program.read(0.1)
        program.send("\x11")
        program.wait_exit(30)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pmtui = [sys.executable, "-m", "pmtui", "--profile", "datadog"]
    cases = {
        "bare Textual app": ([sys.executable, "-c", BARE], "ready"),
        "pmtui, list readable": (pmtui, "IR-\\d+"),
        "pmtui, first frame": (pmtui, "ctrl\\+p all"),
        "pmtui, incidents from the server": (pmtui, "IR-\\d+"),
        "pmtui --help": ([sys.executable, "-m", "pmtui", "--help"], "--version"),
    }
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in cases}
    with served(30) as env, tempfile.TemporaryDirectory() as compiled:
        env = {**env, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        keep_a_frame(pmtui, env)
        for number in range(runs + 1):
            for name, (argv, wanted) in cases.items():
                measured = once(argv, wanted, {**env, **_more(name)})
                if number:  # the first of each compiles
                    found[name].append(measured)
    for name, rows in found.items():
        shown, worked, resident = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name:<36}{shown:8.0f} ms {worked:8.0f} ms cpu {resident:8.1f} MB")


def _more(name: str) -> dict[str, str]:
    """What the environment of a case has besides."""
    if "server" in name:
        return {"XDG_CACHE_HOME": os.devnull}
    return {"PMTUI_PLAIN_START": "1"} if "first frame" in name else {}


if __name__ == "__main__":
    main()
