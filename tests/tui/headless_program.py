"""Runs the program on a sandbox in this process, without a terminal, which is fast; every line of the screen can be read."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from pmtui.cli.context import Context
from pmtui.cli.launching import Launcher, variables_of
from pmtui.tui.app import PmtuiApp
from tests.patience import PATIENCE
from tests.tui.headless import cheap_frames, text_of, worked_off

IN_A_CELL = r"cell \d+ of \d+ · line \d+"


@dataclass
class HeadlessProgram:
    """``text`` is the screen. The methods press keys and wait until the screen shows the result."""

    app: PmtuiApp
    pilot: Pilot[None]

    def __post_init__(self) -> None:
        async def worked(timeout: float = PATIENCE) -> bool:  # noqa: ASYNC109 - the pilot's own signature
            return await worked_off(self.app)

        self.pilot._wait_for_screen = worked  # type: ignore[method-assign]

    @property
    def text(self) -> str:
        """What is on the screen now, and with it seen."""
        self.app.looked_at()
        return text_of(self.app)

    @property
    def status(self) -> str:
        """The last line but one."""
        return self.text.splitlines()[-2]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        for char in text:
            await self.pilot.press(char)

    async def until(self, seen: Callable[[], object], what: str, seconds: float = PATIENCE) -> str:
        """Wait until ``seen`` is true. Returns the screen."""
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end or self.app._exit:
                raise AssertionError(f"never on the screen: {what}\n{self.text}")
            await asyncio.sleep(0.02)
            if self.app.screen_stack:
                self.app.screen._on_timer_update()
        return self.text

    async def wait_for(self, wanted: str, seconds: float = PATIENCE) -> str:
        return await self.until(lambda: re.search(wanted, self.text), wanted, seconds)

    async def open(self) -> None:
        """Open the incident under the cursor, with the cursor in its first cell."""
        await self.wait_for("▌")
        await self.press("enter")
        await self.wait_for(IN_A_CELL)


def environment(home: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The program's environment: its own home directory, and these variables."""
    home.mkdir(exist_ok=True)
    xdg = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {"HOME": str(home), **xdg, **variables}


@asynccontextmanager
async def headless_program(
    vendor: str, url: str, home: Path, *, size: tuple[int, int] = (80, 24), variables: Mapping[str, str] | None = None
) -> AsyncIterator[HeadlessProgram]:
    """The program on a sandbox at this address. ``variables`` are added to the vendor's."""
    environ = environment(home, {**variables_of(vendor, url), **(variables or {})})
    with cheap_frames(), Launcher(Context(environ, vendor)) as launcher:
        app = PmtuiApp(launcher.configured())
        async with app.run_test(size=size) as pilot:
            yield HeadlessProgram(app, pilot)
            await app._leave_workspace()
