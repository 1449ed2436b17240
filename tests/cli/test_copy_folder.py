"""An exported folder as the source of a copy: to a second account, back to its own, and to one that lacks the incidents."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import variables_of
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.copying import SWITCHES

INCIDENTS = 12
Exported = Callable[..., Path]


@pytest.fixture(scope="module")
def old() -> Iterator[Sandbox]:
    """An account whose incidents name their postmortems, as clients of the vendor leave it."""
    with Sandbox(incidents=INCIDENTS, switches=SWITCHES) as sandbox:
        for each in sandbox.opsgenie.state.postmortems.values():
            sandbox.opsgenie.state.incidents[each["incidentId"]]["extraProperties"]["postmortemId"] = each["postmortemId"]
        yield sandbox


@pytest.fixture(scope="module")
def folders(old: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An export of each vendor's account."""
    root = tmp_path_factory.mktemp("exports")
    for vendor in ("opsgenie", "datadog"):
        computer(root, "first", vendor, old).run("export", "--all", str(root / vendor))
    return {vendor: root / vendor for vendor in ("opsgenie", "datadog")}


@pytest.fixture
def exported(folders: dict[str, Path], tmp_path: Path) -> Exported:
    """A copy of an export, with only the files that have one of these words in their names."""

    def make(vendor: str, *words: str) -> Path:
        folder = shutil.copytree(folders[vendor], tmp_path / vendor)
        for file in folder.glob("*.md"):
            if not any(word in file.name for word in words):
                file.unlink()
        return folder

    return make


def computer(root: Path, name: str, vendor: str, sandbox: Sandbox) -> Shell:
    """A computer of its own, with one account."""
    home = root / name
    home.mkdir(exist_ok=True)
    return Shell(home, dict(variables_of(vendor, sandbox.url)))


def emptied(sandbox: Sandbox) -> Sandbox:
    """The account without its postmortems."""
    state = sandbox.opsgenie.state
    for key in list(state.postmortems):
        state.remove_postmortem(key)
    for each in state.incidents.values():
        each["extraProperties"].pop("postmortemId", None)
    return sandbox


def writes(sandbox: Sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.requests if entry["method"] != "GET"]


@pytest.mark.parametrize("vendor", ["opsgenie", "datadog"])
def test_back_into_its_own_account_nothing_is_made_and_an_edit_is_for_push(
    old: Sandbox, vendor: str, exported: Exported, tmp_path: Path
) -> None:
    folder = exported(vendor, "checkout", "nightly", "game-day")  # one in detail, one of two, and one that no search of the vendor has
    assert vendor == "opsgenie" or len(list(folder.glob("*.md"))) == 4
    files, second = sorted(folder.glob("*.md")), computer(tmp_path, "second", vendor, old)
    old.requests.clear()
    told = second.run("copy", f"folder:{folder}", f"{vendor}:", "--all", "--no-input")
    assert told.stdout.startswith(f"{len(files)} postmortems: {len(files)} unchanged\n"), told.stdout
    edited = files[-1]
    edited.write_text(edited.read_text().replace("Nobody was told", "By hand: nobody was told"))
    refused = second.run("copy", f"folder:{edited}", f"{vendor}:", "--no-input")
    assert refused.returncode == ExitCode.USAGE and "`pmtui push` sends what was edited" in refused.stderr, refused.stdout
    assert writes(old) == []


def test_an_incident_is_taken_by_reference_and_title_or_what_can_be_done_is_said(exported: Exported, tmp_path: Path) -> None:
    folder = exported("opsgenie", "checkout", "payments")
    other, one = sorted(folder.glob("*.md"))
    with Sandbox(incidents=INCIDENTS, switches=SWITCHES) as sandbox:
        state = emptied(sandbox).opsgenie.state
        for each in state.incidents.values():  # made again by hand: other times, and one with another title
            each["createdAt"] = each["impactStartDate"] = "2026-01-02T03:04:05Z"
            each["message"] = each["message"].replace("Payments", "Something else")
        second, report = computer(tmp_path, "second", "opsgenie", sandbox), tmp_path / "report.md"
        done = second.run("copy", f"folder:{folder}", "opsgenie:", "--all", "--no-input", "--report", str(report))
        assert done.returncode == ExitCode.INCOMPLETE and "1 left out, 1 copied" in done.stdout, done.stdout
        assert "its call that creates one pages people · name the incident" in done.stdout
        assert "/v1/incidents/create" not in writes(sandbox) and len(state.incidents) == INCIDENTS
        assert report.read_text().count("(same reference and title)") == len(state.postmortems) == 1
        sandbox.requests.clear()
        again = second.run("copy", f"folder:{one}", "opsgenie:", "--no-input")
        assert again.returncode == 0 and "(copied before)" in again.stdout and writes(sandbox) == []
        reference = next(each["tinyId"] for each in state.incidents.values() if each["message"].startswith("Something else"))
        named = second.json("copy", f"folder:{other}", f"opsgenie:#{reference}")
        assert named["found"] == "given" and named["verified"], "whoever names it decides"


def test_of_two_postmortems_of_an_incident_the_second_is_left_out(exported: Exported, tmp_path: Path) -> None:
    folder = exported("datadog", "nightly")
    with Sandbox(incidents=0, switches=SWITCHES) as empty:
        second = computer(tmp_path, "second", "datadog", empty)
        for options in (("--dry-run",), ()):
            done = second.run("copy", f"folder:{folder}", "datadog:", "--all", "--no-input", *options)
            assert done.stdout.startswith("2 postmortems: ") and "could not copy a further postmortem" in done.stdout, done.stdout
        (record,) = empty.datadog.state.incidents()
        assert len(record["attachments"]) == 1
