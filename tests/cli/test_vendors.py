"""The commands against both vendors of the sandbox, over HTTP, each as its own process."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import SANDBOX_KEY, SANDBOXED, variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.sent import writes

INCIDENT_KEYS = {"id", "reference", "title", "severity", "status", "owner", "created", "postmortem"}


_NEWEST: dict[str, dict[str, Any]] = {}


def with_postmortem(online: Shell) -> dict[str, Any]:
    """The newest incident: it has a postmortem of several cells. It is the same in each sandbox of eight, so it is listed once."""
    vendor = next(name for name in SANDBOXED if variables_of(name, "").keys() <= online.environ.keys())
    if vendor not in _NEWEST:
        _NEWEST[vendor] = online.json("incidents", "--limit", "1")["incidents"][0]
    return _NEWEST[vendor]


def test_incidents(online: Shell) -> None:
    answer = online.json("incidents")
    assert answer["schema"] == 1
    assert len(answer["incidents"]) == 8
    for incident in answer["incidents"]:
        assert incident.keys() >= INCIDENT_KEYS
        datetime.fromisoformat(incident["created"])
    created = [incident["created"] for incident in answer["incidents"]]
    assert created == sorted(created, reverse=True)
    table = [line.split("\t") for line in online.run("incidents").stdout.splitlines()]
    assert table[0][:3] == ["REF", "SEV", "STATUS"]
    assert [row[0] for row in table[1:]] == [incident["reference"] for incident in answer["incidents"]]
    assert answer["complete"] is True
    some = online.json("incidents", "--limit", "3")
    assert (len(some["incidents"]), some["complete"]) == (3, False)


def test_incidents_that_match(online: Shell) -> None:
    status = with_postmortem(online)["status"]
    found = online.json("incidents", "--query", f"state:{status}")["incidents"]
    assert found
    assert {incident["status"] for incident in found} == {status}
    assert online.json("incidents", f"state:{status}")["incidents"] == found
    nothing = online.run("incidents", "nothing-is-called-like-this")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "pmtui: no incident matches\n")


def test_show_takes_what_people_say(online: Shell) -> None:
    incident = with_postmortem(online)
    answers = [online.json("show", ref) for ref in (incident["id"], incident["reference"])]
    for when in ("read_at", "age_seconds"):
        assert all(answer.pop(when) is not None for answer in answers)
    assert answers[0] == answers[1]
    answer = answers[0]
    assert answer["schema"] == 1
    assert answer["incident"].keys() >= INCIDENT_KEYS
    assert answer["incident"]["id"] == incident["id"]
    assert {"title", "severity", "status"} <= answer["fields"].keys()
    assert len(answer["cells"]) > 2
    assert all(cell.keys() == {"title", "kind", "text"} and cell["kind"] in ("markdown", "opaque") for cell in answer["cells"])


def test_show_for_people(online: Shell) -> None:
    incident = with_postmortem(online)
    done = online.at_terminal("show", incident["reference"])
    assert done.returncode == 0
    assert done.stdout.startswith(f"{incident['reference']}  ")
    assert "Severity" in done.stdout
    headings = [
        cell["title"] for cell in online.json("show", incident["reference"])["cells"] if cell["kind"] == "markdown" and cell["text"]
    ]
    assert all(heading in done.stdout for heading in headings)


def test_show_says_who_does_an_action_item_until_when(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    lines = shell.at_terminal("show", with_postmortem(shell)["reference"]).stdout.splitlines()
    assert [line for line in lines if re.fullmatch(r"Action items +☐ .*  Pavel Novák +2\d{3}-\d\d-\d\d", line)]
    assert [line for line in lines if re.fullmatch(r" +☑ .*  Jane Doe", line)]


def test_show_prints_what_push_takes_back(online: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    ref, file = with_postmortem(online)["reference"], tmp_path / "shown.md"
    file.write_text(online.run("show", ref).stdout, "utf-8")
    pushed = online.run("push", str(file))
    assert (pushed.returncode, pushed.stderr) == (0, "pmtui: nothing to change: the server has it already\n")
    file.write_text(file.read_text("utf-8").replace("# Impact\n", "# Impact\n\nWritten in a pipe.\n"), "utf-8")
    assert online.run("push", str(file)).returncode == 0
    assert "Written in a pipe." in online.run("show", ref).stdout


def test_show_lists_the_sections_by_number(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    listed = [line.split("\t") for line in online.run("show", ref, "--cells").stdout.splitlines()]
    assert listed[0] == ["N", "KIND", "WORDS", "SECTION"]
    cells = online.json("show", ref)["cells"]
    assert [(number, kind) for number, kind, _, _ in listed[1:]] == [(str(n), cell["kind"]) for n, cell in enumerate(cells, 1)]


def test_show_offline_reads_the_cache_and_says_how_old_it_is(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    missing = online.run("show", ref, "--offline")
    assert missing.returncode == 3 and "was not read on this computer before" in missing.stderr
    shown = online.run("show", ref)
    sandbox.stop()
    offline = online.run("show", ref, "--offline")
    assert offline.returncode == 0 and re.search(r"read \d+ seconds? ago, at .* UTC; the server was not asked", offline.stderr)
    bodies = [text.partition("\n---\n")[2] for text in (shown.stdout, offline.stdout)]
    assert bodies[0] and bodies[0] == bodies[1]
    told = online.json("show", ref, "--offline")
    assert told["offline"] is True and 0 <= told["age_seconds"] < 60 and told["read_at"].endswith("Z")


def test_what_is_not_there(online: Shell) -> None:
    done = online.run("show", "IR-99999", "--json")
    assert done.returncode == 3
    assert json.loads(done.stderr)["error"]["trouble"] == "missing"


def test_set_changes_what_was_asked_and_nothing_else(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    before = online.json("show", ref)
    severity = before["fields"]["severity"]
    other = severity[:-1] + ("3" if severity[-1] != "3" else "2")
    dry = online.run("set", ref, f"severity={other}", "--dry-run")
    assert (dry.returncode, writes(sandbox)) == (0, [])
    assert f"{severity} → {other}" in dry.stdout
    done = online.run("set", ref, f"severity={other}")
    assert (done.returncode, done.stderr) == (0, "pmtui: saved · verified\n")
    assert len(writes(sandbox)) == 1
    after = online.json("show", ref)
    assert after["fields"] == {**before["fields"], "severity": other}
    assert after["cells"] == before["cells"]
    again = online.run("set", ref, f"severity={other}")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to change" in again.stderr
    assert len(writes(sandbox)) == 1
    assert online.json("drafts")["drafts"] == []


def test_an_old_conflict_elsewhere_does_not_stop_a_command(online: Shell, sandbox: Sandbox) -> None:
    """Somebody else edits the text of which a draft holds another version."""
    ref = with_postmortem(online)["reference"]
    words = ("edit", ref, "--cell", "Impact", "--file", "-")
    for path in ("/api/v1/notebooks/*", "/v2/postmortem/*/*"):
        sandbox.fault(f"PUT {path} drop-before")
    assert online.run(*words, stdin="## Impact\n\nmine").returncode != 0
    sandbox.clear_faults()
    other = Shell(online.home / "other", dict(online.environ))
    other.home.mkdir()
    assert other.run(*words, stdin="## Impact\n\ntheirs").returncode == 0
    done = online.run("set", ref, "title=Another title")
    assert (done.returncode, done.stderr) == (0, "pmtui: saved · verified\n")
    stopped = online.run(*words, stdin="## Impact\n\nthird")
    assert stopped.returncode == 5
    assert "Impact; nothing was sent" in stopped.stderr
    assert f"pmtui drafts discard {shlex.quote(ref)}" in stopped.stderr
    assert "mine" in online.run("drafts", "show", ref).stdout
    assert online.json("show", ref)["fields"]["title"] == "Another title"


def test_action_items_are_read_and_set(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    ref = with_postmortem(shell)["reference"]
    before = shell.json("show", ref)["fields"]["action_items"]
    assert len(before) > 1
    done = shell.run("set", ref, "action_items+=Write it down", "--json")
    assert done.returncode == 0, done.stderr
    after = shell.json("show", ref)["fields"]["action_items"]
    assert [each["text"] for each in after if each not in before] == ["Write it down"]
    sandbox.fault("GET /api/v2/incidents/*/relationships/todos 403")
    incomplete = shell.run("show", ref, "--json")
    assert incomplete.returncode == ExitCode.INCOMPLETE and "Action items could not be read" in incomplete.stderr
    refused = json.loads(incomplete.stdout)
    assert refused["fields"]["action_items"] is None
    assert any("action items" in notice.lower() for notice in refused["notices"])


def test_set_lists_and_people(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    before = online.json("show", ref)["fields"]
    link = "https://tracker.example.com/browse/OPS-77"
    done = online.run("set", ref, f"linked_issues+={link}", "owner=mara.lopez@example.com")
    assert done.returncode == 0, done.stderr
    after = online.json("show", ref)["fields"]
    (added,) = [each for each in after["linked_issues"] if each not in before["linked_issues"]]
    assert added["url"].endswith("OPS-77")
    assert len(after["linked_issues"]) == len(before["linked_issues"]) + 1
    assert after["owner"]["name"] == "Mara López"
    assert online.run("set", ref, f"linked_issues-={added['url']}").returncode == 0
    assert online.json("show", ref)["fields"]["linked_issues"] == before["linked_issues"]


@pytest.mark.parametrize(
    ("assignment", "code", "said"),
    [
        ("sevrity=x", 2, "there is no field 'sevrity'; did you mean 'severity'?"),
        ("title+=x", 2, "title is not a list"),
        ("owner=nobody at all", 8, "no match"),
    ],
)
def test_set_refuses_what_cannot_be(online: Shell, sandbox: Sandbox, assignment: str, code: int, said: str) -> None:
    done = online.run("set", with_postmortem(online)["reference"], assignment)
    assert done.returncode == code
    assert said in done.stderr
    assert writes(sandbox) == []
    assert online.json("drafts")["drafts"] == []


def test_a_severity_that_is_not_known_is_sent_with_a_warning(online: Shell, sandbox: Sandbox) -> None:
    """The organisation may have it: whether it has is for the server to say."""
    ref = with_postmortem(online)["reference"]
    before = online.json("show", ref)["fields"]["severity"]
    dry = online.run("set", ref, "severity=SEV-7", "--dry-run")
    assert (dry.returncode, writes(sandbox)) == (0, [])
    assert "severity: 'SEV-7' is not known here" in dry.stderr
    done = online.run("set", ref, "severity=SEV-7")
    assert len(writes(sandbox)) == 1
    assert (done.returncode, online.json("show", ref)["fields"]["severity"]) == (8, before)
    assert f"not saved: Severity  {before} → SEV-7 refused: " in done.stderr
    assert online.json("drafts")["drafts"] == []


def test_edit_replaces_one_cell(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    before = online.json("show", ref)["cells"]
    place = next(n for n, cell in enumerate(before) if cell["kind"] == "markdown" and cell["title"] == "Impact")
    text = "#### Impact\n\nNobody was hit.\n"
    done = online.run("edit", ref, "--cell", str(place + 1), "--file", "-", stdin=text)
    assert done.returncode == 0, done.stderr
    after = online.json("show", ref)["cells"]
    assert after[place]["text"].strip() == text.strip()
    assert after[:place] + after[place + 1 :] == before[:place] + before[place + 1 :]
    by_title = online.run("edit", ref, "--cell", "impact", "--file", "-", "--json", stdin=text.replace("Nobody", "Somebody"))
    assert json.loads(by_title.stdout)["verified"] is True
    missing = online.run("edit", ref, "--cell", "99", "--file", "-", stdin="x")
    assert missing.returncode == 3
    assert "no cell is called '99'" in missing.stderr


def test_read_only_sends_nothing(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    for words, environ in ((["--read-only"], {}), ([], {"PMTUI_READ_ONLY": "1"})):
        done = online.run(*words, "set", ref, "title=Another", **environ)
        assert done.returncode == 9
        assert "read-only" in done.stderr
    assert writes(sandbox) == []
    assert online.json("drafts")["drafts"] == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("* * 503", 13),
        ("* * html", 12),
        ("* * garbage", 12),
        ("* * 401", 4),
        ("* * 403", 4),
        ("* * redirect https://evil.example/", 12),
    ],
)
def test_troubles_have_their_code_and_one_line(online: Shell, sandbox: Sandbox, fault: str, code: int) -> None:
    sandbox.fault(fault)
    done = online.run("incidents")
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"pmtui: could not [^\n]+\n", done.stderr)


def test_nobody_there(online: Shell, sandbox: Sandbox) -> None:
    sandbox.stop()
    done = online.run("incidents", "--json")
    assert done.returncode == 6
    assert json.loads(done.stderr)["error"]["trouble"] == "offline"


def test_doctor(online: Shell) -> None:
    done = online.run("doctor", "--json", "--routes")
    assert done.returncode == 0, done.stdout
    answer = json.loads(done.stdout)
    assert {check["state"] for check in answer["checks"]} <= {"ok", "warn"}
    assert any(check["detail"].startswith("from environment ") for check in answer["checks"])
    assert all(line.keys() >= {"update", "route", "source"} for line in answer["routes"])
    table = online.run("doctor").stdout
    assert len(table.splitlines()) > len(answer["checks"])
    assert "SOURCE" not in table


def test_doctor_tells_what_is_wrong(online: Shell, sandbox: Sandbox, shell: Shell) -> None:
    sandbox.fault("* * 401")
    done = online.run("doctor")
    assert done.returncode == 21
    assert "\nfail" in done.stdout
    shell.environ.clear()
    done = shell.run("doctor")
    assert done.returncode == 4
    assert "nothing is configured yet" in done.stdout


def test_no_secret_is_ever_printed_or_kept(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    runs = [
        online.run(*words)
        for words in (["doctor"], ["doctor", "--json"], ["show", ref], ["set", ref, "title=Changed"], ["incidents", "-x"])
    ]
    sandbox.fault("* * 401")
    runs += [online.run("show", ref), online.run("show", ref, "--json")]
    assert all(SANDBOX_KEY not in run.stdout + run.stderr for run in runs)
    kept = [path for path in online.home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        assert SANDBOX_KEY.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_titles_of_strangers_reach_no_terminal(online: Shell) -> None:
    """The stories of the sandbox have a title with escape sequences among them."""
    with Sandbox(incidents=30) as sandbox:
        url = next(name for name in online.environ if name.endswith("_URL"))
        online.environ[url] = sandbox.url
        listed = online.json("incidents", "--limit", "100")["incidents"]
        assert any("\x1b" in incident["title"] for incident in listed)
        done = online.run("incidents", "--limit", "100")
        assert done.returncode == 0
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.stdout + done.stderr)
        evil = next(incident for incident in listed if "\x1b" in incident["title"])
        shown = online.at_terminal("show", evil["reference"])
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown.stdout + shown.stderr)


def test_a_home_that_cannot_be_written_is_no_obstacle(online: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    online.environ |= {"XDG_STATE_HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": str(tmp_path / "file")}
    assert len(online.json("incidents")["incidents"]) == 8
    ref = with_postmortem(online)["reference"]
    assert online.json("show", ref)["cells"]
    done = online.run("doctor")
    assert done.returncode == 21
    assert "cannot be written" in done.stdout
