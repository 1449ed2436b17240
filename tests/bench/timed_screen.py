"""A program under a pty that knows when it had shown what, and what it had worked until then."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.pty_screen import FreshPtyScreen


class Cost(NamedTuple):
    """Milliseconds of the clock, and those that the processor worked for the program."""

    shown: float
    worked: float


class TimedScreen(FreshPtyScreen):
    """Looks at the clocks as output arrives: drawing it here takes long enough for the program to do what comes next."""

    def __init__(self, argv: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None) -> None:
        self._started = time.perf_counter()
        self._arrived = Cost(0.0, 0.0)
        super().__init__(argv, columns=columns, rows=rows, env=env)

    def _show(self, data: bytes) -> None:
        self._arrived = Cost((time.perf_counter() - self._started) * 1000, self._worked())
        super()._show(data)

    def _worked(self) -> float:
        worked = 0
        for each in Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            with suppress(OSError):  # a thread that has ended since
                worked += int(each.read_text().split()[0])
        return worked / 1e6

    def cost_until(self, wanted: str, timeout: float = 60) -> Cost:
        """What it took from the start until this regular expression was on the screen."""
        self.wait_for(wanted, timeout)
        return self._arrived

    def cost_of(self, keys: str, wanted: str, timeout: float = 60) -> Cost:
        """What it took from these keys until this was on the screen."""
        before = Cost((time.perf_counter() - self._started) * 1000, self._worked())
        self.send(keys)
        after = self.cost_until(wanted, timeout)
        return Cost(after.shown - before.shown, after.worked - before.worked)

    @property
    def resident(self) -> float:
        """The memory of the program in MB, 0 when it has ended."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next((line.split()[1] for line in lines if line.startswith("VmRSS")), "0")) / 1024
