"""Read-only sends nothing but reads, whatever key is pressed: each binding of each screen, dialog and widget that can be reached.

The keys are found by walking. ``test_read_only`` proves that all combinations of the ways to ask for it give the screens the same.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen

import pmtui.tui
from pmtui.cli.context import Context
from pmtui.cli.launching import Launcher
from pmtui.sandbox.server import Sandbox
from pmtui.tui.app import PmtuiApp
from tests.attacks.read_only import NETWORKED, configure, reads_only
from tests.attacks.test_read_only import every_combination
from tests.cli.conftest import Shell
from tests.patience import PATIENCE
from tests.tui.headless import cheap_frames
from tests.tui.user import READ, User

LEAVE = frozenset({"leave", "quit", "help_quit", "suspend_process"})
"""Actions that end the program or stop it; and they are the only ones whose keys are not pressed."""
START = "IncidentsScreen", "IncidentList"
YES = ("enter", "y", "ctrl+s", "enter")
NAMES_ITS_POSTMORTEMS = "datadog"
PASTED = ("p",)
"""Asks for the address of a postmortem, but where the vendor names its postmortems itself."""
UNKNOWN_TO_IT = frozenset({("WritingScreen", "alt+n"), *(("Prompt", key) for key in ("ctrl+s", "escape", "f1"))})
"""Keys that are never in force at that vendor: its text has no panels, and nothing is pasted."""
MAIN = ((80, 24), ((), ("enter",), ("enter", "f2")))
PLACES: tuple[tuple[tuple[int, int], tuple[tuple[str, ...], ...]], ...] = (
    MAIN,
    ((80, 24), (("slash",), PASTED, ("alt+t",), ("f1",), ("f12",), ("ctrl+p",), ("enter", "ctrl+f"), ("enter", "ctrl+g"))),
    ((80, 24), (("enter", "f3"), ("enter", "f3", "ctrl+f"))),
    ((120, 35), (("enter", "f2"),)),
)
"""Sizes of the window, and the keys that lead from the list to each place there at this size; ``MAIN`` are what vendors differ in."""
COVERED = frozenset({("FindLine", "escape"), *(("PostmortemScreen", key) for key in ("up", "down")), ("PmtuiApp", "ctrl+q")}) | {
    ("PreviewScreen", key) for key in ("up", "down", "pageup", "pagedown")
}
"""Keys that something in front of the one that binds them takes first, and the one that ends the program."""
WRITES = frozenset({"Ask", "ChangeView", "CompareScreen", "ConflictScreen", "Editor", "OpenConflictView", "ReviewScreen", "Several"})
"""What is shown where something is edited, saved, or created: these never appear, so that their keys cannot be pressed."""
NOT_HERE = frozenset({"FirstStart", "BesidePages"})
"""What has no backend, and a second postmortem that is only looked at: not walked through here."""
State = tuple[str, str]
"""The screen, and what has the focus on it."""


def state_of(user: User) -> State:
    return type(user.app.screen).__name__, type(user.app.focused).__name__


@dataclass
class Walk:
    """Presses every key that does something in each place; one that leads away, but not to the list, is followed by those that say yes."""

    user: User
    pressed: set[tuple[str, str]] = field(default_factory=set)
    """Classes and the keys that they bind, while these were in force."""
    met: set[str] = field(default_factory=set)
    """The screens that came, and what had the focus there."""
    led: dict[tuple[str, ...], State] = field(default_factory=dict)
    """Where the first keys of a way led."""

    async def through(self, way: tuple[str, ...]) -> None:
        """Press each key that binds something in the place to which these keys lead, and was not pressed in one like it."""
        await self.enter(way, START)
        here = state_of(self.user)
        assert way == () or here != START, f"{way} lead nowhere\n{self.user.text}"
        for key in [each for each in sorted(self.user.app.screen.active_bindings) if self._binds(each)]:
            await self.enter(way, here)
            assert state_of(self.user) == here, f"{way} lead to {state_of(self.user)} now, not to {here}\n{self.user.text}"
            self.pressed |= self._binds(key)
            for each in (key, *YES):
                await self._press(each)
                if state_of(self.user)[0] in (here[0], START[0]):
                    break

    def _binds(self, key: str) -> set[tuple[str, str]]:
        """The key with the class that binds it here and those it is made from; nothing if that was pressed in another place.

        Keys of Textual's own widgets are pressed in one of these.
        """
        bound = self.user.app.screen.active_bindings.get(key)
        if bound is None or bound.binding.action in LEAVE:
            return set()
        kinds = type(bound.node).__mro__
        binds = [each for each in kinds if any(binding.key == key for binding in Binding.make_bindings(vars(each).get("BINDINGS", ())))]
        stock = binds and binds[0].__module__.startswith("textual.")
        asked = binds[0] if stock else kinds[0]
        return set() if (asked.__name__, key) in self.pressed else {(each.__name__, key) for each in (*kinds, asked)}

    async def _press(self, key: str) -> None:
        """Press it, and wait for what it began: that is over, or asks something."""
        app, before = self.user.app, state_of(self.user)
        await self.user.press(key)
        assert not app._exit, f"{key} led away"

        def is_over() -> bool:
            mine = [each for each in app.workers if not isinstance(app.screen, ModalScreen) or each.node in (app.screen, app.focused)]
            return app.focused is not None and not any(each.is_running for each in mine)

        end = time.monotonic() + PATIENCE
        while not is_over():  # User.until draws the screen
            assert time.monotonic() < end, f"{key} never ends\n{self.user.text}"
            await asyncio.sleep(0.005)
        if state_of(self.user) != before:
            await self.user.together()  # the focus may come after the screen
        self.met |= set(state_of(self.user))

    async def enter(self, way: tuple[str, ...], here: State) -> None:
        """Be in the place to which these keys lead: still, or by keys that lead back, or again from as far as escape leads."""
        for _ in range(30):
            now = state_of(self.user)
            if now == here != START:
                return
            done = next((count for count in range(1, len(way)) if self.led.get(way[:count]) == now), 0)
            if done or now == START:
                break
            await self._press("escape")
        assert done or state_of(self.user) == START, f"escape does not lead back\n{self.user.text}"
        if not done and way:
            await self._press("escape")  # clears a filter that a key has set
        for count in range(done, len(way)):
            await self._press(way[count])
            self.led[way[: count + 1]] = state_of(self.user)


def bound() -> set[tuple[str, str]]:
    """Each class of the screens that binds keys, with these."""
    modules = [importlib.import_module(each.name) for each in pkgutil.walk_packages(pmtui.tui.__path__, "pmtui.tui.")]
    classes = {each for module in modules for each in vars(module).values() if isinstance(each, type) and issubclass(each, DOMNode)}
    ours = [each for each in classes if each.__module__.startswith("pmtui.") and "BINDINGS" in vars(each)]
    return {(each.__name__, binding.key) for each in ours for binding in Binding.make_bindings(each.BINDINGS)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A combination for each vendor, of which one in all places; with --sweep all combinations of both, in all places."""
    every = [(vendor, ways, True) for vendor in NETWORKED for ways in every_combination(in_file=True)]
    few = [(vendor, frozenset({way}), vendor == NETWORKED[-1]) for vendor, way in zip(NETWORKED, ("variable", "option"), strict=True)]
    chosen = every if metafunc.config.getoption("--sweep") else few
    cases = [
        pytest.param(vendor, ways, everywhere, id="-".join((vendor, *sorted(ways))), marks=() if everywhere else pytest.mark.long)
        for vendor, ways, everywhere in chosen
    ]
    metafunc.parametrize(("vendor", "ways", "everywhere"), cases)


async def test_every_key(
    shell: Shell,
    sandbox: Sandbox,
    vendor: str,
    ways: frozenset[str],
    everywhere: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # one of the keys writes the postmortem into a file
    words = configure(shell, sandbox, vendor, ways, in_file=True)
    since = len(sandbox.requests)
    environ = {**shell.full, "EDITOR": "true", "VISUAL": "true"}
    with cheap_frames(), Launcher(Context(environ, words[1], read_only="--read-only" in words)) as launcher:
        app = PmtuiApp(launcher.configured())
        async with app.run_test(notifications=True) as pilot:
            user = User(app, pilot)
            await user.shows(READ)
            walk = Walk(user)
            for size, places in PLACES if everywhere else (MAIN,):
                await pilot.resize_terminal(*size)
                for place in places:
                    if place != PASTED or vendor != NAMES_ITS_POSTMORTEMS:
                        await walk.through(place)
            await walk.enter(("enter",), START)
            await user.type("typed although read-only")
            await user.press(*YES)
            await app._leave_workspace()
    assert not walk.met & WRITES
    if everywhere:
        unpressed = bound() - walk.pressed - COVERED - (UNKNOWN_TO_IT if vendor == NAMES_ITS_POSTMORTEMS else frozenset())
        assert {name for name, _ in unpressed} <= WRITES | NOT_HERE, sorted(unpressed)
    assert len(walk.pressed) > 100 and len(sandbox.requests) > since + 3
    assert reads_only(sandbox, since) == []
