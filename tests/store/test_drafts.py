from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pmtui.store import lock as lock_module
from pmtui.store.drafts import DraftBusy, DraftInfo, Drafts, DraftUnreadable, base_record
from pmtui.store.files import Files
from pmtui.store.lock import Owner, this_process
from tests.store.disks import INCIDENT, PLENTY, POSTMORTEM, FaultySystem, settles_at_last

NEVER = 2**22 + 1  # above the highest process number of Linux


def keep(drafts: Drafts, *records: dict[str, object], document: str = "p-1") -> None:
    journal = drafts.open("work", INCIDENT.id, document)
    for record in (base_record(POSTMORTEM), *records):
        journal.append(record)
    journal.close()


def lock_file(state: Path) -> Path:
    (path,) = (state / "drafts").glob("*.lock")
    return path


def leave_lock(state: Path, owner: Owner) -> None:
    """As a process that died leaves it: written by a journal that is open, then given another owner."""
    Drafts(state).open("work", INCIDENT.id, "p-1")
    fields = {name: getattr(owner, name) for name in Owner.__slots__}
    lock_file(state).write_text(json.dumps(fields))


def test_a_draft_is_listed_with_what_it_is(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    assert drafts.list() == []
    keep(drafts, {"edit": 1}, {"edit": 2})
    (info,) = drafts.list()
    assert (info.reference, info.title, info.profile) == (INCIDENT.reference, INCIDENT.title, "work")
    assert (info.incident_id, info.document_id, info.changes) == ("i-1", "p-1", 2)
    assert (info.owner, info.alive, info.damaged) == (None, False, False)
    assert drafts.list("work") == [info]
    assert drafts.list("other") == []
    assert drafts.read(info).base == POSTMORTEM
    assert drafts.read(info).records == [{"edit": 1}, {"edit": 2}]
    drafts.discard(info)
    assert drafts.list() == []


def test_the_time_of_a_draft_is_that_of_its_last_edit(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    keep(drafts, {"do": 1, "t": 60.0}, {"undo": 2, "t": 120.5}, {"queued": True})
    assert drafts.list()[0].updated == datetime.fromtimestamp(120.5, UTC)
    for nowhen in ("soon", True, 1e300, -1, None):  # of another version, or invented
        drafts.discard(drafts.list()[0])
        keep(drafts, {"do": 1, "t": nowhen})
        written = next(tmp_path.rglob("*.journal")).stat().st_mtime
        assert drafts.list()[0].updated == datetime.fromtimestamp(written, UTC), nowhen


def test_a_draft_that_was_taken_over_can_be_left_to_the_process_that_is_gone(tmp_path: Path) -> None:
    drafts, gone = Drafts(tmp_path), replace(this_process(), pid=NEVER)
    drafts.leave_to(gone, "work", "i-1", "p-1")
    assert not list(tmp_path.rglob("*.lock")), "there is no draft to leave"
    keep(drafts, {"edit": 1})
    drafts.leave_to(gone, "work", "i-1", "p-1")
    assert drafts.list()[0].owner == gone
    with pytest.raises(DraftBusy):
        drafts.open("work", "i-1", "p-1")
    journal = drafts.open("work", "i-1", "p-1", take_over=True)
    drafts.leave_to(gone, "work", "i-1", "p-1")
    assert drafts.list()[0].alive is True, "somebody has it open"
    journal.close()


def test_the_session_may_say_how_many_changes_there_are(tmp_path: Path) -> None:
    keep(Drafts(tmp_path), {"edit": 1, "changes": 1}, {"edit": 2, "changes": 1}, {"edit": 3})
    assert Drafts(tmp_path).list()[0].changes == 1


def test_drafts_of_different_documents_stay_apart(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    for document in ("", "a/b", "../a", "a\0b", "x" * 500, "a-b"):
        keep(drafts, {"document": document}, document=document)
    assert len(drafts.list()) == 6
    assert {path.parent for path in tmp_path.rglob("*.journal")} == {tmp_path / "drafts"}


def test_everything_is_private(tmp_path: Path) -> None:
    state = tmp_path / "state"
    journal = Drafts(state).open("work", "i-1")
    journal.append(base_record(POSTMORTEM))
    assert journal.caught_up(PLENTY)
    for path in (state, *state.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    journal.close()


def test_a_draft_is_open_once(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    journal = drafts.open("work", "i-1")
    journal.append(base_record(POSTMORTEM))
    assert journal.caught_up(PLENTY)
    with pytest.raises(DraftBusy) as caught:
        drafts.open("work", "i-1", take_over=True)
    assert caught.value.owner.pid == os.getpid()
    assert caught.value.owner.alive is True
    assert drafts.list()[0].alive is True
    assert drafts.read(drafts.list()[0]).base == POSTMORTEM, "reading never needs the lock"
    drafts.open("work", "i-2").close()
    journal.close()
    drafts.open("work", "i-1").close()


def test_a_dead_process_is_told_and_its_draft_taken_over_only_when_asked(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from pmtui.store.drafts import *; "
        "j = Drafts(Path(sys.argv[1])).open('work', 'i-1', 'p-1'); j.append({'typed': 1}); j.caught_up(10); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    drafts = Drafts(tmp_path)
    with pytest.raises(DraftBusy) as caught:
        drafts.open("work", "i-1", "p-1")
    assert caught.value.owner.alive is False
    journal = drafts.open("work", "i-1", "p-1", take_over=True)
    assert journal.records == [{"typed": 1}]
    journal.close()
    assert not list((tmp_path / "drafts").glob("*.lock"))


def test_a_dead_process_that_left_no_draft_is_no_obstacle(tmp_path: Path) -> None:
    leave_lock(tmp_path, Owner(socket.gethostname(), NEVER))
    Drafts(tmp_path).open("work", "i-1", "p-1").close()
    assert not list((tmp_path / "drafts").iterdir())


@pytest.mark.parametrize("machine", ["", "m-1"])
def test_who_lives(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(lock_module, "_machine_id", lambda: machine)
    me = this_process()
    assert me.alive is True
    assert replace(me, pid=NEVER).alive is False
    assert replace(me, started="1").alive is False, "a later process with the same number"
    anew = replace(me, boot="another").alive
    assert anew is (False if machine else None), "started anew, when it surely is the same machine"
    assert replace(me, machine="another").alive is None, "another machine with the same name"
    assert replace(me, machine="another", pid=NEVER).alive is None
    assert replace(me, namespace="pid:[1]", pid=NEVER).alive is None, "a container with the same name"
    assert replace(me, machine="", namespace="", pid=NEVER).alive is False, "as pmtui wrote it before"
    assert replace(me, host="jump2").alive is None
    assert replace(me, boot="", started="").alive is True, "a system without /proc"


def test_an_owner_on_another_host_is_unknown_and_may_be_taken_over(tmp_path: Path) -> None:
    leave_lock(tmp_path, Owner("jump2", 812, since="02:47"))
    drafts = Drafts(tmp_path)
    with pytest.raises(DraftBusy, match="process 812 on jump2, since 02:47") as caught:
        drafts.open("work", "i-1", "p-1")
    assert caught.value.owner.alive is None
    drafts.open("work", "i-1", "p-1", take_over=True).close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 1}', '{"unknown": "key"}'])
def test_a_lock_that_does_not_say_whose_it_is(tmp_path: Path, content: str) -> None:
    Drafts(tmp_path).open("work", "i-1", "p-1")
    lock_file(tmp_path).write_text(content)
    with pytest.raises(DraftBusy) as caught:
        Drafts(tmp_path).open("work", "i-1", "p-1")
    assert caught.value.owner.alive is None
    Drafts(tmp_path).open("work", "i-1", "p-1", take_over=True).close()


def test_of_two_who_take_over_one_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has read the dead owner's lock before the first replaced it."""
    dead = Owner(socket.gethostname(), NEVER)
    keep(Drafts(tmp_path), {"edit": 1})
    leave_lock(tmp_path, dead)
    first = Drafts(tmp_path).open("work", "i-1", "p-1", take_over=True)
    answers = [dead]
    real = lock_module.owner_of
    monkeypatch.setattr(lock_module, "owner_of", lambda path, files: answers.pop() if answers else real(path, files))
    with pytest.raises(DraftBusy):
        Drafts(tmp_path).open("work", "i-1", "p-1", take_over=True)
    first.append({"typed": 1})
    assert first.caught_up(PLENTY), "the first still holds it"
    first.close()


def test_one_whose_draft_was_taken_over_stops_writing_and_says_so(tmp_path: Path) -> None:
    journal = Drafts(tmp_path).open("work", "i-1", "p-1")
    journal.append({"typed": 1})
    assert journal.caught_up(PLENTY)
    mine = lock_file(tmp_path).read_text()
    lock_file(tmp_path).write_text(mine.replace(socket.gethostname(), "elsewhere"))  # as seen from another host
    other = Drafts(tmp_path).open("work", "i-1", "p-1", take_over=True)
    journal.append({"typed": "too late"})
    assert not journal.caught_up(PLENTY)
    assert f"open elsewhere: process {os.getpid()}" in journal.state.problem
    other.append({"typed": 2})
    assert other.caught_up(PLENTY)
    assert Drafts(tmp_path).open("work", "i-1", "p-2").records == []
    other.close()
    assert other.path.read_bytes().count(b"too late") == 0
    journal._stop()


def test_a_damaged_draft_is_read_as_far_as_it_goes_and_put_aside_before_writing(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    keep(drafts, {"edit": 1}, {"edit": 2}, {"edit": 3})
    (info,) = drafts.list()
    broken = info.path.read_bytes().replace(b'"edit":2', b'"edit":7')
    info.path.write_bytes(broken)
    (info,) = drafts.list()
    assert info.damaged
    recovered = drafts.read(info)
    assert (recovered.records, recovered.damaged) == ([{"edit": 1}, {"edit": 3}], True)
    journal = drafts.open("work", "i-1", "p-1")
    journal.append({"edit": 4})
    journal.close()
    aside = next(path for path in info.path.parent.glob("*~1.journal"))
    assert aside.read_bytes() == broken
    assert len(drafts.list()) == 2


def test_a_draft_without_its_base_is_listed_and_says_why_it_cannot_be_read(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    keep(drafts, {"edit": 1})
    (info,) = drafts.list()
    info.path.write_bytes(info.path.read_bytes().replace(b"Checkout", b"checkout"))
    (info,) = drafts.list()
    assert (info.title, info.damaged) == ("(cannot be read)", True)
    with pytest.raises(DraftUnreadable, match=r"\.journal: the beginning of the draft is damaged"):
        drafts.read(info)


def test_a_state_directory_that_cannot_be_written_is_a_problem_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = Drafts(tmp_path / "file" / "state").open("work", "i-1")
    assert "Not a directory" in journal.state.problem or "not a directory" in journal.state.problem
    journal.append({"typed": 1})
    assert not journal.caught_up(PLENTY)
    assert journal.state.problem
    journal.close()


def test_a_draft_that_cannot_be_read_is_put_aside_not_overwritten(tmp_path: Path) -> None:
    keep(Drafts(tmp_path), {"edit": 1})
    (info,) = Drafts(tmp_path).list()
    before = info.path.read_bytes()
    others = frozenset({"open", "write", "fsync", "close", "rename", "unlink", "mkdir", "chmod"})
    journal = Drafts(tmp_path, Files(FaultySystem(lambda call: call == 1, spared=others))).open("work", "i-1", "p-1")
    assert "cannot be read" in journal.state.problem
    journal.append({"edit": "new"})
    assert settles_at_last(journal)
    journal.close()
    aside = next(path for path in info.path.parent.glob("*~1.journal"))
    assert aside.read_bytes() == before


def test_a_draft_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = Drafts(tmp_path)
    journals = {name: drafts.open("work", name, "p") for name in ("i-1", "i-2", "i-3")}
    for journal in journals.values():
        journal.append(base_record(POSTMORTEM))
        assert journal.flush()
    seen: list[Path] = []
    was = Drafts._read_info

    def counted(self: Drafts, path: Path, *more: Any) -> DraftInfo:
        seen.append(path)
        return was(self, path, *more)

    monkeypatch.setattr(Drafts, "_read_info", counted)
    assert len(drafts.list()) == len(seen) == 3
    journals["i-2"].append({"do": "x", "changes": 7})
    assert journals["i-2"].flush()
    journals["i-3"].close()
    again = {info.path: info for info in drafts.list()}
    assert seen[3:] == [journals["i-2"].path]
    assert again[journals["i-2"].path].changes == 7
    assert again[journals["i-3"].path].owner is None, "who has it open is always looked at"
    for journal in journals.values():
        journal.close()
