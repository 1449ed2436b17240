"""Every outcome has its true name and its exit code: what a script can tell apart, and what never looks like something else."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pmtui.backends.base import Trouble
from pmtui.backends.http.limiter import LIMITER
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import variables_of
from pmtui.cli.saving import code_of
from pmtui.sandbox.opsgenie.answers import Answer
from pmtui.sandbox.server import Sandbox
from pmtui.session.report import Outcome, Report, Result
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem
from tests.gate import gate
from tests.patience import PATIENCE
from tests.sent import writes
from tests.turns import every_vendor

PMTUI = f"{sys.executable} -m pmtui"


def run_in_shell(shell: Shell, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A line of sh, in which ``pmtui`` is the program."""
    line = re.sub(r"\bpmtui\b", PMTUI, script, count=1)
    return subprocess.run(
        ["bash", "-c", line], env={**shell.full, **environ}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def fault_writes(sandbox: Sandbox, action: str) -> None:
    for method in ("PUT", "PATCH", "POST"):
        for path in ("/api/v1/notebooks/*", "/api/v2/incidents/*", "/v2/postmortem/*/*"):
            sandbox.fault(f"{method} {path} {action}")


# Refused writes keep the kind of their trouble


@pytest.mark.parametrize(("status", "code"), [("401", 4), ("403", 4), ("409", 5), ("422", 8), ("400", 8)])
def test_a_refused_write_has_the_code_of_its_reason(online: Shell, sandbox: Sandbox, status: str, code: int) -> None:
    ref = with_postmortem(online)["reference"]
    fault_writes(sandbox, status)
    done = online.run("set", ref, "title=Another title", "--json")
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (answer["verified"], answer["exit_code"], answer["kind"]) == (False, code, ExitCode(code).kind)
    assert answer["outcomes"][0]["trouble"]
    assert online.json("drafts")["drafts"] == []


@every_vendor
def test_what_was_saved_is_not_reverted_because_something_else_was_refused(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    if vendor != "opsgenie":
        pytest.skip("each field has its own call there")
    ref = with_postmortem(online)["reference"]
    sandbox.fault("* /v2/postmortem/*/severity 422")
    assert online.run("set", ref, "title=Another title", "severity=P5").returncode == 8
    assert online.json("show", ref)["fields"]["title"] == "Another title"
    assert online.json("drafts")["drafts"] == []


@pytest.mark.parametrize(("fault", "code"), [("503", 13), ("garbage", 12), ("403", 4)])
def test_what_was_last_seen_is_no_base_for_a_command(
    one: Shell, sandbox: Sandbox, fault: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is the server's, whatever the screens would show in its place."""
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    ref = with_postmortem(one)["reference"]
    sandbox.fault("PUT /v2/postmortem/*/* drop-before")
    assert one.run("edit", ref, "--cell", "Impact", "--file", "-", stdin="## Impact\n\nmine").returncode != 0
    sandbox.clear_faults()
    sandbox.fault(f"GET /v2/postmortem/* {fault}")
    done = one.run("set", ref, "title=Another title")
    assert done.returncode == code, done.stderr


# Values that cannot be


def test_a_required_field_is_not_emptied(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    done = online.run("set", ref, "title=", "--json")
    assert done.returncode == 8, done.stderr
    error = json.loads(done.stderr)["error"]
    assert error["kind"] == "invalid" and "title: Title must not be empty" in error["message"]
    assert writes(sandbox) == []
    assert online.json("drafts")["drafts"] == []


def test_a_text_that_is_too_long_is_not_sent(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    ref = with_postmortem(shell)["reference"]
    done = shell.run("set", ref, f"document_title={'x' * 500}")
    assert done.returncode == 8, done.stderr
    assert "document_title: Document title has 500 characters" in done.stderr
    assert writes(sandbox) == []
    assert shell.json("drafts")["drafts"] == []


@pytest.mark.parametrize("status", ["500", "503"])
def test_a_server_error_that_was_not_applied_keeps_its_code(
    online: Shell, sandbox: Sandbox, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMITER, "pace", 0.01)
    ref = with_postmortem(online)["reference"]
    fault_writes(sandbox, status)
    done = online.run("set", ref, "title=Another title", "--json")
    assert done.returncode == 13, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    (outcome,) = answer["outcomes"]
    assert (answer["kind"], outcome["state"], outcome["trouble"]) == ("server", "not applied", "server")
    assert outcome["detail"] == f"the server answered {status}; read back: it is not there"
    assert "not known" not in done.stderr


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(Trouble.TIMEOUT, 6), (Trouble.SERVER, 13), (Trouble.OFFLINE, 6), (Trouble.ANSWER, 19), (None, 19)],
)
def test_not_applied_is_said_only_after_an_acceptance(trouble: Trouble | None, code: int) -> None:
    outcome = Outcome("title", Result.NOT_APPLIED, trouble=trouble)
    assert code_of(Report((outcome,), verified=False), [outcome]) == code


# A write that sends more than what was edited


def test_the_full_update_needs_consent(one: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(one)["reference"]
    sandbox.fault("* /v2/postmortem/*/title 404")
    assert one.run("set", ref, "title=Another title").returncode == 8
    sandbox.requests.clear()
    planned = one.json("set", ref, "title=Another title", "--dry-run")
    (request,) = planned["requests"]
    assert request["method"] == "PUT" and request["path"].count("/") == 3, "the full update has the postmortem's own address"
    assert request["body"]["title"] == "Another title" and request["body"].keys() >= {"severity", "ownerId", "responderUsers"}
    assert any(each.startswith("also sends severity: ") for each in planned["warnings"])
    done = one.run("set", ref, "title=Another title", "--json")
    assert done.returncode == 2
    message = json.loads(done.stderr)["error"]["message"]
    assert "has no working call for title alone" in message and "also sends severity: " in message and "--yes" in message
    assert writes(sandbox) == []
    assert one.json("drafts")["drafts"] == []
    done = one.run("set", ref, "title=Another title", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["warnings"] == planned["warnings"]
    assert len(writes(sandbox)) == 1
    assert [json.loads(each["body"]) for each in sandbox.requests if each["method"] == "PUT"] == [request["body"]]
    assert one.json("show", ref)["fields"]["title"] == "Another title"


# A list that is not whole, and a postmortem that is not found


def test_a_total_that_contradicts_the_rows_is_no_empty_list(one: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one.json("incidents")["notices"] == []
    page = "pmtui.sandbox.opsgenie.incidents.incidents.page"
    monkeypatch.setattr(page, lambda _call, rows, *_given: Answer(200, {"data": [], "totalCount": len(rows)}, bare=True))
    done = one.run("incidents", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["incidents"]) == (14, [])
    assert answer["notices"] == ["Opsgenie counts 8 incidents here and sent 0: read the list again"]
    assert "no incident matches" not in one.run("incidents").stderr


def test_a_postmortem_whose_id_is_not_known_is_not_shown_as_none(one: Shell, sandbox: Sandbox) -> None:
    state = sandbox.opsgenie.state
    incident = state.incidents[next(iter(state.postmortems.values()))["incidentId"]]
    incident["extraProperties"].pop("postmortemId", None)
    done = one.run("show", incident["id"], "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["cells"]) == (14, []), done.stderr
    assert [each["part"] for each in answer["unread"]] == ["text"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("owner:jane", "Opsgenie cannot search incidents by owner"),
        ("foo:bar", 'unknown filter "foo:"'),
        ("state:finished", "no such state: finished; there are open, resolved, closed"),
        ("before:lastweek", "'lastweek' is not a date"),
    ],
)
def test_a_filter_without_effect_lists_nothing(one: Shell, line: str, said: str) -> None:
    done = one.run("incidents", line)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and ("nothing was listed" in done.stderr or "nothing was found" in done.stderr)
    assert "left out" not in done.stderr and "searched as a word " not in done.stderr


# Locks by their reason


@every_vendor
def test_what_the_vendor_sets_is_locked_and_not_read_only(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    ref = with_postmortem(online)["reference"]
    name = {"datadog": "impacts", "opsgenie": "created_time"}[vendor]
    done = online.run("set", ref, "title=Another title", f"{name}=2026-01-01", "--json")
    assert done.returncode == 15, done.stderr
    error = json.loads(done.stderr)["error"]
    assert error["kind"] == "locked"
    label = {"datadog": "Impacts", "opsgenie": "Postmortem created"}[vendor]
    assert error["message"].startswith(f"{label}: "), "it names the field"
    assert writes(sandbox) == []
    assert online.json("drafts")["drafts"] == [], "what was edited before it does not stay behind"


def test_a_cell_that_markdown_cannot_say_is_locked(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    for incident in shell.json("incidents")["incidents"]:
        shown = shell.run("show", incident["reference"], "--json")
        cells = json.loads(shown.stdout)["cells"] if shown.returncode == 0 else []
        number = next((n for n, cell in enumerate(cells, 1) if cell["kind"] == "opaque"), 0)
        if number:
            done = shell.run("edit", incident["reference"], "--cell", str(number), "--file", "-", "--json", stdin="text")
            assert done.returncode == 15
            assert json.loads(done.stderr)["error"] == json.loads(done.stderr)["error"] | {"kind": "locked", "locked_by": "opaque"}
            return
    pytest.fail("the sandbox has no graph")


# What was not read is not shown as empty


def test_a_text_that_was_not_read_has_a_code_a_line_and_a_notice(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    ref = with_postmortem(shell)["reference"]
    sandbox.fault("GET /api/v1/notebooks/* 403")
    done = shell.run("show", ref, "--json")
    answer = json.loads(done.stdout)
    if not answer["unread"]:
        pytest.skip("this backend does not say yet what it could not read")
    assert (done.returncode, answer["cells"]) == (14, [])
    assert answer["unread"][0]["part"] == "text"
    assert any("could not be read" in notice for notice in answer["notices"])
    assert "the text could not be read" in done.stderr
    edited = shell.run("edit", ref, "--cell", "1", "--file", "-", stdin="text")
    assert edited.returncode == 14
    assert writes(sandbox) == []


# Filters


def test_a_filter_that_cannot_be_applied_is_an_error(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("opsgenie", sandbox.url))
    done = shell.run("incidents", "owner:jane", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(done.stderr)["error"]["kind"] == "usage"
    assert "owner" in json.loads(done.stderr)["error"]["message"]


def test_a_word_that_looks_like_a_filter_is_an_error_unless_it_is_quoted(online: Shell) -> None:
    done = online.run("incidents", "foo:bar")
    assert done.returncode == 2
    assert "foo:" in done.stderr
    assert online.run("incidents", '"foo:bar"').returncode == 0


# Empty input


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n", "\ufeff", "\ufeff\r\n"])
def test_empty_input_empties_nothing(one: Shell, sandbox: Sandbox, text: str) -> None:
    ref = with_postmortem(one)["reference"]
    done = one.run("edit", ref, "--cell", "Timeline", "--file", "-", stdin=text)
    assert done.returncode == 2
    assert "--allow-empty" in done.stderr
    assert writes(sandbox) == []


def test_a_producer_that_failed_empties_nothing(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    done = run_in_shell(online, f"false | pmtui edit {shlex.quote(ref)} --cell Timeline --file -")
    assert (done.returncode, writes(sandbox)) == (2, [])


def test_a_text_of_crlf_with_a_byte_order_mark_leaves_neither(online: Shell) -> None:
    ref = with_postmortem(online)["reference"]
    done = online.run("edit", ref, "--cell", "Impact", "--file", "-", stdin="\ufeff## Impact\r\n\r\nnew words\r\rmore\r\n")
    assert done.returncode == 0, done.stderr
    cell = next(cell for cell in online.json("show", ref)["cells"] if cell["title"] == "Impact")
    assert cell["text"].strip() == "## Impact\n\nnew words\n\nmore"


# Lists


def test_a_removal_that_matches_nothing_is_an_error_with_what_is_near(online: Shell, sandbox: Sandbox) -> None:
    shown = online.json("show", with_postmortem(online)["reference"])
    ref, issues = shown["incident"]["reference"], shown["fields"]["linked_issues"]
    label = issues[0]["title"] or issues[0]["url"]
    done = online.run("set", ref, f"linked_issues-={label}x")
    assert done.returncode == 8
    assert f"is not in the list; near: {label}" in done.stderr
    assert writes(sandbox) == []
    assert online.run("set", ref, f"linked_issues-={label}").returncode == 0, "a label works where it is unique"
    after = online.json("show", ref)["fields"]["linked_issues"]
    assert [each["url"] for each in after] == [each["url"] for each in issues[1:]]


def test_an_item_with_a_comma_is_quoted(shell: Shell, sandbox: Sandbox) -> None:
    shell.environ.update(variables_of("datadog", sandbox.url))
    ref = with_postmortem(shell)["reference"]
    before = shell.json("show", ref)["fields"]["action_items"]
    done = shell.run("set", ref, 'action_items+="Call Ada, then Bo",plain')
    assert done.returncode == 0, done.stderr
    after = shell.json("show", ref)["fields"]["action_items"]
    assert {each["text"] for each in after if each not in before} == {"Call Ada, then Bo", "plain"}
    assert shell.run("set", ref, 'action_items+="open').returncode == 2


# References


@pytest.mark.parametrize("ref", ["9" * 5000, "x" * 100_000])
def test_an_endless_reference_is_an_error(one: Shell, ref: str) -> None:
    done = one.run("show", ref)
    assert done.returncode == 2
    assert "characters" in done.stderr


@pytest.mark.parametrize("words", [["show", "IR-\udcff"], ["incidents", "\udcff"], ["set", "IR-1", "title=\udce4"]])
def test_a_word_that_is_not_utf8_is_an_error(one: Shell, words: list[str]) -> None:
    done = one.run(*words)
    assert done.returncode == 2
    assert "is not UTF-8" in done.stderr


# Standard streams


@pytest.mark.sweep(3)
@pytest.mark.parametrize(
    "words", ["--help", "set --help", "help exit-codes", "incidents", "incidents --json", "show REF", "drafts", "doctor"]
)
@pytest.mark.parametrize("ending", [">/dev/full", ">&-"])
def test_output_that_cannot_be_written_is_named(one: Shell, words: str, ending: str) -> None:
    ref = shlex.quote(with_postmortem(one)["reference"])
    done = run_in_shell(one, f"pmtui {words.replace('REF', ref)} {ending}")
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    if words == "drafts":
        assert done.returncode == 0, "it prints nothing"
    else:
        assert done.returncode == ExitCode.DISK, done.stderr
        assert "standard output" in done.stderr or "No space left" in done.stderr


@pytest.mark.sweep(3)
@pytest.mark.parametrize("ending", [">/dev/full", ">&-", "2>&-", "2>/dev/full", ">&- 2>&- <&-"])
@pytest.mark.parametrize("extra", ["", "--json"])
def test_a_save_that_was_done_does_not_fail_afterwards(one: Shell, sandbox: Sandbox, ending: str, extra: str) -> None:
    ref = with_postmortem(one)["reference"]
    done = run_in_shell(one, f"pmtui set {shlex.quote(ref)} 'title=Another title' {extra} {ending}")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert one.json("show", ref)["fields"]["title"] == "Another title"


@pytest.mark.sweep(4)
@pytest.mark.parametrize("words", ["show REF", "incidents", "edit REF --cell 1 --file -", "delete REF", "drafts", "demo", ""])
@pytest.mark.parametrize("ending", ["<&-", "2>&-", "<&- 2>&-"])
def test_no_stream_at_all_is_no_traceback(one: Shell, sandbox: Sandbox, words: str, ending: str) -> None:
    ref = shlex.quote(with_postmortem(one)["reference"])
    done = run_in_shell(one, f"pmtui {words.replace('REF', ref)} {ending}")
    assert done.returncode in {int(code) for code in ExitCode} - {70}, done.stderr
    assert "Traceback" not in done.stderr
    assert writes(sandbox) == []


# Ctrl+C


def interrupted(shell: Shell, sandbox: Sandbox, words: list[str], method: str) -> tuple[int, str]:
    """The command, interrupted once the server has its request and before it answers."""
    with gate(sandbox, methods=(method,)) as answers:
        process = subprocess.Popen([sys.executable, "-m", "pmtui", *words], env=shell.full, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + PATIENCE
        while not answers.held:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


@every_vendor
def test_ctrl_c_during_a_write_is_unknown_and_keeps_the_draft(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    ref = with_postmortem(online)["reference"]
    code, errors = interrupted(online, sandbox, ["set", ref, "title=Another title"], "PATCH" if vendor == "datadog" else "PUT")
    assert code == 11
    assert "may have been sent; the draft is kept" in errors
    assert "Traceback" not in errors
    assert [draft["changes"] for draft in online.json("drafts")["drafts"]] == [1]


@pytest.mark.sweep(1)
def test_ctrl_c_before_anything_was_sent_leaves_nothing(online: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(online)["reference"]
    code, errors = interrupted(online, sandbox, ["set", ref, "title=Another title"], "GET")
    assert (code, "Traceback" in errors) == (130, False)
    assert online.json("drafts")["drafts"] == []


# This computer


def test_a_state_directory_that_is_a_file_is_no_empty_list(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "pmtui").touch()
    for words in (["drafts"], ["drafts", "--json"], ["recover"]):
        done = shell.run(*words, XDG_STATE_HOME=str(tmp_path))
        assert (done.returncode, done.stdout) == (18, "")
        assert "Not a directory" in done.stderr


def test_doctor_tells_of_a_configuration_that_is_not_believed(shell: Shell) -> None:
    file = shell.home / ".config/pmtui/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("")
    file.chmod(0o666)
    done = shell.run("doctor")
    assert done.returncode == 2
    assert re.search(r"fail\tconfiguration\t.*others can write it", done.stdout)


def test_python_m_imports_nothing_from_where_it_is_started(shell: Shell, tmp_path: Path) -> None:
    for name in ("argparse", "json", "asyncio", "textual", "difflib", "shlex", "ctypes", "pwd", "tomllib"):
        (tmp_path / f"{name}.py").write_text("import os\nos._exit(66)\n")
    for words in (["--help"], ["drafts"], ["doctor"], ["incidents"]):
        argv = [sys.executable, "-m", "pmtui", *words]
        done = subprocess.run(argv, cwd=tmp_path, env=shell.full, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode != 66, words


# The notation


def test_help_markdown_is_the_notation(shell: Shell) -> None:
    printed = shell.run("help", "markdown").stdout
    shipped = Path(__file__).parents[2] / "pmtui/formats/adf/notation.md"
    cells = [
        cell.strip() for row in shipped.read_text("utf-8").splitlines() if row.startswith("| ") for cell in row.strip("|").split(" | ")
    ]
    assert len(cells) > 20
    flat = " ".join(printed.split())
    assert all(" ".join(cell.split()) in flat for cell in cells if not cell.startswith("---"))
    assert max(map(len, printed.splitlines())) <= 80


def told_apart(codes: Mapping[str, int]) -> bool:
    return len(set(codes.values())) == len(codes)


def test_a_stranger_can_tell_the_outcomes_apart(shell: Shell, sandbox: Sandbox) -> None:
    """Empty, not readable, not permitted, not reached, refused, conflict, unknown: by exit code, and by the word in JSON."""
    shell.environ.update(variables_of("opsgenie", sandbox.url))
    ref = with_postmortem(shell)["reference"]
    codes = {"empty": shell.run("incidents", "nothing-is-called-so", "--json").returncode}
    for name, fault in (("not readable", "GET * garbage"), ("not permitted", "GET * 403")):
        sandbox.fault(fault)
        codes[name] = shell.run("incidents", "--json").returncode
        sandbox.clear_faults()
    for name, fault in (("refused", "422"), ("conflict", "409")):
        fault_writes(sandbox, fault)
        codes[name] = shell.run("set", ref, f"title={name}", "--json").returncode
        sandbox.clear_faults()
    codes["unknown"], _ = interrupted(shell, sandbox, ["set", ref, "title=unknown"], "PUT")
    sandbox.stop()
    codes["not reached"] = shell.run("incidents", "--json").returncode
    assert told_apart(codes), codes
    codes_told = shell.run("help", "exit-codes").stdout.partition("\n\n")[0]
    listed = {int(code) for code in re.findall(r"(?m)^ {1,3}(\d+) ", codes_told)}
    assert set(codes.values()) <= listed
