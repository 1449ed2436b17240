"""The commands on a postmortem whose save stopped half-way: they compare with the server, and finish what is owed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.gate import gate
from tests.patience import PATIENCE
from tests.tui.colleague import Colleague

SET_BACK = "#26 is set back to draft and must be published again"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30) as sandbox:
        yield sandbox


def stopped(shell: Shell, sandbox: Sandbox, path: str) -> None:
    """A published postmortem, whose save was stopped before this request was answered: it is set back to draft."""
    words = ["edit", "#26", "--cell", "Executive summary", "--file", "-"]
    with gate(sandbox, path, methods=("PUT",)) as answers:
        process = subprocess.Popen([sys.executable, "-m", "pmtui", *words], env=shell.full, stdin=subprocess.PIPE, text=True)
        assert process.stdin is not None
        process.stdin.write("They broke.\n")
        process.stdin.close()
        deadline = time.monotonic() + PATIENCE
        while not answers.held:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 11
    assert status(sandbox) == "draft"


def status(sandbox: Sandbox) -> str:
    """The status that the vendor has."""
    found = Colleague(sandbox, "opsgenie").postmortem("redis-sessions")
    return str(sandbox.opsgenie.state.postmortems[found]["status"])


@pytest.mark.parametrize("path", ["", "executive-summary"])
@pytest.mark.parametrize("words", [("publish", "#26"), ("status", "#26", "published"), ("set", "#26", "status=published")])
def test_what_a_stopped_save_set_back_is_published_by_the_first_command(
    one: Shell, sandbox: Sandbox, path: str, words: tuple[str, ...]
) -> None:
    stopped(one, sandbox, path)
    for _ in range(2):
        rehearsed = one.json(*words, "--dry-run")
        assert [change["title"] for change in rehearsed["changes"]] == ["Status  draft → published"], rehearsed
    done = one.run(*words)
    assert done.returncode == 0 and "nothing to change" not in done.stderr, done.stderr
    assert status(sandbox) == "published"


def test_a_command_about_another_part_finishes_the_save_too(one: Shell, sandbox: Sandbox) -> None:
    stopped(one, sandbox, "")
    done = one.run("set", "#26", "title=Another title")
    assert done.returncode == 0 and "Publish again" in done.stdout, done.stderr + done.stdout
    assert status(sandbox) == "published"


def test_with_nothing_to_change_it_is_said_that_the_save_is_not_finished(one: Shell, sandbox: Sandbox) -> None:
    stopped(one, sandbox, "executive-summary")
    for more in ([], ["--dry-run"]):
        done = one.run("status", "#26", "draft", *more)
        assert done.returncode == 0 and SET_BACK in done.stderr, done.stderr
    assert status(sandbox) == "draft"
