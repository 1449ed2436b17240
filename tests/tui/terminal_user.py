"""A user of the program in a terminal, who only presses keys and reads the screen."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pmtui.cli.launching import variables_of
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen

FOCUS = "▌"
"""Marks the row of the form that has the focus, in the first column of the details screen."""


BAR = "▁▂▃▄▅▆▇█"


class TerminalUser:
    """``screen`` is what the user sees. Each method presses keys and waits until the screen shows the result."""

    def __init__(self, screen: PtyScreen) -> None:
        self.screen = screen

    def until(self, seen: Callable[[], bool], what: str, timeout: float = PATIENCE) -> None:
        """Read until ``seen`` is true."""
        end = time.monotonic() + timeout
        while not seen():
            if time.monotonic() > end or not self.screen.read(0.1):
                raise AssertionError(f"never on the screen: {what}\n{self.screen.text}")

    # ---- screens --------------------------------------------------------------------------------------------------
    def open(self, title: str) -> None:
        """Open the incident under the cursor, with the cursor in its first cell."""
        self.screen.wait_for(rf"{FOCUS}.*{title}")
        self.screen.send("\r")
        self.screen.wait_for(r"cell \d+ of \d+ · line \d+")

    def details(self) -> None:
        self.screen.press("f2")
        self.screen.wait_for(r"(?m)^ Details .*[\s\S]*^▌")

    def document(self) -> None:
        self.screen.send("\x1b")
        self.screen.wait_for(r"cell \d+ of \d+")

    def review(self) -> list[str]:
        """Open the review. Returns the titles of all changes, scrolling as needed."""
        self.screen.press("ctrl+s")
        self.screen.wait_for(r"Save .* to \w+[\s\S]*enter send")
        count = int(re.findall(r"(\d+) changes?", self.screen.text)[0])
        found: dict[str, None] = {}
        end = time.monotonic() + PATIENCE
        while True:
            self.screen.settle(0.05)
            found |= dict.fromkeys(line.split("  ")[0] for line in re.findall(r"(?m)^[ ▌]\[x\] (.*\S)", self.screen.text))
            if len(found) >= count:
                return list(found)
            if time.monotonic() > end:
                raise AssertionError(f"{count} changes: {list(found)}\n{self.screen.text}")
            self.screen.send("\x1b[B")

    def send(self) -> None:
        """Send what was reviewed."""
        self.screen.send("\r")
        self.screen.wait_for(r"saved · verified \d\d:\d\d")

    # ---- the form -------------------------------------------------------------------------------------------------
    @property
    def row(self) -> str:
        """The focused row of the form, without the scroll bar."""
        return next((line.rstrip(f" {BAR}") for line in self.screen.text.splitlines() if line.startswith(FOCUS)), "")

    def go(self, row: str) -> None:
        """Go down the form to the row that shows this. No two neighbouring rows are equal."""
        self.screen.settle(0.05)  # what a dialog changed may be drawn after it is gone, and is no answer to a key
        wanted, passed = re.compile(row), list[str]()
        while not wanted.search(self.row):
            passed.append(here := self.row)
            self.screen.send("\x1b[B")
            self.until(lambda here=here: self._has_left(here), f"a row below with {row}, after {passed}")  # type: ignore[misc]

    def _has_left(self, here: str) -> bool:
        """Whether the focus is on another row than this, which stands above it now: what is said at its right may come late."""
        others = [line.rstrip(f" {BAR}") for line in self.screen.text.splitlines() if not line.startswith(FOCUS)]
        return self.row not in ("", here) and any(line[1:] == here[1:] or _label(line) == _label(here) != "" for line in others)

    def changed(self, text: str) -> None:
        """Wait until a row is marked as changed and shows this regular expression."""
        self.screen.wait_for(rf"(?m)^[▌ ].*[±+] .*{text}")

    def write(self, row: str, text: str) -> None:
        """Replace the text of a row."""
        self.go(row)
        self.screen.press("end", "ctrl+u")
        self.screen.send(text)
        self.changed(re.escape(text))

    def choose(self, row: str, text: str, line: str, *, shown: str = "") -> None:
        """Open the list of a row and pick a line; ``shown`` is the row's text afterwards, if it is not the line."""
        self.go(row)
        self.screen.send("\r")
        self.pick(text, line)
        self.changed(shown or line)

    def pick(self, text: str, line: str) -> None:
        """Filter the open list with ``text``, and pick the line that begins with ``line``."""
        self.screen.wait_for(r"│ +type to filter")
        self.screen.send(text)
        typed = re.compile(rf"│ +{re.escape(text)} *│")
        self.screen.wait_for(rf"{typed.pattern}.*\n.*│ +▌? *(• )?{line}[\s\S]*│ enter selects")
        self.screen.send("\r")
        self.until(lambda: not typed.search(self.screen.text), f"{text} taken")

    def link(self, url: str) -> None:
        """Add a linked issue."""
        self.go("add a link")
        self.screen.send("\r")
        self.prompt(url)
        self.changed(re.escape(url))

    def prompt(self, text: str) -> None:
        """Replace the text of the open prompt."""
        self.screen.wait_for(r"│ enter accept  esc back")
        self.screen.press("end", "ctrl+u")
        self.screen.send(text)
        self.screen.wait_for(re.escape(text))
        self.screen.send("\r")
        self.until(lambda: "│ enter accept  esc" not in self.screen.text or text not in self.screen.text, "the prompt closed")

    def append(self, row: str, text: str) -> None:
        """Open the long text of a row, and append to it."""
        self.go(row)
        self.screen.send("\r")
        self.screen.wait_for(r"ctrl\+s accept")
        self.screen.send(text)
        self.screen.wait_for(re.escape(text.split()[-1]))
        self.screen.press("ctrl+s")
        self.until(lambda: "ctrl+s accept" not in self.screen.text, "the text accepted")
        self.changed(row)

    def take_out(self, row: str) -> None:
        """Remove the item of a row."""
        self.go(row)
        self.screen.send("\x1b[3~")
        self.until(lambda: "−" in self.row and "removed" in self.row, f"{row} removed")


def _label(row: str) -> str:
    """The label of a row of the form, behind the focus and the mark; "" for an item, which has none."""
    return row[3:21].strip()


def environment(vendor: str, url: str, home: Path) -> dict[str, str]:
    """The environment of a user with this home directory, on the sandbox at this address."""
    home.mkdir(exist_ok=True)
    xdg = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {"HOME": str(home), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **xdg, **variables_of(vendor, url)}


def terminal_user(vendor: str, url: str, home: Path, *, columns: int = 80, rows: int = 24) -> TerminalUser:
    """The program in its own process, under a pty."""
    environ = environment(vendor, url, home)
    return TerminalUser(PtyScreen([sys.executable, "-m", "pmtui", "--profile", vendor], columns=columns, rows=rows, env=environ))
