"""Read-only sends nothing but reads: in which ways it is ever asked for, and whatever command is run. Commands are found by walking.

``test_read_only_keys`` presses all keys.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import importlib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from pmtui.cli import runner
from pmtui.cli.context import READ_ONLY, Context
from pmtui.cli.launching import Launcher
from pmtui.cli.table import COMMANDS, module_of
from pmtui.config import Profile
from pmtui.sandbox.server import Sandbox
from tests.attacks.read_only import NETWORKED, WAYS, configure, reads_only
from tests.cli.conftest import Shell

SERVERS = frozenset({"demo", "sandbox"})
"""Commands that run until they are stopped, against nothing but themselves."""


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


def every_combination(*, in_file: bool) -> Iterator[frozenset[str]]:
    """The ways in which a profile can be read-only, one, some, or all of them at once. One of the environment has no key of its own."""
    ways = WAYS if in_file else WAYS[:-1]
    yield from (frozenset(chosen) for size in range(1, len(ways) + 1) for chosen in combinations(ways, size))


@pytest.mark.parametrize("in_file", [True, False], ids=["in the file", "of the environment"])
@pytest.mark.parametrize("vendor", NETWORKED)
def test_every_combination_is_one_and_the_same(
    shell: Shell, sandbox: Sandbox, vendor: str, in_file: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What commands and screens get does not tell in which ways it was asked for, so whatever they do in one they do in all.

    That is the profile, by which the backend and the workspace are made, and the launch, from which the screens are.
    """
    made: list[Context] = []

    class Kept(Context):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(runner, "Context", Kept)

    def told(ways: frozenset[str]) -> tuple[Profile, object, object, str]:
        """The profile and its keys, the launch but for its functions, and why nothing may be edited, as a command line has them."""
        words = configure(shell, sandbox, vendor, ways, in_file=in_file)
        done = shell.run("drafts", *words)
        assert done.returncode == 0, done.stderr
        context = made.pop()
        with Launcher(context) as launcher:
            launch = launcher.configured()
            workspace = launch.open(launch.start)
            asyncio.run(workspace.backend.aclose())
        values = {name: value for name, value in launch._asdict().items() if not callable(value)}
        values["environment"] = {name: value for name, value in launch.environment.items() if name != "PMTUI_READ_ONLY"}
        profile = context.config.profile(context.profile_name)
        keys = {name: each.get().reveal() for name, each in profile.credentials.items()}
        return dataclasses.replace(profile, credentials={}), keys, values, workspace.read_only

    writable, keys, launch, why_not = told(frozenset())
    assert keys and (writable.read_only, why_not) == (False, "")
    expected = dataclasses.replace(writable, read_only=True), keys, launch, f"read-only: {READ_ONLY}"
    tried = list(every_combination(in_file=in_file))
    assert len(tried) == (15 if in_file else 7)
    for ways in tried:
        assert told(ways) == expected, ways


COMMANDS_RUN = [*((way, NETWORKED[at % len(NETWORKED)]) for at, way in enumerate(WAYS[1:])), *((WAYS[0], name) for name in NETWORKED)]
"""The option with every vendor, which has the longest list of lines; each other way with one of them."""


@pytest.mark.parametrize(("way", "vendor"), COMMANDS_RUN)
def test_every_command(
    shell: Shell, sandbox: Sandbox, vendor: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """With the option every line of each command: commands know no vendor, so one of the vendors gets the first lines, but for --sweep."""
    monkeypatch.chdir(tmp_path)
    every_line = way == "option" and (vendor == COMMANDS_RUN[-1][1] or request.config.getoption("--sweep"))
    first = configure(shell, sandbox, vendor, frozenset({way}), in_file=way in ("configuration", "profile"))
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
