"""Read-only sends nothing but reads: whichever way it is asked for, whatever is run or pressed. Commands and keys are found by walking."""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.backends.registry import VENDORS
from pmtui.cli.launching import variables_of
from pmtui.cli.table import COMMANDS, module_of
from pmtui.sandbox.server import Sandbox
from pmtui.tui.screens.incidents import IncidentsScreen
from tests.cli.conftest import Shell
from tests.patience import PATIENCE
from tests.tui.stage import Stage, stage

WAYS = ("option", "variable", "configuration", "profile")
SERVERS = frozenset({"demo", "sandbox"})
"""Commands that run until they are stopped, against nothing but themselves."""
LEAVE = frozenset({"ctrl+q", "ctrl+c", "ctrl+z", "q"})


def reads_only(sandbox: Sandbox, since: int) -> list[str]:
    """What was asked for that is no read."""
    return [f"{each['method']} {each['path']}" for each in sandbox.requests[since:] if each["method"] != "GET"]


def set_up(shell: Shell, sandbox: Sandbox, vendor: str, way: str) -> list[str]:
    """Make this home read-only in one way; the words that come first on each line."""
    folder = shell.home / ".config" / "pmtui"
    folder.mkdir(parents=True)
    variables = variables_of(vendor, sandbox.url)
    shell.environ.update(variables)
    if way == "option":
        return ["--read-only"]
    if way == "variable":
        shell.environ["PMTUI_READ_ONLY"] = "1"
        return []
    named = [(key, names) for key, names in VENDORS[vendor].credentials.items() if any(map(variables.get, names))]
    keys = "".join(f'{key} = "{next(filter(None, map(variables.get, names)))}"\n' for key, names in named)
    base = next(value for name, value in variables.items() if name.endswith("_URL"))
    table = f'[profiles.mine]\nvendor = "{vendor}"\nbase_url = "{base}"\nactor = "jane.doe@example.com"\n{keys}'
    first = 'default = "mine"\n'
    text = f"{first}read_only = true\n{table}" if way == "configuration" else f"{first}{table}read_only = true\n"
    (folder / "config.toml").write_text(text)
    (folder / "config.toml").chmod(0o600)
    shell.environ.clear()
    return ["--profile", "mine"]


def lines(name: str, ref: str, folder: Path) -> Iterator[list[str]]:
    """A command as people would type it, made from what it says it takes: alone, then with each of its options."""
    parser = argparse.ArgumentParser(prog=name, allow_abbrev=False)
    importlib.import_module(module_of(name)).add_arguments(parser)
    positional = [action for action in parser._actions if not action.option_strings]
    options = [action for action in parser._actions if action.option_strings and action.dest != "help"]
    needed = [word for action in options if action.required for word in words_of(action, ref, folder)]
    base = [word for action in positional for word in words_of(action, ref, folder)]
    yield [*base, *needed]
    for choice in next((action.choices for action in positional if action.choices), ()):
        yield [str(choice), ref, "--yes"]
    yes = ["--yes"] if any("--yes" in action.option_strings for action in options) else []
    yield [*base, *needed, *yes]
    for action in options:
        if not action.required and "--yes" not in action.option_strings:
            yield [*base, *needed, *yes, *words_of(action, ref, folder)]


def words_of(action: argparse.Action, ref: str, folder: Path) -> list[str]:
    """An option or argument with a value that fits its name."""
    name = [action.option_strings[-1]] if action.option_strings else []
    if action.nargs == 0:
        return name
    metavar = str(action.metavar or action.dest).lower()
    if action.choices:
        value = str(next(iter(action.choices)))
    elif "=" in metavar:
        value = "title=Written although read-only"
    elif "file" in metavar:
        value = "-" if action.option_strings else str(folder / "postmortem.md")
    elif "dir" in metavar or "folder" in metavar:
        value = str(folder)
    elif metavar in ("n", "cell", "number", "count"):
        value = "1"
    else:
        value = ref
    return [*name, value]


def combinations() -> list[tuple[str, str]]:
    """The option with every vendor, which has the longest list of lines; each other way with one of them."""
    networked = [name for name, vendor in VENDORS.items() if vendor.url]
    return [*((way, networked[at % len(networked)]) for at, way in enumerate(WAYS[1:])), *((WAYS[0], name) for name in networked)]


@pytest.mark.parametrize(("way", "vendor"), combinations())
def test_every_command(
    shell: Shell, sandbox: Sandbox, vendor: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """With the option every line of each command: commands know no vendor, so one of the vendors gets the first lines, but for --sweep."""
    monkeypatch.chdir(tmp_path)
    every_line = way == "option" and (vendor == combinations()[-1][1] or request.config.getoption("--sweep"))
    first = set_up(shell, sandbox, vendor, way)
    listed = shell.json("incidents", *first)["incidents"]
    ref = next(str(each["reference"]) for each in listed if each["postmortem"])
    file = tmp_path / "postmortem.md"
    shell.run("pull", ref, str(file), *first)
    edited = file.read_text().replace("title: ", "title: Edited ", 1) + "\nEdited\n"
    tried = set()
    for name in sorted(COMMANDS.keys() - SERVERS - {"help"}):
        for number, line in enumerate(lines(name, ref, tmp_path)):
            if number and not every_line:
                continue
            file.write_text(edited)
            since = len(sandbox.requests)
            done = shell.run(name, *first, *line, stdin="Written although read-only\n", EDITOR="true", VISUAL="true")
            assert reads_only(sandbox, since) == [], [name, *line]
            assert "Traceback" not in done.stderr, (name, line, done.stderr)
            tried |= {name} if done.returncode == 9 else set()
    assert tried >= {"set", "edit", "delete", "push"}, "these are refused because of it, and not for another reason"


async def drive(user: Stage) -> int:
    """Press every key that the screen has, then the keys that say yes in whatever opens, and come back."""
    kind = type(user.app.screen)
    keys = sorted(user.app.screen.active_bindings.keys() - LEAVE)
    for key in keys:
        await user.press(key)
        for answer in ("enter", "y", "ctrl+s", "enter"):
            if isinstance(user.app.screen, kind):
                break
            await user.press(answer)
        end = time.monotonic() + PATIENCE
        while not isinstance(user.app.screen, kind):
            assert not user.app._exit and time.monotonic() < end, f"{key} led away\n{user.text}"
            # Out of a dialog, or back into the postmortem where a key has left it; what is being opened takes a moment.
            await user.press("enter" if isinstance(user.app.screen, IncidentsScreen) else "escape")
            await user.pilot.pause(0.02)
        assert not user.app._exit, f"{key} led away"
    return len(keys)


@pytest.mark.parametrize(("way", "vendor"), [("option", "opsgenie"), ("variable", "datadog")])
async def test_every_key(sandbox: Sandbox, vendor: str, home: Path, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # one of the keys writes the postmortem into a file
    since = len(sandbox.requests)
    more = {"EDITOR": "true", "VISUAL": "true"} | ({"PMTUI_READ_ONLY": "1"} if way == "variable" else {})
    async with stage(home, sandbox, vendor, read_only=way == "option", more=more) as user:
        await user.shows(r"read \d\d:\d\d")
        assert await drive(user) > 10
    async with stage(home, sandbox, vendor, read_only=way == "option", more=more) as user:
        await user.shows(r"read \d\d:\d\d")
        await user.press("enter")
        await user.shows(r"cell \d+ of \d+")
        await user.type("typed although read-only")
        assert await drive(user) > 20
    assert len(sandbox.requests) > since + 3
    assert reads_only(sandbox, since) == []
