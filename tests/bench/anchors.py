"""Measures pmtui beside a bare Textual app, vim, and other programs on Textual, in one run.

    python -m tests.bench.anchors [RUNS] [posting=PATH] [harlequin=PATH] …

For each: the first frame that can be read, the first that answers a key, opening a document, bytes of a key in a text of
600 lines, and memory. Milliseconds of the clock and of the processor, medians of RUNS; the programs take turns. PATH is
the program in an environment of its own; what is not given, and vim where it is not installed, is left out.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.keys import KINDS, STOCK
from tests.bench.sandbox import served
from tests.bench.start import BARE, keep_a_frame
from tests.bench.timed_screen import Cost, TimedScreen
from tests.pty_screen import KEYS

TEXT = "\n".join(f"- 02:{n % 60:02} item {n} with words to its end" for n in range(600))
PASTED = f"\x1b[200~{TEXT}\x1b[201~"
TIMES = 12
LAST_ROW = 26
"""Keys after which the cursor is on the last row of the window, and the next one scrolls."""
DOWN = "\x1b[6~" * 20 + "\x1b[C" * 5
PRESSED = {**KINDS, "page": ("pageup",)}
"""Page keys one way: to and fro they may move the cursor alone."""
Step = tuple[str, str]
"""Keys, and a regular expression for the screen after them."""


@dataclass(frozen=True)
class Program:
    """``ready`` is its first frame that can be read, ``answer`` a key that it answers there, ``opening`` opens a document.

    ``editing`` leads from there into a text of 600 lines, the cursor in the middle of a line.
    """

    argv: Sequence[str]
    ready: str
    answer: Step | None = None
    opening: Step | None = None
    editing: Sequence[Step] | None = None


def programs(given: Mapping[str, str], home: Path) -> Mapping[str, Program]:
    middle = ("\x1b[5~" * 4 + "\x1b[H" + "\x1b[C" * 5, "")
    found = {
        "pmtui": Program(
            (sys.executable, "-m", "pmtui", "--profile", "datadog"),
            r"IR-\d+",
            ("\x1b[B", r"(?m)^.▌ IR-(?!338)\d+|^ {1,3}IR-\d+.*\n.▌ IR"),
            ("\r", r"cell \d+ of \d+ · line \d+"),
            ((PASTED, "item 599"), middle),
        ),
        "bare Textual app": Program((sys.executable, "-c", BARE), "ready"),
        "Textual's TextArea": Program(
            (sys.executable, "-c", STOCK), "item 1 ", ("Z", "Z## Part 0"), None, (("\x1b[B" * 9 + "\x1b[C" * 5, ""),)
        ),
    }
    if vim := shutil.which("vim"):
        (home / "text.md").write_text(TEXT)
        plain = (vim, "-u", "NONE", "-i", "NONE", "-N", "+set backspace=2")
        opening = (f":e {home / 'text.md'}\r", "item 1 ")
        found["vim"] = Program(plain, "VIM - Vi IMproved", ("i", "INSERT"), ("\x1b" + opening[0], opening[1]), (("500Gzt0wwi", "INSERT"),))
    if posting := given.get("posting"):
        lines = "\n".join(f"    {line}" for line in TEXT.splitlines())
        (home / "long.posting.yaml").write_text(f"name: long\nmethod: POST\nurl: http://127.0.0.1:9/\nbody:\n  content: |\n{lines}\n")
        found["posting"] = Program(
            (posting, "--collection", str(home)),
            "Collection is empty|POS long",
            ("Z", "▌?Z"),
            ("\x0f<jump>\t<jump>\x1b[B\r", "127.0.0.1:9"),
            (("\x0f<jump>w<jump>\x1b[B<jump>\t", "item 1 "), (DOWN, "")),
        )
    if harlequin := given.get("harlequin"):
        found["harlequin"] = Program((harlequin, ":memory:"), "Query Editor", ("Z", "1 .*Z"), None, ((PASTED, "item 599"), middle))
    return found


def send(screen: TimedScreen, step: Step) -> Cost:
    """What the last part of the keys took to show what is wanted; where the keys stop, the screen settles first."""
    *before, last = step[0].split("<jump>")
    for keys in before:
        screen.send(keys)
        screen.settle(0.3)
    return screen.cost_of(last, step[1])


def once(program: Program, env: Mapping[str, str]) -> dict[str, Cost]:
    """What it takes until it can be read, answers, and has opened a document."""
    found: dict[str, Cost] = {}
    with TimedScreen(program.argv, env=env) as screen:
        found["readable"] = before = screen.cost_until(program.ready)
        if program.answer:
            answered = send(screen, program.answer)
            found["interactive"] = Cost(before.shown + answered.shown, before.worked + answered.worked)
        screen.settle(0.5)
        found["MB"] = Cost(screen.resident, 0.0)
        if program.opening:
            found["open"] = send(screen, program.opening)
    return found


def bytes_of(program: Program, env: Mapping[str, str]) -> dict[str, float]:
    """The median bytes of the keys of each kind."""
    if program.editing is None:
        return {}
    with TimedScreen(program.argv, env=env) as screen:
        screen.wait_for(program.ready, 60)
        screen.settle(0.5)
        for step in (*([program.opening] if program.opening else ()), *program.editing):
            send(screen, step)
            screen.settle(0.5)
        found = {kind: statistics.median(_written(screen, keys[n % len(keys)]) for n in range(TIMES)) for kind, keys in PRESSED.items()}
        for _ in range(LAST_ROW):
            _written(screen, "down")
        return {**found, "scroll": statistics.median(_written(screen, "down") for _ in range(TIMES))}


def _written(screen: TimedScreen, key: str) -> int:
    """The bytes of a key. Some programs are never at rest: it is waited for two seconds at most."""
    screen.settle(0.1, 2)
    before = len(screen.output)
    screen.send(KEYS.get(key, key))
    screen.settle(0.2, 2)
    return len(screen.output) - before


def main() -> None:
    words = sys.argv[1:]
    runs = int(words.pop(0)) if words and words[0].isdigit() else 5
    with served(30) as env, tempfile.TemporaryDirectory() as compiled, tempfile.TemporaryDirectory() as home:
        env = {**env, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled, "VISUAL": "", "EDITOR": ""}
        found = programs(dict(word.split("=", 1) for word in words), Path(home))
        keep_a_frame(found["pmtui"].argv, env)
        measured: dict[str, list[dict[str, Cost]]] = {name: [] for name in found}
        for number in range(runs + 1):
            for name, program in found.items():
                row = once(program, {**env, "HOME": home} if name != "pmtui" else env)
                if number:  # the first compiles
                    measured[name].append(row)
        names = ("readable", "interactive", "open")
        kinds = (*PRESSED, "scroll")
        print(f"{'ms (of the processor)':<22}" + "".join(f"{name:>18}" for name in (*names, "MB")), end="")
        print("".join(f"{kind:>11}" for kind in kinds))
        for name, rows in measured.items():
            sizes = bytes_of(found[name], env)
            cells = [_cell([row[each] for row in rows if each in row]) for each in names]
            resident = statistics.median(row["MB"].shown for row in rows)
            print(
                f"{name:<22}{''.join(f'{cell:>18}' for cell in cells)}{resident:>18.0f}"
                + "".join(f"{f'{sizes[kind]:.0f} B' if kind in sizes else '–':>11}" for kind in kinds),
                flush=True,
            )


def _cell(costs: Sequence[Cost]) -> str:
    if not costs:
        return "–"
    return f"{statistics.median(each.shown for each in costs):.0f} ({statistics.median(each.worked for each in costs):.0f})"


if __name__ == "__main__":
    main()
