"""A program that fails with a key and a text among its local variables: run by ``test_terminal_crash``."""

from __future__ import annotations

import sys
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from pmtui.tui.terminal.app import ThinApp
from pmtui.tui.terminal.crash import error_itself, write_crash


class Crashing(ThinApp[None]):
    def compose(self) -> ComposeResult:
        yield Static("ready")

    def crash_words(self, error: BaseException) -> str:
        written = write_crash(Path(sys.argv[1]), error)
        return f"stopped: {type(error_itself(error)).__name__}, written {written}"

    async def fail_in_a_worker(self) -> None:
        raise ZeroDivisionError("of a worker")

    async def on_key(self, event: events.Key) -> None:
        if event.key == "w":
            self.run_worker(self.fail_in_a_worker())
            return
        headers = {"DD-API-KEY": "canary-key", "draft": "canary-text"}
        raise ValueError(len(headers))


if __name__ == "__main__":
    app = Crashing()
    app.run(mouse=False)
    sys.exit(app.return_code)
