"""A postmortem as a file: pulled, edited, compared, pushed, and what happens when the server changed meanwhile."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes


@pytest.fixture
def file(online: Shell, tmp_path: Path) -> Path:
    """The newest postmortem as a file."""
    path = tmp_path / "postmortem.md"
    done = online.run("pull", with_postmortem(online)["id"], str(path))
    assert (done.returncode, done.stdout) == (0, f"{path}\n"), done.stderr
    return path


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def last_heading(file: Path) -> str:
    return str(re.findall(r"^## .*$", file.read_text("utf-8"), re.MULTILINE)[-1])


def title_field(file: Path) -> str:
    found = re.search(r"^title: (.*)$", file.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_pulled_file_is_what_the_server_has(online: Shell, file: Path, sandbox: Sandbox) -> None:
    before, asked = file.read_bytes(), len(sandbox.requests)
    assert online.run("diff", str(file)).returncode == 0
    again = online.run("pull", with_postmortem(online)["id"], str(file))
    assert (again.returncode, again.stderr) == (0, "pmtui: nothing changed\n")
    pushed = online.run("push", str(file), "--yes")
    assert (pushed.returncode, pushed.stderr) == (0, "pmtui: nothing to change: the server has it already\n")
    assert file.read_bytes() == before
    assert [each for each in writes(sandbox) if each] == []
    assert len(sandbox.requests) > asked


def test_a_file_says_which_of_several_profiles_is_meant(online: Shell, file: Path, sandbox: Sandbox) -> None:
    for vendor in ("datadog", "opsgenie"):
        online.environ.update(variables_of(vendor, sandbox.url))
    assert "there are several profiles" in online.run("incidents").stderr
    assert online.run("diff", str(file)).returncode == 0
    replace(file, title_field(file), "A title of the file")
    assert online.run("diff", str(file)).returncode == 1
    done = online.run("push", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    place = re.search(r"^  place: .*$", file.read_text("utf-8"), re.MULTILINE)
    assert place is not None
    replace(file, place[0], "  place: elsewhere")
    for words in (["diff", str(file)], ["push", str(file), "--yes"]):
        refused = online.run(*words)
        assert refused.returncode == 2 and "there are several profiles" in refused.stderr, "no profile is of that place"


def test_an_edit_is_pushed_once(online: Shell, file: Path, sandbox: Sandbox) -> None:
    replace(file, last_heading(file), f"{last_heading(file)}\n\nWritten in git.")
    replace(file, title_field(file), "A title of the file")
    differs = online.run("diff", str(file), "--json")
    assert differs.returncode == 1
    assert len(json.loads(differs.stdout)["changes"]) == 2
    planned = online.run("push", str(file), "--dry-run")
    assert planned.returncode == 0 and "+ Written in git." in planned.stdout
    assert writes(sandbox) == []
    done = online.run("push", str(file), "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verified"] is True
    count = len(writes(sandbox))
    assert online.run("diff", str(file)).returncode == 0
    assert online.run("push", str(file)).returncode == 0
    assert len(writes(sandbox)) == count
    shown = online.json("show", with_postmortem(online)["id"])
    assert any("Written in git." in cell["text"] for cell in shown["cells"])
    assert shown["fields"]["title"] == "A title of the file"


def test_both_sides_are_merged(online: Shell, file: Path) -> None:
    replace(file, last_heading(file), f"{last_heading(file)}\n\nWritten in git.")
    incident = with_postmortem(online)
    assert online.run("set", incident["id"], "title=A title of the web").returncode == 0
    pulled = online.run("pull", incident["id"], str(file))
    assert pulled.returncode == 0, pulled.stderr
    assert title_field(file) == "A title of the web" and "Written in git." in file.read_text("utf-8")
    assert online.run("push", str(file)).returncode == 0
    assert online.json("show", incident["id"])["fields"]["title"] == "A title of the web"


def test_a_conflict_leaves_file_and_server_as_they_were(online: Shell, file: Path, sandbox: Sandbox) -> None:
    incident = with_postmortem(online)
    replace(file, title_field(file), "A title of the file")
    assert online.run("set", incident["id"], "title=A title of the web").returncode == 0
    before, sent = file.read_bytes(), len(writes(sandbox))
    for command in (["push", str(file)], ["pull", incident["id"], str(file)]):
        done = online.run(*command)
        assert done.returncode == 5 and "Title" in done.stderr, done.stderr
    assert file.read_bytes() == before
    assert len(writes(sandbox)) == sent
    assert online.run("drafts", "--json").stdout.count("reference") == 0
    assert online.run("push", str(file), "--mine").returncode == 0
    assert online.json("show", incident["id"])["fields"]["title"] == "A title of the file"


def test_a_file_whose_base_is_lost_overwrites_nobody(online: Shell, file: Path, sandbox: Sandbox) -> None:
    incident = with_postmortem(online)
    replace(file, title_field(file), "A title of the file")
    for base in (online.home / ".local/state/pmtui/bases").iterdir():
        base.unlink()
    assert online.run("push", str(file), "--dry-run").returncode == 0, "the server is still at that hash"
    assert online.run("set", incident["id"], "title=A title of the web").returncode == 0
    sent = len(writes(sandbox))
    done = online.run("push", str(file))
    assert done.returncode == 5 and "not on this computer" in done.stderr
    assert len(writes(sandbox)) == sent


def test_a_folder_of_postmortems_keeps_its_bases(online: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "postmortems"
    (folder / ".pmtui").mkdir(parents=True)
    assert online.run("pull", with_postmortem(online)["id"], str(folder / "a.md")).returncode == 0
    assert len(list((folder / ".pmtui" / "base").iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("## Summary\n", 17, "names no incident"),
        ("---\ntitle: a\ntitle: b\n---\n", 8, "line 3, title: this key is here twice"),
        ("---\ntitle: a\n", 8, "no end"),
    ],
)
def test_a_file_that_cannot_be_taken(online: Shell, tmp_path: Path, text: str, code: int, said: str) -> None:
    path = tmp_path / "x.md"
    path.write_text(text)
    done = online.run("push", str(path))
    assert done.returncode == code and said in done.stderr, done.stderr
    assert path.read_text() == text


def test_a_field_of_the_wrong_shape_is_named(online: Shell, file: Path, sandbox: Sandbox) -> None:
    replace(file, f"title: {title_field(file)}", "title: [a, b]")
    done = online.run("push", str(file))
    assert done.returncode == 8 and "title: write one value, not a list" in done.stderr, done.stderr
    assert writes(sandbox) == []


def test_another_incident_does_not_come_into_the_file(online: Shell, file: Path) -> None:
    before = file.read_bytes()
    other = online.json("incidents")["incidents"][1]
    done = online.run("pull", other["id"], str(file))
    assert done.returncode == 5 and "nothing was written" in done.stderr
    assert file.read_bytes() == before


def test_a_value_that_cannot_be_is_not_pushed(online: Shell, file: Path, sandbox: Sandbox) -> None:
    replace(file, f"title: {title_field(file)}", 'title: ""')
    before = file.read_bytes()
    done = online.run("push", str(file))
    assert done.returncode == 8, done.stderr
    assert "title: Title must not be empty; nothing was sent" in done.stderr
    assert writes(sandbox) == []
    assert file.read_bytes() == before
    assert online.json("drafts")["drafts"] == []


def test_a_choice_that_is_none_is_not_pushed(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    path = tmp_path / "postmortem.md"
    assert shell.run("pull", with_postmortem(shell)["id"], str(path)).returncode == 0
    found = re.search(r"^detection_method: .*$", path.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    replace(path, found[0], "detection_method: guesswork")
    done = shell.run("push", str(path))
    assert done.returncode == 8, done.stderr
    assert "detection_method: " in done.stderr and "cannot be 'guesswork'" in done.stderr
    assert writes(sandbox) == []
    assert shell.json("drafts")["drafts"] == []


@pytest.mark.parametrize("own", ["", "Written in git."])
def test_push_says_what_the_file_has_from_others(online: Shell, file: Path, own: str) -> None:
    incident = with_postmortem(online)
    cells = online.json("show", incident["id"])["cells"]
    if own:
        replace(file, last_heading(file), f"{last_heading(file)}\n\n{own}")
    assert online.run("set", incident["id"], "title=A title of the web").returncode == 0
    number = next(number for number, cell in enumerate(cells, 1) if cell["kind"] == "markdown" and cell["text"].strip())
    text = f"{cells[number - 1]['text']}\n\nWritten on the web.\n"
    edited = online.run("edit", incident["id"], "--cell", str(number), "--file", "-", stdin=text)
    assert edited.returncode == 0, edited.stderr
    planned = online.run("push", str(file), "--dry-run")
    assert "others" not in planned.stderr, "nothing is written in a dry run"
    done = online.run("push", str(file))
    assert done.returncode == 0, done.stderr
    assert f"{file} now has what others changed: Title, {cells[number - 1]['title']}\n" in done.stderr
    assert title_field(file) == "A title of the web" and "Written on the web." in file.read_text("utf-8")
    again = online.run("push", str(file))
    assert "others" not in again.stderr


def test_push_says_in_json_what_the_file_has_from_others(online: Shell, file: Path) -> None:
    incident = with_postmortem(online)
    replace(file, last_heading(file), f"{last_heading(file)}\n\nWritten in git.")
    assert online.run("set", incident["id"], "title=A title of the web").returncode == 0
    assert online.json("push", str(file))["file"] == {"path": str(file), "written": True, "from_others": ["Title"]}
    assert online.json("push", str(file))["file"] == {"path": str(file), "written": False, "from_others": []}


@pytest.fixture
def datadog(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> tuple[Shell, Path]:
    """A shell, and a file that was pulled from a vendor whose parts can be unreadable one by one."""
    shell.environ.update(variables_of("datadog", sandbox.url))
    path = tmp_path / "postmortem.md"
    assert shell.run("pull", "IR-316", str(path)).returncode == 0
    return shell, path


def said(text: str) -> list[str]:
    """The lines of a file, but when it was read and from what."""
    return [line for line in text.splitlines() if not re.match(r"  (read|base): ", line)]


@pytest.mark.parametrize("fault", ["GET /api/v1/notebooks/* 403", "GET /api/v2/incidents/*/relationships/todos 403"])
def test_a_part_that_cannot_be_read_does_not_vanish_from_the_file(datadog: tuple[Shell, Path], sandbox: Sandbox, fault: str) -> None:
    shell, file = datadog
    replace(file, last_heading(file), f"{last_heading(file)}\n\nWritten in git.")
    before, sent = file.read_text("utf-8"), len(writes(sandbox))
    sandbox.fault(fault)
    assert shell.run("pull", "IR-316", str(file)).returncode == 14
    assert said(file.read_text("utf-8")) == said(before)
    compared = shell.run("diff", str(file))
    assert compared.returncode == 14
    if "notebooks" in fault:
        assert "new" not in compared.stdout
        pushed = shell.run("push", str(file), "--theirs")
        assert pushed.returncode == 14 and "could not be read" in pushed.stderr, pushed.stderr
        assert len(writes(sandbox)) == sent
    assert shell.run("pull", "IR-316", str(file), "--theirs").returncode == 14
    kept = file.read_text("utf-8")
    assert ("Written in git." in kept) is ("notebooks" in fault)
    assert "action_items:" in kept and last_heading(file) in kept
    sandbox.clear_faults()
    assert shell.run("push", str(file)).returncode == 0


def test_what_a_push_left_in_the_draft_is_pushed_again(online: Shell, file: Path, sandbox: Sandbox) -> None:
    replace(file, last_heading(file), f"{last_heading(file)}\n\nWritten in git.")
    before = file.read_bytes()
    sandbox.fault("PUT * 500")
    assert online.run("push", str(file)).returncode not in (0, 1, 2)
    assert file.read_bytes() == before
    sandbox.clear_faults()
    again = online.run("push", str(file))
    assert again.returncode == 0 and "verified" in again.stderr, again.stderr
    shown = online.json("show", with_postmortem(online)["id"])
    assert any("Written in git." in cell["text"] for cell in shown["cells"])
    assert "Written in git." in file.read_text("utf-8")
