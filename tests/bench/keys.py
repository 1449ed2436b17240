"""Measures the cost of a key: bytes to the terminal, and milliseconds to the first byte, in the editor and in pmtui.

    python -m tests.bench.keys [KEYS] [editor|stock|pmtui …]

Medians (bytes also as 90th percentile and maximum) over KEYS keys of a kind, each sent when the one before has
settled, under a pty at two sizes. "editor" is our editor alone with 1,000 lines of Markdown, "stock" is Textual's
TextArea with the same, "pmtui" is a postmortem of the sandbox. "idle" is bytes in three seconds without a key.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.bench.sandbox import served
from tests.pty_screen import KEYS, FreshPtyScreen, PtyScreen

SIZES = ((80, 24), (200, 50))
TYPED = "the failover script "
KINDS: Mapping[str, Sequence[str]] = {
    "type": TYPED,
    "right": ("right", "left"),
    "enter": ("enter",),
    "backspace": ("backspace",),
    "down": ("down",),
    "page": ("pagedown", "pageup"),
}

TEXT = """
TEXT = "\\n".join(
    f"## Part {n}" if n % 10 == 0 else f"- 02:{n % 60:02} item {n} with **bold**, `code` and words to its end" for n in range(1000)
)
"""
STOCK = f"""{TEXT}
from textual.app import App
from textual.widgets import TextArea
class Stock(App):
    def compose(self):
        yield TextArea(TEXT)
Stock().run()
"""
EDITOR = f"""{TEXT}
from pmtui.tui.terminal import setup as terminal
terminal.prepare()
from textual.containers import VerticalScroll
from pmtui.tui.editor.cell_editor import Editor
from pmtui.tui.theme import load_themes
from pmtui.tui.terminal.app import ThinApp
class Bench(ThinApp):
    def __init__(self):
        super().__init__()
        self.register_theme(load_themes()[0]["dark"])
        self.theme = "dark"
    def compose(self):
        with VerticalScroll():
            yield Editor(TEXT)
    def on_mount(self):
        self.query_one(Editor).focus()
Bench().run()
"""


@contextmanager
def opened(program: str, columns: int, rows: int) -> Iterator[PtyScreen]:
    """The program with its cursor in the middle of a line."""
    if program == "pmtui":
        with (
            served(30) as env,
            FreshPtyScreen([sys.executable, "-m", "pmtui", "--profile", "datadog"], columns=columns, rows=rows, env=env) as screen,
        ):
            screen.wait_for(r"IR-\d+")
            screen.settle(0.5)
            screen.press("enter")
            screen.wait_for(r"cell \d+ of \d+")
            screen.press("home", *("right",) * 5)
            yield screen
        return
    source = EDITOR if program == "editor" else STOCK
    with FreshPtyScreen([sys.executable, "-c", source], columns=columns, rows=rows, env=os.environ) as screen:
        screen.wait_for("item 1 ")
        screen.settle(0.5)
        screen.press("down", "down", "down", *("right",) * 20)
        yield screen


def cost(screen: PtyScreen, key: str) -> tuple[int, float | None]:
    """Bytes until the screen is quiet, and milliseconds until the first byte, None when nothing came.

    (Nothing comes when nothing looks different, as for enter on the last of many empty lines.)
    """
    screen.settle(0.1)
    before, started = len(screen.output), time.perf_counter()
    screen.send(KEYS.get(key, key))
    screen.read(1.0)
    first = (time.perf_counter() - started) * 1000
    screen.settle(0.1)
    written = len(screen.output) - before
    return written, first if written else None


def idle(screen: PtyScreen) -> int:
    screen.settle(0.5)
    before, until = len(screen.output), time.monotonic() + 3
    while time.monotonic() < until:
        screen.read(0.2)
    return len(screen.output) - before


def percentile(numbers: Sequence[float], share: float) -> float:
    return sorted(numbers)[min(len(numbers) - 1, round(share * (len(numbers) - 1)))]


def measure(program: str, columns: int, rows: int, count: int) -> None:
    with opened(program, columns, rows) as screen:
        print(f"{program} {columns}x{rows}: idle {idle(screen)} B")
        for kind, keys in KINDS.items():
            costs = [cost(screen, keys[number % len(keys)]) for number in range(count)]
            sizes = [written for written, _ in costs]
            times = [first for _, first in costs if first is not None] or [0.0]
            print(
                f"  {kind:<10}{statistics.median(sizes):7.0f} B  p90 {percentile(sizes, 0.9):6.0f}  max {max(sizes):6.0f}"
                f"   {statistics.median(times):6.1f} ms  p99 {percentile(times, 0.99):6.1f}",
                flush=True,
            )


def main() -> None:
    arguments = sys.argv[1:]
    count = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 40
    for program in arguments or ("editor", "stock", "pmtui"):
        for columns, rows in SIZES:
            measure(program, columns, rows, count)


if __name__ == "__main__":
    main()
