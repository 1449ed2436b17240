"""Measures the longest step of the event loop between a key and its frame, in documents of hostile size.

    python -m tests.bench.steps [huge|many|timeline …] [--size N] [--stacks] [--over MS] [--only WORD]

"huge" is a cell of SIZE kB (5,000), "many" a document of SIZE / 2.5 cells (2,000), "timeline" a timeline as long as "huge". A step
is what the thread that draws does without a pause, in milliseconds of its own processor time; no key is answered meanwhile.
--stacks shows where those over MS (50) are.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
import threading
import time
import traceback
from asyncio import events
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from pmtui.sandbox.server import Sandbox
from tests.bench.growth import WORDS, _cell, text_of
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import CHECKOUT, QUICK, User, using

Act = Callable[[], Awaitable[object]]


@dataclass
class Steps:
    """Times the steps of the loop's thread; ``stacks`` counts what it was seen at in those that were long."""

    over: float
    longest: float = 0.0
    stacks: Counter[str] = field(default_factory=Counter)
    began: float = 0.0
    seen: list[str] = field(default_factory=list)
    collecting: float = 0.0
    collected: float = 0.0
    thread: int = field(default_factory=threading.get_ident)

    def run(self, handle: events.Handle, work: Callable[[events.Handle], None]) -> None:
        self.seen, self.collected, began = [], 0.0, time.thread_time()
        self.began = time.monotonic()
        try:
            work(handle)
        finally:
            self.began = 0.0
            took = time.thread_time() - began - self.collected
            self.longest = max(self.longest, took)
            if took > self.over:
                self.stacks.update(self.seen)

    def collect(self, phase: str, info: dict[str, int]) -> None:
        """Leave out the collection of garbage, which goes through the sandbox's memory, too."""
        if threading.get_ident() != self.thread:
            return
        if phase == "start":
            self.collecting = time.thread_time()
        else:
            self.collected += time.thread_time() - self.collecting

    def look(self) -> None:
        """Look at what the thread does, again and again."""
        while True:
            time.sleep(0.003)
            if self.began and time.monotonic() - self.began > 0.01:
                frames = traceback.extract_stack(sys._current_frames()[self.thread])
                names = [f"{Path(each.filename).stem}.{each.name}:{each.lineno}" for each in frames]
                ours = [name for name, each in zip(names, frames, strict=True) if "/pmtui/" in each.filename]
                self.seen.append(" < ".join((ours[-5:] or names[-5:])[::-1]))


@contextmanager
def steps(*, stacks: bool, over: float) -> Iterator[Steps]:
    """Time every step of this thread's loop."""
    found, handles = Steps(over), cast(Any, events.Handle)
    work = handles._run
    handles._run = lambda handle: found.run(handle, work)
    gc.callbacks.append(found.collect)
    if stacks:
        threading.Thread(target=found.look, daemon=True).start()
    try:
        yield found
    finally:
        gc.callbacks.remove(found.collect)
        handles._run = work


def timeline_of(length: int) -> str:
    """A timeline of about ``length`` characters, of one day."""
    count = length // 75
    minutes = (number * 1440 // count for number in range(count))
    return "".join(f"- {minute // 60:02}:{minute % 60:02} {WORDS}\n" for minute in minutes)


@contextmanager
def sandbox_with(texts: list[str]) -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    """A sandbox, and the notebook with cells of these texts."""
    with Sandbox(incidents=3, switches=QUICK) as sandbox:
        notebook = next(each for each in sandbox.datadog.state.notebooks() if CHECKOUT in str(each))
        model = next(cell for cell in notebook["cells"] if cell["attributes"]["definition"]["type"] == "markdown")
        notebook["cells"] = [_cell(model, number, text) for number, text in enumerate(texts)]
        yield sandbox, notebook


def by_others(notebook: dict[str, Any], number: int, before: str, after: str) -> None:
    """Somebody else edits the text of a cell."""
    definition = notebook["cells"][number]["attributes"]["definition"]
    definition["text"] = definition["text"].replace(before, after, 1)


def keys_of(user: User, notebook: dict[str, Any], texts: list[str]) -> list[tuple[str, Act]]:
    """The keys in their order, each with what waits for its effect."""
    last = len(texts) - 1
    at, there = (1, f"- 7 {WORDS}") if last < 3 else (7, "## Part 7")  # where others write

    async def press(key: str, *shown: str) -> None:
        await user.press(key)
        await user.shows(*shown)

    async def changed(work: Callable[[], Awaitable[object]]) -> None:
        before = user.cells
        await work()
        await user.until(lambda: user.cells != before, "a change")

    async def rest(work: Callable[[], Awaitable[object]]) -> None:
        await work()
        await user.app.workers.wait_for_complete([each for each in user.app.workers if each.group == "server"])

    async def find(word: str, shown: str) -> None:
        await user.press("ctrl+f")
        await user.type(word)
        await user.shows(shown)

    async def reread() -> None:
        by_others(notebook, at, there, there + "by others ")
        await user.press("f5")
        await user.shows("changed|news|by others")

    async def theirs() -> None:
        by_others(notebook, at, "by others ", "by others again ")
        await user.press("ctrl+s")
        await user.shows("enter send")

    async def sent() -> None:
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")

    async def left_out() -> None:
        await user.press("space")
        await user.shows(r"\d of \d")

    async def conflict() -> None:
        await user.press("x")
        line = f"- 1 {WORDS}" if last < 3 else WORDS * 2
        by_others(notebook, cast(Any, user.app.screen).document.current, line, line.replace("fewest", "most"))
        await user.press("ctrl+s")
        await user.shows("Both changed")

    async def taken() -> None:
        await user.press("m")
        await user.shows("enter send")

    async def reopened() -> None:
        await user.press("escape")
        await user.shows("Leave|leave|keep|s sort")
        if "s sort" not in user.text:
            await user.press("k")
        await user.shows("s sort")
        await user.press("enter")
        await user.shows(IN_A_CELL)

    return [
        ("enter: opened", partial(_opened, user)),
        ("key in the first cell", lambda: changed(lambda: user.press("x"))),
        ("ctrl+down", lambda: press("ctrl+down", "cell 2 of")),
        ("ctrl+end, key", lambda: changed(lambda: user.press("ctrl+end", "z", "z"))),
        ("ctrl+home, key", lambda: changed(lambda: user.press("ctrl+home", "end", "y"))),
        ("enter", lambda: changed(lambda: user.press("enter"))),
        ("ctrl+z", lambda: changed(lambda: user.press("ctrl+z"))),
        ("ctrl+y", lambda: changed(lambda: user.press("ctrl+y"))),
        ("ctrl+f, a word", lambda: find("fewest", "1 of|of ")),
        ("enter: next", lambda: user.press("enter")),
        ("ctrl+f: stay", lambda: press("ctrl+f", "cell ")),
        ("ctrl+f, none", lambda: find("nowhere", "not found")),
        ("escape", lambda: press("escape", "cell ")),
        ("f5, news", reread),
        ("ctrl+s, theirs", theirs),
        ("space in the review", left_out),
        ("space again", lambda: user.press("space")),
        ("d: whole diff", lambda: user.press("d")),
        ("enter: send", sent),
        ("conflict", conflict),
        ("m: mine", taken),
        ("send it", sent),
        ("f3: preview", lambda: press("f3", "preview")),
        ("/ in the preview", lambda: _in_turn(lambda: user.press("slash"), lambda: user.type("fewest"), lambda: user.shows(r"\d of \d"))),
        ("back", lambda: _in_turn(lambda: user.press("escape"), lambda: press("escape", IN_A_CELL))),
        ("alt+g", lambda: rest(lambda: user.press("alt+g"))),
        ("ctrl+g", lambda: user.press("ctrl+g")),
        ("enter: there", lambda: press("enter", IN_A_CELL)),
        ("f7: move", lambda: changed(lambda: user.press("f7"))),
        ("f6: back", lambda: changed(lambda: user.press("f6"))),
        ("alt+s: sort", lambda: user.press("alt+s")),
        ("alt+c: copy", lambda: user.press("alt+c")),
        ("alt+l: all", lambda: user.press("alt+l")),
        ("alt+k: clear", lambda: changed(lambda: user.press("alt+k"))),
        ("ctrl+z: back", lambda: changed(lambda: user.press("ctrl+z"))),
        ("f8, d: delete", lambda: changed(lambda: _in_turn(lambda: user.press("f8"), lambda: user.press("d")))),
        ("ctrl+z: there", lambda: changed(lambda: user.press("ctrl+z"))),
        ("ctrl+r: revert", lambda: _in_turn(lambda: user.press("x"), lambda: user.press("ctrl+r"))),
        ("f4: editor", lambda: changed(lambda: user.press("f4"))),
        ("f2", lambda: press("f2", "Details|▌")),
        ("escape: document", lambda: press("escape", IN_A_CELL)),
        ("wider", lambda: user.resize(100, 30)),
        ("narrower", lambda: user.resize(70, 30)),
        ("key behind", lambda: changed(lambda: user.press("x"))),
        ("escape, enter", reopened),
    ]


def timeline_keys_of(user: User) -> list[tuple[str, Act]]:
    """Those that write into a timeline: from another cell, and in it."""

    async def press(key: str, *shown: str) -> None:
        await user.press(key)
        await user.shows(*shown)

    async def entry() -> None:
        before = user.cells
        await user.type("02:14\n")
        await user.until(lambda: user.cells != before, "a new entry")

    async def inserted() -> None:
        await user.press("space", "enter")
        await user.shows("inserted|0 inserted|cell 2 of")

    return [
        ("enter: opened", partial(_opened, user)),
        ("ctrl+t: from another cell", lambda: press("ctrl+t", "New entry in")),
        ("its time", entry),
        ("keys behind", lambda: user.type("words")),
        ("ctrl+t: in it", lambda: press("ctrl+t", "New entry in")),
        ("its time, too", entry),
        ("alt+i", lambda: press("alt+i", "Timeline of the server")),
        ("enter: inserted", inserted),
        ("ctrl+z", lambda: user.press("ctrl+z")),
        ("an entry too low", lambda: _in_turn(lambda: press("ctrl+end", "cell 2 of"), lambda: user.type("\n02:00 late"))),
        ("alt+s", lambda: press("alt+s", "sorted, ")),
        ("ctrl+z: unsorted", lambda: user.press("ctrl+z")),
    ]


async def _in_turn(*acts: Act) -> None:
    for act in acts:
        await act()


async def measure(name: str, texts: list[str], *, stacks: bool, over: float, only: str) -> None:
    """Press the keys; print the longest step of each."""
    editor = {"EDITOR": f"{sys.executable} -c \"import sys; p=sys.argv[1]; t=open(p).read(); open(p,'w').write(t+'edited')\""}
    with sandbox_with(texts) as (sandbox, notebook), tempfile.TemporaryDirectory() as home:
        async with using(Path(home) / "home", sandbox, "datadog", more=editor) as user:
            cast(Any, user.app).suspend = nullcontext  # the editor needs no terminal
            await user.go_to(CHECKOUT)
            with steps(stacks=stacks, over=over) as found:
                for key, act in timeline_keys_of(user) if name == "timeline" else keys_of(user, notebook, texts):
                    found.longest, found.stacks = 0.0, Counter()
                    try:
                        await asyncio.wait_for(act(), 60)
                    except (AssertionError, TimeoutError) as error:
                        print(f"{name:<8} {key:<24} {type(error).__name__}\n{user.text}", flush=True)
                    await asyncio.sleep(0.5)
                    if not only or only in key:
                        print(f"{name:<8} {key:<24} {found.longest * 1000:8.1f} ms", flush=True)
                        for stack, count in found.stacks.most_common(6):
                            print(f"{'':<20} {count:>4} x {stack}", flush=True)


async def _opened(user: User) -> None:
    await user.press("enter")
    await user.shows(IN_A_CELL)
    await asyncio.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(description="Press keys in documents of hostile size; time the steps of the event loop.")
    parser.add_argument("parts", nargs="*", default=["huge", "many"])
    parser.add_argument("--size", type=int, default=5_000)
    parser.add_argument("--stacks", action="store_true")
    parser.add_argument("--over", type=float, default=50)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    documents = {
        "huge": ["## First\nshort", f"## Long\n{text_of(chosen.size * 1000)}", "## Last\nshort"],
        "timeline": ["## First\nshort", f"## Timeline\n{timeline_of(chosen.size * 1000)}", "## Last\nshort"],
        "many": [f"## Part {number}\n{WORDS * 3}" for number in range(int(chosen.size / 2.5))],
    }
    for name in chosen.parts:
        asyncio.run(measure(name, documents[name], stacks=chosen.stacks, over=chosen.over / 1000, only=chosen.only))


if __name__ == "__main__":
    main()
