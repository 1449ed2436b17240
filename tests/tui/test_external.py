"""A cell in the user's own editor, under a real terminal: what it may do to the file, and what it may not see."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pmtui.cli.launching import SANDBOX_KEY, variables_of
from pmtui.sandbox.server import Sandbox
from pmtui.store.editor_files import editor_command
from pmtui.tui.flows.document.external_editor import text_left
from tests.patience import PATIENCE
from tests.pty_screen import KEYS, PtyScreen
from tests.tui.headless_program import IN_A_CELL, environment


@pytest.fixture
def screen(vendor: str, sandbox: Sandbox, home: Path) -> Iterator[PtyScreen]:
    """In the first cell of a postmortem; ``$EDITOR`` does what the file ``script`` says."""
    home.mkdir()
    launcher = home / "editor"
    lines = (
        "#!/bin/sh",
        f'trap "echo >> {home}/runs" EXIT',
        f"env > {home}/env",
        f'ls -ld "$1" "$(dirname "$1")" > {home}/modes',
        f". {home}/script",
    )
    launcher.write_text("\n".join(lines) + "\n")
    launcher.chmod(0o700)
    variables = {**variables_of(vendor, sandbox.url), "EDITOR": str(launcher), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with PtyScreen([sys.executable, "-m", "pmtui", "--profile", vendor], env=environment(home, variables)) as screen:
        screen.wait_for("▌.*Checkout 5xx")
        screen.send("\r")
        screen.wait_for(IN_A_CELL)
        yield screen


def edit(screen: PtyScreen, home: Path, script: str) -> None:
    """Call the editor, and wait until it has ended."""
    runs = home / "runs"
    before = runs.stat().st_size if runs.exists() else 0
    (home / "script").write_text(script)
    screen.send(KEYS["f4"])
    end = time.monotonic() + PATIENCE
    while not runs.exists() or runs.stat().st_size == before:
        assert time.monotonic() < end, f"the editor was never called\n{screen.text}"
        screen.read(0.05)


@pytest.mark.parametrize(
    ("variables", "command", "said"),
    [
        ({}, ["vi"], ""),
        ({"EDITOR": " "}, ["vi"], ""),
        ({"EDITOR": "code --wait", "VISUAL": "'my editor' -w"}, ["my editor", "-w"], ""),
        ({"EDITOR": "vi '"}, [], "EDITOR cannot be used"),
    ],
)
def test_the_editor_is_what_the_variables_say(variables: dict[str, str], command: list[str], said: str) -> None:
    words, why = editor_command(variables)
    assert words == command
    assert why.startswith(said) if said else not why


def test_what_an_editor_adds_is_no_text() -> None:
    assert text_left("\ufeff## A\r\nb\r\n".encode(), "## A\n") == "## A\nb\n"
    assert text_left(b"a\r\nb", "a\r\n") == "a\r\nb"


def test_an_editor_outside(screen: PtyScreen, home: Path) -> None:
    edit(screen, home, 'echo "" >> "$1"; echo "from outside" >> "$1"')
    screen.wait_for("from outside")
    screen.wait_for(r"± ──[\s\S]*edited in the editor · ctrl\+z takes it back")
    screen.press("ctrl+z")
    screen.wait_for("unchanged")
    assert "from outside" not in screen.text
    assert SANDBOX_KEY not in (home / "env").read_text()
    assert "EDITOR=" in (home / "env").read_text()
    modes = {line.split()[0][:10] for line in (home / "modes").read_text().splitlines()}
    assert modes == {"-rw-------", "drwx------"}
    assert not [path for path in (home / "state").rglob("edit*/**/*") if path.is_file()], "nothing is left behind"

    edit(screen, home, "exit 0")
    screen.wait_for(r"unchanged in the editor · f4 opens it, so does ctrl\+e at the end of a line")

    edit(screen, home, 'echo "half a thought" >> "$1"; exit 3')
    screen.wait_for(r"ended with code 3")
    assert "half a thought" not in screen.text
    left = [path for path in (home / "state").rglob("edit*/**/*") if path.is_file()]
    assert len(left) == 1
    assert "half a thought" in left[0].read_text(), "what was written there is not lost"

    edit(screen, home, 'rm "$1"')
    screen.wait_for("could not read what the editor left")
    edit(screen, home, 'printf "\\377\\376" > "$1"')
    screen.wait_for("could not read what the editor left")
    screen.send("still here")
    screen.wait_for("still here")


def in_the_list(sandbox: Sandbox, home: Path, **variables: str) -> PtyScreen:
    env = {**variables_of("opsgenie", sandbox.url), **variables, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    screen = PtyScreen([sys.executable, "-m", "pmtui", "--profile", "opsgenie"], env=environment(home, env))
    screen.wait_for("▌.*Checkout 5xx")
    return screen


def test_a_session_that_drops_while_the_editor_is_open(sandbox: Sandbox, home: Path) -> None:
    """What was written outside is nobody else's to read. It is named at the end, at the next start, and by the commands."""
    home.mkdir()
    launcher = home / "editor"
    launcher.write_text(f'#!/bin/sh\necho "written outside" >> "$1"\necho $$ > {home}/pid\ntouch {home}/written\nexec sleep 3600\n')
    launcher.chmod(0o700)
    edits = home / "state" / "pmtui" / "edit"
    with in_the_list(sandbox, home, EDITOR=str(launcher)) as screen:
        drop(screen, home, signal.SIGHUP)
        said = re.search(r"texts that were not saved: (\S+/executive-summary\.md)", re.sub(r"\s*\n", "", screen.text))
    (first,) = edits.glob("*/executive-summary.md")
    assert said is not None and said[1] == str(first)
    with in_the_list(sandbox, home, EDITOR=str(launcher)) as screen:
        screen.wait_for("texts that were not saved")
        drop(screen, home, signal.SIGKILL)
    (second,) = set(edits.glob("*/executive-summary.md")) - {first}
    for left in (first, second):
        assert "written outside" in left.read_text()
        assert [each.stat().st_mode & 0o777 for each in (left, left.parent, left.parent.parent)] == [0o600, 0o700, 0o700]
    with in_the_list(sandbox, home) as screen:
        screen.wait_for("texts that were not saved")
    for command in ("drafts", "recover"):
        env = {**os.environ, **environment(home, dict(variables_of("opsgenie", sandbox.url)))}
        done = subprocess.run([sys.executable, "-m", "pmtui", command], env=env, capture_output=True, text=True, check=True)
        assert all(str(left) in done.stderr + done.stdout for left in (first, second))


def drop(screen: PtyScreen, home: Path, end_of_it: signal.Signals) -> None:
    """Open a cell in the editor, and end the program once the editor has written."""
    screen.send("\r")
    screen.wait_for(IN_A_CELL)
    screen.send(KEYS["f4"])
    end = time.monotonic() + PATIENCE
    while not (home / "written").exists():
        assert time.monotonic() < end, screen.text
        screen.read(0.05)
    screen.kill(end_of_it)
    screen.wait_exit()
    with suppress(ProcessLookupError):  # where it did not end with its terminal
        os.kill(int((home / "pid").read_text()), signal.SIGKILL)
    (home / "written").unlink()


def test_keys_that_come_in_one_piece_and_an_editor_that_cannot_be_had(sandbox: Sandbox, home: Path) -> None:
    missing = {"VISUAL": "/nowhere/ed --wait"}
    variables = {**variables_of("opsgenie", sandbox.url), **missing, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with PtyScreen([sys.executable, "-m", "pmtui"], env=environment(home, variables)) as screen:
        screen.wait_for(r"▌.*Checkout 5xx[\s\S]*switched off")
        screen.send("/redis\r")
        screen.wait_for("── / redis ")
        screen.press("escape")
        screen.wait_for(r"── 30 of 30[\s\S]* #30 ")
        screen.send("g\r")
        screen.wait_for(IN_A_CELL)
        screen.send("\x0e## A new cell")
        screen.wait_for(r"── 2 A new cell ±")
        screen.send("\x1b[1;5Aabove")
        screen.wait_for(r"── 1 Executive summary ±.*\n.*│  above")
        # an editor that is not there
        screen.press("f4")
        screen.wait_for("could not start /nowhere/ed")
        screen.send(" typing")
        screen.wait_for("above typing")
        # no file for the editor
        edits = home / "state" / "pmtui" / "edit"
        shutil.rmtree(edits)
        edits.write_text("in the way")
        screen.press("ctrl+e")
        screen.wait_for("the editor needs a file of its own")
        screen.send(" on")
        screen.wait_for("above typing on")
