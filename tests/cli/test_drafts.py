"""Drafts on the command line: listed, printed, recovered, and left alone by saves that are not about them."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from pmtui.backends.registry import VENDORS
from pmtui.cli.context import open_workspace
from pmtui.cli.exit_codes import ExitCode
from pmtui.config import load
from pmtui.model.postmortem import Cell
from pmtui.paths import cache_dir, state_dir
from pmtui.sandbox.server import Sandbox
from pmtui.session.edits import AddCell, SetField, Splice, edit_to_json
from pmtui.store.drafts import Drafts, base_record
from tests.cli.conftest import Shell
from tests.cli.test_vendors import with_postmortem
from tests.sent import writes
from tests.store.disks import INCIDENT, POSTMORTEM

EVIL = "typed \x1b]0;title\x07 text"


def leave_draft(home: Path, profile: str = "work") -> Path:
    """A draft as a session leaves it: three edits, one taken back."""
    journal = Drafts(home / ".local/state/pmtui").open(profile, INCIDENT.id, "p-1")
    added = AddCell(Cell("n1", f"## Lessons\n\n{EVIL}\n"), 2)
    records = [
        base_record(POSTMORTEM),
        {"do": edit_to_json(Splice("c1", 11, 2, "They")), "t": 0.0, "changes": 1},
        {"do": edit_to_json(added), "t": 1.0, "changes": 2},
        {"do": edit_to_json(SetField("title", "wrong")), "t": 2.0, "changes": 3},
        {"undo": [edit_to_json(SetField("title", "Checkout down"))], "changes": 2},
    ]
    for record in records:
        journal.append(record)
    journal.close()
    return journal.path


def test_no_drafts(shell: Shell) -> None:
    assert shell.json("drafts") == {"schema": 1, "drafts": []}
    assert "everything is on the server" in shell.run("drafts").stderr
    assert "no drafts to recover" in shell.run("recover").stderr
    assert not (shell.home / ".local").exists(), "looking leaves nothing behind"


@pytest.mark.parametrize("command", ["drafts", "recover"])
def test_a_state_directory_that_is_a_file_is_an_error_and_not_nothing(shell: Shell, command: str) -> None:
    (shell.home / ".local/state").mkdir(parents=True)
    (shell.home / ".local/state/pmtui").write_text("in the way")
    done = shell.run(command)
    assert done.returncode == ExitCode.DISK and "pmtui" in done.stderr
    assert "nothing" not in done.stderr and "everything" not in done.stderr


def test_what_was_typed_on_a_damaged_base_is_recovered_in_one_piece(shell: Shell) -> None:
    journal = Drafts(shell.home / ".local/state/pmtui").open("work", INCIDENT.id, "p-1")
    journal.append(base_record(POSTMORTEM))
    for at, char in enumerate("The pool was full."):
        journal.append({"do": edit_to_json(Splice("c1", 11 + at, 0, char)), "t": at / 10})
    journal.close()
    lines = journal.path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b"base", b"bas\xe5", 1)
    journal.path.write_bytes(b"\n".join(lines))
    done = shell.run("recover", journal.path.name)
    assert done.stdout.strip() == "The pool was full." and "damaged" in done.stderr


def test_drafts_are_listed(shell: Shell) -> None:
    path = leave_draft(shell.home)
    (draft,) = shell.json("drafts")["drafts"]
    assert draft.keys() >= {"reference", "updated", "changes"}
    assert (draft["reference"], draft["changes"], draft["profile"], draft["path"]) == ("IR-123", 2, "work", str(path))
    assert (draft["alive"], draft["damaged"]) == (False, False)
    listed = shell.run("drafts").stdout
    assert "IR-123" in listed
    assert "\x1b" not in listed
    assert shell.json("drafts", "--profile", "other")["drafts"] == []
    assert "IR-123" in shell.run("recover").stdout


def leave_half_way(home: Path, profile: str = "work") -> None:
    journal = Drafts(home / ".local/state/pmtui").open(profile, INCIDENT.id, "p-1")
    journal.append(base_record(POSTMORTEM))
    journal.append({"owed": [], "owes": "is set back to draft \x1b and must be published again", "changes": 0})
    journal.close()


def test_what_a_save_left_half_way_is_said_in_every_list(shell: Shell) -> None:
    leave_half_way(shell.home)
    (draft,) = shell.json("drafts")["drafts"]
    assert draft["owes"] == "is set back to draft \x1b and must be published again"
    listed = shell.run("drafts").stderr
    assert (
        "IR-123 is set back to draft" in listed and "must be published again: open it, review and save" in listed and "\x1b" not in listed
    )
    assert "must be published again" in shell.run("drafts", "discard", "IR-123", "--yes").stderr


@pytest.mark.parametrize("ref", ["IR-123", "ir-123", "i-1", "p-1"])
def test_the_text_of_a_draft_is_printed_as_it_was_typed(shell: Shell, ref: str) -> None:
    leave_draft(shell.home)
    done = shell.run("drafts", "show", ref)
    assert done.returncode == 0
    assert done.stdout.startswith("# Summary\n\nThey broke.\r\n")
    assert EVIL in done.stdout, "into a pipe, byte for byte"


def test_a_draft_that_is_open_elsewhere_is_listed_and_read(shell: Shell) -> None:
    leave_draft(shell.home)
    journal = Drafts(shell.home / ".local/state/pmtui").open("work", INCIDENT.id, "p-1")
    (draft,) = shell.json("drafts")["drafts"]
    assert draft["alive"] is True
    assert EVIL in shell.run("drafts", "show", "IR-123").stdout
    journal.close()


def test_a_draft_is_discarded_only_on_purpose_and_when_nobody_has_it_open(shell: Shell) -> None:
    path = leave_draft(shell.home)
    assert shell.run("drafts", "discard", "IR-123").returncode == 2
    journal = Drafts(shell.home / ".local/state/pmtui").open("work", INCIDENT.id, "p-1")
    assert shell.run("drafts", "discard", "IR-123", "--yes").returncode == 10
    journal.close()
    assert path.exists()
    assert shell.run("drafts", "discard", "IR-123", "--yes").returncode == 0
    assert not path.exists()
    assert shell.run("drafts", "discard", "IR-123", "--yes").returncode == 3


def test_a_draft_that_may_be_open_on_another_host_is_not_discarded(shell: Shell) -> None:
    path = leave_draft(shell.home)
    path.with_suffix(".lock").write_text('{"host": "jump2", "pid": 812}')
    done = shell.run("drafts", "discard", "IR-123", "--yes")
    assert done.returncode == 10 and "jump2" in done.stderr and "take it over" in done.stderr
    assert path.exists()


def test_recover_writes_a_new_file_only(shell: Shell) -> None:
    path = leave_draft(shell.home)
    target = shell.home / "text.md"
    done = shell.run("recover", "IR-123", "--output", str(target))
    assert done.returncode == 0
    assert "changed: " in done.stderr
    assert "\x1b" not in done.stderr
    assert EVIL in target.read_text()
    again = shell.run("recover", path.name, "--output", str(target))
    assert again.returncode == 18
    assert "File exists" in again.stderr
    assert path.exists()


def test_recover_prints_what_has_no_place_without_a_missing_record(shell: Shell) -> None:
    path = leave_draft(shell.home)
    journal = Drafts(shell.home / ".local/state/pmtui").open("work", INCIDENT.id, "p-1")
    journal.append({"do": edit_to_json(Splice("c1", 3, 0, "out of place", 4711)), "t": 3.0})
    journal.close()
    path.write_bytes(path.read_bytes().replace(b"They", b"They!", 1))
    done = shell.run("recover", "IR-123")
    assert done.returncode == 0 and "1 piece of text without a place" in done.stderr
    assert done.stdout.rstrip().endswith("out of place")


def test_recover_gets_every_text_out_of_a_draft_without_a_base(shell: Shell) -> None:
    path = leave_draft(shell.home)
    path.write_bytes(path.read_bytes().replace(b"IR-123", b"IR-999", 1))
    assert "damaged" in shell.run("drafts").stdout
    assert shell.run("drafts", "show", path.name).returncode == 18
    done = shell.run("recover", path.name)
    assert done.returncode == 0
    assert EVIL in done.stdout
    assert "the beginning of the draft is damaged" in done.stderr


def test_recover_says_what_is_missing(shell: Shell) -> None:
    path = leave_draft(shell.home)
    path.write_bytes(path.read_bytes().replace(b'"put":"They"', b'"put":"Them"'))
    done = shell.run("recover", "IR-123")
    assert done.returncode == 0
    assert "part of the draft is damaged" in done.stderr
    assert EVIL in done.stdout


async def begin_draft(online: Shell, reference: str, text: str, *, crash: bool = False) -> None:
    """Type into the last cell of a postmortem and leave, or crash: the lock stays and names a process that is gone."""
    environ = online.full
    workspace = open_workspace(load(environ, VENDORS).profile(), state_dir(environ), cache_dir(environ))
    session = await workspace.open(await workspace.backend.find(reference))
    session.edit_cell(next(cell.key for cell in reversed(session.mine.cells) if cell.editable), text)
    lock = next(state_dir(environ).rglob("*.lock"))
    left = lock.read_text()
    session.close()
    if crash:
        lock.write_text(left.replace(f'"pid": {os.getpid()},', '"pid": 4194305,'))
        lock.chmod(0o600)
    await workspace.backend.aclose()


def test_set_leaves_a_draft_alone(online: Shell, sandbox: Sandbox, vendor: str) -> None:
    reference = online.json("incidents", "--limit", "1")["incidents"][0]["reference"]
    asyncio.run(begin_draft(online, reference, "typed, and not saved yet\n"))
    assert [draft["changes"] for draft in online.json("drafts")["drafts"]] == [1]
    done = online.run("set", reference, "title=Another title", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verified"] is True
    after = online.json("show", reference)
    assert after["fields"]["title"] == "Another title"
    assert not any("not saved yet" in cell["text"] for cell in after["cells"])
    assert [draft["changes"] for draft in online.json("drafts")["drafts"]] == [1]
    assert "typed, and not saved yet" in online.run("drafts", "show", reference).stdout


def test_set_works_beside_a_process_that_died(online: Shell, sandbox: Sandbox) -> None:
    reference = online.json("incidents", "--limit", "1")["incidents"][0]["reference"]
    asyncio.run(begin_draft(online, reference, "typed before the crash\n", crash=True))
    (draft,) = online.json("drafts")["drafts"]
    assert (draft["alive"], draft["changes"]) == (False, 1)
    assert online.run("set", reference, "title=Another title").returncode == 0
    assert "typed before the crash" in online.run("drafts", "show", reference).stdout


def test_set_that_is_refused_leaves_no_draft(online: Shell, sandbox: Sandbox) -> None:
    reference = online.json("incidents", "--limit", "1")["incidents"][0]["reference"]
    for method in ("PUT", "PATCH"):
        sandbox.fault(f"{method} * 422")
    done = online.run("set", reference, "title=Another title")
    assert done.returncode == 8
    assert "refused" in done.stdout
    assert online.json("drafts")["drafts"] == []


def test_diff_of_a_reference_shows_what_an_unsent_draft_would_change(one: Shell, sandbox: Sandbox) -> None:
    ref = with_postmortem(one)["reference"]
    assert one.run("diff", ref).returncode == ExitCode.OK
    sandbox.fault("PUT /v2/postmortem/*/* drop-before")
    assert one.run("edit", ref, "--cell", "Impact", "--file", "-", stdin="## Impact\n\nmine").returncode != ExitCode.OK
    sandbox.clear_faults()
    before = len(writes(sandbox))
    done = one.run("diff", ref)
    assert done.returncode == ExitCode.NO and "+ mine" in done.stdout
    told = one.run("diff", ref, "--json")
    assert (told.returncode, json.loads(told.stdout)["same"]) == (ExitCode.NO, False)
    assert len(writes(sandbox)) == before, "nothing was sent"
