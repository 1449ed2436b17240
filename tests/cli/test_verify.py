"""``pmtui verify`` after an export that could not get everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell


@pytest.fixture
def account(shell: Shell) -> Iterator[Sandbox]:
    """An Opsgenie account with postmortems that its API does not name."""
    with Sandbox(incidents=10) as sandbox:
        shell.environ.update(variables_of("opsgenie", sandbox.url))
        yield sandbox


def unnamed(account: Sandbox) -> dict[str, str]:
    state = account.opsgenie.state
    return {key: each for key, each in state.postmortem_ids.items() if not state.incidents[key]["extraProperties"]}


def test_what_exists_and_was_not_found_is_named_until_it_is_deleted(
    shell: Shell, account: Sandbox, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    folder = str(tmp_path / "out")
    assert shell.run("export", "--all", folder).returncode == 14
    hidden = unnamed(account)
    for words in ((), ("--offline",), ("--exported-only",)):
        with subtests.test("it is named, and not the same", words=words):
            done = shell.run("verify", folder, *words)
            assert done.returncode == 14, done.stderr
            assert {line.split("\t")[3].rpartition("/")[2] for line in done.stdout.splitlines()[1:]} == set(hidden)
            assert "/.pmtui/not-found.html links to the incidents" in done.stderr and f"and {len(hidden)} not found" in done.stderr
            told = json.loads(shell.run("verify", folder, *words, "--json").stdout)
            assert not told["same"] and len(told["not_found"]) == len(hidden) and told["differences"] == []
    for identifier in hidden.values():
        account.opsgenie.state.remove_postmortem(identifier)
    done = shell.run("verify", folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_postmortem_that_failed_is_remembered_until_it_is_exported(shell: Shell, account: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    state = account.opsgenie.state
    incident, identifier = next((key, each) for key, each in state.postmortem_ids.items() if state.incidents[key]["extraProperties"])
    account.fault(f"GET /v2/postmortem/{identifier} 403")
    assert shell.run("export", "--all", folder).returncode == 14
    told = json.loads(shell.run("verify", folder, "--offline", "--json").stdout)
    assert not told["same"] and any("could not be exported" in each for each in told["missing"]), told
    account.clear_faults()
    told = json.loads(shell.run("verify", folder, "--json").stdout)
    assert (len(told["missing"]), told["differences"], told["unknown"]) == (1, [], []), "it is told once"
    shell.run("export", incident, folder)
    told = json.loads(shell.run("verify", folder, "--offline", "--json").stdout)
    assert told["missing"] == [] and len(told["not_found"]) == len(unnamed(account))


def test_a_postmortem_that_failed_and_was_deleted_since_is_not_missing_any_more(shell: Shell, account: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    state = account.opsgenie.state
    failed = next(each for key, each in state.postmortem_ids.items() if state.incidents[key]["extraProperties"])
    account.fault(f"GET /v2/postmortem/{failed} 403")
    assert shell.run("export", "--all", folder).returncode == 14
    account.clear_faults()
    for identifier in (failed, *unnamed(account).values()):
        state.remove_postmortem(identifier)
    done = shell.run("verify", folder)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_what_is_new_and_cannot_be_found_is_not_overlooked(shell: Shell, account: Sandbox, tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    hidden = unnamed(account)
    named = account.opsgenie.state.postmortems
    kept = {each: named.pop(each) for each in hidden.values()}
    states = {key: account.opsgenie.state.incidents[key] for key in hidden}
    for key in hidden:
        del account.opsgenie.state.incidents[key]
    assert shell.run("export", "--all", folder).returncode == 0
    named.update(kept)
    account.opsgenie.state.incidents.update(states)
    told = json.loads(shell.run("verify", folder, "--json").stdout)
    assert len(told["not_found"]) == len(hidden) and not told["same"]
