"""A path in the place of a reference or a profile: a folder of Markdown files needs no configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pmtui.cli.exit_codes import ExitCode
from tests.backends.folder.folders import BY_HAND, NAME, folder, tree
from tests.cli.conftest import Shell


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folder(tmp_path, other="# Other\n\nwords\n")


def test_the_whole_job_without_any_configuration(shell: Shell, root: Path) -> None:
    listed = shell.json("incidents", f"{root}/")
    assert [each["reference"] for each in listed["incidents"]] == ["other", "IR-338"]
    assert [each["reference"] for each in shell.json("incidents", str(root), "sev:1")["incidents"]] == ["IR-338"]
    shown = shell.json("show", str(root / NAME))
    assert shown["fields"]["severity"] == "SEV-1"
    done = shell.run("set", str(root / NAME), "severity=SEV-2", "owner=Mara López", "tags+=cache")
    assert done.returncode == 0, done.stderr
    done = shell.run("edit", str(root / NAME), "--cell", "Summary", "--file", "-", stdin="## Summary\n\nIt burnt.\n")
    assert done.returncode == 0, done.stderr
    assert "saved · verified" in done.stderr
    expected = BY_HAND.replace("SEV-1", "SEV-2").replace("Jane Doe <jane", "Mara López <mara").replace("It broke.", "It burnt.")
    assert (root / NAME).read_text() == expected.replace("\nx-team", "\ntags:\n  - cache\nx-team")
    assert shell.run("delete", "-p", str(root), "IR-338", "--yes").returncode == 0
    assert tree(root).keys() == {"other.md", ".pmtui/trash/.gitignore", f".pmtui/trash/{NAME}"}
    assert shell.run("show", "-p", str(root), "IR-338").returncode == ExitCode.MISSING


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(shell: Shell, root: Path) -> None:
    before = tree(root)
    done = shell.run("set", str(root / NAME), "severity=SEV-2", "--dry-run")
    assert done.returncode == 0 and f"write {NAME}" in done.stdout
    assert shell.run("set", str(root / NAME), "severity=SEV-1").returncode == 0
    assert shell.run("set", str(root / NAME), "severity=SEV-2", "--read-only").returncode == ExitCode.READ_ONLY
    assert tree(root) == before


def test_a_file_is_found_from_the_folder_it_is_in(shell: Shell, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    for words in ([f"./{NAME}"], [NAME], ["-p", ".", NAME], ["-p", "./", "IR-338"], ["-p", "../postmortems", "338"]):
        done = shell.run("show", *words)
        assert done.returncode == 0 and "Checkout 5xx" in done.stdout, (words, done.stderr)


def test_a_link_to_a_file_opens_that_file(shell: Shell, root: Path, tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(root / NAME)
    assert shell.run("set", str(tmp_path / "link.md"), "severity=SEV-2").returncode == 0
    assert (tmp_path / "link.md").is_symlink() and "SEV-2" in (root / NAME).read_text()


def test_the_top_of_the_folder_is_where_pmtui_keeps_its_own(shell: Shell, root: Path) -> None:
    (root / ".pmtui").mkdir()
    (root / "2026").mkdir()
    (root / NAME).rename(root / "2026" / NAME)
    planned = shell.run("set", str(root / "2026" / NAME), "severity=SEV-2", "--dry-run")
    assert f"write 2026/{NAME}" in planned.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "./no-such.md"], ExitCode.MISSING, "there is no such file or folder"),
        (["show", "/no/such/folder/"], ExitCode.MISSING, "there is no such file or folder"),
        (["incidents", "./no-such"], ExitCode.MISSING, "there is no such file or folder"),
        (["show", "./notes.txt"], ExitCode.USAGE, "neither a folder nor a Markdown file"),
        (["show", "."], ExitCode.USAGE, "nothing was given"),
        (["show", "-p", "./no-such", "IR-1"], ExitCode.MISSING, "No such file or directory"),
        (["show", "-p", "folder", "IR-1"], ExitCode.USAGE, "has no path: write it in the configuration"),
        (["show", "IR-338.md"], ExitCode.CREDENTIALS, "nothing is configured yet"),
    ],
)
def test_what_is_no_postmortem_is_told(
    words: list[str], code: int, said: str, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    done = shell.run(*words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_a_file_that_cannot_be_read_names_line_and_key(shell: Shell, root: Path) -> None:
    (root / "bad.md").write_text("---\ntitle: a\ntitle: b\n---\n")
    done = shell.run("show", str(root / "bad.md"), "--json")
    assert done.returncode == ExitCode.NOT_UNDERSTOOD and "line 3, title" in json.loads(done.stderr)["error"]["message"]
    done = shell.run("incidents", str(root))
    assert done.returncode == ExitCode.INCOMPLETE and "bad.md: line 3, title" in done.stderr and "IR-338" in done.stdout


def test_a_profile_and_its_path_have_the_same_drafts(shell: Shell, root: Path) -> None:
    config = shell.home / ".config" / "pmtui" / "config.toml"
    config.parent.mkdir(parents=True)
    (shell.home / "postmortems").symlink_to(root)
    config.write_text('[profiles.ours]\nvendor = "folder"\npath = "~/postmortems"\n')
    config.chmod(0o600)
    assert "IR-338" in shell.run("incidents").stdout
    assert shell.run("set", "IR-338", "severity=SEV-2").returncode == 0
    assert shell.run("show", str(root / NAME)).returncode == 0
    doctor = shell.run("doctor", "-p", str(root), "--json")
    checks = {each["name"]: each for each in json.loads(doctor.stdout)["checks"]}
    assert checks["profile"]["detail"].startswith("ours: Folder at ")
    assert checks["folder"]["detail"].endswith("2 postmortems")
