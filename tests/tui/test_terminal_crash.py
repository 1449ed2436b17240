"""An error of our own ends the program with one line: no key and no text on the terminal or in the log."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

from pmtui.tui.terminal.crash import write_crash
from tests.pty_screen import PtyScreen

PROGRAM = f"import runpy; runpy.run_path({str(Path(__file__).with_name('crashing.py'))!r}, run_name='__main__')"


def test_a_crash_shows_no_local_variable(tmp_path: Path) -> None:
    log = tmp_path / "state" / "crash.log"
    with PtyScreen([sys.executable, "-c", PROGRAM, str(log)]) as program:
        program.wait_for("ready")
        program.send("x")
        assert program.wait_exit() == 1
        program.settle()
        assert b"stopped: ValueError, written True" in program.output
        assert b"canary" not in program.output
    text = log.read_text()
    assert "ValueError" in text
    assert "in on_key\n" in text
    assert "canary" not in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_log_has_the_traceback_of_a_worker(tmp_path: Path) -> None:
    log = tmp_path / "crash.log"
    with PtyScreen([sys.executable, "-c", PROGRAM, str(log)]) as program:
        program.wait_for("ready")
        program.send("w")
        assert program.wait_exit() == 1
        program.settle()
        assert b"stopped: ZeroDivisionError, written True" in program.output
    text = log.read_text()
    assert "in fail_in_a_worker\n" in text
    assert text.endswith("ZeroDivisionError: of a worker\n")


def test_the_hook_is_where_textual_looks_for_it() -> None:
    assert callable(App._fatal_error)
    assert callable(App._close_messages_no_wait)
    assert isinstance(App()._exit_renderables, list)


@pytest.mark.parametrize("planted", ["nothing", "file", "link", "pipe", "hard link"])
def test_the_log_is_a_file_of_its_own(tmp_path: Path, planted: str) -> None:
    """Whatever stood in its place: nothing is followed, nothing is waited for."""
    log, other = tmp_path / "state" / "crash.log", tmp_path / "other"
    log.parent.mkdir()
    other.write_text("of somebody")
    plant: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "file": lambda: log.write_text("old, and longer than the new one" * 100),
        "link": lambda: log.symlink_to(other),
        "pipe": lambda: os.mkfifo(log),
        "hard link": lambda: log.hardlink_to(other),
    }
    plant[planted]()
    assert write_crash(log, ValueError("why"))
    assert log.read_text().endswith("ValueError: why\n")
    assert stat.S_ISREG(log.lstat().st_mode)
    assert stat.S_IMODE(log.lstat().st_mode) == 0o600
    assert other.read_text() == "of somebody"


@pytest.mark.parametrize("planted", ["directory", "linked parent", "file as parent"])
def test_a_log_that_cannot_be_its_own_is_not_written(tmp_path: Path, planted: str) -> None:
    log, other = tmp_path / "state" / "crash.log", tmp_path / "other"
    other.mkdir()
    if planted == "directory":
        log.mkdir(parents=True)
    elif planted == "linked parent":
        log.parent.symlink_to(other)
    else:
        log.parent.write_text("in the way")
    assert not write_crash(log, ValueError("why"))
    assert list(other.iterdir()) == []
