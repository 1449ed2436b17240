"""A home directory, a sandbox and the command line, as for a user at a shell prompt."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli import runner
from pmtui.cli.launching import SANDBOXED, variables_of
from pmtui.cli.main import main
from pmtui.sandbox.server import Sandbox
from tests.patience import PATIENCE
from tests.turns import in_turn


class Terminal(io.TextIOWrapper):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Shell:
    """Runs pmtui. ``environ`` is its environment, besides PATH, HOME and a locale."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    stream: type[io.TextIOWrapper] = io.TextIOWrapper

    @property
    def full(self) -> dict[str, str]:
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return {**base, **self.environ}

    def run(self, *words: str, stdin: str | None = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run it in this process, which takes a tenth of the time of a new one. ``stdin`` None is closed."""
        buffers = (io.BytesIO(), io.BytesIO())
        out, err = (self.stream(buffer, encoding="utf-8", newline="") for buffer in buffers)
        with pytest.MonkeyPatch.context() as patch:
            wanted = {**self.full, **environ}
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            patch.setattr(runner, "harden", lambda: None)  # it would affect this process for good
            patch.setattr(sys, "stdin", None if stdin is None else self.stream(io.BytesIO(stdin.encode())))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            umask = os.umask(0o022)
            try:
                code = main(words)
            finally:
                os.umask(umask)
                out.flush()
                err.flush()
        texts = [buffer.getvalue().decode() for buffer in buffers]
        return subprocess.CompletedProcess(words, code, *texts)

    def at_terminal(self, *words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run it as at a terminal, with ``stdin`` typed."""
        return replace(self, stream=Terminal).run(*words, stdin=stdin, **environ)

    def process(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run it as a process of its own."""
        argv = [sys.executable, "-m", "pmtui", *words]
        return subprocess.run(argv, input="", capture_output=True, text=True, env={**self.full, **environ}, timeout=PATIENCE, check=False)

    def json(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    return Shell(home)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=8) as sandbox:
        yield sandbox


@pytest.fixture(params=in_turn(SANDBOXED))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def online(shell: Shell, sandbox: Sandbox, vendor: str) -> Shell:
    """A shell with the variables of one vendor of the sandbox."""
    shell.environ.update(variables_of(vendor, sandbox.url))
    return shell


Of = Callable[[str], None]


@pytest.fixture
def of(shell: Shell, sandbox: Sandbox) -> Of:
    """Sets the shell to one vendor of the sandbox, for tests about that vendor."""
    return lambda vendor: shell.environ.update(variables_of(vendor, sandbox.url))


@pytest.fixture
def one(shell: Shell, of: Of) -> Shell:
    """A shell with one vendor, for tests that do not depend on the vendor."""
    of("opsgenie")
    return shell
