"""A text that the state directory does not take goes to a second place when the program ends."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from pmtui.paths import last_resorts
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace
from pmtui.store import journal as journal_module
from pmtui.store.cache import Cache
from pmtui.store.files import Files
from pmtui.store.last_resort import put_in_last_resort
from tests.session.conftest import Desk
from tests.session.fake import INCIDENT
from tests.store.disks import FaultySystem
from tests.store.test_journal_truth import StuckSystem


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "RETRY", 0.01)
    monkeypatch.setattr(journal_module, "LAST_WORDS", 0.1)


async def typed(desk: Desk, *resorts: Path) -> Session:
    """A session with something typed, and with these last resorts."""
    workspace = Workspace("fake", desk.backend, desk.drafts, Cache(desk.root / "cache", "fake"), desk.audit, last_resorts=resorts)
    session = await workspace.open(INCIDENT)
    desk.open_sessions.append(session)
    session.edit_cell(session.mine.cells[0].key, "## Summary\nprecious")
    session.set_field("severity", "SEV-1")
    return session


async def test_the_text_goes_to_the_first_place_that_takes_it_and_that_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.files = Files(FaultySystem(lambda call: True, errno.EACCES))
    home = tmp_path / "home"
    home.mkdir()
    session = await typed(desk, tmp_path / "no such directory", home)
    words = session.rescue()
    assert words.startswith("the draft of IR-1 is NOT on disk: no permission")
    (path,) = home.iterdir()
    assert words.endswith(f"; the text is in {path}")
    assert "## Summary\nprecious" in path.read_text() and "Severity  SEV-2 → SEV-1" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    session.rescue()
    assert list(home.iterdir()) == [path], "said again, not written again"


async def test_a_draft_that_is_on_disk_goes_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    session = await typed(desk, tmp_path)
    assert "is on disk" in session.rescue()
    assert session._resort is None


async def test_a_disk_that_hangs_is_not_waited_for_first(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmtui.session.status.SILENT", 0.0)
    system = StuckSystem()
    desk.files = Files(system)
    home = tmp_path / "home"
    home.mkdir()
    session = await typed(desk, home)
    assert session.put_on_disk() == ""
    system.stuck.set()
    session.set_field("title", "x")
    flushed: list[int] = []
    flush = session._draft.journal.flush

    def spy() -> bool:
        flushed.append(len(list(home.iterdir())))
        return flush()

    monkeypatch.setattr(session._draft.journal, "flush", spy)
    assert "the text is in" in session.rescue()
    assert flushed == [1]
    system.healed.set()


async def test_without_any_place_it_is_said_that_it_is_nowhere(desk: Desk) -> None:
    desk.files = Files(FaultySystem(lambda call: True, errno.ENOSPC))
    assert (await typed(desk)).rescue() == "the draft of IR-1 is NOT on disk: disk full"


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    (tmp_path / "pmtui-IR-1.md").symlink_to(victim)
    path = put_in_last_resort([tmp_path], "pmtui-IR-1/../x", "text")
    assert path == tmp_path / "pmtui-IR-1-x.md"
    again = put_in_last_resort([tmp_path], "pmtui-IR-1", "text")
    assert again == tmp_path / "pmtui-IR-1-2.md" and victim.read_text() == "theirs"


def test_the_places_are_the_runtime_directory_and_then_home() -> None:
    assert last_resorts({"HOME": "/home/jane", "XDG_RUNTIME_DIR": "/run/user/7"}) == (Path("/run/user/7"), Path("/home/jane"))
    assert last_resorts({"HOME": "/home/jane", "XDG_RUNTIME_DIR": "relative"}) == (Path("/home/jane"),)
