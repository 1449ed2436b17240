"""Keys stay where they belong: not on the terminal, not in a file, not in a child's environment, not in arguments."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.pty_screen import FreshPtyScreen, PtyScreen
from tests.tui.headless_program import environment
from tests.tui.user import QUICK, VENDORS

UUID = "ca4a4900-cafe-4bad-8bad-5ec4e7c0ffee"
CANARIES = {
    "DD_API_KEY": "canary0000000000000000000000001",
    "DD_APP_KEY": "canary0000000000000000000000000000000002",
    "OPSGENIE_API_KEY": UUID,
}
EDITOR = """\
#!/bin/sh
env > "$CANARY_DIR/environment"
cat /proc/$PPID/cmdline > "$CANARY_DIR/arguments"
printf 'written outside' > "$1"
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Where the editor notes what it was given."""
    folder = tmp_path / "outside"
    folder.mkdir()
    script = folder / "editor"
    script.write_text(EDITOR)
    script.chmod(0o700)
    return folder


def shell(home: Path, vendor: str, url: str, outside: Path) -> dict[str, str]:
    """All three keys are in the environment, whatever the vendor: those of the other one leak as well."""
    variables = {**variables_of(vendor, url), **CANARIES, "VISUAL": str(outside / "editor"), "CANARY_DIR": str(outside)}
    return {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "COLUMNS": "120", "LINES": "40", **environment(home, variables)}


def leaked(data: bytes) -> list[str]:
    return [name for name, key in CANARIES.items() if key.encode() in data]


def assert_files_clean(*folders: Path) -> None:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    assert {str(path): found for path in files if (found := leaked(path.read_bytes()))} == {}


@pytest.mark.parametrize(("vendor", "screen"), [("datadog", FreshPtyScreen), ("opsgenie", PtyScreen)])
def test_the_screens_the_files_and_the_editor(
    sandbox: Sandbox, vendor: str, screen: type[PtyScreen], tmp_path: Path, outside: Path
) -> None:
    """The fresh one is a process of its own, whose arguments mean something."""
    home = tmp_path / "home"
    argv = [sys.executable, "-m", "pmtui", "--profile", vendor]
    with screen(argv, columns=120, rows=40, env=shell(home, vendor, sandbox.url, outside)) as user:
        user.wait_for(r"▌.*Checkout")
        user.press("f12")
        user.wait_for(r"\d\d:\d\d:\d\d +200 +\d+ ms +(GET|POST)\s+/")
        user.press("escape")
        user.settle(0.3)
        user.send("\r")
        user.wait_for(r"cell \d+ of \d+ · line \d+")
        user.press("ctrl+e")
        user.wait_for("written outside")
        user.press("ctrl+s")
        user.wait_for("enter send")
        user.press("enter")
        user.wait_for("saved · verified")
        user.type("more")
        user.wait_for("draft on disk")
        sandbox.fault("* * 401")
        user.press("ctrl+s")
        user.wait_for("401")
        user.press("f12")
        user.wait_for("401 ")
        with Path(f"/proc/{user.pid}/cmdline").open("rb") as arguments:
            assert leaked(arguments.read()) == []
        assert leaked(bytes(user.output)) == []
    assert "HOME=" in (outside / "environment").read_text()
    assert_files_clean(home, outside)


FAULTS = ("", "", "* * 401", "* * 403", "* * html", "* * truncate", "* * redirect https://elsewhere.example.com/", "* * 401")


@pytest.mark.parametrize(("vendor", "fault"), [(VENDORS[number % 2], fault) for number, fault in enumerate(FAULTS)])
def test_the_commands(sandbox: Sandbox, vendor: str, tmp_path: Path, outside: Path, fault: str) -> None:
    home = tmp_path / "home"
    if fault:
        sandbox.fault(fault)
    reference = "IR-316" if vendor == "datadog" else "#8"
    prompt = Shell(home, shell(home, vendor, sandbox.url, outside))
    for words in (("incidents", "--json"), ("show", reference), ("set", reference, "title=x"), ("doctor",)):
        done = prompt.at_terminal(*words, "--profile", vendor)
        assert done.stdout or done.stderr, words
        assert leaked((done.stdout + done.stderr).encode("utf-8", "surrogateescape")) == [], words
        assert "Traceback" not in done.stderr
    if not fault:  # the keys did go to the server: else this would find nothing, whatever the program did
        sent = repr([each["headers"] for each in sandbox.requests])
        assert all((key in sent) is ((name == "OPSGENIE_API_KEY") is (vendor == "opsgenie")) for name, key in CANARIES.items())
    if home.exists() and any(path.is_file() for path in home.rglob("*")):
        assert_files_clean(home)


def test_a_key_of_the_wrong_shape_is_not_repeated(tmp_path: Path, outside: Path) -> None:
    """Who pastes the wrong key gets its length, not the key."""
    environ = shell(tmp_path / "home", "opsgenie", "http://127.0.0.1:9", outside) | {"OPSGENIE_API_KEY": f"{UUID}-and-more"}
    done = Shell(tmp_path / "home", environ).at_terminal("incidents", "--profile", "opsgenie")
    assert done.returncode == 4
    assert "is not a key" in done.stdout + done.stderr
    assert leaked((done.stdout + done.stderr).encode("utf-8", "surrogateescape")) == []
