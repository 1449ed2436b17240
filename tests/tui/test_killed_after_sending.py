"""The program is killed when everything was sent and is being read back: the next start says that the save had arrived."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from tests.gate import gate
from tests.pty_screen import PtyScreen
from tests.tui.terminal_user import environment
from tests.turns import every_vendor


def program(sandbox: Sandbox, home: Path, vendor: str) -> PtyScreen:
    incident = {"datadog": "IR-338", "opsgenie": "#30"}[vendor]
    env = {**environment(vendor, sandbox.url, home), "PATH": os.environ["PATH"]}
    return PtyScreen([sys.executable, "-m", "pmtui", "--profile", vendor, incident], columns=120, env=env)


@every_vendor
def test_the_next_start_says_that_the_save_had_arrived(sandbox: Sandbox, home: Path, vendor: str) -> None:
    with program(sandbox, home, vendor) as screen:
        screen.wait_for(r"cell \d+ of \d+")
        screen.send("MY words ")
        screen.wait_for("MY words")
        screen.press("ctrl+s")
        screen.wait_for("enter send")

        def is_written() -> bool:
            return any(each["method"] in ("PUT", "PATCH") for each in sandbox.requests)

        with gate(sandbox, methods=("GET",), when=is_written) as held:
            screen.send("\r")
            screen.wait_for("reading back")
            screen.kill(signal.SIGKILL)
            screen.wait_exit()
            held.open()
    with program(sandbox, home, vendor) as screen:
        screen.wait_for("There is a draft")
        screen.send("o")
        screen.wait_for("MY words")
        screen.press("f5")
        screen.wait_for("the interrupted save had arrived: the server has all of it")
        assert "new on the server" not in screen.text
        assert "±" not in screen.text
