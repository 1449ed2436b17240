"""The process on a host that others share: what it imports, what its command line and its children show."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import pmtui
from pmtui.cli.launching import variables_of
from pmtui.cli.saving import _draft
from pmtui.sandbox.server import Sandbox
from pmtui.session.session import Session
from tests.cli.conftest import Shell
from tests.patience import PATIENCE
from tests.test_rooms import MODULES

PLANTED = ("textual", "rich", "pmtui", "pydantic", "markdown_it", "yaml", "merge3", "sniffio")
FILES = ("httpx", "json", "argparse", "encodings", "site", "sitecustomize", "usercustomize", "tomllib", "random")
HOSTILE = "8;touch ran;$(touch ran)#"
OWN = {("pmtui.tui.words", "infos[0].path.name"), ("pmtui.session.draft", "name")}
"""Names of our files: letters, digits and dashes, see `store/filenames`."""
EVIL = "import os; open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'imported'), 'a').write(__name__)\n"


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    """A working directory with modules of somebody else in it, named as those that we import."""
    folder = tmp_path / "hostile"
    for name in PLANTED:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(
            EVIL.replace("os.path.dirname(", "os.path.dirname(os.path.dirname(", 1).replace("))", ")))", 1)
        )
    for name in FILES:
        (folder / f"{name}.py").write_text(EVIL)
    return folder


def ways() -> list[list[str]]:
    script = Path(sys.executable).with_name("pmtui")
    return [[str(script)]] if script.exists() else []


@pytest.mark.parametrize("argv", ways(), ids=lambda argv: Path(argv[0]).name)
def test_nothing_is_imported_from_where_one_happens_to_be(shell: Shell, sandbox: Sandbox, hostile_folder: Path, argv: list[str]) -> None:
    shell.environ.update(variables_of("opsgenie", sandbox.url))
    done = subprocess.run(
        [*argv, "incidents", "--json"], cwd=hostile_folder, env=shell.full, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["incidents"]
    assert not list(hostile_folder.rglob("imported"))


def test_the_module_takes_the_working_directory_off_the_path_first() -> None:
    """``python -m pmtui`` has it first; Python itself has found the package by then."""
    lines = (Path(pmtui.__file__).parent / "__main__.py").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("from pmtui"))
    assert any("sys.path[0]" in line for line in lines[:first])


def test_a_key_command_sees_no_key(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    """Neither in its environment nor on a command line."""
    variables = variables_of("opsgenie", sandbox.url)
    key, seen = variables["OPSGENIE_API_KEY"], tmp_path / "seen"
    folder = shell.home / ".config" / "pmtui"
    folder.mkdir(parents=True)
    script = f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)) + open('/proc/self/cmdline').read()); print({key!r})"
    program = tmp_path / "key.py"
    program.write_text(script)
    (folder / "config.toml").write_text(
        f'[profiles.p]\nvendor = "opsgenie"\nbase_url = "{variables["PMTUI_OPSGENIE_URL"]}"\n'
        f'api_key_command = ["{sys.executable}", "{program}"]\n'
    )
    (folder / "config.toml").chmod(0o600)
    done = shell.run("incidents", "--profile", "p", DD_API_KEY="dd-secret-api-key", DD_APP_KEY="dd-secret-app-key", OPSGENIE_API_KEY="")
    assert done.returncode == 0, done.stderr
    assert seen.exists()
    assert key not in seen.read_text() and "dd-secret" not in seen.read_text()


@pytest.mark.parametrize("changed", [True, False])
def test_a_hint_that_is_pasted_quotes_the_reference(tmp_path: Path, changed: bool) -> None:
    """A server that names its incidents so has a shell in mind."""
    mine = SimpleNamespace(incident=SimpleNamespace(reference=HOSTILE))
    hints = re.findall(r"`(pmtui .*?)`", _draft(cast(Session, SimpleNamespace(mine=mine, changes=changed, unfinished=""))))
    assert hints
    for hint in hints:
        subprocess.run(["sh", "-c", hint.replace("pmtui", "true", 1)], cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)
        assert list(tmp_path.iterdir()) == [], hint


def test_every_hint_in_the_source_quotes_what_it_names() -> None:
    """In "`pmtui … {x}`" x is quoted, or is a file name of our own making."""
    bare = []
    for name, path in MODULES.items():
        for line in path.read_text("utf-8").splitlines():
            for words in re.findall(r"`pmtui [^`]*`", line):
                for inside in re.findall(r"\{([^{}]*)\}", words):
                    quoted = "quote(" in inside or re.search(rf"\b{re.escape(inside)} = (?:shlex\.)?quote\(", path.read_text("utf-8"))
                    if not quoted and (name, inside) not in OWN:
                        bare.append((name, inside))
    assert bare == []
