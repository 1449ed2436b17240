"""The life of a postmortem by the command line alone: no terminal, standard input closed, each step reads the JSON of the last."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell

Setup = Callable[[Shell, Sandbox], None]


def of_sandbox(vendor: str) -> Setup:
    return lambda shell, sandbox: shell.environ.update(variables_of(vendor, sandbox.url))


def in_folder(shell: Shell, sandbox: Sandbox) -> None:
    """A folder of two files, one of them a postmortem of some sections."""
    folder = shell.home / "postmortems"
    folder.mkdir()
    (folder / "2026-11-14-IR-338-checkout.md").write_text(POSTMORTEM, "utf-8")
    config = shell.home / ".config/pmtui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[profiles.files]\nvendor = "folder"\npath = "{folder}"\n', "utf-8")


POSTMORTEM = """\
---
title: Checkout down
date: 2026-11-14
severity: SEV-1
status: draft
---

## Summary

It broke.

## Impact

Some were hit.
"""

BACKENDS: Mapping[str, Setup] = {
    "datadog": of_sandbox("datadog"),
    "opsgenie": of_sandbox("opsgenie"),
    "folder": in_folder,
}


class Script:
    """Runs commands as a job of a scheduler does."""

    def __init__(self, shell: Shell, *, begins: bool) -> None:
        self._shell = shell
        self.begins = begins  # whether an incident begins with its postmortem

    def ok(self, *words: str) -> Any:
        """The JSON of a command that succeeds."""
        options = ("--json", "--no-input") if words[0] in _ASKING else ("--json",)
        done = self._shell.run(*words, *options, stdin=None)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def fails(self, *words: str) -> Any:
        """The error, as JSON, of one that does not."""
        done = self._shell.run(*words, "--json", stdin=None)
        assert done.stdout == "", words
        error = json.loads(done.stderr.splitlines()[-1])["error"]
        assert error["exit_code"] == done.returncode and error["kind"] == ExitCode(done.returncode).kind
        return error


_ASKING = frozenset({"create", "delete", "set", "edit", "push", "publish", "status", "cell"})


@pytest.fixture(params=BACKENDS)
def script(request: pytest.FixtureRequest, shell: Shell, sandbox: Sandbox) -> Script:
    BACKENDS[request.param](shell, sandbox)
    return Script(shell, begins=request.param == "folder")


def test_from_its_creation_to_its_end(script: Script, tmp_path: Path) -> None:
    ref = script.ok("incidents", "--limit", "1")["incidents"][0]["reference"]
    gone = script.ok("delete", ref, "--yes")
    assert script.fails("delete", ref, "--yes")["kind"] == "missing"

    begun = script.fails("create", ref, "--no-input") if script.begins else None
    assert begun is None or "--title" in begun["message"]
    made = script.ok("create", gone["reference"], "--yes", *(["--title", "Checkout down"] if script.begins else []))
    ref = made["reference"]
    assert made["document"] != gone["document"] and made["verified"]
    assert script.fails("create", ref, "--yes")["kind"] == "conflict"

    planned = script.ok("set", made["reference"], "title=A title of the script", "--dry-run")
    assert (planned["changed"], planned["sent"]) == (True, False) and planned["requests"]
    assert script.ok("show", ref)["fields"]["title"] != "A title of the script"
    done = script.ok("set", planned["reference"], "title=A title of the script")
    assert done["verified"] and [each["id"] for each in done["changes"]] == [each["id"] for each in planned["changes"]] == ["title"]

    cells = script.ok("show", done["reference"])["cells"]
    number = next(number for number, cell in reversed(list(enumerate(cells, 1))) if cell["kind"] == "markdown")
    (tmp_path / "last.md").write_text(cells[number - 1]["text"].rstrip() + "\n\nNobody was hit.\n", "utf-8")
    edited = script.ok("edit", ref, "--cell", str(number), "--file", str(tmp_path / "last.md"))
    assert edited["verified"] and edited["document"] == made["document"]

    file = Path(script.ok("pull", edited["reference"], str(tmp_path / "postmortem.md"))["file"])
    text = file.read_text("utf-8")
    assert "title: A title of the script\n" in text and "Nobody was hit." in text
    file.write_text(text.replace("Nobody was hit.", "Somebody was hit."), "utf-8")
    pushed = script.ok("push", str(file))
    assert pushed["verified"] and pushed["file"]["path"] == str(file)
    assert script.ok("diff", str(file))["same"] and not script.ok("push", str(file))["sent"]

    file.write_text(file.read_text("utf-8").replace("title: A title of the script\n", "title: mine\n"), "utf-8")
    assert script.ok("set", ref, "title=theirs")["verified"]
    before = file.read_bytes()
    assert script.fails("push", str(file))["kind"] == "conflict"
    assert file.read_bytes() == before and script.ok("show", ref)["fields"]["title"] == "theirs"
    assert script.ok("push", str(file), "--mine")["verified"] and script.ok("show", ref)["fields"]["title"] == "mine"

    if "published" in script.ok("status", ref)["choices"]:
        assert script.ok("publish", ref)["verified"] and script.ok("status", ref)["status"] == "published"
    else:
        assert script.fails("publish", ref)["kind"] == "locked"

    removed = script.ok("delete", ref, "--yes")["removed"]
    assert removed["id"] == made["document"]
    assert script.fails("open", ref)["kind"] == "missing"
    assert script.ok("drafts")["drafts"] == [] and len(script.ok("log", ref)["entries"]) >= 8
