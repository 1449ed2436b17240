"""The next start after a crash: the draft is named and offered, compared, discarded; undo reaches back behind the crash."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.session import session as session_module
from pmtui.session.recovery import replayed
from pmtui.store.drafts import Drafts
from tests.held import Held
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen
from tests.tui.terminal_user import environment
from tests.tui.user import QUICK, using

TYPED = "nobody had tried the failover"
SHOWN = TYPED.replace(" ", r"[\s\S]*?")
"""As it is on the screen: a line may end behind any word, and the form stands beside it."""
QUESTION = rf"There is a draft from \d\d:\d\d UTC on host {socket.gethostname()}"
IN_A_CELL = r"cell \d+ of \d+ · line \d+"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


def program(sandbox: Sandbox, home: Path, *more: str) -> PtyScreen:
    env = environment("datadog", sandbox.url, home)
    return PtyScreen([sys.executable, "-m", "pmtui", "--profile", "datadog", *more], columns=120, env=env)


def typed_into_two_cells(screen: PtyScreen, home: Path) -> None:
    """Type, and wait until it is on disk."""
    screen.wait_for(IN_A_CELL)
    screen.send(TYPED)
    screen.wait_for(SHOWN)
    screen.press("ctrl+down")
    screen.wait_for("cell 2 of")
    screen.send("second cell")
    screen.wait_for("second cell")
    end = time.monotonic() + PATIENCE
    while not is_kept(home, TYPED, "second cell"):  # a disk may be slower than the screen waits for it
        assert time.monotonic() < end, screen.text
        screen.read(0.05)


def killed(screen: PtyScreen) -> None:
    screen.kill(signal.SIGKILL)
    screen.wait_exit()


def drafts(home: Path) -> Drafts:
    return Drafts(home / "state" / "pmtui")


def is_kept(home: Path, *texts: str) -> bool:
    """Whether all of these are in the draft on disk."""
    kept = "\n".join(cell.text for info in drafts(home).list() for cell in replayed(drafts(home).read(info)).mine.cells)
    return all(text in kept for text in texts)


def test_the_draft_is_named_offered_and_undone_across_cells(sandbox: Sandbox, home: Path) -> None:
    with program(sandbox, home, "IR-338") as screen:
        typed_into_two_cells(screen, home)
        killed(screen)

    # recover reads it without a server
    env = {**environment("datadog", "http://127.0.0.1:9", home), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-m", "pmtui", "recover", "IR-338"], env=env, capture_output=True, text=True, check=True)
    assert TYPED in done.stdout

    (journal,) = (home / "state" / "pmtui" / "drafts").glob("*.journal")
    os.utime(journal, (0, 0))  # what counts is when it was edited, here as in the question
    with program(sandbox, home) as screen:
        screen.wait_for(r"not sent: IR-338, draft from \d\d:\d\d UTC .* \(pmtui was cut off\)")
        for looks in ("", "d", "c", "o"):  # back is one step; who leaves is asked again, in the same words
            screen.send("\r")
            screen.wait_for(rf"{QUESTION} \(pmtui was cut off\),[^w]+with[^2]+2 unsaved changes")
            if looks in ("d", "c"):
                screen.press(looks)
                screen.wait_for("cannot be undone" if looks == "d" else "You changed:")
                screen.press("escape")
                screen.wait_for(QUESTION)
            if looks != "o":
                screen.press("escape")
                screen.wait_for(r"not sent: IR-338, draft from .* \(pmtui was cut off\)(?![\s\S]*discard)")
        screen.send("o")
        screen.wait_for(IN_A_CELL)
        screen.wait_for(SHOWN)
        screen.press("ctrl+down")
        screen.wait_for("second cell")
        screen.press("ctrl+up")
        for _ in range(12):  # more than enough: a burst is a word
            screen.press("ctrl+z")
        screen.wait_for("nothing more to undo")
        assert "±" not in screen.text
        assert TYPED not in screen.text
        assert "second cell" not in screen.text
        screen.press("ctrl+y")
        screen.wait_for("nobody")
        screen.press("escape")
        screen.wait_for("1 unsaved change")


async def test_a_second_process_may_only_look_and_takes_over_when_asked(
    sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with program(sandbox, home, "IR-338") as first:
        typed_into_two_cells(first, home)
        async with using(home, sandbox, "datadog") as user:
            await user.go_to("Checkout 5xx")
            await user.press("enter")
            await user.shows("IR-338 is being edited", f"process {first.pid} on host {socket.gethostname()}")
            assert "take" not in user.text
            await user.press("l")
            await user.shows("read-only")
            await user.press("x")
            assert user.app.session is not None and user.app.session.changes == ()
        first.send(" yet")
        first.wait_for("second cell yet")
        killed(first)

    # a draft of another host is taken over, compared, and discarded
    (lock,) = (home / "state" / "pmtui" / "drafts").glob("*.lock")
    lock.write_text('{"host": "jump2", "pid": 812, "since": "2026-11-22T02:47:00+00:00"}')
    async with using(home, sandbox, "datadog") as user:
        await user.go_to("Checkout 5xx")
        await user.press("enter")
        await user.shows("process 812 on host jump2", "t +take the draft over")
        await user.press("t")
        await user.shows(r"on host jump2 \(pmtui may", "o +open the draft", "c +compare it with the server")
        with monkeypatch.context() as patch:  # a long text is compared in a thread, and the screen answers meanwhile
            held = Held(patch, session_module, "review")
            await user.press("c")
            await user.until(lambda: held.begun, "the comparison")
            await user.press("x", "enter", "ctrl+l")
            held.let_go()
            await user.shows("You changed:")
        await user.shows("You changed:", TYPED.replace(" ", r"\s+"), "Changed on the server since: nothing")
        await user.press("escape")
        await user.shows("d +discard it")
        await user.press("d")
        await user.shows("cannot be undone")
        await user.press("escape")
        await user.shows("d +discard it")
        await user.press("escape")
        await user.shows("enter open", "not sent: IR-338, draft from")
        assert "still running" not in user.text
        assert drafts(home).list(), "escape discards nothing"
        await user.press("enter")
        await user.shows("process 812 on host jump2", "t +take the draft over")
        await user.press("t")
        await user.shows(r"on host jump2 \(pmtui may", "o +open the draft")
        await user.press("o")
        await user.shows(IN_A_CELL)
        assert any(TYPED in cell for cell in user.cells)
        await user.press("escape")
        await user.shows("d +discard the draft")
        await user.press("d")
        await user.shows("cannot be undone")
        await user.press("D")
        await user.shows("enter open")
        assert drafts(home).list() == []


def test_a_disk_that_cannot_be_written(sandbox: Sandbox, tmp_path: Path, home: Path) -> None:
    """Typing goes on, the screen says that it is not on disk, and a save still works."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the state directory should be")
    env = {**environment("datadog", sandbox.url, home), "XDG_STATE_HOME": str(blocked)}
    with PtyScreen([sys.executable, "-m", "pmtui", "--profile", "datadog", "IR-338"], columns=120, env=env) as screen:
        screen.wait_for(IN_A_CELL)
        screen.send(TYPED)
        screen.wait_for(rf"{SHOWN}[\s\S]*edited · not on disk: ")
        screen.send(" yet")
        screen.wait_for(f"{SHOWN} yet")
        screen.press("ctrl+s")
        screen.wait_for("enter send")
        screen.send("\r")
        screen.wait_for("saved · verified")
