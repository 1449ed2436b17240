"""What somebody planted where we read and write: links, pipes, folders, endless files. Refused with a reason, and nothing is followed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.patience import PATIENCE

PRECIOUS = b"somebody else's words"
ENDLESS = 10 * 2**30
SECONDS = 20


@pytest.fixture(autouse=True)
def nothing_waits_for_ever() -> Iterator[None]:
    """A pipe that is opened waits for its other end: the alarm ends that."""

    def late(*_: Any) -> None:
        raise AssertionError("it waits for something that was planted")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "precious").write_bytes(PRECIOUS)
    return folder


def wait_for_the_cache() -> None:
    """A command that has ended in this process may still write it."""
    for thread in threading.enumerate():
        if thread.name == "write-behind":
            thread.join(PATIENCE)


def plant(kind: str, path: Path, outside: Path) -> None:
    wait_for_the_cache()
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    match kind:
        case "link":
            path.symlink_to(outside / "precious")
        case "dangling link":
            path.symlink_to(outside / "new")
        case "link to a folder":
            path.symlink_to(outside)
        case "hard link":
            os.link(outside / "precious", path)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "endless":
            path.touch()
            os.truncate(path, ENDLESS)


FILES = ("link", "dangling link", "hard link", "pipe", "folder", "endless")


def untouched(outside: Path) -> bool:
    return [each.name for each in outside.iterdir()] == ["precious"] and (outside / "precious").read_bytes() == PRECIOUS


def work(shell: Shell, ref: str, title: str) -> list[int]:
    """What writes most of our files; the exit codes."""
    lines = (("incidents",), ("show", ref), ("set", ref, f"title={title}", "--yes"), ("drafts",), ("recover",))
    codes = []
    for line in lines:
        done = shell.run(*line)
        assert "Traceback" not in done.stderr, (line, done.stderr)
        codes.append(done.returncode)
    return codes


@pytest.fixture(scope="module")
def first(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A home in which everything has been written once."""
    home = tmp_path_factory.mktemp("first") / "home"
    home.mkdir()
    shell = Shell(home, dict(variables_of("opsgenie", sandbox.url)))
    assert set(work(shell, shell.json("incidents")["incidents"][0]["reference"], "A first title")) == {0}
    wait_for_the_cache()
    return shell


@pytest.fixture(scope="module")
def ref(first: Shell) -> str:
    return str(first.json("incidents")["incidents"][0]["reference"])


@pytest.fixture
def empty(shell: Shell, first: Shell) -> Shell:
    """A home in which nothing was written yet."""
    shell.environ.update(first.environ)
    return shell


@pytest.fixture
def used(empty: Shell, first: Shell) -> Shell:
    """A home of one's own in which everything has been written once."""
    shutil.copytree(first.home, empty.home, dirs_exist_ok=True)
    return empty


def written(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.name != "home")


@pytest.mark.parametrize("kind", FILES)
def test_at_every_path_that_we_write(used: Shell, ref: str, outside: Path, kind: str) -> None:
    files = [path for path in written(used.home) if path.is_file()]
    assert len(files) > 4, "cache, index, audit log and what else there is"
    for path in files:
        plant(kind, path, outside)
    codes = work(used, ref, f"Another title by {kind}")
    assert set(codes) <= {0, 14, 18}, codes
    assert untouched(outside)


@pytest.mark.parametrize("kind", ["link to a folder", "pipe"])
def test_at_every_folder_that_we_write_into(used: Shell, ref: str, outside: Path, kind: str) -> None:
    folders = [path for path in written(used.home) if path.is_dir() and path.name not in (".local", ".cache", ".config", "state")]
    assert len(folders) > 2
    for number, folder in enumerate(sorted(folders, key=lambda path: len(path.parts), reverse=True)):
        plant(kind, folder, outside)
        codes = work(used, ref, f"Title {number} by {kind}")
        assert set(codes) <= {0, 14, 18}, (folder, codes)
        assert untouched(outside), folder


def test_nothing_is_readable_by_others_under_any_umask(empty: Shell, ref: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        work(empty, ref, "Under umask 0")
        empty.run("pull", ref, str(tmp_path / "pulled.md"))
    finally:
        os.umask(before)
    for path in written(empty.home):
        if path.name not in (".local", ".cache", ".config", "state"):
            assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", ["config.toml", "themes/mine.toml", "key"])
def test_configuration_themes_and_keys(shell: Shell, sandbox: Sandbox, outside: Path, kind: str, name: str) -> None:
    """The user's own files may be links of the user's; pipes, folders and endless files are refused at once."""
    folder = shell.home / ".config" / "pmtui"
    (folder / "themes").mkdir(parents=True)
    variables = variables_of("opsgenie", sandbox.url)
    text = f'theme = "mine"\n[profiles.p]\nvendor = "opsgenie"\nbase_url = "{variables["PMTUI_OPSGENIE_URL"]}"\napi_key_file = "key"\n'
    for each, content in (("config.toml", text), ("themes/mine.toml", ""), ("key", variables["OPSGENIE_API_KEY"])):
        (folder / each).write_text(content)
        (folder / each).chmod(0o600)
    plant(kind, folder / name, outside)
    for line in (("incidents",), ("doctor",), ("show", "#1")):
        done = shell.run(*line, "--profile", "p")
        assert "Traceback" not in done.stderr, done.stderr
        assert PRECIOUS.decode() not in done.stdout + done.stderr
        if name != "themes/mine.toml" and kind in ("pipe", "folder", "endless", "dangling link"):
            assert done.returncode != 0
    assert untouched(outside)


@pytest.mark.parametrize("kind", ["pipe", "endless", "folder", "dangling link"])
def test_a_theme_is_read_by_the_screens_without_waiting(shell: Shell, outside: Path, kind: str) -> None:
    from pmtui.tui.theme import load_themes

    folder = shell.home / "themes"
    folder.mkdir()
    plant(kind, folder / "mine.toml", outside)
    themes, problems = load_themes(folder)
    assert "mine" not in themes and len(themes) == len(load_themes()[0]), "ours are there as before"
    assert [problem.file.name for problem in problems] == ["mine.toml"] if kind != "dangling link" else True


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder", "endless", "dangling link"])
@pytest.mark.parametrize("command", ["pull", "push", "diff"])
def test_a_postmortem_file(empty: Shell, ref: str, outside: Path, tmp_path: Path, kind: str, command: str) -> None:
    """A file that the user names may be a link of the user's: it is read, and replaced as a file, never written through."""
    path = tmp_path / "postmortem.md"
    plant(kind, path, outside)
    words = [command, *([ref] if command == "pull" else []), str(path)]
    done = empty.run(*words)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode != 70
    assert ((outside / "precious").read_bytes() == PRECIOUS and kind != "dangling link") or not (outside / "new").exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"XDG_STATE_HOME": "", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""},
        {"XDG_STATE_HOME": "relative", "XDG_CACHE_HOME": "./relative", "XDG_CONFIG_HOME": "../relative"},
        {"XDG_STATE_HOME": "\n", "XDG_CACHE_HOME": "~", "XDG_CONFIG_HOME": "$HOME"},
        {"XDG_STATE_HOME": "/proc/self", "XDG_CACHE_HOME": "/dev/null", "XDG_CONFIG_HOME": "/dev/full"},
    ],
)
def test_odd_directories(empty: Shell, ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    work_in = tmp_path / "cwd"
    work_in.mkdir()
    monkeypatch.chdir(work_in)
    for line in (("incidents",), ("show", ref), ("drafts",)):
        done = empty.run(*line, **variables)
        assert "Traceback" not in done.stderr and done.returncode in (0, 2, 18), done.stderr
    assert list(work_in.iterdir()) == [], "nothing is written where one happens to be"


def test_the_root_as_a_home(empty: Shell) -> None:
    """A daemon's HOME. Nothing is made in the root, whoever runs it: commands work, and say what is not kept and why."""
    before = sorted(Path("/").iterdir())
    for home in ("/", "/proc"):
        listed = empty.run("incidents", "--json", HOME=home)
        assert listed.returncode == 0 and "Traceback" not in listed.stderr
    ref = json.loads(listed.stdout)["incidents"][0]["reference"]
    done = empty.run("set", ref, "title=Another", "--yes", HOME="/")
    assert done.returncode == 0 and "nothing is made in the root directory: set HOME" in done.stderr, "the server has it; no draft is kept"
    assert sorted(Path("/").iterdir()) == before
