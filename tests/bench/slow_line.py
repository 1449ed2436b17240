"""Sends keys of all kinds over a slow line to the program; the text must be the typed one.

    python -m tests.bench.slow_line [KEYS] [--seed N] [--gap SECONDS] [--delay SECONDS] [--jitter SECONDS]

Each key is a packet of its own, ``gap`` after the one before. It takes ``delay``, every fifth one ``jitter`` more, and none
overtakes another, so several may come in one read. The text is compared with that of the same keys in the program without a
terminal. Prints keys, packets, and whether the texts are equal.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.session.recovery import replayed
from pmtui.store.drafts import Drafts
from tests.pty_screen import KEYS, PtyScreen
from tests.tui.headless_program import IN_A_CELL
from tests.tui.terminal_user import environment
from tests.tui.user import QUICK, using

REF, VENDOR = "IR-338", "datadog"
DELAYED = 0.2
"""The share of late packets."""
MOVES = ("left", "right", "up", "down", "home", "end", "ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end")
DELETES = ("backspace", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+d")
ENDING = ("ctrl+end", "enter", *"zqend")
"""Typed behind all: once it is shown, all before it has come."""
LETTERS = "etaoin shrdlu - 1. * # > `x` [a](b) é ß 你 🚒 "
SENT = {
    **KEYS,
    "ctrl+left": "\x1b[1;5D",
    "ctrl+right": "\x1b[1;5C",
    "ctrl+home": "\x1b[1;5H",
    "ctrl+end": "\x1b[1;5F",
    "up": "\x1bOA",
    "A": "\x1b[97:65;2;65u",
    "é": "\x1b[233;1;233u",
}


def typed_keys(count: int, seed: int) -> Sequence[str]:
    """The names of ``count`` keys, as people type: words, sometimes something else. Letters are their own names."""
    rng = random.Random(seed)
    keys: list[str] = []
    while len(keys) < count:
        kind = rng.random()
        if kind < 0.7:
            keys += rng.choices(LETTERS, k=rng.randrange(1, 12))
        elif kind < 0.78:
            keys.append("enter")
        elif kind < 0.92:
            keys += [rng.choice(MOVES)] * rng.randrange(1, 4)
        else:
            keys += [rng.choice(DELETES)] * rng.randrange(1, 3)
    return keys[:count]


def packets(keys: Sequence[str], gap: float, delay: float, jitter: float, seed: int) -> Iterator[tuple[float, str]]:
    """The arrivals: seconds from the start, and the data of one read."""
    rng = random.Random(seed)
    arrivals: list[tuple[float, str]] = []
    last = 0.0
    for number, key in enumerate(keys):
        last = max(last, number * gap + delay + (jitter if rng.random() < DELAYED else 0.0))
        arrivals.append((last, SENT.get(key, key)))
    for moment, together in groupby(arrivals, key=lambda arrival: arrival[0]):
        yield moment, "".join(sent for _, sent in together)


def type_slowly(screen: PtyScreen, arriving: Sequence[tuple[float, str]]) -> None:
    """Send each packet when it arrives, and read the screen meanwhile."""
    started = time.monotonic()
    for moment, data in arriving:
        while (left := started + moment - time.monotonic()) > 0:
            screen.read(left)
        screen.send(data)


def over_the_line(home: Path, url: str, arriving: Sequence[tuple[float, str]]) -> Sequence[str]:
    """The cells of the draft after these arrivals in the program under a pty."""
    argv = [sys.executable, "-m", "pmtui", "--profile", VENDOR, REF]
    with PtyScreen(argv, env=environment(VENDOR, url, home)) as screen:
        screen.wait_for(IN_A_CELL)
        type_slowly(screen, arriving)
        screen.send("".join(SENT.get(key, key) for key in ENDING))
        screen.wait_for("zqend")
        screen.kill(signal.SIGTERM)  # after which all is on disk
        screen.wait_exit()
    drafts = Drafts(home / "state" / "pmtui")
    (info,) = drafts.list()
    return [cell.text for cell in replayed(drafts.read(info)).mine.cells]


async def at_once(home: Path, sandbox: Sandbox, keys: Sequence[str]) -> Sequence[str]:
    """The cells after these keys in the program without a terminal, one by one."""
    async with using(home, sandbox, VENDOR, ref=REF) as user:
        await user.shows(IN_A_CELL)
        for key in (*keys, *ENDING):
            await user.press("space" if key == " " else key)
        return user.cells


def main() -> int:
    parser = argparse.ArgumentParser(description="Keys over a slow line")
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gap", type=float, default=0.06)
    parser.add_argument("--delay", type=float, default=0.3)
    parser.add_argument("--jitter", type=float, default=0.5)
    arguments = parser.parse_args()
    keys = typed_keys(arguments.count, arguments.seed)
    arriving = list(packets(keys, arguments.gap, arguments.delay, arguments.jitter, arguments.seed))
    with tempfile.TemporaryDirectory() as directory, Sandbox(incidents=30, switches=QUICK) as sandbox:
        found = over_the_line(Path(directory, "line"), sandbox.url, arriving)
        wanted = asyncio.run(at_once(Path(directory, "home"), sandbox, keys))
    print(f"{len(keys)} keys in {len(arriving)} packets: {'the same text' if found == wanted else 'NOT THE SAME TEXT'}")
    for number, (one, other) in enumerate(zip(found, wanted, strict=False), 1):
        if one != other:
            print(f"cell {number} over the line:\n{one}\n--- at once:\n{other}")
    return 0 if found == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
