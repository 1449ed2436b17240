"""``pmtui sandbox`` and ``pmtui demo``: what a newcomer runs first."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import product
from pathlib import Path

import pytest

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import SANDBOX_KEY, SANDBOXED, Launcher, reset_demo
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.patience import PATIENCE
from tests.pty_screen import PtyScreen


@contextmanager
def running(shell: Shell, *words: str) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, str]]]]:
    """The command, and the variables that its lines export."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pmtui", "sandbox", *words], env=shell.full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        lines = [shlex.split(process.stdout.readline()) for _ in SANDBOXED]
        assert all(line[:1] == ["export"] for line in lines), process.stderr.read() if process.stderr else ""
        yield process, [dict(word.split("=", 1) for word in line[1:]) for line in lines]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def test_the_two_lines_are_all_it_takes(shell: Shell) -> None:
    with running(shell, "--incidents", "5") as (process, exports):
        assert has_token(exports) == [False, False]
        for variables, vendor in zip(exports, SANDBOXED, strict=True):
            shell.environ = dict(variables)
            assert len(shell.json("incidents")["incidents"]) == 5
            assert shell.json("doctor")["checks"][0]["state"] == "ok"
            assert any(name.startswith("PMTUI_") and vendor.upper() in name for name in variables)
        shell.environ = {**exports[0], **exports[1]}
        assert "choose with --profile" in shell.run("incidents").stderr
        for vendor in SANDBOXED:
            assert shell.run("incidents", "--profile", vendor).returncode == 0
    assert process.returncode == 0


def test_what_was_changed_is_there_the_next_time(shell: Shell, tmp_path: Path) -> None:
    state = str(tmp_path / "kept")
    titles = []
    for turn in range(2):
        with running(shell, "--state", state, "--incidents", "3") as (_, exports):
            for variables in exports:
                shell.environ = dict(variables)
                reference = shell.json("incidents")["incidents"][0]["reference"]
                if turn == 0:
                    assert shell.run("set", reference, "title=Kept over a restart").returncode == 0
                titles.append(shell.json("show", reference)["fields"]["title"])
    assert titles == ["Kept over a restart"] * 4


def test_a_killed_sandbox_has_every_change_that_it_answered(shell: Shell) -> None:
    """Nobody has reaped the killed one when the next begins."""

    def seen(reference: str, vendor: str) -> tuple[str, str]:
        shown = shell.json("show", reference, "--profile", vendor)
        return shown["fields"]["title"], shown["incident"]["created"]

    with running(shell, "--demo", "--incidents", "3") as (process, exports):
        shell.environ = {**exports[0], **exports[1]}
        before = {}
        for vendor in SANDBOXED:
            reference = shell.json("incidents", "--profile", vendor)["incidents"][0]["reference"]
            assert shell.run("set", reference, "title=Kept over a kill", "--profile", vendor).returncode == 0
            before[reference, vendor] = seen(reference, vendor)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with running(shell, "--demo", "--incidents", "3") as (_, again):
            shell.environ = {**again[0], **again[1]}
            assert {key: seen(*key) for key in before} == before
            assert {title for title, _ in before.values()} == {"Kept over a kill"}


def test_a_state_that_a_running_sandbox_uses_is_left_to_it(shell: Shell, tmp_path: Path) -> None:
    state = tmp_path / "home/.local/state/pmtui/sandbox"
    state.parent.mkdir(parents=True, mode=0o700)
    with Sandbox(state=state, incidents=3) as running_one:
        for words in (("--state", str(state)), ("--demo",)):
            done = shell.run("sandbox", *words)
            assert (done.returncode, done.stdout) == (10, "") and "a sandbox that is running uses" in done.stderr
        with Launcher(Context(shell.full, None)) as launcher, pytest.raises(CommandError, match="help demo"):
            launcher.demo()
        assert running_one.url
    with Sandbox(state=state, incidents=3) as again:
        assert again.url


SPOILED = ("{", "{}", "[]", '{"count": "x"}')


@pytest.mark.parametrize(("words", "content"), [(["demo"], "{"), *((["sandbox", "--state"], content) for content in SPOILED)])
def test_a_state_that_cannot_be_used_is_named(shell: Shell, tmp_path: Path, words: list[str], content: str) -> None:
    demo = words == ["demo"]
    state = Path(shell.full["HOME"]) / ".local" / "state" / "pmtui" / "sandbox" if demo else tmp_path / "kept"
    state.mkdir(parents=True, mode=0o700)
    (state / "datadog.json").write_text(content, encoding="utf-8")
    if not demo:
        done = shell.run(*words, str(state))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "datadog.json is not a sandbox's state" in done.stderr
        return
    with PtyScreen([sys.executable, "-m", "pmtui", "demo"], env=shell.full) as terminal:
        terminal.wait_for(r"datadog\.json\s+is\s+not\s+a")
        assert terminal.wait_exit() == 2


@pytest.mark.parametrize(("rule", "why"), [("PUT /v2/* delay 3", "no PUT request has such a path"), ("PUT * late 3", "there are STATUS")])
def test_a_fault_that_cannot_act_is_refused(shell: Shell, rule: str, why: str) -> None:
    done = shell.run("sandbox", "--fault", rule)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1) and why in done.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "1"])
def test_a_port_that_cannot_be_had_is_named(shell: Shell, port: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1]) if port == "1" else port
        done = shell.run("sandbox", "--port", number)
    assert done.returncode == 2
    assert f"port {number} of 127.0.0.1 cannot be used" in done.stderr


def test_the_address_has_a_token_when_it_is_to_have_one_and_faults_are_taken(shell: Shell) -> None:
    with running(shell, "--incidents", "1", "--token", "--fault", "GET * 404", "--fault", "POST * 404") as (_, exports):
        assert has_token(exports) == [True, True]
        shell.environ = dict(exports[0])
        assert shell.run("incidents").returncode == 3


def has_token(exports: list[dict[str, str]]) -> list[bool]:
    """Of the address of each vendor."""
    url = re.compile(r"http://127\.0\.0\.1:\d+(/\w{32})?")
    found = [url.fullmatch(value) for variables in exports for name, value in variables.items() if name.endswith("_URL")]
    assert len(found) == len(exports)
    return [each is not None and each[1] is not None for each in found]


REQUESTS = {
    "/api/v2/incidents": {"DD-API-KEY": "a", "DD-APPLICATION-KEY": "b"},
    "/v1/incidents": {"Authorization": f"GenieKey {SANDBOX_KEY}"},
}


def listening(pid: int) -> list[int]:
    """The TCP ports on which a process of this machine listens."""
    held = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[1].partition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]


def test_the_demo_needs_no_keys_and_shows_none_and_its_port_is_of_no_use_to_others(shell: Shell) -> None:
    shell.environ = {"DD_API_KEY": "canary-key", "OPSGENIE_API_KEY": "canary-key"}
    with PtyScreen([sys.executable, "-m", "pmtui", "demo"], env=shell.full) as terminal:
        terminal.wait_for("sandbox|127.0.0.1")
        terminal.wait_for("Checkout 5xx")
        ports = listening(terminal.pid) if Path("/proc/net/tcp").exists() else []
        assert len(ports) == Path("/proc/net/tcp").exists()
        for port, (path, keys) in product(ports, REQUESTS.items()):
            line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            line.request("GET", path, headers=keys)
            assert line.getresponse().status == 403
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"canary-key" not in terminal.output


@pytest.mark.parametrize("vendor", SANDBOXED)
def test_the_demo_opens_on_either_vendor_and_keeps_drafts(shell: Shell, vendor: str) -> None:
    argv = [sys.executable, "-m", "pmtui", "demo", "--profile", vendor]
    with PtyScreen(argv, env=shell.full) as terminal:
        terminal.wait_for("Checkout 5xx")
        terminal.press("enter")
        terminal.wait_for("Timeline")
        terminal.type("typed in the demo")
        terminal.wait_for(r"typed in the demo[\s\S]*draft on disk")
        terminal.kill(signal.SIGKILL)
        terminal.wait_exit()
    (draft,) = shell.json("drafts")["drafts"]
    assert (draft["profile"], draft["alive"]) == (f"demo-{vendor}", False)
    assert "typed in the demo" in shell.run("drafts", "show", draft["reference"]).stdout
    with PtyScreen([*argv, "--reset"], env=shell.full) as terminal:
        terminal.wait_for("Checkout 5xx")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert shell.json("drafts")["drafts"] == []


def test_a_demo_that_runs_is_not_reset(shell: Shell) -> None:
    context = Context(shell.full, None)
    (context.state / "sandbox").mkdir(parents=True)
    with Sandbox(state=context.state / "sandbox", incidents=2), pytest.raises(CommandError, match="a sandbox that is running uses") as busy:
        reset_demo(context)
    assert busy.value.code == ExitCode.BUSY and (context.state / "sandbox" / "datadog.json").exists()
    reset_demo(context)
    assert not (context.state / "sandbox").exists()


def test_an_unknown_profile_of_the_demo(shell: Shell) -> None:
    done = shell.run("demo", "--profile", "nope")
    assert done.returncode == 2
    assert re.search("the sandbox has no profile 'nope'; known: ", done.stderr)
