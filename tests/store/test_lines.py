"""A long record costs the thread that writes it: whoever types only hands it over."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pmtui.session import draft as draft_module
from pmtui.session.draft import Draft
from pmtui.session.edits import Splice
from pmtui.store import journal as journal_module
from pmtui.store import records
from pmtui.store.drafts import Drafts, base_record
from pmtui.store.files import Files, System
from pmtui.store.records import Lines, NotJson, decode, encode
from tests.store.disks import PLENTY, POSTMORTEM, settles_at_last


def test_lines_are_encoded_once_and_only_those_that_are_asked_for() -> None:
    made: list[int] = []

    def record(number: int) -> dict[str, Any]:
        made.append(number)
        return {"n": number}

    lines = Lines([lambda: record(0), {"n": 1}, lambda: record(2)])
    lines.append({"n": 3})
    assert len(lines) == 4
    assert lines.encoded(2, 4) + lines.encoded(1, 3) == b"".join(encode({"n": n}) for n in (2, 3, 1, 2))
    assert made == [2]


def test_the_base_and_each_edit_are_made_and_encoded_by_the_thread_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[str] = []
    was_encoded, was_made = records.encode, base_record

    def in_main(what: str) -> None:
        if threading.current_thread() is threading.main_thread():
            here.append(what)

    def encoded(record: dict[str, Any]) -> bytes:
        in_main("encoded")
        return was_encoded(record)

    def made(postmortem: Any) -> dict[str, Any]:
        in_main("made")
        return was_made(postmortem)

    drafts = Drafts(tmp_path)
    draft = Draft(POSTMORTEM, drafts.open("p", "i-1", "p-1"), lambda: drafts.open("p", "i-1", "p-1"))
    for module in (records, journal_module):
        monkeypatch.setattr(module, "encode", encoded)
    monkeypatch.setattr(draft_module, "base_record", made)
    draft.do(Splice("c1", 0, 0, "x"), 1.0)
    assert draft.journal.caught_up(PLENTY)
    draft.rebase(base=draft.base, mine=draft.mine, server=draft.server)
    assert draft.journal.caught_up(PLENTY)
    assert here == []
    found = drafts.find("p", "i-1", "p-1")
    assert found is not None
    assert drafts.read(found).base == POSTMORTEM
    draft.close()


def test_a_record_that_is_no_json_is_told_and_stops_nothing(tmp_path: Path) -> None:
    journal = Drafts(tmp_path).open("p", "i-1", "p-1")
    journal.compact([{"base": object()}])
    assert not journal.caught_up(PLENTY)
    assert "cannot be written as JSON" in journal.state.problem
    journal.compact([{"base": 1}])
    assert journal.flush()
    assert {"base": 1} in decode(journal.path.read_bytes()).records
    journal.close()
    with pytest.raises(NotJson):
        Lines([{"x": object()}]).encoded(0, 1)


@pytest.mark.parametrize("place", ["record", "write", "fsync"])
def test_whatever_goes_wrong_in_its_threads_is_told_and_ends_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A bug there is a problem of the disk until it is over: typing goes on, and everything is written then."""
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    broken = threading.Event()

    def fails(*given: Any) -> Any:
        if broken.is_set():
            raise ZeroDivisionError("foreign")
        return {"n": 1} if not given else getattr(System, place)(*given)

    system = System()
    if place != "record":
        monkeypatch.setattr(system, place, lambda *given: fails(system, *given))
    journal = Drafts(tmp_path, Files(system)).open("p", "i-1", "p-1")
    broken.set()
    journal.compact([fails if place == "record" else {"n": 1}])
    deadline = time.monotonic() + PLENTY
    while not journal.state.problem and time.monotonic() < deadline:
        time.sleep(0.001)
    assert journal.state.problem == "an error of pmtui's own: ZeroDivisionError"
    journal.append({"n": 2})
    broken.clear()
    assert settles_at_last(journal)
    assert journal.state.problem == ""
    assert decode(journal.path.read_bytes()).records[1:] == [{"n": 1}, {"n": 2}]
    journal.close()


def test_what_was_given_before_the_question_is_what_is_waited_for(tmp_path: Path) -> None:
    journal = Drafts(tmp_path).open("p", "i-1", "p-1")
    go_on = threading.Event()

    def late() -> dict[str, Any]:
        assert go_on.wait(PLENTY)
        return {"n": 2}

    journal.compact([{"n": 1}])
    assert journal.caught_up(PLENTY)
    journal.compact([{"n": 1}, late])
    assert not journal.caught_up(0)
    go_on.set()
    assert journal.caught_up(PLENTY)
    journal.close()
