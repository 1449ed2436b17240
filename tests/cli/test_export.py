"""``pmtui export`` and ``pmtui timeline`` at a prompt."""

from __future__ import annotations

import json
from pathlib import Path

from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem


def test_one_is_exported_by_its_reference(online: Shell, tmp_path: Path) -> None:
    wanted = with_postmortem(online)
    done = online.run("export", wanted["reference"], str(tmp_path / "out"), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (file,) = told["new"]
    assert (tmp_path / "out" / file).read_text("utf-8").startswith("---\ntitle: ")
    assert told["complete"] and told["not_found"] == []
    again = online.run("export", wanted["reference"], str(tmp_path / "out"))
    assert (again.returncode, again.stdout) == (0, "")
    assert "0 new, 0 changed, 1 unchanged; nothing changed" in again.stderr


def test_what_cannot_be_found_is_listed_and_found_by_its_address(shell: Shell, tmp_path: Path) -> None:
    with Sandbox(incidents=13) as sandbox:
        shell.environ.update(variables_of("opsgenie", sandbox.url))
        state = sandbox.opsgenie.state
        hidden = {key: each for key, each in state.postmortem_ids.items() if not state.incidents[key]["extraProperties"]}
        assert hidden
        state.incidents[next(iter(hidden))]["message"] = "<script>alert(1)</script>"
        done = shell.run("export", "--all", str(tmp_path / "out"), "--json")
        assert done.returncode == 14
        told = json.loads(done.stdout)["not_found"]
        assert {each["url"].rpartition("/")[2] for each in told} == set(hidden)
        assert all(each["reference"] and each["title"] and each["state"] for each in told)
        page = (tmp_path / "out/.pmtui/not-found.html").read_text("utf-8")
        assert all(f'href="{each["url"]}"' in page for each in told) and "<script>" not in page

        saved = tmp_path / "saved.html"
        saved.write_text("".join(f"<a href='/reports/post-mortem/{each}/detail'>" for each in hidden.values()))
        done = shell.run("export", "--all", str(tmp_path / "out"), "--look-in", str(saved))
        assert done.returncode == 0, done.stderr
        manifest = json.loads((tmp_path / "out/.pmtui/manifest.json").read_text())
        assert {each["id"] for each in manifest["documents"]} == set(state.postmortem_ids.values())
        assert manifest["not_found"] == [] and not (tmp_path / "out/.pmtui/not-found.html").exists()
        again = shell.run("export", "--all", str(tmp_path / "out"))
        assert again.returncode == 0 and "nothing changed" in again.stderr


def test_what_is_asked_for_must_make_sense(online: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words in (["--all", "#1", "out"], ["out"], ["--all", str(tmp_path / "file")]):
        done = online.run("export", *words)
        assert done.returncode == 2, words
        assert not (tmp_path / "out").exists()


def test_the_timeline_is_printed_oldest_first(online: Shell) -> None:
    wanted = with_postmortem(online)["reference"]
    lines = [line.split("\t") for line in online.run("timeline", wanted).stdout.splitlines()]
    told = online.json("timeline", wanted)["timeline"]
    assert [line[4] for line in lines] == [each["text"] for each in told] != []
    assert [line[0] for line in lines] == sorted(line[0] for line in lines)
    important = online.json("timeline", wanted, "--important")["timeline"]
    assert important == [each for each in told if each["important"]]
