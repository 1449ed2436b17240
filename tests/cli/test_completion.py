"""``pmtui completion``: what the shells then offer."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from pmtui.cli.commands.program.completion import SHELLS, words_of
from pmtui.cli.table import COMMANDS, TOPICS
from tests.cli.conftest import Shell
from tests.patience import PATIENCE


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_that_the_shell_understands(shell: Shell, name: str) -> None:
    done = shell.run("completion", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(command in done.stdout for command in COMMANDS)
    if shutil.which(name):
        checked = subprocess.run([name, "-n"], input=done.stdout, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def offered(script: str, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    line = " ".join(f"'{word}'" for word in ("pmtui", *words))
    asked = f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _pmtui; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_what_bash_offers(shell: Shell) -> None:
    script = shell.run("completion", "bash").stdout
    assert offered(script, "s") == [command for command in COMMANDS if command.startswith("s")]
    assert offered(script, "set", "IR-1", "--dry") == ["--dry-run"]
    assert offered(script, "--read-only", "drafts", "d") == ["discard"]
    assert offered(script, "help", "exi") == ["exit-codes"]
    assert offered(script, "completion", "") == [*SHELLS, "--profile", "--read-only", "--help"]


def test_every_option_is_offered() -> None:
    assert {"--cell", "--file", "--allow-empty", "--json"} <= set(words_of("edit"))
    assert set(TOPICS) <= set(words_of("help"))
