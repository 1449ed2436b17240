from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pmtui import __version__
from pmtui.cli.exit_codes import MEANINGS, ExitCode
from pmtui.cli.table import COMMANDS, TOPICS
from tests.cli.conftest import Shell
from tests.patience import PATIENCE


def test_version_and_help(shell: Shell) -> None:
    assert shell.run("--version").stdout == f"pmtui {__version__}\n"
    overview = shell.run("--help").stdout
    assert shell.run("-h").stdout == shell.run("help").stdout == overview
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", overview, re.MULTILINE)
    assert max(map(len, overview.splitlines())) <= 80


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "help"])
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    done = shell.run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: pmtui {command} ")
    assert shell.run("help", command).stdout == done.stdout
    assert "--api-key" not in done.stdout, "no secret on the command line, where everybody on the host can read it"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_explained(shell: Shell, topic: str) -> None:
    done = shell.run("help", topic)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) >= 3
    assert topic == "man" or [line for line in done.stdout.splitlines() if len(line) > 80] == []


def test_the_exit_codes_are_published(shell: Shell) -> None:
    listed = [line.split()[:2] for line in shell.run("help", "exit-codes").stdout.partition("\n\n")[0].splitlines() if line[:4].strip()]
    assert listed == [[str(code.value), code.kind] for code in ExitCode]
    assert len(set(MEANINGS.values())) == len(ExitCode)
    assert (ExitCode.OK, ExitCode.NO, ExitCode.USAGE, ExitCode.CREDENTIALS, ExitCode.INTERRUPTED) == (0, 1, 2, 4, 130)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["incidents", "--limit", "0"], 2, "must be a number, at least 1"),
        (["incidents", "--nonsense"], 2, "unrecognized arguments"),
        (["show"], 2, "REF"),
        (["help", "nonsense"], 2, "no help on 'nonsense'"),
        (["incidnets"], 2, "did you mean 'incidents'?"),
        (["--profile", "x", "incidents"], 2, "there is no profile 'x'"),
        (["incidents"], 4, "nothing is configured yet"),
        (["drafts", "show", "IR-1"], 3, "there is no draft of IR-1"),
        (["recover", "IR-1"], 3, "there is no draft of IR-1"),
        (["set", "IR-1", "severity"], 2, "'severity' is not FIELD=VALUE"),
        (["sandbox", "--fault", "nonsense"], 2, "nonsense"),
        (["sandbox", "--set", "nonsense=1"], 2, "nonsense"),
        (["edit", "IR-1", "--cell", "1", "--file", "/no/such/file"], 18, "/no/such/file: No such file"),
    ],
)
def test_mistakes_have_one_line_and_a_code(shell: Shell, words: list[str], code: int, said: str) -> None:
    done = shell.run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_errors_are_json_where_json_is_asked_for(shell: Shell) -> None:
    done = shell.run("incidents", "--json")
    error = json.loads(done.stderr)
    assert error["schema"] == 1
    assert error["error"]["exit_code"] == done.returncode == 4
    assert "nothing is configured yet" in error["error"]["message"]


def test_as_a_process_of_its_own(shell: Shell) -> None:
    done = shell.process("incidents")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == shell.run("incidents").stderr


def test_the_profile_may_stand_before_and_after_the_command(shell: Shell) -> None:
    before, after = shell.run("--profile", "nope", "incidents"), shell.run("incidents", "--profile", "nope")
    assert before.stderr == after.stderr
    assert "'nope'" in before.stderr
    assert shell.run("--profile=nope", "incidents").stderr == before.stderr


@pytest.mark.parametrize("words", [[], ["IR-1"], ["demo"], ["--read-only"]])
def test_the_screens_need_a_terminal(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert "standard input is not a terminal" in done.stderr
    assert "pmtui incidents" in done.stderr


def test_a_mistake_in_the_configuration_is_one_line(shell: Shell) -> None:
    file = shell.home / "config.toml"
    file.write_text("theem = 'x'\n")
    done = shell.run("incidents", PMTUI_CONFIG=str(file))
    assert done.returncode == 2
    assert done.stderr == f"pmtui: {file}:1: theem: unknown key; did you mean 'theme'?\n"


def test_a_reader_that_has_seen_enough_is_no_error(shell: Shell) -> None:
    environ = {**shell.full, "PYTHONUNBUFFERED": "1"}
    script = f"{sys.executable} -m pmtui --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environ, check=True)
    assert done.stderr == ""
    assert "Traceback" not in done.stdout


def test_ctrl_c_ends_quietly(shell: Shell, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    argv = [sys.executable, "-m", "pmtui", "edit", "IR-1", "--cell", "1", "--file", str(fifo)]
    process = subprocess.Popen(argv, env=shell.full, stderr=subprocess.PIPE, text=True)
    with fifo.open("w"):  # opens when the command reads it, which waits for text that does not come
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (130, "")


def test_ctrl_c_while_a_module_is_loaded_has_the_same_exit_code(tmp_path: Path) -> None:
    """Loading makes code of text (dataclasses do): CPython would end by SIGINT then, even when the interrupt was caught."""
    interrupted = "def interrupted(words): exec('raise KeyboardInterrupt')\n"
    (tmp_path / "sitecustomize.py").write_text(f"from pmtui.cli import main\n{interrupted}main._dispatch = interrupted\n")
    done = subprocess.run([sys.executable, "-m", "pmtui"], env={**os.environ, "PYTHONPATH": str(tmp_path)}, timeout=PATIENCE)
    assert done.returncode == ExitCode.INTERRUPTED


def test_a_process_that_knows_secrets_shuts_itself(shell: Shell) -> None:
    code = """
import ctypes, os, resource
from pmtui.cli.context import Context
from pmtui.cli.process import harden
harden()
config = Context(os.environ, None).config
print(config.profile().credentials["api_key"].get().reveal(), sorted(name for name in os.environ if "KEY" in name))
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    environ = {**shell.full, "OPSGENIE_API_KEY": "known", "DD_APP_KEY": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "known []\n0 0\n", "no secret is inherited, no core is dumped, no other process reads our memory"
