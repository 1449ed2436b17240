"""What pmtui tells of itself is true: help, the man page, the keys of its JSON, and what shells complete."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.cli.explaining.json_keys import OWN
from pmtui.cli.table import COMMANDS
from pmtui.display import width
from pmtui.store.cache import Cache
from tests.cli.conftest import Of, Shell
from tests.cli.test_completion import offered
from tests.cli.test_vendors import with_postmortem
from tests.patience import PATIENCE
from tests.turns import every_vendor


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "help"])
def test_help_ends_with_two_examples_that_parse(shell: Shell, command: str) -> None:
    lines = shell.run(command, "--help").stdout.rstrip().splitlines()
    examples = lines[lines.index("examples:") + 1 :]
    assert len(examples) >= 2
    for example in examples:
        assert re.search(rf"\bpmtui {command}\b", example)
        options = set(re.findall(r"(?<=\s)--[a-z-]+", example.partition("pmtui ")[2].split(" && ")[0]))
        assert options <= set(re.findall(r"--[a-z-]+", "\n".join(lines[: lines.index("examples:")])))


def test_the_man_page_has_every_command_and_option(shell: Shell) -> None:
    page = shell.run("help", "man").stdout
    assert page.startswith(".TH PMTUI 1 ")
    for command in COMMANDS:
        assert command == "help" or f".SS pmtui {command} " in page
    assert ".B \\-\\-allow\\-empty" in page and "UNHEALTHY" not in page
    assert not [line for line in page.splitlines() if line.startswith(".") and not re.match(r"\.(TH|SH|SS|TP|B|P|nf|fi|br)\b", line)]
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww", "-k"], input=page, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_the_keys_of_json_are_those_that_are_told(shell: Shell, of: Of, tmp_path: Path) -> None:
    of("opsgenie")
    ref, file = with_postmortem(shell)["reference"], tmp_path / "a.md"
    commands = {
        "incidents": [],
        "show": [ref],
        "status": [ref],
        "open": [ref],
        "pull": [ref, str(file)],
        "set": [ref, "title=Another title"],
        "push": [str(file)],
        "diff": [str(file)],
        "cell": ["delete", ref, "Impact", "--dry-run"],
        "edit": [ref, "--cell", "Impact", "--file", str(file)],
        "timeline": [ref],
        "export": [ref, str(tmp_path / "out")],
        "verify": [str(tmp_path / "out"), "--offline"],
        "drafts": [],
        "log": [],
        "themes": [],
        "doctor": ["--routes"],
        "delete": [ref, "--yes"],
        "create": [ref, "--yes"],
    }
    told = shell.run("help", "json").stdout
    for command, words in commands.items():
        done = shell.run(command, *words, "--json")
        assert done.returncode in (0, 1), done.stderr
        printed = json.loads(done.stdout)
        assert printed.keys() == OWN[command].keys(), command
        assert command in told and all(key in told for key in printed)
    assert OWN.keys() - commands.keys() <= {"adopt", "publish", "copy"}
    assert set(COMMANDS) - OWN.keys() == {"recover", "demo", "sandbox", "completion", "help"}


@pytest.fixture
def seen(online: Shell) -> str:
    """The reference of a postmortem that this computer has listed and read."""
    ref = str(online.json("incidents", "--limit", "1")["incidents"][0]["reference"])
    assert online.run("show", ref, "--cells").returncode == 0
    return ref.lstrip("#")


def completed(shell: Shell, *words: str) -> list[str]:
    return shell.run("completion", "words", "--", *words).stdout.split()


@every_vendor
def test_what_is_known_here_is_completed(online: Shell, seen: str, vendor: str) -> None:
    assert completed(online, "--profile", vendor[:3]) == [vendor]
    assert seen in completed(online, "show", "")
    assert seen in completed(online, "cell", "move", "") and completed(online, "cell", "") == []
    assert completed(online, "set", seen, "sev") == ["severity="]
    assert completed(online, "set", seen, "--dry-run", "severity=").pop().startswith("severity=")
    assert len(completed(online, "status", seen, "")) >= 3
    assert completed(online, "-p", "nothing", "show", "") == []
    assert online.run("completion", "words").returncode == 0


def test_foreign_words_reach_no_shell(online: Shell, seen: str, vendor: str) -> None:
    cache = Cache(online.home / ".cache/pmtui", vendor)
    found = cache.incidents()
    names = ["$(touch evil)", "a b", "IR-1;id", "IR-2\nIR-3", "`id`", "IR-9"]
    assert found is not None
    cache.keep_incidents([replace(found.incidents[0], reference=name) for name in names])
    assert set(completed(online, "show", "")) == {"IR-9", seen}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_asks_for_what_it_cannot_know(online: Shell, seen: str, tmp_path: Path) -> None:
    program = tmp_path / "pmtui"
    environ = " ".join(f"{name}='{value}'" for name, value in online.full.items() if name != "PATH")
    program.write_text(f'#!/bin/sh\nexec env {environ} {sys.executable} -m pmtui "$@"\n')
    program.chmod(0o700)
    script = f"PATH={tmp_path}:$PATH\n{online.run('completion', 'bash').stdout}"
    line = f"pmtui set {seen} severity="
    words = ["set", seen, "severity", "="]
    assert offered(f"{script}\nCOMP_LINE='{line}'; COMP_POINT={len(line)}", *words) == [
        each.partition("=")[2] for each in completed(online, "set", seen, "severity=")
    ]


def test_completion_loads_nothing_heavy(online: Shell, seen: str) -> None:
    heavy = "textual", "rich", "httpx", "pydantic"
    code = f"import sys; from pmtui.cli.main import main; main(); print(sorted(set(sys.modules) & set({heavy!r})), file=sys.stderr)"
    argv = [sys.executable, "-c", code, "completion", "words", "--", "set", seen, "sev"]
    done = subprocess.run(argv, env=online.full, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert (done.stdout, done.stderr) == ("severity=\n", "[]\n")


def test_help_fits_a_terminal_of_eighty_columns(shell: Shell) -> None:
    for words in (("help", "keys"), *((command, "--help") for command in COMMANDS)):
        lines = shell.run(*words, COLUMNS="80").stdout.partition("examples:")[0].splitlines()
        assert [line for line in lines if width(line) > 80] == [], words
