"""The list as it was last seen, on the terminal before the program is there: never a wrong one, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pmtui.cli.commands.program import screens
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.parsing import parsed
from pmtui.cli.table import SCREENS
from pmtui.sandbox.server import Sandbox
from pmtui.tui.terminal import kept_frame
from pmtui.tui.terminal.kept_frame import Asked, Frame, asked_by, find, keep, written
from tests.patience import PATIENCE
from tests.pty_screen import FreshPtyScreen, PtyScreen
from tests.tui.terminal_user import environment
from tests.tui.user import QUICK

STARTING = r"as it was .+ ago · starting…"
ASKED = Asked("prod", False)
SIZE = (12, 3)
KEY = "canary-4242-canary"


def frame() -> Frame:
    plain = ["0;97"] * 12
    rows = ([*"IR-1  Tills "], plain), (["結", "", *"  e", "é", *"      "], ["", "", *["1;31"] * 10]), ([" "] * 12, plain)
    return Frame(12, 3, rows, status=2, at=time.time() - 7300)


def surroundings(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "TERM": "xterm-256color", "DD_APP_KEY": KEY, **more}


def kept_file(home: Path) -> Path:
    (file,) = home.rglob("frames/*.json")
    return file


# ---- which frame --------------------------------------------------------------------------------------------------
def test_a_frame_is_found_as_it_was_kept(tmp_path: Path) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), ["DD_APP_KEY"])
    found = find(ASKED, surroundings(tmp_path), SIZE)
    assert found is not None
    assert found.rows == frame().rows
    assert found.status == 2


def test_it_is_private_and_holds_no_key(tmp_path: Path) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), ["DD_APP_KEY"])
    file = kept_file(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert KEY not in file.read_text()


@pytest.mark.parametrize(
    "other",
    [{"DD_APP_KEY": "of another account"}, {"TERM": "xterm"}, {"NO_COLOR": "1"}, {"PMTUI_DATADOG_URL": "http://[::1]:1"}, {"TZ": "UTC"}],
)
def test_another_environment_has_another_frame(tmp_path: Path, other: Mapping[str, str]) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), ["DD_APP_KEY"])
    assert find(ASKED, surroundings(tmp_path, **other), SIZE) is None


def test_a_start_that_paints_nothing_keeps_the_frame_for_the_next_one(tmp_path: Path) -> None:
    keep(frame(), ASKED, surroundings(tmp_path, PMTUI_PLAIN_START="1"), [])
    assert find(ASKED, surroundings(tmp_path), SIZE) is not None


@pytest.mark.parametrize("asked", [Asked("", False), Asked("stage", False), Asked("prod", True)])
def test_another_profile_has_another_frame(tmp_path: Path, asked: Asked) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    assert find(asked, surroundings(tmp_path), SIZE) is None
    kept_file(tmp_path).rename(kept_frame._path(asked, surroundings(tmp_path)))
    assert find(asked, surroundings(tmp_path), SIZE) is None


@pytest.mark.parametrize("size", [(12, 4), (13, 3), (80, 24)])
def test_another_size_has_none(tmp_path: Path, size: tuple[int, int]) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    assert find(ASKED, surroundings(tmp_path), size) is None


@pytest.mark.parametrize("changed", ["config.toml", "themes/dark.toml"])
def test_after_the_configuration_or_a_theme_has_changed_there_is_none(tmp_path: Path, changed: str) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    file = tmp_path / ".config" / "pmtui" / changed
    file.parent.mkdir(parents=True)
    file.write_text('theme = "light"')
    assert find(ASKED, surroundings(tmp_path), SIZE) is None


def test_another_version_has_another_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    monkeypatch.setattr(kept_frame, "__version__", "0.0")
    assert find(ASKED, surroundings(tmp_path), SIZE) is None


@pytest.mark.parametrize(
    "run", [["0", "\x1b[2J        "], ["0", "\x9b2J         "], ["0m\x1b[2J", "            "], [7, "            "], ["0", [["x"]]]]
)
def test_what_would_do_more_than_show_is_not_painted(tmp_path: Path, run: list[object]) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    file = kept_file(tmp_path)
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "rows": [[run], *kept["rows"][1:]]}))
    assert find(ASKED, surroundings(tmp_path), SIZE) is None


@pytest.mark.parametrize("damage", ["", "null", "[]", '{"names": 4}', "[" * 100_000, "\x00"])
def test_a_damaged_file_is_none(tmp_path: Path, damage: str) -> None:
    keep(frame(), ASKED, surroundings(tmp_path), [])
    kept_file(tmp_path).write_text(damage)
    assert find(ASKED, surroundings(tmp_path), SIZE) is None


def test_without_a_cache_nothing_is_kept(tmp_path: Path) -> None:
    keep(frame(), ASKED, surroundings(tmp_path, XDG_CACHE_HOME="/dev/null"), [])
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], Asked("", False)),
        (["--profile", "prod"], ASKED),
        (["-p", "prod", "--read-only"], Asked("prod", True)),
        (["--profile=prod"], ASKED),
        (["IR-338"], None),
        (["--profile"], None),
        (["--profile", "prod", "IR-338"], None),
        (["--json"], None),
        (["--profile", "--read-only"], None),
        (["--profile", "\udcff"], None),
        (["-p", "a", "--profile=b", "--read-only", "--read-only"], Asked("b", True)),
    ],
)
def test_only_the_list_is_painted(words: list[str], asked: Asked | None) -> None:
    """And opened without a parser, which would say the same of these words."""
    assert asked_by(words) == asked
    if asked is not None:
        arguments = parsed(SCREENS, screens, words)
        assert (arguments.profile or "", arguments.read_only, arguments.ref) == (*asked, "")


def test_what_is_no_terminal_is_not_painted_on(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with kept_frame.painted(ASKED, surroundings(tmp_path)):
        assert not kept_frame.is_painted()
    assert capfd.readouterr() == ("", "")


def test_colours_do_not_run_on(tmp_path: Path) -> None:
    assert written(frame()).endswith("\x1b[m")


# ---- on a terminal --------------------------------------------------------------------------------------------------
GATE = """
import os, sys, time
class Gate:
    def find_spec(self, name, path=None, target=None):
        if name == "textual":
            while not os.path.exists(os.environ["GATE"]):
                time.sleep(0.01)
            exec(open(os.environ["GATE"]).read())
sys.meta_path.insert(0, Gate())
"""
"""A stand-in for a slow machine: Textual is not loaded before there is a file, which may say what happens then."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def env(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a program that has shown its list before, and waits at the gate."""
    home = tmp_path_factory.mktemp("home")
    (home / "sitecustomize.py").write_text(GATE)
    env = {**environment("datadog", sandbox.url, home), "COLORTERM": "truecolor", "PYTHONPATH": str(home), "GATE": os.devnull}
    with run(env) as screen:
        screen.wait_for("IR-338")
        deadline = time.monotonic() + PATIENCE
        while not list(home.rglob("frames/*.json")):
            assert time.monotonic() < deadline, f"no frame was kept\n{screen.text}"
            screen.read(0.1)
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
    return env


def run(env: Mapping[str, str], columns: int = 80, rows: int = 24) -> PtyScreen:
    return FreshPtyScreen([sys.executable, "-m", "pmtui", "--profile", "datadog"], columns=columns, rows=rows, env=env)


@pytest.fixture
def start(env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., PtyScreen]]:
    """Starts the program before a gate that is shut."""
    started: list[PtyScreen] = []

    def start(columns: int = 80, **more: str) -> PtyScreen:
        started.append(run({**env, "GATE": str(tmp_path / "gate"), **more}, columns))
        return started[-1]

    yield start
    for screen in started:
        screen.close()


def line_settings(screen: PtyScreen) -> list[int]:
    """The flags of the terminal."""
    return [flags for flags in termios.tcgetattr(screen._fd)[:4] if isinstance(flags, int)]


def test_the_list_is_there_before_textual_and_then_only_what_differs_is_drawn(start: Callable[..., PtyScreen], tmp_path: Path) -> None:
    screen = start()
    screen.wait_for(STARTING)
    before = screen.text
    assert "IR-338  SEV-1  resolved" in before
    painted = len(screen.output)
    (tmp_path / "gate").write_text("")
    screen.wait_for(r"(?s)\A(?!.*starting…)")
    screen.settle(0.5)
    assert screen.text.splitlines()[2:20] == before.splitlines()[2:20]
    assert len(screen.output) - painted < 1000
    assert screen.output.count(b"\x1b[?1049h") == 1
    screen.press("ctrl+q")
    assert screen.wait_exit() == 0


def test_keys_that_were_typed_meanwhile_are_read_and_enter_opens_the_incident(start: Callable[..., PtyScreen], tmp_path: Path) -> None:
    screen = start()
    screen.wait_for(STARTING)
    screen.press("down", "\r")
    assert "▌ IR-338" in screen.text
    (tmp_path / "gate").write_text("")
    screen.wait_for(r"(?s)\A IR-337 .*cell 1 of \d+")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_start_that_is_ended_leaves_the_terminal_as_it_was(start: Callable[..., PtyScreen], number: signal.Signals) -> None:
    screen = start()
    screen.wait_for(STARTING)
    assert not line_settings(screen)[3] & termios.ECHO
    screen.kill(number)
    assert screen.wait_exit() == (ExitCode.INTERRUPTED if number == signal.SIGINT else -number)
    assert_restored(screen)


def assert_restored(screen: PtyScreen) -> None:
    for code in (b"\x1b[?1049l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b[?7h"):
        assert code in screen.output.rpartition("starting…".encode())[2], code


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        ("raise ImportError('no such thing')", ExitCode.BUG),
        ("from pmtui.config import ConfigError; raise ConfigError('no such thing')", ExitCode.USAGE),
    ],
)
def test_a_start_that_fails_says_so_on_the_terminal_as_it_was(
    start: Callable[..., PtyScreen], tmp_path: Path, happens: str, code: ExitCode
) -> None:
    screen = start()
    screen.wait_for(STARTING)
    (tmp_path / "gate").write_text(happens)
    assert screen.wait_exit() == code
    assert_restored(screen)
    assert b"no such thing" in screen.output.rpartition(b"\x1b[?1049l")[2]


@pytest.mark.parametrize(
    ("columns", "more"), [(81, {}), (80, {"PMTUI_PLAIN_START": "1"}), (80, {"TERM": "xterm"}), (80, {"DD_SITE": "us3"})]
)
def test_nothing_is_painted_in_another_window_or_where_it_is_not_wanted(
    start: Callable[..., PtyScreen], columns: int, more: dict[str, str], tmp_path: Path
) -> None:
    screen = start(columns, **more)
    (tmp_path / "gate").write_text("os.write(2, b'loading'); time.sleep(0.01); raise KeyboardInterrupt")
    screen.wait_exit()
    assert b"loading" in screen.output
    assert b"1049h" not in screen.output
