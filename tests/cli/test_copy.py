"""``pmtui copy`` as somebody at a prompt uses it, between two sandboxes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.copying import SWITCHES, made
from tests.gate import gate
from tests.patience import PATIENCE
from tests.sent import writes

CHECKOUT = "Checkout 5xx after cache failover"


@pytest.fixture(scope="module")
def old() -> Iterator[Sandbox]:
    with Sandbox(incidents=8, switches=SWITCHES) as sandbox:
        for each in sandbox.opsgenie.state.postmortems.values():  # as clients of the vendor leave it: the incident names its postmortem
            sandbox.opsgenie.state.incidents[each["incidentId"]]["extraProperties"]["postmortemId"] = each["postmortemId"]
        yield sandbox


@pytest.fixture
def new() -> Iterator[Sandbox]:
    with Sandbox(incidents=0, switches=SWITCHES) as sandbox:
        yield sandbox


@pytest.fixture
def ends(shell: Shell, old: Sandbox, new: Sandbox) -> Shell:
    """A shell with a profile for each sandbox."""
    shell.environ.update({**variables_of("opsgenie", old.url), **variables_of("datadog", new.url)})
    return shell


def configure(shell: Shell, text: str) -> Path:
    file = shell.home / ".config" / "pmtui" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_copy_says_what_is_lost_makes_the_incident_and_is_done_once(ends: Shell, new: Sandbox) -> None:
    done = ends.run("copy", "opsgenie:8", "datadog:")
    assert done.returncode == 0, done.stderr
    assert "changed\tP1 → SEV-1" in done.stdout and "panel → quote" in done.stdout and "incidents/" in done.stdout
    assert "copied · verified" in done.stderr
    assert made(new, CHECKOUT) == {"incidents": 1, "postmortems": 1, "attachments": 1, "told": 0}
    (record,) = new.datadog.state.incidents()
    assert record["declared"] == record["detected"] < record["resolved"] < record["created"], "it keeps its own times"
    assert "POST /api/v2/incidents" not in writes(new), "never by the call that pages people"
    new.requests.clear()
    again = ends.run("copy", "opsgenie:8", "datadog:")
    assert again.returncode == 0 and "it is there already" in again.stderr and writes(new) == []


def test_it_is_found_by_its_note_where_nothing_is_remembered(ends: Shell, new: Sandbox) -> None:
    assert ends.run("copy", "opsgenie:8", "datadog:").returncode == 0
    for file in (ends.home / ".local" / "state" / "pmtui" / "copies").iterdir():
        file.unlink()
    again = ends.run("copy", "opsgenie:8", "datadog:", "--no-input")
    assert again.returncode == 0 and "it is there already" in again.stderr
    assert made(new, CHECKOUT)["incidents"] == 1


def test_a_dry_run_shows_the_request_and_sends_nothing(ends: Shell, old: Sandbox, new: Sandbox) -> None:
    old.requests.clear()
    done = ends.run("copy", "opsgenie:8", "datadog:", "--dry-run")
    assert done.returncode == 0 and "POST /api/v2/incidents/import" in done.stdout and '"SEV-1"' in done.stdout
    told = ends.json("copy", "opsgenie:8", "datadog:", "--dry-run")
    assert told["dry_run"] and not told["sent"] and told["requests"][0]["body"]["data"]["attributes"]["title"] == CHECKOUT
    assert told["losses"]["counts"]["changed"] > 0
    assert writes(new) == writes(old) == [] and not (ends.home / ".local" / "state" / "pmtui" / "copies").exists()


def test_into_a_given_incident_with_a_postmortem_of_its_own(shell: Shell, old: Sandbox) -> None:
    with Sandbox(incidents=4, switches=SWITCHES) as new:
        shell.environ.update({**variables_of("opsgenie", old.url), **variables_of("datadog", new.url)})
        state = new.datadog.state
        record = next(each for each in state.incidents() if each["title"] == CHECKOUT)
        reference = f"IR-{record['public_id']}"
        before = shell.json("-p", "datadog", "show", reference)
        title = old.opsgenie.state.incidents[next(key for key, each in old.opsgenie.state.incidents.items() if each["tinyId"] == "4")][
            "message"
        ]
        dry = shell.run("copy", "opsgenie:4", f"datadog:{reference}", "--dry-run")
        assert "PUT /api/v1/notebooks/" in dry.stdout and "PATCH /api/v2/incidents/" in dry.stdout
        stays = f"! {reference} has text already: it stays, the copied sections ("
        (said,) = [line for line in dry.stdout.splitlines() if line.startswith(stays)]
        assert "are added below it; then there are two of " in said and "Timeline" in said.rpartition("two of ")[2], said
        told = shell.json("copy", "opsgenie:4", f"datadog:{reference}")
        assert said.removeprefix("! ") in told["losses"]["warnings"]
        again = shell.run("copy", "opsgenie:4", f"datadog:{reference}", "--dry-run")
        assert again.returncode == 0 and stays not in again.stdout, "these are its own sections"
        after = shell.json("-p", "datadog", "show", reference)
        assert told["verified"] and told["state"] == "copied"
        assert after["fields"]["title"] == title and len(list(state.incidents())) == 4
        texts = [cell["text"] for cell in after["cells"]]
        assert [cell["text"] for cell in before["cells"]] == texts[: len(before["cells"])], "what was there stays"
        assert texts[-1].startswith("## Carried over")
        assert not any(path.endswith("/responders") for path in writes(new)), "nobody is mailed"


def test_what_looks_the_same_is_asked_about(shell: Shell) -> None:
    with Sandbox(incidents=8, switches=SWITCHES) as both:
        for each in both.opsgenie.state.postmortems.values():
            both.opsgenie.state.incidents[each["incidentId"]]["extraProperties"]["postmortemId"] = each["postmortemId"]
        shell.environ.update({**variables_of("opsgenie", both.url), **variables_of("datadog", both.url)})
        refused = shell.run("copy", "opsgenie:8", "datadog:", "--no-input")
        assert refused.returncode == ExitCode.USAGE and "--yes" in refused.stderr and "--new" in refused.stderr
        asked = "has this title and began in the same second; the copy asks about that first"
        dry = shell.run("copy", "opsgenie:8", "datadog:", "--dry-run")
        assert dry.returncode == ExitCode.USAGE and asked in dry.stderr and "PUT /api/v1/notebooks/" in dry.stdout, dry.stderr
        assert "it would send nothing. To copy into it, name datadog:IR-" in dry.stderr and "nothing was sent. To copy" in refused.stderr
        argv, env = [sys.executable, "-m", "pmtui", "copy", "opsgenie:8", "datadog:", "--dry-run"], {**shell.full, "PYTHONUNBUFFERED": "1"}
        mixed = subprocess.run(argv, input="", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)
        assert mixed.stdout.startswith("pmtui: #8: IR-") and " ".join(mixed.stdout.split()).count("asks about that first") == 1
        told = json.loads(shell.run("copy", "opsgenie:8", "datadog:", "--dry-run", "--json").stdout)
        assert asked in told["why"] and told["exit_code"] == ExitCode.USAGE and told["requests"]
        at_terminal = shell.at_terminal("copy", "opsgenie:8", "datadog:", "--dry-run")
        assert at_terminal.returncode == 0 and "asks about that first" in " ".join(at_terminal.stderr.split())
        agreed = shell.run("copy", "opsgenie:8", "datadog:", "--dry-run", "--yes")
        assert agreed.returncode == 0 and "asks about" not in agreed.stderr
        everything = json.loads(shell.run("copy", "opsgenie:", "datadog:", "--all", "--dry-run", "--json").stdout)
        assert asked in next(each["why"] for each in everything["postmortems"] if each["source"]["reference"] == "#8")
        no = shell.at_terminal("copy", "opsgenie:8", "datadog:", stdin="n\n")
        assert no.returncode == ExitCode.USAGE and writes(both) == []
        yes = shell.run("copy", "opsgenie:8", "datadog:", "--yes")
        assert yes.returncode == 0, yes.stderr
        assert made(both, CHECKOUT)["incidents"] == 1
        assert shell.run("copy", "opsgenie:8", "datadog:", "--new").returncode == 0
        assert made(both, CHECKOUT)["incidents"] == 1, "a copy that was made is found before anything new is"


def test_the_map_is_shown_pasted_and_its_errors_name_the_line(ends: Shell, new: Sandbox) -> None:
    shown = ends.run("copy", "opsgenie:", "datadog:", "--show-map")
    assert shown.stdout == ends.run("copy", "opsgenie:8", "datadog:", "--show-map").stdout, "any postmortem shows the fields"
    assert shown.returncode == 0 and tomllib.loads(shown.stdout)["map"]["severity"]["P3"] == "SEV-3"
    configure(ends, shown.stdout.replace('P1 = "SEV-1"', 'P1 = "SEV-4"').replace('linked_issues = "linked_issues"', 'linked_issues = ""'))
    told = ends.json("copy", "opsgenie:8", "datadog:")
    (record,) = new.datadog.state.incidents()
    assert record["fields"]["severity"]["value"] == "SEV-4" and record["integrations"] == []
    assert {"linked_issues": "left", "severity": "changed"}.items() <= {
        each["part"]: each["fate"] for each in told["losses"]["parts"]
    }.items()
    file = configure(ends, '[map.field]\nowner = "owner"\nstatus = "sumary"\n')
    wrong = ends.run("copy", "opsgenie:8", "datadog:", "--dry-run")
    assert wrong.returncode == ExitCode.USAGE and f"{file}:3: map.field.status" in wrong.stderr and "'summary'" in wrong.stderr
    configure(ends, "[map]\nseverity = 3\n")
    assert f"{file}:2: map.severity: 3 is not a table" in ends.run("copy", "opsgenie:8", "datadog:").stderr
    configure(ends, "[map.severity]\nP1 = 3\n")
    assert f"{file}:2: map.severity.P1: 3 is not a string" in ends.run("incidents", "-p", "datadog").stderr


def test_a_map_may_be_for_two_places_only(ends: Shell) -> None:
    def shown() -> dict[str, str]:
        done = ends.run("copy", "opsgenie:8", "datadog:", "--show-map")
        assert done.returncode == 0, done.stderr
        severities: dict[str, str] = tomllib.loads(done.stdout)["map"]["severity"]
        return severities

    everywhere = '[map.severity]\nP1 = "SEV-4"\nP2 = "SEV-4"\n'
    configure(ends, f'{everywhere}[map.opsgenie.datadog.severity]\nP1 = "SEV-2"\n[map.datadog.opsgenie.severity]\nP2 = "P1"\n')
    assert (shown()["P1"], shown()["P2"], shown()["P3"]) == ("SEV-2", "SEV-4", "SEV-3")
    file = configure(ends, '[map.opsgenie.datadog.field]\nstatus = "sumary"\n')
    wrong = ends.run("copy", "opsgenie:8", "datadog:", "--dry-run")
    assert f"{file}:2: map.opsgenie.datadog.field.status" in wrong.stderr and "'summary'" in wrong.stderr
    configure(ends, "[map.opsgenie.datadog]\nseverity = 3\n[map.opsgenie.datadog.field]\n")
    assert f"{file}:2: map.opsgenie.datadog.severity: 3 is not a table" in ends.run("copy", "opsgenie:8", "datadog:").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("opsgenie", "datadog:"), "no profile is named"),
        (("opsgeni:12", "datadog:"), "did you mean 'opsgenie'?"),
        (("opsgenie:", "datadog:"), "say which postmortem: opsgenie:REF, or give --all"),
        (("opsgenie:8", "datadog:", "--all"), "--all copies everything"),
        (("opsgenie:8", "opsgenie:8"), "to itself"),
        (("opsgenie:7", "datadog:"), "no postmortem to copy"),
        (("opsgenie:8", "opsgenie:"), "no other incident there has its reference and title"),
        (("opsgenie:8", "datadog:", "--read-only"), "read-only: nothing was sent"),
    ],
)
def test_what_cannot_be_copied_is_refused_before_anything_is_sent(ends: Shell, new: Sandbox, words: tuple[str, ...], said: str) -> None:
    done = ends.run("copy", *words)
    assert done.returncode not in (0, ExitCode.BUG) and said in done.stderr, done.stderr
    assert writes(new) == []


def test_all_with_a_report_and_what_was_left_out(ends: Shell, old: Sandbox, new: Sandbox, tmp_path: Path) -> None:
    new.fault("POST /api/v2/incidents/import 422 after 1 first 1")
    report = tmp_path / "report.json"
    done = ends.run("copy", "opsgenie:", "datadog:", "--all", "--report", str(report))
    count = len(old.opsgenie.state.postmortems)
    assert done.returncode == ExitCode.INCOMPLETE, done.stderr
    assert f"{count} postmortems: " in done.stdout and f"{count - 1} copied" in done.stdout and "1 left out" in done.stdout
    assert len(list(new.datadog.state.incidents())) == count - 1
    entries: list[dict[str, Any]] = json.loads(report.read_text())["postmortems"]
    (left,) = [each for each in entries if each["state"] == "left out"]
    assert "(422)" in left["why"] and all(each["losses"]["parts"] for each in entries if each is not left)
    told = ends.json("copy", "opsgenie:", "datadog:", "--all")
    assert told["states"] == {"unchanged": count - 1, "copied": 1} and told["count"] == count
    assert sum(made(new, each["title"])["postmortems"] for each in new.datadog.state.incidents()) == count


def test_what_the_target_changed_stays_and_what_both_changed_is_asked_about(ends: Shell, new: Sandbox) -> None:
    reference = ends.json("copy", "opsgenie:6", "datadog:")["target"]["reference"]
    edit = ("edit", reference, "--cell", "Summary", "--file", "-")
    assert ends.run("-p", "datadog", *edit, stdin="#### Summary\n\nrewritten there").returncode == 0
    new.requests.clear()
    assert ends.run("copy", "opsgenie:6", "datadog:").returncode == 0, "what only the target changed stays"
    assert writes(new) == []
    here = ends.run("-p", "opsgenie", "edit", "#6", "--cell", "Summary", "--file", "-", stdin="#### Summary\n\nrewritten here")
    assert here.returncode == 0, here.stderr
    clash = ends.run("copy", "opsgenie:6", "datadog:")
    assert clash.returncode == ExitCode.CONFLICT and "--mine" in clash.stderr and "Summary" in clash.stderr, clash.stderr
    dry = ends.run("copy", "opsgenie:6", "datadog:", "--dry-run")
    assert (dry.returncode, dry.stderr) == (clash.returncode, clash.stderr)
    assert writes(new) == []
    assert ends.run("copy", "opsgenie:6", "datadog:", "--mine").returncode == 0
    assert [cell["text"] for cell in ends.json("-p", "datadog", "show", reference)["cells"]].count("#### Summary\n\nrewritten here") == 1


def test_through_a_folder_of_files(ends: Shell, new: Sandbox, tmp_path: Path) -> None:
    there = ends.json("copy", "opsgenie:8", f"folder:{tmp_path}")
    assert there["losses"]["counts"]["left"] == 0
    (file,) = tmp_path.glob("*.md")
    text = file.read_text()
    assert "owner: Jane Doe <jane.doe@example.com>\n" in text and "> [!INFO]" in text, "names with addresses, and rich text as it is"
    assert "it is there already" in ends.run("copy", "opsgenie:8", f"folder:{tmp_path}").stderr and file.read_text() == text
    back = ends.json("copy", f"folder:{file}", "datadog:")
    assert back["verified"] and {each["part"]: each["fate"] for each in back["losses"]["parts"]}["owner"] == "exact"
    (record,) = new.datadog.state.incidents()
    assert record["fields"]["state"]["value"] == "resolved" and record["resolved"] and record["commander"]


def test_a_file_of_another_folder_that_is_called_the_same_is_not_written_into(ends: Shell, tmp_path: Path) -> None:
    """Ids of two folders have nothing to do with each other."""
    for name, title in (("a", "Cache outage"), ("b", "DNS outage")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.md").write_text(f"# {title}\n\n## Summary\n\nThe {title}.\n")
    there = tmp_path / "b" / "notes.md"
    before = there.read_text()
    done = ends.run("copy", f"folder:{tmp_path / 'a'}", f"folder:{tmp_path / 'b'}", "--all", "--no-input")
    assert there.read_text() == before, done.stdout + done.stderr
    assert done.returncode != 0 and "has this reference" in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.long
def test_killed_in_the_middle_of_all_it_goes_on(ends: Shell, old: Sandbox, new: Sandbox) -> None:
    argv = [sys.executable, "-m", "pmtui", "copy", "opsgenie:", "datadog:", "--all"]
    with gate(new, when=lambda: len(writes(new)) >= 8) as answers:
        process = subprocess.Popen(argv, env=ends.full, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while not answers.held and process.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "in the middle"
    before = len(list(new.datadog.state.incidents()))
    done = ends.run("copy", "opsgenie:", "datadog:", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    records = list(new.datadog.state.incidents())
    assert 0 < before <= len(records) == len(old.opsgenie.state.postmortems)
    assert all(len(each["attachments"]) == 1 for each in records) and len(list(new.datadog.state.notebooks())) == len(records)


def test_progress_of_a_copy_is_told_with_the_time_left(ends: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.cli.printing.progress._SELDOM", 0)
    done = ends.run("copy", "opsgenie:", "datadog:", "--all", "--dry-run")
    assert "pmtui: 8 incidents listed" in done.stderr
    assert re.search(r"pmtui: 5 of \d+ postmortems · \d+ s left · #\d+ \w+", done.stderr)
