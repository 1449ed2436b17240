"""Nothing is configured: the demo is one key away, and so is a configuration to start from."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from pathlib import Path

from pmtui.cli.launching import variables
from pmtui.sandbox.server import Sandbox
from pmtui.session.workspace import Workspace
from pmtui.tui.launch import Launch
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen
from tests.tui.headless_program import environment
from tests.tui.user import READ, program, using


def editor(home: Path, body: str) -> dict[str, str]:
    """An environment whose editor is this shell script."""
    home.mkdir(parents=True, exist_ok=True)
    script = home / "editor"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    return environment(home, {"EDITOR": str(script), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})


async def test_it_says_how_each_vendor_is_set_up(home: Path) -> None:
    async with program(environment(home, {})) as user:
        await user.shows(
            "built-in sandbox: nothing leaves this machine", "Datadog +export DD_API_KEY=", "Opsgenie +export OPSGENIE_API_KEY="
        )
        await user.shows(r"config\.toml", "PMTUI_ACTOR", "d demo", "c configure", "f1 help", r"ctrl\+q leave")

        # help says how a key comes from a command
        await user.shows("see f1")
        await user.press("f1")
        await user.shows("api_key_command = ", "vault, op, …")
        await user.press("escape")

        # it fits a narrow window
        await user.resize(60, 20)
        shown = await user.shows("built-in sandbox")
        assert "PMTUI_ACTOR" in shown
        assert "config.toml" in shown.replace("\n", "")

        # a configuration is written where no editor can be shown
        await user.resize(80, 24)
        await user.shows("c configure")
        await user.press("c")
        await user.shows("pmtui again")
    path = home / "config" / "pmtui" / "config.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_of_several_profiles_one_is_chosen(home: Path, sandbox: Sandbox) -> None:
    async with program(environment(home, variables(sandbox.url))) as user:
        await user.shows("Profile", "datadog", "opsgenie", "enter selects")
        await user.press("escape")
        await user.shows("there are several profiles", "w choose a profile")
        await user.press("w")
        await user.shows("Profile", "enter selects")
        await user.type("opsg")
        await user.press("enter")
        await user.shows("pmtui  opsgenie", READ)


async def test_half_of_a_vendors_variables_is_named(home: Path) -> None:
    async with program(environment(home, {"DD_API_KEY": "x"})) as user:
        await user.shows("set DD_APP_KEY")


async def test_the_demo_starts_with_one_key(home: Path) -> None:
    async with program(environment(home, {})) as user:
        await user.shows("d demo")
        await user.press("d")
        await user.shows("datadog · sandbox", "IR-338 .*Checkout 5xx", READ)
        await user.into()
        await user.type("tried")
        await user.save()
        await user.press("escape")
        await user.shows("enter open")
        await user.press("w")
        await user.shows("opsgenie · sandbox")
    async with program(environment(home, {})) as user:
        await user.shows("d demo")
        await user.press("d")
        await user.into()
        assert "tried" in user.cells[0], "the demo's world is kept"


def test_the_configuration_opens_in_the_users_editor(home: Path) -> None:
    environ = editor(home, f'cp "$1" {home}/was; stat -c %a "$1" > {home}/mode; echo \'theme = "light"\' >> "$1"')
    with PtyScreen([sys.executable, "-m", "pmtui"], env=environ) as screen:
        screen.wait_for("c configure")
        screen.press("c")
        screen.wait_for("start pmtui again")
        (home / "mode").unlink()
        screen.press("c")
        end = time.monotonic() + PATIENCE
        while screen.exit_code is None and time.monotonic() < end:  # what is typed while the editor has the terminal is the editor's
            if (home / "mode").exists():
                screen.press("ctrl+q")
            screen.read(0.2)
            screen.ended()
        assert screen.wait_exit() == 0
    assert (home / "mode").read_text() == "600\n"
    assert "[profiles.NAME]" in (home / "was").read_text()
    written = (home / "config" / "pmtui" / "config.toml").read_text()
    assert written.count("theme") == 2, "what was written the first time was opened again, not begun anew"


async def test_a_dialog_before_the_server_is_reached_has_its_looks(sandbox: Sandbox, home: Path) -> None:
    """The styles of dialogs are read behind the list's first frame, and with the first dialog if that is earlier."""
    reached = threading.Event()

    def held(launch: Launch) -> Launch:
        def opened(name: str) -> Workspace:
            reached.wait(PATIENCE)
            return launch.open(name)

        return launch._replace(open=opened)

    try:
        async with using(home, sandbox, "opsgenie", change=held) as user:
            await user.shows("ctrl\\+p all")
            await user.press("f1")
            await user.shows(r"╭─+╮", r"╰─+╯")
            reached.set()
            await user.press("escape")
            await user.shows(READ)
    finally:
        reached.set()
