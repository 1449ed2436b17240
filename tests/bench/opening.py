"""Tells apart what opening a postmortem waits for: the requests, and pmtui's own work.

    python -m tests.bench.opening [RUNS] [datadog|opsgenie …]

From enter on the list until the cursor is in the text, under a pty of 80x24, for postmortems of 5, 100 and 2,000 cells, and for
a server that takes 0, 50 and 200 ms longer for each answer. "requests" is the time in which the server had at least one of them,
by its own log; "rest" is all the other time; "cpu" is what the processor worked for the program meanwhile. Medians of RUNS, in
milliseconds: first of a process that has opened nothing before, then of one that opens the same postmortem again. The list was
shown for a second before: what pmtui prepares meanwhile is not in the figures. The sandbox runs in a process of its own.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from pmtui.cli.launching import variables_of
from tests.bench.growth import SIZES, WORDS
from tests.bench.timed_screen import TimedScreen
from tests.tui.headless_program import IN_A_CELL, environment
from tests.tui.user import CHECKOUT, QUICK, VENDORS

DELAYS = (0, 50, 200)
LIST = r"▌.*Checkout 5xx"
READ = r"read \d\d:\d\d"
"""The list's text once the server has answered."""

Span = tuple[float, float]
"""The beginning and the end of a request, in seconds since 1970."""


class Opened(NamedTuple):
    """What an opening took, in milliseconds, and the number of its requests."""

    total: float
    asked: float
    worked: float
    requests: int


class Server:
    """A sandbox in another process, whose newest postmortem has so many cells."""

    def __init__(self, cells: int) -> None:
        fresh = multiprocessing.get_context("spawn")
        self._here, there = fresh.Pipe()
        self._process = fresh.Process(target=serve, args=(there, cells), daemon=True)
        self._process.start()
        self.url = str(self._here.recv())

    def delay(self, milliseconds: int) -> None:
        """Answer so much later from now on."""
        self._here.send(milliseconds)
        self._here.recv()

    def spans(self) -> Sequence[Span]:
        """The requests since this was last asked."""
        self._here.send(None)
        return list(self._here.recv())

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def serve(parent: Connection, cells: int) -> None:
    """Answer requests, and the parent: a number is the delay of each answer from now on, None asks for the requests until now."""
    from pmtui.sandbox.server import Sandbox

    with Sandbox(incidents=10, switches=QUICK) as sandbox:
        fill(sandbox, cells)
        parent.send(sandbox.url)
        while True:
            match parent.recv():
                case None:
                    parent.send([(each["started"], each["started"] + each["seconds"]) for each in sandbox.requests])
                    sandbox.requests.clear()
                case milliseconds:
                    sandbox.clear_faults()
                    if milliseconds:
                        sandbox.fault(f"* * delay {milliseconds / 1000}")
                    parent.send(None)


def fill(sandbox, cells: int) -> None:  # type: ignore[no-untyped-def]
    """Give the postmortem of both vendors so many cells."""
    from pmtui.formats.adf import from_markdown
    from tests.bench.growth import _cell
    from tests.tui.colleague import Colleague

    texts = [f"## Part {number}\n\n{WORDS * 3}" for number in range(cells)]
    notebook = next(each for each in sandbox.datadog.state.notebooks() if CHECKOUT in str(each))
    model = next(cell for cell in notebook["cells"] if cell["attributes"]["definition"]["type"] == "markdown")
    notebook["cells"] = [_cell(model, number, text) for number, text in enumerate(texts)]
    kept = sandbox.opsgenie.state.postmortems[Colleague(sandbox, "opsgenie").postmortem(CHECKOUT)]
    kept["content"] = from_markdown("\n\n".join(texts))


def covered(spans: Sequence[Span], since: float, until: float) -> float:
    """How long at least one of the requests was under way, in seconds."""
    total, reached = 0.0, since
    for began, ended in sorted(spans):
        total += max(0.0, min(ended, until) - max(began, reached))
        reached = max(reached, min(ended, until))
    return total


def opened(screen: TimedScreen, server: Server) -> Opened:
    """Press enter on the list, and wait for the cursor."""
    server.spans()
    began = time.time()
    cost = screen.cost_of("\r", IN_A_CELL)
    until = began + cost.shown / 1000
    spans = [each for each in server.spans() if each[0] < until]
    return Opened(cost.shown, covered(spans, began, until) * 1000, cost.worked, len(spans))


def opened_twice(vendor: str, server: Server, extra: Mapping[str, str]) -> Sequence[Opened]:
    """The first opening of a new process, and one of the same postmortem again."""
    found: list[Opened] = []
    with tempfile.TemporaryDirectory() as home:
        env = {**environment(Path(home), variables_of(vendor, server.url)), **extra}
        with TimedScreen([sys.executable, "-m", "pmtui", "--profile", vendor], env=env) as screen:
            screen.wait_for(READ, 60)
            screen.wait_for(LIST, 60)
            for _ in range(2):
                screen.settle(1.0)
                found.append(opened(screen, server))
                screen.settle(0.5)
                screen.send("\x1b[27u")
                screen.wait_for(LIST, 60)
    return found


@contextmanager
def served(cells: int) -> Iterator[Server]:
    server = Server(cells)
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    words = sys.argv[1:]
    runs = int(words.pop(0)) if words and words[0].isdigit() else 5
    print(f"{'':<10}{'cells':>6}{'delay':>7}   {'':<6}{'total':>7}{'requests':>10}{'rest':>7}{'cpu':>7}")
    with tempfile.TemporaryDirectory() as compiled:
        extra = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        for vendor in words or VENDORS:
            for cells in SIZES:
                with served(cells) as server:
                    for delay in DELAYS:
                        server.delay(delay)
                        rows = [opened_twice(vendor, server, extra) for _ in range(runs + 1)][1:]  # the first one compiles
                        for name, column in zip(("first", "again"), zip(*rows, strict=True), strict=True):
                            _print(vendor, cells, delay, name, column)


def _print(vendor: str, cells: int, delay: int, name: str, rows: Sequence[Opened]) -> None:
    total, asked, worked, requests = (statistics.median(column) for column in zip(*rows, strict=True))
    rest = statistics.median(each.total - each.asked for each in rows)
    said = f"{asked:.0f} ({requests:.0f})"
    print(f"{vendor:<10}{cells:>6}{delay:>7}   {name:<6}{total:>7.0f}{said:>10}{rest:>7.0f}{worked:>7.0f}", flush=True)


if __name__ == "__main__":
    main()
