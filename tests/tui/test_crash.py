"""An error of our own ends the program with one line: no key and no text on the terminal or in the log."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from textual.app import App

from tests.pty_screen import PtyScreen

PROGRAM = Path(__file__).with_name("crashing.py")


def test_a_crash_shows_no_local_variable(tmp_path: Path) -> None:
    log = tmp_path / "state" / "crash.log"
    with PtyScreen([sys.executable, str(PROGRAM), str(log)], env={"PYTHONPATH": str(PROGRAM.parents[2])}) as program:
        program.wait_for("ready")
        program.send("x")
        assert program.wait_exit() == 1
        program.settle()
        assert b"stopped: ValueError, written True" in program.output
        assert b"canary" not in program.output
    text = log.read_text()
    assert "ValueError" in text
    assert "canary" not in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_hook_is_where_textual_looks_for_it() -> None:
    assert callable(App._fatal_error)
    assert callable(App._close_messages_no_wait)
    assert isinstance(App()._exit_renderables, list)
