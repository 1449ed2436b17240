"""What users of such tools complain of everywhere, each with a test of its name: none of it is true of pmtui."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pmtui.backends.http.limiter import LIMITER
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell, Terminal
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes
from tests.turns import every_vendor


@pytest.fixture
def ref(online: Shell) -> str:
    return str(with_postmortem(online)["reference"])


@pytest.fixture
def file(online: Shell, ref: str, tmp_path: Path) -> Path:
    path = tmp_path / "2026-11-14-postmortem.md"
    assert online.run("pull", ref, str(path)).returncode == 0
    return path


def edit(file: Path, pattern: str, put: str) -> None:
    text, count = re.subn(pattern, put, file.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    file.write_text(text, "utf-8")


def test_dry_runs_that_write_or_say_nothing(online: Shell, sandbox: Sandbox, ref: str, file: Path) -> None:
    edit(file, "^title: .*", "title: Another")
    now = online.json("status", ref)
    other = next(each for each in now["choices"] if each != now["status"])
    for words in (
        ["set", ref, "title=Another"],
        ["push", str(file)],
        ["status", ref, other],
        ["cell", "delete", ref, "Impact"],
        ["delete", ref],
    ):
        done = online.run(*words, "--dry-run")
        assert done.returncode == 0, done.stderr
        assert re.search(r"\d requests?; nothing was sent\n$", done.stderr) and re.search(
            r"^(PUT|PATCH|DELETE) /", done.stdout, re.MULTILINE
        )
    assert writes(sandbox) == []


def test_web_edits_silently_reverted(online: Shell, ref: str, file: Path) -> None:
    online.run("edit", ref, "--cell", "Timeline", "--file", "-", stdin="## Timeline\n\nwritten on the web\n")
    edit(file, "^title: .*", "title: written in the file")
    assert online.run("push", str(file)).returncode == 0
    shown = online.json("show", ref)
    assert shown["fields"]["title"] == "written in the file"
    assert [cell for cell in shown["cells"] if "written on the web" in cell["text"]]
    assert "written on the web" in file.read_text("utf-8")


def test_a_changed_title_making_a_second_page(online: Shell, sandbox: Sandbox, ref: str, file: Path) -> None:
    before, name = online.json("open", ref), file.name
    edit(file, "^title: .*", "title: Something else entirely")
    assert online.json("push", str(file))["document"] == before["document"]
    assert online.json("open", ref)["document"] == before["document"]
    assert not [each for each in writes(sandbox) if each.startswith("POST")]
    assert [each.name for each in file.parent.glob("*.md")] == [name]


def test_unchanged_pushes_making_versions(online: Shell, sandbox: Sandbox, ref: str, file: Path) -> None:
    cell = next(cell for cell in online.json("show", ref)["cells"] if cell["title"] == "Impact")
    values = online.json("show", ref)["fields"]
    for words, stdin in (
        (["push", str(file)], ""),
        (["edit", ref, "--cell", "Impact", "--file", "-"], cell["text"] + "\n"),
        (["set", ref, f"title={values['title']}", f"severity={values['severity']}"], ""),
        (["status", ref, values["status"]], ""),
        (["cell", "move", ref, "Impact", "--before", "Impact"], ""),
    ):
        told = json.loads(online.run(*words, "--json", stdin=stdin).stdout)
        assert (told["changed"], told["sent"], told["verified"]) == (False, False, True)
    assert writes(sandbox) == []


class NobodyThere(io.TextIOWrapper):
    """A standard input on which nobody will ever type."""

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        raise AssertionError("a question was asked")


class NobodyAtTerminal(Terminal, NobodyThere):
    pass


@every_vendor
@pytest.mark.parametrize("words", [["delete", "REF"], ["create", "REF"], ["edit", "REF"]])
def test_prompts_that_hang_without_a_terminal(online: Shell, sandbox: Sandbox, vendor: str, ref: str, words: list[str]) -> None:
    if words[0] == "create":
        if vendor == "datadog":
            return  # it has nothing to ask there
        assert online.run("delete", ref, "--yes").returncode == 0
        sandbox.requests.clear()
    words = [ref if word == "REF" else word for word in words]
    editor = {"EDITOR": "sed -i s/^title:.*/title:/"}
    silent, terminal = replace(online, stream=NobodyThere), replace(online, stream=NobodyAtTerminal)
    for done in (silent.run(*words, **editor), terminal.run(*words, "--no-input", **editor), online.run(*words, stdin=None, **editor)):
        assert (done.returncode, done.stdout, writes(sandbox)) == (2 if words[0] != "edit" else done.returncode, "", [])
        assert done.returncode in (2, 8) and ("--yes" in done.stderr or "--cell" in done.stderr or "must not be empty" in done.stderr)


def test_prose_between_the_data(online: Shell, ref: str, file: Path) -> None:
    edit(file, "^title: .*", "title: Another")
    for words in (["incidents"], ["show", ref], ["push", str(file)], ["diff", str(file)], ["drafts"], ["log"], ["themes"], ["doctor"]):
        json.loads(online.run(*words, "--json").stdout)
    for words in (["incidents"], ["show", ref, "--cells"], ["log"]):
        columns = {line.count("\t") for line in online.run(*words).stdout.splitlines()}
        assert len(columns) == 1 and columns != {0}
    assert online.run("open", ref).stdout.count("\n") == online.run("pull", ref, str(file)).stdout.count("\n") == 1
    error = online.run("show", "IR-99999", "--json")
    assert error.stdout == "" and json.loads(error.stderr)["error"]["kind"] == "missing"
    told = online.run("set", ref, "severity=SEV-77", "--dry-run", "--json")
    assert ["notice" in json.loads(line) for line in told.stderr.splitlines()] == [True]


@every_vendor
def test_lists_cut_short_with_exit_0(online: Shell, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    with Sandbox(incidents=120) as sandbox:
        online.environ[next(name for name in online.environ if name.endswith("_URL"))] = sandbox.url
        whole = online.run("incidents", "--json")
        told = json.loads(whole.stdout)
        assert (whole.returncode, len(told["incidents"]), told["complete"]) == (0, {"datadog": 118, "opsgenie": 120}[vendor], True), (
            "two of them are tests, which one vendor does not list"
        )
        sandbox.fault("GET * 503 after 1")
        cut = online.run("incidents", "--json")
        assert cut.returncode != 0 and cut.stdout == ""


def test_text_gone_when_the_server_refuses(online: Shell, sandbox: Sandbox, ref: str, file: Path) -> None:
    edit(file, "^title: .*", "title: mine, in the file")
    before = file.read_bytes()
    for method in ("PUT", "PATCH"):
        sandbox.fault(f"{method} * 422")
    assert online.run("push", str(file)).returncode == 8
    assert file.read_bytes() == before
    piped = online.run("edit", ref, "--cell", "Impact", "--file", "-", stdin="## Impact\n\nmine, from a pipe\n")
    outside = online.run("edit", ref, "--yes", EDITOR="sed -i s/^title:.*/title:\\ mine,\\ outside/")
    for done, words in ((piped, "mine, from a pipe"), (outside, "mine, outside")):
        assert done.returncode == 8
        named = re.search(r"stays in (\S+\.md)", done.stderr)
        assert named is not None and words in Path(named[1]).read_text("utf-8")
    assert online.json("show", ref)["fields"]["title"] not in ("mine, in the file", "mine, outside")


def test_errors_that_say_it_twice_or_leave_one_alone(one: Shell) -> None:
    refused = one.run("set", with_postmortem(one)["reference"], "severity=bogus")
    said = refused.stdout + refused.stderr
    assert refused.returncode == 8 and said.count("Invalid value") == 1 and said.count("→ bogus") == 1, said
    nobody = one.run("set", with_postmortem(one)["reference"], "owner=nobody")
    assert nobody.returncode == 8 and "no match; write a part of the name, the e-mail address or the id" in nobody.stderr
    for words in (["show"], ["set"], ["edit", "--cell", "x"], ["cell", "move"]):
        assert "a reference with # needs quotes: '#6'" in one.run(*words).stderr, words
    assert "needs quotes" not in one.run("copy").stderr


def test_one_state_with_two_spellings(one: Shell) -> None:
    listed = one.run("incidents", "pm:in-review").stdout
    assert "\tin-review\t" in listed and "in review" not in listed
