"""Measures growth with documents, cells, incidents, journals, drafts, and a long session, in milliseconds of processor time.

    python -m tests.bench.growth [documents|incidents|texts|disk|starts|night|idle …]

"open" is until the first cell has the cursor, "key" a typed key until its frame is ready; both of the thread that draws.
Everything runs in this process but the vendors of "incidents", which have one of their own.
"""

from __future__ import annotations

# ruff: noqa: B023, ASYNC110, ASYNC240, ASYNC251 (what is timed is run at once; nobody else waits for this event loop)
import asyncio
import gc
import random
import re
import resource
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.bench.sandbox import served

if TYPE_CHECKING:
    from pmtui.session.draft import Draft

SIZES = (5, 100, 2_000)
LENGTHS = (10_000, 1_000_000, 5_000_000)
WORDS = "the failover script picked the replica with the fewest connections "


def milliseconds(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1000


async def awaited(work: Callable[[], Awaitable[object]]) -> float:
    started = time.thread_time()
    await work()
    return (time.thread_time() - started) * 1000


def resident() -> float:
    """Megabytes of memory in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def text_of(length: int) -> str:
    """Markdown of about ``length`` characters, in different lines."""
    return "".join(f"- {number} {WORDS}\n" for number in range(length // 75))


async def documents() -> None:
    """Time opening and typing, by the number of cells and the length of one."""
    for size in SIZES:
        await _opened(f"{size} cells", [f"## Part {number}\n{WORDS * 3}" for number in range(size)])
    for length in LENGTHS:
        await _opened(f"a cell of {length // 1000} kB", ["## First\nshort", f"## Long\n{text_of(length)}"], down=True)


async def _opened(name: str, texts: list[str], *, down: bool = False) -> None:
    from pmtui.sandbox.server import Sandbox
    from tests.tui.headless_program import IN_A_CELL
    from tests.tui.user import CHECKOUT, QUICK, using

    with Sandbox(incidents=3, switches=QUICK) as sandbox, tempfile.TemporaryDirectory() as home:
        notebook = next(each for each in sandbox.datadog.state.notebooks() if CHECKOUT in str(each))
        model = next(cell for cell in notebook["cells"] if cell["attributes"]["definition"]["type"] == "markdown")
        notebook["cells"] = [_cell(model, number, text) for number, text in enumerate(texts)]
        async with using(Path(home) / "home", sandbox, "datadog") as user:
            await user.go_to(CHECKOUT)

            async def opened() -> None:
                await user.press("enter")
                while not re.search(IN_A_CELL, user.text):
                    await asyncio.sleep(0.02)

            async def typed() -> None:
                for char in "the failover script ":
                    user._send("space" if char == " " else char)  # the pilot's waiting costs more than the key
                    await asyncio.sleep(0.1)
                await asyncio.sleep(1)

            opening = await awaited(opened)
            if down:
                await user.press("ctrl+down")
            await typed()
            print(f"{name:<20} open {opening:8.0f} ms   key {await awaited(typed) / 20:7.2f} ms", flush=True)


def _cell(model: dict[str, object], number: int, text: str) -> dict[str, object]:
    return {**model, "id": str(number), "attributes": {"definition": {"type": "markdown", "text": text}}}


async def incidents() -> None:
    """Read all pages of the list as the screens do: our time and memory per thousand rows."""
    from pmtui.cli.context import Context
    from pmtui.cli.launching import Launcher
    from pmtui.tui.app import PmtuiApp
    from pmtui.tui.widgets.listing.incident_list import IncidentList
    from pmtui.tui.worker_groups import Group

    counts = [int(word) for word in sys.argv[2:]] or [2_000, 10_000]
    for count in counts:
        with served(count) as variables:
            make_all(variables)
            for vendor in ("datadog", "opsgenie"):
                with tempfile.TemporaryDirectory() as home, Launcher(Context({**variables, "HOME": home}, vendor)) as launcher:
                    app = PmtuiApp(launcher.configured())
                    before, started = resident(), time.process_time()
                    async with app.run_test(size=(80, 24)) as pilot:
                        rows = app.screen.query_one(IncidentList)
                        while rows.row_count == 0:
                            await pilot.pause(0.05)
                        first = time.process_time() - started
                        await pilot.press("a")
                        await app.workers.wait_for_complete([each for each in app.workers if each.group == Group.LIST])
                        each = (time.process_time() - started - first) / rows.row_count * 1e6
                        share = (resident() - before) / rows.row_count * 1000
                        print(f"{vendor:<9} {rows.row_count:>6} rows   {each:6.0f} ms and {share:.1f} MB a thousand", flush=True)


def make_all(variables: dict[str, str]) -> None:
    """Let the sandbox make its incidents, which it does when they are first asked for: that is not what is measured."""
    opsgenie = {"authorization": f"GenieKey {variables['OPSGENIE_API_KEY']}"}
    datadog = {"dd-api-key": variables["DD_API_KEY"], "dd-application-key": variables["DD_APP_KEY"]}
    httpx.get(f"{variables['PMTUI_OPSGENIE_URL']}/v1/incidents", headers=opsgenie, timeout=None).raise_for_status()
    search = f"{variables['PMTUI_DATADOG_URL']}/api/v2/incidents/search?query=state:*"
    httpx.get(search, headers=datadog, timeout=None).raise_for_status()


async def texts() -> None:
    """Time diff and merge."""
    from pmtui.model.diff import diff
    from pmtui.model.incident import Incident
    from pmtui.model.merge import merge
    from pmtui.model.postmortem import Cell, Postmortem
    from pmtui.session.change_text import diff_lines

    def document(*said: str) -> Postmortem:
        return Postmortem(Incident("i", "IR-1", "x"), id="p", cells=tuple(Cell(f"c{at}", text) for at, text in enumerate(said)))

    for count in (1_250, 5_000, 20_000):
        lines = [f"- {number} {WORDS}" for number in range(count)]
        base = "\n".join(lines)
        mine = "\n".join(line.upper() if number % 50 == 0 else line for number, line in enumerate(lines))
        theirs = "\n".join(line[::-1] if number % 50 == 25 else line for number, line in enumerate(lines))
        merged = milliseconds(lambda: merge(base=document(base), mine=document(mine), theirs=document(theirs)))
        print(f"{count:>6} lines    diff {milliseconds(lambda: diff_lines(base, mine)):7.1f} ms   merge {merged:7.1f} ms")
    for count in (125, 500, 2_000):
        cells = [f"## Part {number}\n{WORDS}" for number in range(count)]
        shuffled = random.Random(1).sample(cells, count)
        one, other = document(*cells), document(*shuffled)
        merged = milliseconds(lambda: merge(base=one, mine=other, theirs=document(*cells, "## Theirs")))
        print(f"{count:>6} reordered cells   diff {milliseconds(lambda: diff(one, other)):7.1f} ms   merge {merged:7.1f} ms")


async def disk() -> None:
    """Time a long journal, many drafts, and a full cache."""
    from pmtui.model.incident import Incident
    from pmtui.model.postmortem import Cell, Postmortem
    from pmtui.session.draft import Draft
    from pmtui.session.edits import Splice
    from pmtui.store.cache import Cache
    from pmtui.store.drafts import Drafts

    def document(number: int) -> Postmortem:
        return Postmortem(Incident(f"i{number}", f"IR-{number}", "Checkout 5xx"), f"p{number}", cells=(Cell("c", WORDS * 30),))

    with tempfile.TemporaryDirectory() as home:
        drafts = Drafts(Path(home))
        for keys in (1_000, 10_000, 100_000):
            journal = drafts.open("bench", f"i{keys}", "p")
            draft = Draft(document(keys), journal, lambda: drafts.open("bench", f"i{keys}", "p"))
            typed = milliseconds(lambda: _typed(draft, keys))
            journal.flush()
            size = journal.path.stat().st_size / 1000
            journal.close()
            found = drafts.find("bench", f"i{keys}", "p")
            assert found is not None
            read = milliseconds(lambda: drafts.read(found))
            print(f"a journal of {keys:>6} keys   {size:8.0f} kB   key {typed / keys:6.3f} ms   read {read:7.1f} ms")
    for count in (100, 1_000):
        with tempfile.TemporaryDirectory() as home:
            drafts = Drafts(Path(home))
            for number in range(count):
                journal = drafts.open("bench", f"i{number}", f"p{number}")
                Draft(document(number), journal, lambda: drafts.open("bench", "x", "x")).do(Splice("c", 0, 0, "x"), time.time())
                journal.flush()
                journal.close()
            print(f"{count:>6} drafts   list {milliseconds(lambda: drafts.list('bench')):7.1f} ms")
    with tempfile.TemporaryDirectory() as home:
        cache = Cache(Path(home), "bench")
        for count in (100, 1_000, 5_000):
            spent = milliseconds(lambda: deque(map(cache.keep_postmortem, map(document, range(count))), maxlen=0))
            cache.finish()
            files = list(Path(home).rglob("*.json"))
            size = sum(path.stat().st_size for path in files) / 1000
            print(f"{count:>6} postmortems cached   {spent / count:6.2f} ms each   {len(files)} files, {size:.0f} kB are kept")


def _typed(draft: Draft, keys: int) -> None:
    from pmtui.session.edits import Splice

    for at in range(keys):
        draft.do(Splice("c", at, 0, "x"), time.time())


async def starts() -> None:
    """Time the first list, of a computer with few and with many drafts and cached postmortems; each start is a process of its own."""
    from pmtui.cli.launching import variables
    from pmtui.model.incident import Incident
    from pmtui.model.postmortem import Cell, Postmortem
    from pmtui.sandbox.server import Sandbox
    from pmtui.session.draft import Draft
    from pmtui.session.edits import Splice
    from pmtui.store.cache import Cache
    from pmtui.store.drafts import Drafts
    from pmtui.store.files import Files, System
    from tests.bench.timed_screen import TimedScreen
    from tests.tui.headless_program import environment
    from tests.tui.user import QUICK

    class Unsynced(System):
        def fsync(self, fd: int) -> None:
            """What is measured is reading."""

    argv = [sys.executable, "-m", "pmtui", "--profile", "datadog"]
    with Sandbox(incidents=30, switches=QUICK) as sandbox, tempfile.TemporaryDirectory() as home:
        env = {**environment(Path(home) / "home", variables(sandbox.url)), "PMTUI_PLAIN_START": "1"}  # the kept frame has rows at once
        drafts = Drafts(Path(env["XDG_STATE_HOME"]) / "pmtui", Files(Unsynced()))
        cache = Cache(Path(env["XDG_CACHE_HOME"]) / "pmtui", "datadog", Files(Unsynced()))
        made = cached = 0
        for many, cached_many in ((1, 1), (1, 1), (100, 500), (1_000, 5_000)):  # the first one fills the caches of the system
            for number in range(made, many):
                base = Postmortem(Incident(f"i{number}", f"IR-{number}", "Checkout 5xx"), f"p{number}", cells=(Cell("c", WORDS * 30),))
                journal = drafts.open("datadog", f"i{number}", f"p{number}")
                Draft(base, journal, lambda: drafts.open("datadog", "x", "x")).do(Splice("c", 0, 0, "x"), time.time())
                journal.close()
            for number in range(cached, cached_many):
                cache.keep_postmortem(Postmortem(Incident(f"c{number}", f"IR-{number}", "Checkout 5xx"), f"p{number}"))
            cache.finish()
            made, cached = many, cached_many
            with TimedScreen(argv, env=env) as screen:
                rows = screen.cost_until(r"\n[ !][ ▌][ ●]IR-\d+")  # the line below the list names some, too
                told = screen.cost_until("not sent|unsaved")
                screen.wait_for(r"read \d\d:\d\d")  # so that the next start has a cached list, too
                said = f"the list after {rows.shown:5.0f} ms, {rows.worked:5.0f} of the processor, its drafts after {told.shown:5.0f} ms"
                print(f"{many:>6} drafts, {cached_many:>5} cached   {said}", flush=True)


async def night() -> None:
    """Measure what a long session leaves behind."""
    from pmtui.sandbox.server import Sandbox
    from tests.tui.headless_program import IN_A_CELL
    from tests.tui.user import QUICK, using

    with Sandbox(incidents=5, switches=QUICK) as sandbox, tempfile.TemporaryDirectory() as home:
        async with using(Path(home) / "home", sandbox, "datadog") as user:
            await user.shows(r"read \d\d:\d\d")

            async def opened() -> None:
                await user.press("enter")
                await user.shows(IN_A_CELL)

            async def closed() -> None:
                while "s sort" not in user.text:  # the first one may only end the waiting for a server that is late
                    await user.press("escape")

            def left() -> str:
                gc.collect()
                handles = len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
                descriptors = len(list(Path("/proc/self/fd").iterdir()))
                return f"{resident():6.1f} MB, {descriptors} descriptors, {threading.active_count()} threads, {handles} timers"

            for rounds in (10, 50):
                spent = await awaited(lambda: _repeated(rounds, opened, closed))
                print(f"{rounds:>5} openings   {spent / rounds:6.1f} ms each   {left()}", flush=True)
            await opened()
            for rounds in (500, 2_000):
                spent = await awaited(lambda: _repeated(rounds, lambda: user.press("x")))
                print(f"{rounds:>5} keys       {spent / rounds:6.2f} ms each   {left()}", flush=True)
            for rounds in (20, 200):
                spent = await awaited(lambda: _repeated(rounds, lambda: user.press("y"), user.save))
                print(f"{rounds:>5} saves      {spent / rounds:6.1f} ms each   {left()}", flush=True)


async def idle() -> None:
    """Count the wake-ups of every thread of the real program, in each state that a user may leave it in."""
    from pmtui.sandbox.server import Sandbox
    from tests.pty_screen import PtyScreen
    from tests.tui.terminal_user import environment
    from tests.tui.user import QUICK

    def woken(pid: int) -> int:
        found = [(task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(re.findall(r"\nvoluntary_ctxt_switches:\s+(\d+)", status)[0]) for status in found)

    steps = (("the list", "", r"read \d\d:\d\d"), ("a postmortem", "\r", r"cell \d+ of \d+"), ("typed in", "hello", "hello"))
    saved = (("reviewed", "\x13", "enter send"), ("saved", "\r", "saved · verified"), ("the list again", "\x1b", "s sort"))
    with Sandbox(incidents=30, switches=QUICK) as sandbox, tempfile.TemporaryDirectory() as home:
        argv = [sys.executable, "-m", "pmtui", "--profile", "datadog"]
        with PtyScreen(argv, env=environment("datadog", sandbox.url, Path(home) / "home")) as screen:
            for name, keys, shown in (*steps, *saved):
                screen.send(keys)
                screen.wait_for(shown)
                screen.settle(2.0)
                before, started = woken(screen.pid), time.monotonic()
                time.sleep(10)
                rate = (woken(screen.pid) - before) / (time.monotonic() - started)
                print(f"idle, {name:<15} {rate:.1f} wake-ups a second", flush=True)


async def _repeated(times: int, *steps: Callable[[], Awaitable[object]]) -> None:
    for _ in range(times):
        for step in steps:
            await step()


PARTS: dict[str, Callable[[], Awaitable[None]]] = {
    "documents": documents,
    "incidents": incidents,
    "texts": texts,
    "disk": disk,
    "starts": starts,
    "night": night,
    "idle": idle,
}


def main() -> None:
    for name in [word for word in sys.argv[1:] if word in PARTS] or PARTS:
        asyncio.run(PARTS[name]())  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
