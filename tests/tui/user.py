"""Runs the whole program on a sandbox in this process, with helpers for the list and a postmortem."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key

from pmtui.cli.context import Context
from pmtui.cli.launching import Launcher, variables, variables_of
from pmtui.model.incident import Incident
from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from pmtui.tui.launch import Launch
from pmtui.tui.widgets.listing.incident_list import IncidentList
from tests.tui.headless import cheap_frames, has_something_to_draw, worked_off
from tests.tui.headless_program import IN_A_CELL, HeadlessProgram, environment

VENDORS = ("datadog", "opsgenie")
one_vendor = pytest.mark.parametrize("vendor", ["opsgenie"])
"""The vendor for tests that do not depend on one."""
QUICK = {"datadog.search_lag": "0", "opsgenie.async_ms": "0"}
"""Switches that turn off the sandbox's deliberate delays."""
CHECKOUT = "Checkout 5xx"
"""The newest incident, whose postmortem has everything at both vendors."""
READ = r"read \d\d:\d\d"
"""The list's text once the server has answered."""
CHARACTERS = {"space": " ", "slash": "/", "enter": "\r", "tab": "\t"}
ROUNDS = 3
SCROLLBAR = "▁▂▃▄▅▆▇█▏"


@dataclass
class User(HeadlessProgram):
    """The program. Each method waits until the screen shows its result, so that no test sleeps."""

    async def press(self, *keys: str) -> None:
        """Press keys by name, each after the one before was handled. It is faster than the pilot, which waits for an idle CPU."""
        for key in keys:
            self._send(key)
            await self._dealt_with()

    async def together(self, *keys: str) -> None:
        """Press keys by name at once, without waiting in between."""
        for key in keys:
            self._send(key)
        await self._dealt_with()

    async def type(self, text: str) -> None:
        """Type a text at once, without waiting in between."""
        await self.together(*("enter" if character == "\n" else character for character in text))

    def _send(self, key: str) -> None:
        assert self.app._exception is None, f"the program has crashed\n{self.text}"
        single = len(key) == 1
        self.app.post_message(events.Key(_character_to_key(key) if single else key, key if single else CHARACTERS.get(key)))

    async def _dealt_with(self) -> None:
        """Wait until the app and every widget have handled their messages, and the messages that these caused."""
        for _ in range(ROUNDS):
            if not await worked_off(self.app):
                return
            if not self.app.screen_stack or not has_something_to_draw(self.app.screen):
                return
            self.app.screen._on_timer_update()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def keys(self) -> str:
        """The last line."""
        return self.lines[-1]

    def line(self, pattern: str) -> str:
        """The first line that this regular expression matches."""
        found = next((line for line in self.lines if re.search(pattern, line)), None)
        assert found is not None, f"no line shows {pattern}\n{self.text}"
        return found

    async def shows(self, *patterns: str) -> str:
        """Wait until the screen matches all of these regular expressions. Returns the screen."""
        for pattern in patterns:
            await self.wait_for(pattern)
        return self.text

    async def no_longer_shows(self, pattern: str) -> str:
        return await self.until(lambda: not re.search(pattern, self.text), f"the end of {pattern}")

    async def resize(self, columns: int, rows: int) -> None:
        """Give the window another size, and wait until the screen has it."""
        await self.pilot.resize_terminal(columns, rows)
        await self.until(lambda: self.app.screen.size == (columns, rows), f"{columns}x{rows}")
        await self._dealt_with()

    # ---- the list -----------------------------------------------------------------------------------------------
    @property
    def rows(self) -> list[str]:
        """The lines of the list, below its heading."""
        heading = next(number for number, line in enumerate(self.lines) if line.startswith("   REF"))
        found = []
        for line in self.lines[heading + 1 :]:
            if not re.match(r"[ !][ ▌][ ●◆][A-Z#]", line):
                break
            found.append(line[3:].rstrip(f"{SCROLLBAR} "))
        return found

    @property
    def references(self) -> list[str]:
        return [row.split()[0] for row in self.rows]

    async def go_to(self, title: str) -> None:
        """Move the list's cursor to the incident whose row shows this."""
        await self.shows(READ)
        await self.press("g")
        while title not in self.current.title:
            before = self.current
            await self.press("j")
            assert self.current is not before, f"no such incident: {title}\n{self.text}"
        await self.shows(rf"▌[ ●◆]{re.escape(self.current.reference)} ")

    @property
    def current(self) -> Incident:
        """The incident under the cursor."""
        incident = self.app.screen.query_one(IncidentList).current
        assert incident is not None
        return incident

    async def filter(self, text: str) -> None:
        """Type into the filter line."""
        await self.press("slash")
        await self.shows("ask the server")
        await self.type(text)

    # ---- a postmortem -------------------------------------------------------------------------------------------
    async def into(self, title: str = CHECKOUT) -> None:
        """Open the incident whose row shows this, with the cursor in its first cell."""
        await self.go_to(title)
        await self.press("enter")
        await self.shows(rf"{IN_A_CELL}|new on the server: ")  # which has the whole line

    async def choose(self, label: str, value: str) -> None:
        """Choose a value in the form, then go back to the document."""
        await self.press("f2")
        await self.shows(r"(?m)^ Details ", "▌")
        while not re.search(rf"▌.*{label}", self.text):
            before = self.line("▌")
            await self.press("down")
            await self.until(lambda before=before: self.line("▌") != before, f"a row below {before}")  # type: ignore[misc]
        await self.press("enter")
        await self.shows("enter selects|↓ chooses")
        await self.type(value)
        await self.shows(rf"▌.*{value}.*│", "enter selects")
        await self.press("enter")
        await self.shows(rf"±.*{label}.*{value}")
        await self.press("escape")
        await self.shows(r"cell \d+ of \d+")

    async def review(self) -> str:
        await self.press("ctrl+s")
        return await self.shows(r"Save .* to \w+", "enter send")

    async def take_all_back(self) -> None:
        """Undo all, and go to the end of the first cell, as after opening."""
        session = self.app.session
        assert session is not None
        while session.changes:
            before = session.mine
            await self.press("ctrl+z")
            assert session.mine is not before, "nothing more to undo"
        if "cell 1 of" not in self.status:
            await self.press("ctrl+g", "home", "enter")
        await self.press("ctrl+end")
        await self.shows("cell 1 of", "unchanged|that was .* in the details")

    async def save(self) -> str:
        await self.review()
        await self.press("enter")
        return await self.shows(r"saved · verified \d\d:\d\d")

    @property
    def cells(self) -> list[str]:
        """The texts of the open postmortem's cells, from the session."""
        assert self.app.session is not None
        return [cell.text for cell in self.app.session.mine.cells]

    @property
    def titles(self) -> list[str]:
        assert self.app.session is not None
        return [cell.title for cell in self.app.session.mine.cells]


@asynccontextmanager
async def using(
    home: Path,
    sandbox: Sandbox,
    vendor: str = "",
    *,
    size: tuple[int, int] = (80, 24),
    read_only: bool = False,
    ref: str = "",
    more: Mapping[str, str] | None = None,
    change: Callable[[Launch], Launch] = lambda launch: launch,
) -> AsyncIterator[User]:
    """The program as started by ``pmtui REF``, with this vendor's variables, or those of ``more``.

    ``change`` lets the test change the launch.
    """
    own = variables_of(vendor, sandbox.url) if vendor else {}
    async with program(environment(home, {**own, **(more or {})}), vendor, size=size, read_only=read_only, ref=ref, change=change) as user:
        yield user


@asynccontextmanager
async def both_vendors(home: Path, sandbox: Sandbox, start: str) -> AsyncIterator[User]:
    """The program with profiles of both vendors."""
    async with program(environment(home, variables(sandbox.url)), start) as user:
        yield user


@asynccontextmanager
async def program(
    environ: Mapping[str, str],
    profile: str = "",
    *,
    size: tuple[int, int] = (80, 24),
    read_only: bool = False,
    ref: str = "",
    change: Callable[[Launch], Launch] = lambda launch: launch,
) -> AsyncIterator[User]:
    with cheap_frames(), Launcher(Context(environ, profile, read_only=read_only)) as launcher:
        app = PmtuiApp(change(launcher.configured(ref)))
        async with app.run_test(size=size, notifications=True) as pilot:
            yield User(app, pilot)
            await app._leave_workspace()
