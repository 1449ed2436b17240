"""Answers that are deep, huge or no JSON: understood, or refused with the place, and never the end of the program."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from pmtui.cli.launching import variables_of
from pmtui.formats import strict_json
from pmtui.sandbox.server import Sandbox
from tests.attacks.planted import REFUSED, TAKEN, planted
from tests.cli.conftest import Shell
from tests.tui.user import READ, VENDORS, using
from tests.turns import in_turn

SOON = 4.0
"""Seconds of the processor for a command, the sandbox's own among them."""


@pytest.fixture(scope="module")
def references(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of an incident with a postmortem, by vendor."""
    found = {}
    for vendor in VENDORS:
        shell = Shell(tmp_path_factory.mktemp(vendor), dict(variables_of(vendor, sandbox.url)))
        found[vendor] = str(next(each for each in shell.json("incidents")["incidents"] if each["postmortem"])["reference"])
    return found


@pytest.mark.parametrize("vendor", in_turn(VENDORS))
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_go_back_is_not_understood(
    online: Shell, sandbox: Sandbox, references: dict[str, str], vendor: str, name: str
) -> None:
    """Each answer is read by the same function, whoever sent it."""
    value, words = REFUSED[name]
    ref = references[vendor]
    with planted(sandbox, value):
        for command in (("show", ref), ("pull", ref, str(online.home / "file.md")), ("set", ref, "title=x", "--yes")):
            started = time.process_time()
            done = online.run(*command, "--json")
            assert time.process_time() - started < SOON
            assert done.returncode == 12, (command, done.stdout, done.stderr)
            assert re.search(words, done.stdout + done.stderr), done.stderr
            assert "Traceback" not in done.stderr
    assert not (online.home / "file.md").exists()


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_only_odd_is_shown(online: Shell, sandbox: Sandbox, references: dict[str, str], vendor: str, name: str) -> None:
    """Opsgenie's documents are taken apart: one that is nested 150 levels deep is kept unread, the rest is shown."""
    ref = references[vendor]
    with planted(sandbox, TAKEN[name]):
        for command in (("show", ref), ("incidents",)):
            started = time.process_time()
            done = online.run(*command, "--json")
            assert time.process_time() - started < SOON
            assert done.returncode in (0, 14), (command, done.stderr)
            assert json.loads(done.stdout)["schema"] == 1


async def test_no_document_ends_the_screens(sandbox: Sandbox, vendor: str, home: Path) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.shows(READ)
        # One that is too deep is not shown.
        with planted(sandbox, REFUSED["300 levels"][0]):
            await user.press("enter")
            await user.shows(r"not understood|nested\s+more\s+than")
            await user.press("escape")
        # One that is only odd is edited, as any is.
        for value in (b"1", *(TAKEN[name] for name in ("100 levels", "4,000 digits", "a name of 300 kB"))):
            with planted(sandbox, value):
                await user.into("")
                await user.type("typed ")
                await user.shows("draft on disk|new on the server: ")
                assert any("typed " in each for each in user.cells)
                await user.press("ctrl+z")
                await user.no_longer_shows("draft on disk")
                assert not any("typed " in each for each in user.cells)
                await user.press("escape")
                await user.shows(READ)


@pytest.mark.parametrize("depth", [strict_json.DEEPEST, 1000, 100_000])
def test_depth_is_found_and_named_without_a_stack(depth: int) -> None:
    source = '{"a [": [1, "}", {"b": ' + "[" * depth + "]" * depth + "}]}"
    assert strict_json.deep_place(source) == "a [[2].b[0][0][0]"
    nested: object = 1
    for _ in range(depth):
        nested = [nested]
    assert strict_json.is_deep({"a": nested})


@pytest.mark.parametrize("source", ["0", "-0.0", "0e0", "0.000", "1e-300", "12.5", "1e22"])
def test_numbers_that_python_knows(source: str) -> None:
    assert strict_json.parse(source) == float(source)
