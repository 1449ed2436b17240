"""Types and saves in the real program under a pty, and ends it at a random moment, again and again.

    python -m tests.bench.torture [RUNS] [--program pmtui|vim] [--seed N] [--workers N]

Whatever was on the screen by then (all that the program had written to the terminal, read or not) must be in the draft
or on the server. Printed, for each way to end it: runs, how many of them in the middle of a save, characters that were
on the screen, characters missing, and the longest time to exit. vim runs with its defaults and `vim -r`.

All runs share a sandbox in another process; each has a home of its own.
"""

from __future__ import annotations

import argparse
import random
import signal
import string
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.bench.programs import PROGRAMS, Program
from tests.bench.sandbox import served
from tests.pty_screen import PtyScreen

ENDINGS = ("SIGKILL", "SIGHUP", "SIGTERM", "SIGQUIT", "pty closed")
LINE = 24  # characters of a line that is typed
KNOWN = 4  # characters by which the first line is found on the screen
SOON = 2.0  # seconds within which the process must be gone
LEFT = b"\x1b[?1049l"  # the alternate screen is left


@dataclass(frozen=True, slots=True)
class Script:
    """``bursts`` are typed one by one, ``gap`` seconds apart; a save follows those whose numbers are in ``saves``. The end
    comes ``after`` so many bursts, or ``late`` seconds into what follows them: a pause, or a save."""

    bursts: tuple[str, ...]
    gap: float
    saves: frozenset[int]
    after: int
    late: float
    ending: str

    @property
    def text(self) -> str:
        return "".join(self.bursts)


@dataclass(frozen=True, slots=True)
class Run:
    """``shown`` characters were on the screen, ``missing`` of them are nowhere. ``seconds`` from the end's cause to the exit."""

    seed: int
    ending: str
    saving: bool
    shown: int
    missing: int
    seconds: float
    restored: bool


def script_of(seed: int) -> Script:
    """The script for a seed. A save is as likely to be interrupted as typing."""
    rng = random.Random(seed)
    letters = rng.choices(string.ascii_lowercase, k=rng.randint(20, 60))
    text = "\r".join(["", *("".join(letters[at : at + LINE]) for at in range(0, len(letters), LINE))])
    cuts = sorted({0, KNOWN + 1, *rng.sample(range(KNOWN + 2, len(text)), k=rng.randint(4, 10)), len(text)})
    bursts = tuple(text[start:end] for start, end in pairwise(cuts))
    after = rng.randint(1, len(bursts))
    saves = {rng.randint(1, len(bursts))} if rng.random() < 0.3 else set()
    saving = rng.random() < 0.4
    late = rng.uniform(0.0, 0.8) if saving else rng.uniform(0.0, 0.1)
    return Script(
        bursts, rng.uniform(0.0, 0.06), frozenset(saves | {after} if saving else saves - {after}), after, late, ENDINGS[seed % len(ENDINGS)]
    )


def shown_of(rows: Sequence[str], lines: Sequence[str]) -> str:
    """How much of the typed lines is on the screen, from their beginning; lines are joined without ends."""
    first = next((n for n, row in enumerate(rows) if row[:KNOWN] == lines[0][:KNOWN]), None)
    shown = ""
    for row, line in zip(rows[first:] if first is not None else (), lines, strict=False):
        shown += common(row, line)
        if row != line:
            break
    return shown


def common(one: str, other: str) -> str:
    """The common prefix."""
    different = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:different]


class Watch:
    """Reads the screen and remembers the most that was ever on it of what was typed."""

    def __init__(self, screen: PtyScreen, program: Program, script: Script) -> None:
        self._screen, self._program = screen, program
        self._lines = [line for line in script.text.split("\r") if line]
        self.shown = ""

    def read(self, seconds: float) -> bool:
        open_still = self._screen.read(seconds)
        shown = shown_of([self._program.row(row) for row in self._screen.rows], self._lines)
        self.shown = max(self.shown, shown, key=len)
        return open_still

    def until(self, wanted: str, end: float) -> bool:
        """Wait until the screen shows ``wanted``; False when it does not before ``end``."""
        while wanted not in self._screen.text:
            left = end - time.monotonic()
            if left <= 0 or not self.read(min(left, 0.1)):
                return False
        return True

    def pause(self, end: float) -> None:
        while (left := end - time.monotonic()) > 0 and self.read(left):
            continue


def play(script: Script, program: Program, screen: PtyScreen, watch: Watch) -> bool:
    """Type and save up to the moment of the end; whether that is within a save."""
    for number, burst in enumerate(script.bursts[: script.after], 1):
        screen.send(burst)
        watch.read(script.gap)
        last = number == script.after
        if number in script.saves:
            end = time.monotonic() + (script.late if last else 20)
            if not _save(program, screen, watch, end) and last:
                watch.pause(end)
                return True
    watch.pause(time.monotonic() + script.late)
    return False


def _save(program: Program, screen: PtyScreen, watch: Watch, end: float) -> bool:
    """Save; whether it was finished before ``end``."""
    for keys, wanted in program.save:
        screen.send(keys)
        if wanted and not watch.until(wanted, end):
            return False
    return True


def finish(script: Script, screen: PtyScreen, watch: Watch) -> float:
    """End the program as the script says. Returns the seconds until it is gone, or until giving up."""
    started = time.monotonic()
    if script.ending == "pty closed":
        screen.hang_up()
    else:
        screen.kill(signal.Signals[script.ending])
        while watch.read(0.2):
            if time.monotonic() - started > 10:
                break
    with suppress(AssertionError):  # it still runs: the seconds show it
        screen.wait_exit()
    return time.monotonic() - started


def run(seed: int, name: str, env: Mapping[str, str]) -> Run:
    """One run, from the start of the program to the comparison."""
    script = script_of(seed)
    with tempfile.TemporaryDirectory() as home:
        program = PROGRAMS[name](Path(home), env, seed)
        with PtyScreen(program.argv, env=program.env) as screen:
            watch = Watch(screen, program, script)
            screen.wait_for(program.ready)
            saving = play(script, program, screen, watch)
            seconds = finish(script, screen, watch)
            restored = script.ending in ("SIGKILL", "pty closed") or LEFT in screen.output
        kept = kept_of(watch.shown, program.texts())
    return Run(seed, script.ending, saving, len(watch.shown), len(watch.shown) - len(kept), seconds, restored)


def kept_of(shown: str, texts: Sequence[str]) -> str:
    """The longest prefix of the shown text that is anywhere in one of the texts, ignoring line ends."""
    joined = ["".join(text.split()) for text in texts]
    return next((shown[:end] for end in range(len(shown), 0, -1) if any(shown[:end] in text for text in joined)), "")


def summary(runs: Sequence[Run]) -> str:
    """A table with a line for each way to end, and the sum."""
    head = f"{'ending':<12}{'runs':>6}{'in a save':>11}{'characters shown':>18}{'missing':>9}{'runs with loss':>16}{'slowest exit':>14}"
    lines = [head]
    for ending in (*ENDINGS, ""):
        chosen = [each for each in runs if ending in ("", each.ending)]
        if chosen:
            saving, lossy = sum(each.saving for each in chosen), sum(each.missing > 0 for each in chosen)
            shown, missing = sum(each.shown for each in chosen), sum(each.missing for each in chosen)
            slowest = max(each.seconds for each in chosen)
            lines.append(f"{ending or 'all':<12}{len(chosen):>6}{saving:>11}{shown:>18}{missing:>9}{lossy:>16}{slowest:>12.2f} s")
    lines.append(f"not gone within two seconds: {sum(each.seconds > SOON for each in runs)}")
    lines.append(f"terminal not restored: {sum(not each.restored for each in runs)}")
    lossy_runs = [str(each.seed) for each in runs if each.missing]
    if lossy_runs:
        lines.append(f"seeds with loss: {' '.join(lossy_runs[:20])}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="End the program at random moments; count what is lost.")
    parser.add_argument("runs", type=int, nargs="?", default=100)
    parser.add_argument("--program", choices=tuple(PROGRAMS), default="pmtui")
    parser.add_argument("--seed", type=int, default=0, help="of the first run; the others follow")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    seeds = range(chosen.seed, chosen.seed + chosen.runs)
    found: list[Run] = []
    with served(30) as env, ProcessPoolExecutor(chosen.workers) as pool:
        for each in pool.map(partial(run, name=chosen.program, env=env), seeds):
            found.append(each)
            if each.missing or not each.restored or each.seconds > SOON:
                print(each, flush=True)
            if len(found) % 50 == 0:
                print(f"{len(found)} runs, {sum(one.missing for one in found)} characters missing", file=sys.stderr, flush=True)
    print(f"{chosen.program}\n{summary(found)}")


if __name__ == "__main__":
    main()
