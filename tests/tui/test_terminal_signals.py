"""However the program is ended, what was typed is on disk, the terminal is as it was, and the process is gone."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.sandbox.server import Sandbox
from pmtui.session.recovery import replayed
from pmtui.store.drafts import Drafts
from pmtui.tui.terminal.signals import SIGNALS
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen
from tests.tui.terminal_user import TerminalUser, environment
from tests.tui.user import QUICK

TYPED = "nobody had tried the failover"
RESTORED = (b"\x1b[?1049l", b"\x1b[?2004l", b"\x1b[<u", b"\x1b[?25h")
"""Alternate screen, bracketed paste, kitty keyboard off; the cursor shown."""
ENDLESS = 10 * PATIENCE
"""Seconds that something takes which the end must not wait for."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., TerminalUser]]:
    """Starts the program in this test's home, and opens a postmortem in it."""
    started: list[PtyScreen] = []

    def start(*argv: str, **more: str) -> TerminalUser:
        env = {**environment("datadog", sandbox.url, tmp_path / "home"), **more}
        started.append(PtyScreen([*(argv or (sys.executable, "-m", "pmtui")), "--profile", "datadog", "IR-338"], env=env))
        started[-1].wait_for(r"cell 1 of \d+ · line \d+")
        return TerminalUser(started[-1])

    yield start
    for screen in started:
        screen.close()


def draft(home: Path) -> str:
    """The text of the one draft on disk, without its lock."""
    drafts = Drafts(home / "state" / "pmtui")
    (info,) = drafts.list()
    return "\n".join(cell.text for cell in replayed(drafts.read(info)).mine.cells)


NAMED = [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1, signal.SIGXCPU, signal.SIGRTMIN]


@pytest.mark.sweep(2)
@pytest.mark.parametrize("number", NAMED, ids=lambda number: number.name)
def test_a_signal(start: Callable[..., TerminalUser], tmp_path: Path, number: signal.Signals) -> None:
    user = start()
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    user.screen.kill(number)
    assert user.screen.wait_exit() == 128 + number
    assert TYPED in draft(tmp_path / "home")
    last = bytes(user.screen.output[-2000:])
    assert all(sequence in last for sequence in (*RESTORED, b"\x1b[?1003l"))
    assert b"the draft of IR-338 is on disk" in last
    assert b"pmtui --profile datadog IR-338 opens it" in last
    assert last.rindex(b"IR-338") > last.rindex(b"\x1b[?1049l")


def test_every_signal_that_ends_a_process_is_handled() -> None:
    """Those of the kernel's list whose default is to end it, but for faults, and what cannot be caught."""
    ignored = {signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT}
    stop = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
    by_python = {signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ}
    faults = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
    left = signal.valid_signals() - SIGNALS
    assert left == ignored | stop | by_python | faults | {signal.SIGKILL, signal.SIGALRM}


def test_an_interrupt_ends_it_in_order(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    """asyncio takes it; ctrl+c is a key."""
    user = start()
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    user.screen.kill(signal.SIGINT)
    user.screen.wait_exit()
    assert TYPED in draft(tmp_path / "home")
    assert all(sequence in bytes(user.screen.output[-3000:]) for sequence in RESTORED)


RAW = b"\x1b[?1004h"
"""Written once the line echoes nothing any more."""


def test_stops_and_continuations(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    """SIGTSTP gives the terminal back before it stops; SIGSTOP cannot. Typing goes on, twice after each, and the end is as ever."""
    user = start()
    user.screen.send("alpha")
    user.screen.wait_for("alpha")
    stops = ((signal.SIGTSTP, " bravo"), (signal.SIGTSTP, " charlie"), (signal.SIGSTOP, " delta"), (signal.SIGSTOP, " echo"))
    for number, word in stops:
        user.screen.kill(number)
        until(lambda: state_of(user.screen.pid) == "T", "stopped")
        user.screen.settle()
        left = user.screen.output.rfind(b"\x1b[?1049l") > user.screen.output.rfind(b"\x1b[?1049h")
        assert left == (number == signal.SIGTSTP)
        taken = user.screen.output.count(RAW)
        user.screen.kill(signal.SIGCONT)
        # It has taken the terminal again: what is typed from here on is neither thrown away nor echoed by the line.
        user.until(lambda taken=taken: user.screen.output.count(RAW) > taken, "the terminal taken")  # type: ignore[misc]
        user.screen.wait_for(r"cell 1 of \d+ · line \d+")
        user.screen.send(word)
        user.screen.wait_for(word)  # to its last character: what is not read yet is thrown away when the terminal is taken
    user.screen.kill(signal.SIGTERM)
    assert user.screen.wait_exit() == 128 + signal.SIGTERM
    text = draft(tmp_path / "home")
    assert "alpha bravo charlie delta echo" in text, [line for line in text.splitlines() if "alpha" in line or "bravo" in line]


IN_THE_MIDST = """
import os, queue, signal, sys
from pathlib import Path
from pmtui.tui.terminal.setup import prepare
prepare()
from textual.drivers import _writer_thread
now = Path(os.environ["HOME"], "now")
class Watched(queue.Queue):
    def _put(self, item):
        super()._put(item)
        if now.exists():
            number = signal.Signals[now.read_text()]
            now.unlink()
            os.kill(os.getpid(), number)
_writer_thread.Queue = Watched
from pmtui.cli.main import main
sys.exit(main())
"""
"""A program that is stopped, or continued, while the thread that draws holds the lock of the queue of what is written."""


def test_a_stop_and_a_continuation_in_the_midst_of_a_write(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    user = start(sys.executable, "-c", IN_THE_MIDST)
    now, typed = tmp_path / "home" / "now", ""
    for number, word in ((signal.SIGCONT, "alpha"), (signal.SIGTSTP, " charlie")):
        now.with_suffix(".new").write_text(number.name)
        now.with_suffix(".new").replace(now)
        taken = user.screen.output.count(RAW)
        user.screen.send(word)
        if number == signal.SIGTSTP:
            until(lambda: state_of(user.screen.pid) == "T", "stopped")
            user.screen.settle()
            user.screen.kill(signal.SIGCONT)
        user.until(lambda taken=taken: user.screen.output.count(RAW) > taken, "the terminal taken")  # type: ignore[misc]
        user.screen.wait_for(word)
        user.screen.send(" bravo")
        typed += f"{word} bravo"
        user.screen.wait_for(typed)


def until(seen: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_nothing_typed_nothing_said_and_nothing_wakes_its_threads(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    """Once what opening began is done, which may take a while on a busy machine: a spell comes in which no thread is woken."""
    user = start()
    spells: list[dict[str, int]] = []

    def woken() -> dict[str, int]:
        user.screen.settle(1.0)
        before = wakes_of(user.screen.pid)
        time.sleep(2)
        after = wakes_of(user.screen.pid)
        spells.append({name: more for name, count in before.items() if (more := after.get(name, 0) - count)})
        return spells[-1]

    until(lambda: not woken(), f"a spell of quiet: {spells}")
    user.screen.kill(signal.SIGTERM)
    assert user.screen.wait_exit() == 128 + signal.SIGTERM
    assert b"draft" not in user.screen.output[-300:]
    assert Drafts(tmp_path / "home" / "state" / "pmtui").list() == []


def wakes_of(pid: int) -> dict[str, int]:
    """How often each thread has gone to sleep."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = (task / "status").read_text()
        found[task.name] = int(re.findall(r"\nvoluntary_ctxt_switches:\s+(\d+)", status)[0])
    return found


def test_the_line_settings_are_put_back(sandbox: Sandbox, tmp_path: Path) -> None:
    env = environment("datadog", sandbox.url, tmp_path / "home")
    with PtyScreen(["sh", "-c", f"stty -a; {sys.executable} -m pmtui --profile datadog IR-338; echo ended; stty -a"], env=env) as screen:
        screen.wait_for(r"cell 1 of \d+ · line \d+")
        os.kill(child_of(screen.pid), signal.SIGTERM)
        assert screen.wait_exit() == 0
        screen.settle()
        before, ended, after = screen.output.rpartition(b"ended")
        assert ended
        modes = [sorted(re.findall(rb"-?(?:icanon|echo|isig|icrnl|opost|ixon|iexten)\b", text)) for text in (before[:2000], after)]
        assert modes[0] == modes[1] != []


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@pytest.mark.parametrize("ignored", [False, True], ids=["plain", "nohup"])
def test_a_terminal_that_is_closed(start: Callable[..., TerminalUser], tmp_path: Path, ignored: bool) -> None:
    code = "import signal, runpy; signal.signal(signal.SIGHUP, signal.SIG_IGN); runpy.run_module('pmtui', run_name='__main__')"
    user = start(sys.executable, "-c", code) if ignored else start()
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    user.screen.hang_up()
    user.screen.wait_exit()
    assert TYPED in draft(tmp_path / "home")


def test_a_terminal_that_nobody_reads(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    """The event loop is stuck in a write by then; what it had taken from the keyboard is whole on disk."""
    user = start()
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    for _ in range(200):  # far more repaints than a pty holds
        user.screen.send("\x1b[5~\x1b[6~")
        time.sleep(0.005)
    user.screen.kill(signal.SIGTERM)
    until(user.screen.ended, "ended")
    assert TYPED in draft(tmp_path / "home")


def test_an_error_of_our_own(start: Callable[..., TerminalUser], tmp_path: Path) -> None:
    code = (
        "import sys; from pmtui.tui.terminal.setup import prepare; prepare()\n"
        "from pmtui.tui.screens.postmortem import PostmortemScreen\n"
        "def fail(self): raise ZeroDivisionError('canary')\n"
        "PostmortemScreen.action_preview = fail\n"
        "from pmtui.cli.main import main; sys.exit(main())"
    )
    user = start(sys.executable, "-c", code)
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    user.screen.send("\x1bOR")
    assert user.screen.wait_exit() == ExitCode.BUG
    user.screen.settle()
    last = bytes(user.screen.output[-3000:])
    assert all(sequence in last for sequence in RESTORED)
    assert b"ZeroDivisionError" in last
    assert b"canary" not in last
    assert b"pmtui --profile datadog IR-338" in last
    assert TYPED in draft(tmp_path / "home")


STUCK = """
import os, sys, time
from pathlib import Path
from pmtui.store.files import System
home, state = Path(os.environ["HOME"]), os.environ["XDG_STATE_HOME"]
real = System.write
def write(self, fd, data):
    if (home / "stuck").exists() and os.readlink(f"/proc/self/fd/{fd}").startswith(state):
        (home / "asked").touch()
        time.sleep(@ENDLESS@)
    return real(self, fd, data)
System.write = write
from pmtui.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize("dropped", [False, True], ids=["SIGTERM", "the line drops"])
def test_a_disk_that_is_stuck(start: Callable[..., TerminalUser], tmp_path: Path, dropped: bool) -> None:
    """The state directory stops to answer: the process goes all the same, the text is in the last resort, and that is said."""
    user = start(sys.executable, "-c", STUCK.replace("@ENDLESS@", str(ENDLESS)))
    home = tmp_path / "home"
    user.screen.send(TYPED)
    user.screen.wait_for(TYPED)
    (home / "stuck").touch()
    user.screen.send(" before")
    until((home / "asked").exists, "the disk asked")  # from now on it holds the journal's writer
    resort = home / "pmtui-IR-338.md"
    if dropped:
        user.screen.hang_up()
        until(lambda: resort.exists() and TYPED in resort.read_text(), "the text elsewhere")
        return
    user.screen.kill(signal.SIGTERM)
    user.screen.wait_exit()
    last = bytes(user.screen.output[-2000:])
    assert all(sequence in last for sequence in RESTORED)
    assert TYPED in resort.read_text()
    assert f"the text is in {resort}".encode() in last.replace(b"\r\n", b"")
