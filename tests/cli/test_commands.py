"""The small commands: create, adopt, status, publish, open, log, themes."""

from __future__ import annotations

import json
import webbrowser
from typing import Any

import pytest

from pmtui.cli.commands.postmortem.open import why_no_browser
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Of, Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes
from tests.turns import every_vendor


def without_postmortem(shell: Shell) -> dict[str, Any]:
    """An incident whose postmortem was taken away: one that can have a postmortem again."""
    incident = with_postmortem(shell)
    assert shell.run("delete", incident["id"], "--yes").returncode == 0
    return incident


@every_vendor
def test_create_makes_one_and_never_two(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    ref = without_postmortem(online)["reference"]
    sandbox.requests.clear()
    if vendor == "opsgenie":
        asked = online.run("create", ref)
        assert (asked.returncode, writes(sandbox)) == (2, []) and "give --yes to agree" in asked.stderr
        refused = online.at_terminal("create", ref, stdin="n\n")
        assert (refused.returncode, writes(sandbox)) == (2, []) and "cancelled" in refused.stderr
    made = json.loads(online.run("create", ref, "--yes", "--json").stdout)
    assert (made["reference"], made["changed"], made["verified"]) == (ref, True, True)
    assert made["document"] and made["url"].startswith("https://")
    count = len(writes(sandbox))
    again = online.run("create", ref, "--yes", "--json")
    assert again.returncode == 5
    assert f"{ref} has a postmortem already: {made['url']}" in json.loads(again.stderr)["error"]["message"]
    assert len(writes(sandbox)) == count
    assert online.json("log", ref)["entries"][0]["what"] == "postmortem created"


def test_create_says_why_there_can_be_none(shell: Shell, of: Of, sandbox: Sandbox) -> None:
    of("opsgenie")
    opened = next(each for each in shell.json("incidents")["incidents"] if each["status"] == "open")
    done = shell.run("create", opened["reference"], "--yes")
    assert done.returncode == 8 and "resolved and closed incidents only" in done.stderr
    assert writes(sandbox) == []


def test_create_takes_a_template_by_its_name(shell: Shell, of: Of) -> None:
    of("datadog")
    ref = without_postmortem(shell)["reference"]
    wrong = shell.run("create", ref, "--template", "Sonnet")
    assert wrong.returncode == 3 and "choose from: Standard postmortem" in wrong.stderr
    assert shell.run("create", ref, "--template", "NO template: a plain outline", "--yes").returncode == 0
    titles = [cell["title"] for cell in shell.json("show", ref)["cells"]]
    assert "Summary" in titles


def test_create_warns_of_the_template_that_is_used_also_of_the_default(shell: Shell, of: Of, sandbox: Sandbox) -> None:
    of("datadog")
    said = "its text will be in Confluence, where pmtui cannot edit it"
    for each in sandbox.datadog.state.templates.values():
        each["attributes"]["is_default"] = "2026-02-01T09:00:00+00:00" if each["attributes"]["location"] == "confluence" else None
    ref = without_postmortem(shell)["reference"]
    sandbox.requests.clear()
    asked = shell.run("create", ref)
    assert (asked.returncode, writes(sandbox)) == (2, []) and said in asked.stderr and "give --yes to agree" in asked.stderr
    assert shell.json("create", ref, "--dry-run")["warnings"] == [said]
    done = shell.run("create", ref, "--yes", "--json")
    assert done.returncode == 14 and json.loads(done.stdout)["warnings"] == [said], "its text is not read here"

    ref = without_postmortem(shell)["reference"]
    done = shell.run("create", ref, "--yes")
    assert done.stdout.startswith("https://") and f"pmtui: {said}\n" in done.stderr
    ref = without_postmortem(shell)["reference"]
    assert shell.json("create", ref, "--template", "Standard postmortem", "--yes")["warnings"] == []


def test_adopt_remembers_a_postmortem(shell: Shell, of: Of, sandbox: Sandbox) -> None:
    of("opsgenie")
    incident = with_postmortem(shell)
    document = shell.json("open", incident["id"])["document"]
    sandbox.opsgenie.state.incidents[incident["id"]]["extraProperties"].pop("postmortemId", None)
    for path in (shell.home / ".local/state/pmtui/index").iterdir():
        path.unlink()
    assert shell.run("open", incident["id"]).returncode == 3
    done = shell.run("adopt", incident["id"], document, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["document"] == document
    assert shell.json("open", incident["id"])["document"] == document
    other = shell.json("incidents")["incidents"][2]
    assert shell.run("adopt", other["id"], document).returncode == 8
    assert writes(sandbox) == []


def test_status_is_printed_and_set(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    now = online.json("status", ref)
    assert online.run("status", ref).stdout == f"{now['status']}\n"
    other = next(each for each in now["choices"] if each not in (now["status"], "published"))
    assert online.json("status", ref, other)["verified"] is True
    assert online.run("status", ref).stdout == f"{other}\n"


def test_without_a_postmortem_there_is_no_status(one: Shell) -> None:
    bare = without_postmortem(one)["reference"]
    none = one.run("status", bare)
    assert (none.returncode, none.stdout) == (3, "") and "there is no postmortem yet" in none.stderr, none
    hidden = one.run("status", "#1")
    assert (hidden.returncode, hidden.stdout) == (14, "") and "could not be read: there is a postmortem; its id" in hidden.stderr, hidden
    for words, code in (("#1", 14), (bare, 3)):
        refused = one.run("publish", words, "--dry-run")
        assert refused.returncode == code and "no published status" not in refused.stderr, refused.stderr


@every_vendor
def test_publish(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    ref = with_postmortem(online)["reference"]
    done = online.run("publish", ref, "--json")
    if vendor == "datadog":
        assert (done.returncode, writes(sandbox)) == (15, [])
        assert "can be active, stable, resolved" in json.loads(done.stderr)["error"]["message"]
        return
    assert done.returncode == 0, done.stderr
    assert online.json("status", ref)["status"] == "published"
    again = online.json("publish", ref)
    assert (again["changed"], again["sent"], again["verified"]) == (False, False, True)


def test_open_prints_and_starts_a_browser_only_when_asked(one: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    ref = with_postmortem(one)["reference"]
    address = one.run("open", ref).stdout
    assert address.startswith("https://") and opened == []
    assert one.run("open", ref, "--incident").stdout not in ("", address)
    over_ssh = one.run("open", ref, "--web", DISPLAY=":0", SSH_CONNECTION="a 1 b 22")
    assert (over_ssh.returncode, over_ssh.stdout, opened) == (2, address, [])
    assert "SSH session" in over_ssh.stderr
    assert one.run("open", ref, "--web", DISPLAY=":0").returncode == 0
    assert opened == [address.strip()]


def test_where_a_browser_is_seen() -> None:
    assert why_no_browser({}, "linux") == "this session has no display"
    assert why_no_browser({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == why_no_browser({}, "darwin") == ""
    assert "SSH" in why_no_browser({"SSH_TTY": "/dev/pts/1"}, "darwin")


def test_the_log_tells_what_was_written(one: Shell) -> None:
    assert one.run("log").stderr == "pmtui: nothing was written from here yet\n"
    ref = with_postmortem(one)["reference"]
    for number in range(3):
        assert one.run("set", ref, f"title=Title {number}").returncode == 0
    entries = one.json("log")["entries"]
    assert [(each["incident"], each["what"], each["outcome"]) for each in entries] == [(ref, "title", "done")] * 3
    assert one.json("log", "--limit", "1")["entries"] == entries[:1]
    assert one.json("log", "IR-1")["entries"] == []
    assert "Title 2" not in one.run("log").stdout
    path = one.home / ".local/state/pmtui/audit.jsonl"
    path.write_bytes(path.read_bytes() + b'{"cut sho')
    cut = one.run("log", "--json")
    assert (cut.returncode, json.loads(cut.stdout)["unreadable"]) == (14, 1)


def test_themes_are_listed(shell: Shell) -> None:
    own = shell.home / ".config/pmtui/themes"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text('[colors]\nprimary = "#123456"\n')
    listed = shell.json("themes")["themes"]
    assert [each["name"] for each in listed if each["current"]] == ["dark"]
    assert {each["name"]: each["from"] for each in listed}["mine"] == "yours"
    (own / "broken.toml").write_text("colors = 1\n")
    done = shell.run("themes")
    assert done.returncode == 14 and "broken.toml" in done.stderr and "contrast" in done.stdout
