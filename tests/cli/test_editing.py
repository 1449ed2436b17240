"""``edit`` and ``cell``: the whole postmortem in an editor, and sections by files."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """A program in the place of an editor: what it does is written into it."""
    path = tmp_path / "an editor"
    path.touch(mode=0o700)
    return path


def does(editor: Path, script: str) -> str:
    """$EDITOR, which runs this script with the file as its first argument."""
    editor.write_text(f"#!/bin/sh\n{script}\n")
    return shlex.quote(str(editor))


def kept(shell: Shell) -> list[Path]:
    return sorted((shell.home / ".local/state/pmtui/edit").glob("edit-*/*.md"))


def test_the_whole_postmortem_goes_through_the_editor(online: Shell, sandbox: Sandbox, editor: Path) -> None:
    ref = with_postmortem(online)["reference"]
    before = online.json("show", ref)
    words = f"Written{' outside' * 20}."
    run = does(editor, f"sed -i -e 's/^title: .*/title: A title of the editor/' -e 's/^##* Timeline$/&\\n\\n{words}/' \"$1\"")
    asked = online.at_terminal("edit", ref, EDITOR=run, stdin="n\n")
    assert (asked.returncode, writes(sandbox)) == (2, [])
    assert "[y/N]" in asked.stderr
    rows = [row for row in asked.stdout.splitlines() if "outside" in row]
    assert len(rows) > 1 and all(row.startswith("  + ") for row in rows), "no row of a new line reads as an unchanged one"
    assert " ".join(row.removeprefix("  + ") for row in rows) == words
    (file,) = kept(online)
    assert f"what you wrote stays in {file}" in " ".join(asked.stderr.split()), "told in rows, on a terminal"
    assert online.run("push", str(file), "--dry-run").returncode == 0, "what was not sent then can be pushed"
    done = online.at_terminal("edit", ref, EDITOR=run, stdin="y\n")
    assert done.returncode == 0, done.stderr
    after = online.json("show", ref)
    assert after["fields"] == {**before["fields"], "title": "A title of the editor"}
    assert [cell for cell in after["cells"] if words in cell["text"]]
    assert kept(online) == [file], "only the file that was not sent is left"


@pytest.mark.parametrize(
    ("script", "code", "said", "left"),
    [
        ("true", 0, "nothing to change", 0),
        ("exit 3", 2, "the editor ended with code 3: nothing was sent", 0),
        ('echo x >> "$1"; exit 3', 2, "the editor ended with code 3: nothing was sent", 1),
        (': > "$1"', 2, "came back empty: nothing was sent", 0),
        ("sed -i 's/^title: .*/title: [/' \"$1\"", 8, "line ", 1),
        ('sed -i \'s/^title: .*/title: ""/\' "$1"', 8, "Title must not be empty", 1),
        ("printf '\\377' >> \"$1\"", 8, "is not UTF-8", 1),
        ("sed -i 's/^title: .*/title: new/' \"$1\"", 2, "give --yes to agree", 1),
    ],
)
def test_what_an_editor_may_do(one: Shell, sandbox: Sandbox, editor: Path, script: str, code: int, said: str, left: int) -> None:
    ref = with_postmortem(one)["reference"]
    words = ["edit", ref] if "new" in script else ["edit", ref, "--yes"]
    done = one.run(*words, EDITOR=does(editor, script))
    assert done.returncode == code and said in done.stderr, done.stderr
    assert writes(sandbox) == []
    assert len(kept(one)) == left
    assert one.json("drafts")["drafts"] == []


def test_what_the_server_refuses_stays_in_a_file(one: Shell, sandbox: Sandbox, editor: Path) -> None:
    ref = with_postmortem(one)["reference"]
    for method in ("PUT", "PATCH"):
        sandbox.fault(f"{method} * 422")
    done = one.run("edit", ref, "--yes", "--json", EDITOR=does(editor, "sed -i 's/^title: .*/title: new/' \"$1\""))
    assert done.returncode == 8
    (file,) = kept(one)
    assert "title: new" in file.read_text("utf-8") and str(file) in done.stderr
    assert one.json("drafts")["drafts"] == []


def test_an_edit_of_somebody_else_meanwhile_is_not_overwritten(one: Shell, sandbox: Sandbox, editor: Path) -> None:
    ref = with_postmortem(one)["reference"]
    other = f"{sys.executable} -m pmtui set {shlex.quote(ref)} title=theirs"
    environ = " ".join(f"{name}={shlex.quote(value)}" for name, value in one.full.items())
    run = does(
        editor,
        f"env {environ} HOME=/nonexistent XDG_STATE_HOME={editor.parent}/other {other} >&2; sed -i 's/^title: .*/title: mine/' \"$1\"",
    )
    done = one.run("edit", ref, "--yes", EDITOR=run)
    assert done.returncode == 5, done.stderr
    assert one.json("show", ref)["fields"]["title"] == "theirs"
    (file,) = kept(one)
    assert one.run("push", str(file), "--mine").returncode == 0
    assert one.json("show", ref)["fields"]["title"] == "mine"


def test_no_editor_without_a_terminal(one: Shell) -> None:
    for done in (one.run("edit", "IR-1"), one.at_terminal("edit", "IR-1", "--no-input", EDITOR="true")):
        assert done.returncode == 2 and "give --cell and --file" in " ".join(done.stderr.split())


def test_several_sections_are_one_save(online: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    ref = with_postmortem(online)["reference"]
    (tmp_path / "impact.md").write_text("## Impact\n\nNobody was hit.\n")
    words = ["edit", ref, "--cell", "Impact", "--file", str(tmp_path / "impact.md"), "--cell", "Timeline", "--file", "-", "--json"]
    done = online.run(*words, stdin="## Timeline\n\n- 10:00 it began\n")
    assert done.returncode == 0, done.stderr
    assert [each["state"] for each in json.loads(done.stdout)["outcomes"]] == ["done", "done"]
    assert len(writes(sandbox)) == 1
    again = online.run(*words, stdin="## Timeline\n\n- 10:00 it began\n\n")
    assert json.loads(again.stdout)["changed"] is False
    assert len(writes(sandbox)) == 1
    for wrong in (["--cell", "Impact"], ["--cell", "Impact", "--file", "-", "--cell", "Timeline", "--file", "-"]):
        assert online.run("edit", ref, *wrong, stdin="x").returncode == 2
    assert online.run("edit", ref, *words[2:6], "--cell", "impact", "--file", "-", stdin="x").returncode == 2


def test_a_heading_that_goes_is_named(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    number, before = next((n, cell) for n, cell in enumerate(online.json("show", ref)["cells"], 1) if cell["title"] == "Impact")
    heading = before["text"].splitlines()[0]
    said = f'the heading "{heading}" goes, because the new text does not begin with one: put it into the text to keep it'
    words = ["edit", ref, "--cell", "Impact", "--file", "-"]
    for dry in ((*words, "--dry-run"), (*words, "--dry-run", "--json")):
        told = online.run(*dry, stdin="Nobody was hit.\n")
        assert said in (told.stderr if "--json" not in dry else json.loads(told.stdout)["notices"]), told
        assert f"{number} Impact" in (told.stdout.splitlines() if "--json" not in dry else json.loads(told.stdout)["changes"][0]["title"])
    kept = online.run(*words, stdin=f"\n{heading}\n\nNobody was hit.\n")
    assert kept.returncode == 0 and "the heading" not in kept.stderr, kept.stderr
    done = online.run(*words, stdin="Nobody was hit.\n")
    assert done.returncode == 0 and said in done.stderr, done.stderr
    lines = [line for cell in online.json("show", ref)["cells"] for line in cell["text"].splitlines()]
    assert heading not in lines and "Nobody was hit." in lines, "what was given is sent"


def titles(shell: Shell, ref: str) -> list[str]:
    return [cell["title"] for cell in shell.json("show", ref)["cells"]]


def test_sections_are_added_moved_and_deleted(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    before = titles(online, ref)
    place = before.index("Impact")

    def cell(action: str, *words: str, stdin: str = "") -> dict[str, Any]:
        done = online.run("cell", action, ref, *words, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["verified"] is True
        return told

    cell("add", "--after", "Impact", "--file", "-", stdin="## Detection\n\nBy an alert.\n")
    assert titles(online, ref) == [*before[: place + 1], "Detection", *before[place + 1 :]]
    cell("move", "--before", "Impact", "Detection")
    assert titles(online, ref) == [*before[:place], "Detection", *before[place:]]
    assert cell("move", "Detection", "--before", "Impact")["sent"] is False
    cell("delete", str(place + 1))
    assert titles(online, ref) == before
    cell("add", "--file", "-", stdin="## At the end\n\nwords\n")
    assert titles(online, ref) == [*before, "At the end"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add"], 2, "give --file FILE"),
        (["move", "Impact"], 2, "no place was given"),
        (["delete"], 2, "which section?"),
        (["delete", "Impact", "--file", "-"], 2, "takes no --file"),
        (["delete", "Nowhere"], 3, "no cell is called 'Nowhere'"),
        (["add", "--file", "-"], 2, "is empty"),
    ],
)
def test_words_that_do_not_fit_change_nothing(one: Shell, sandbox: Sandbox, words: list[str], code: int, said: str) -> None:
    action, *rest = words
    done = one.run("cell", action, with_postmortem(one)["reference"], *rest)
    assert done.returncode == code and said in done.stderr, done.stderr
    assert writes(sandbox) == []
    assert one.json("drafts")["drafts"] == []
