"""An exported folder as the source of a copy: to a second account, back to its own, and to one that lacks the incidents."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.folder.backend import FolderBackend
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import variables_of
from pmtui.model.postmortem import Postmortem
from pmtui.sandbox.server import Sandbox
from pmtui.session.copy.loss import LossReport
from pmtui.session.copy.places import Telling
from tests.cli.conftest import Shell
from tests.copying import SWITCHES, Machine
from tests.sent import writes

INCIDENTS = 12
NOW = datetime.now(UTC)
Exported = Callable[..., Path]


@pytest.fixture(scope="module")
def old() -> Iterator[Sandbox]:
    """An account whose incidents name their postmortems, as clients of the vendor leave it."""
    with Sandbox(incidents=INCIDENTS, switches=SWITCHES, now=NOW) as sandbox:
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


def impacts(sandbox: Sandbox) -> dict[str, list[tuple[str, ...]]]:
    """The impacts by the title of their incident, of incidents that have any."""
    told = ("description", "start_at", "end_at")
    records = list(sandbox.datadog.state.incidents())
    return {one["title"]: [tuple(each[name] for name in told) for each in one["impacts"]] for one in records if one["impacts"]}


MADE = {"opsgenie": "created_time", "datadog": "created"}
"""The field that says when the account itself made the document (the incident): every account says its own time."""
IDS = re.compile(r"^  (place|incident|reference|document|url|read|base): .*$|^        id: .*$", re.MULTILINE)
"""The lines of a file that name its account: ids and addresses below ``pmtui:``, when and what was read, and the ids of items."""


def named(files: Iterable[Path], vendor: str) -> dict[str, str]:
    """The texts by file name, without what the vendor counts itself: Datadog's numbers are its own."""
    number = r"-[A-Z]+-\d+-" if vendor == "datadog" else "$^"
    return {re.sub(number, "-", file.name): file.read_text() for file in files}


def without(text: str, fields: Iterable[str]) -> str:
    """The file without the lines of these fields."""
    return re.sub(rf"^({'|'.join(map(re.escape, fields))}): .*\n", "", text, flags=re.MULTILINE)


def without_responder(text: str, name: str) -> str:
    """The file without one responder, and what is known of them."""
    head, _, rest = text.partition("\nresponders:\n")
    rest, _, known = rest.partition("\n    responders:\n")
    rest, found = re.subn(rf"^  - {re.escape(name)} <.*>\n", "", rest, count=1, flags=re.MULTILINE)
    known, again = re.subn(rf"^      {re.escape(name)} <.*>:\n        id: .*\n", "", known, count=1, flags=re.MULTILINE)
    assert found == again == 1, text
    return f"{head}\nresponders:\n{rest}\n    responders:\n{known}"


def values_of(text: str) -> dict[str, str]:
    """The fields that have one value, and ours."""
    return {name: value.strip('"') for name, value in re.findall(r"^ *(\w+): (.*)$", text.partition("\n---\n")[0], re.MULTILINE)}


@pytest.mark.long
@pytest.mark.parametrize("vendor", ["opsgenie", "datadog"])
def test_export_copy_export_gives_the_same_files(old: Sandbox, vendor: str, exported: Exported, tmp_path: Path) -> None:
    """Byte by byte, but for ``IDS`` and for what the loss report names, which is one of these and nothing else:

    - when the account itself made it: the report has the source's time;
    - who imported the incident is a responder there.

    Datadog's files are those that a new account can have: not a second postmortem of an incident, or a graph that the API refuses
    (each tested by itself).
    """
    some = ("checkout", "redis", "search", "payments", "token", "game-day", "certificate", "order-events")
    words = ("",) if vendor == "opsgenie" else some
    one, two, report = exported(vendor, *words), tmp_path / "two", tmp_path / "report.json"
    with Sandbox(incidents=INCIDENTS if vendor == "opsgenie" else 0, switches=SWITCHES, now=NOW) as sandbox:
        second = computer(tmp_path, "second", vendor, emptied(sandbox))
        done = second.run("copy", f"folder:{one}", f"{vendor}:", "--all", "--no-input", "--notify", "--report", str(report))
        assert done.returncode == 0, done.stdout
        lacking = ExitCode.INCOMPLETE if vendor == "datadog" else 0  # the text of what is no notebook
        assert second.run("export", "--all", str(two)).returncode == lacking
        there = impacts(sandbox)
    before, after = named(one.glob("*.md"), vendor), named(two.glob("*.md"), vendor)
    assert before.keys() == after.keys() and len(before) >= 6
    assert vendor == "opsgenie" or (len(there) >= 3 and there.items() <= impacts(old).items())
    losses = {each["source"]["reference"]: each["losses"]["parts"] for each in json.loads(report.read_text())["postmortems"]}
    for name, text in before.items():
        values, unset, body = values_of(text), list[str](), after[name]
        for each in losses[values["reference"]]:
            if each["part"] == "responders" and each["fate"] == "changed":
                body = without_responder(body, each["detail"].removeprefix("also there: "))
            elif each["fate"] != "exact":
                unset.append(each["part"])
                assert each["part"] == MADE[vendor] and each["fate"] == "changed", each
                assert each["detail"].endswith(f"at the source {values[MADE[vendor]]}")
        assert IDS.sub("", without(text, unset)) == IDS.sub("", without(body, unset)), name


async def test_a_folder_is_as_good_as_its_account(old: Sandbox, exported: Exported, tmp_path: Path) -> None:
    """Both ways plan the same incidents, fields and texts for the other vendor, and report the same losses."""
    folder = exported("opsgenie", "")
    references = [values_of(file.read_text())["reference"] for file in folder.glob("*.md")]
    planned: list[list[tuple[Postmortem, LossReport]]] = []
    with Sandbox(incidents=0, switches=SWITCHES) as empty:
        machine = Machine(tmp_path, old, empty)
        for source in (None, FolderBackend(folder, "here")):
            async with machine.process(telling=Telling.EVERYBODY, source_of=source) as process:
                found = [await process.prepared(reference) for reference in references]
            planned.append([(each.merged.postmortem, each.report) for each in found])
    assert planned[0] == planned[1] and len(references) > 6


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
    with Sandbox(incidents=INCIDENTS, switches=SWITCHES, now=NOW) as sandbox:
        state = emptied(sandbox).opsgenie.state
        for each in state.incidents.values():  # made again by hand: other times, and one with another title
            each["createdAt"] = each["impactStartDate"] = "2026-01-02T03:04:05Z"
            each["message"] = each["message"].replace("Payments", "Something else")
        second, report = computer(tmp_path, "second", "opsgenie", sandbox), tmp_path / "report.md"
        done = second.run("copy", f"folder:{folder}", "opsgenie:", "--all", "--no-input", "--report", str(report))
        assert done.returncode == ExitCode.INCOMPLETE and "1 left out, 1 copied" in done.stdout, done.stdout
        assert "its call that creates one pages people · name the incident" in done.stdout
        assert "POST /v1/incidents/create" not in writes(sandbox) and len(state.incidents) == INCIDENTS
        assert report.read_text().count("(same reference and title)") == len(state.postmortems) == 1
        sandbox.requests.clear()
        again = second.run("copy", f"folder:{one}", "opsgenie:", "--no-input")
        assert again.returncode == 0 and "(copied before)" in again.stdout and writes(sandbox) == []
        reference = next(each["tinyId"] for each in state.incidents.values() if each["message"].startswith("Something else"))
        named = second.json("copy", f"folder:{other}", f"opsgenie:#{reference}")
        assert named["found"] == "given" and named["verified"], "whoever names it decides"


def test_of_two_postmortems_of_an_incident_the_second_is_left_out_until_it_gets_its_own(exported: Exported, tmp_path: Path) -> None:
    folder = exported("datadog", "nightly")
    with Sandbox(incidents=0, switches=SWITCHES) as empty:
        second = computer(tmp_path, "second", "datadog", empty)
        for options in (("--dry-run",), (), ()):
            done = second.run("copy", f"folder:{folder}", "datadog:", "--all", "--no-input", *options)
            assert done.stdout.startswith("2 postmortems: ") and "could not copy a further postmortem" in done.stdout, done.stdout
        assert len(list(empty.datadog.state.incidents())) == 1
        ways = [second.json("copy", f"folder:{file}", "datadog:", "--no-input", "--new")["found"] for file in folder.glob("*.md")]
        assert sorted(ways) == ["copied before", "new"]
        assert [len(each["attachments"]) for each in empty.datadog.state.incidents()] == [1, 1]
