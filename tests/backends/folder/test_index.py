"""The index saves reading, and is never believed where a file is not what it was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pmtui.backends.folder.disk import Disk
from pmtui.backends.folder.index import Index, Listing
from pmtui.store.files import System
from tests.backends.folder.folders import BY_HAND, LONG_AGO, NAME, age, folder
from tests.store.disks import FaultySystem

ALWAYS = -(10**12)
"""Nanoseconds: every file counts as settled."""


class Reads(System):
    """Notes which files are read."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        self.names.append(path.name)
        return super().open(path, flags, mode)


def listed(root: Path, file: Path | None, settled: int = ALWAYS) -> tuple[Listing, list[str]]:
    """The folder as a new process sees it, and which files it read for that."""
    reads = Reads()
    return Index(Disk(root, reads), file, old_after=settled).refresh(), sorted(reads.names)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = folder(tmp_path, other="# Other\n", bad="---\ntitle: a\ntitle: b\n---\n")
    age(root)
    return root


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "folder.json"


def test_nothing_is_read_twice(root: Path, file: Path) -> None:
    first, read = listed(root, file)
    assert len(read) == 3
    again, read = listed(root, file)
    assert read == []
    assert again == first and again.unreadable == ("bad.md: line 3, title: this key is here twice",)


def change_text(path: Path) -> None:
    path.write_text(BY_HAND.replace("SEV-1", "SEV-9"))


def change_text_and_times(path: Path) -> None:
    """As a program that hides it: the same size, the same time."""
    change_text(path)
    os.utime(path, (LONG_AGO, LONG_AGO))


def replace_file(path: Path) -> None:
    new = path.with_suffix(".new")
    change_text(new)
    os.utime(new, (LONG_AGO, LONG_AGO))
    new.replace(path)


@pytest.mark.parametrize("change", [change_text, change_text_and_times, replace_file])
def test_a_changed_file_is_read_again(change: type, root: Path, file: Path) -> None:
    listed(root, file)
    change(root / NAME)
    found, read = listed(root, file)
    assert read == [NAME]
    assert found.rows["IR-338"].severity == "SEV-9"


def test_a_file_that_was_changed_just_now_is_not_believed_to_stay_so(root: Path, file: Path) -> None:
    change_text(root / NAME)
    _, read = listed(root, file, settled=60 * 10**9)
    assert NAME in read
    _, read = listed(root, file, settled=60 * 10**9)
    assert NAME in read, "it may have changed again within the same tick of the clock"


def test_files_come_and_go(root: Path, file: Path) -> None:
    listed(root, file)
    (root / "other.md").unlink()
    (root / "new.md").write_text("# New\n")
    found, read = listed(root, file)
    assert read == ["new.md"]
    assert {row.path for row in found.rows.values()} == {NAME, "new.md"}
    assert "other.md" not in file.read_text()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace("postmortems", "elsewhere"),
        lambda text: text.replace('"severity"', '"gravity"'),
        lambda text: json.dumps({**json.loads(text), "rows": [[1, 2, 3]]}),
        lambda text: text.replace('"SEV-1"', "1"),
        lambda text: "[" * 100_000,
    ],
)
def test_a_damaged_index_costs_time_only(damage: object, root: Path, file: Path) -> None:
    first, _ = listed(root, file)
    assert callable(damage)
    file.write_text(damage(file.read_text()))
    again, read = listed(root, file)
    assert again == first
    assert len(read) == 3


def test_the_folder_itself_gets_nothing(root: Path, file: Path) -> None:
    before = sorted(root.rglob("*"))
    listed(root, file)
    assert sorted(root.rglob("*")) == before
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_cache_that_cannot_be_written_is_said_and_costs_nothing_else(root: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    index = Index(Disk(root), tmp_path / "plain" / "folder.json", old_after=ALWAYS)
    assert len(index.refresh().rows) == 2
    assert index.problem


def test_a_file_that_cannot_be_read_now_is_not_remembered_as_such(root: Path, file: Path) -> None:
    index = Index(Disk(root, FaultySystem(lambda call: call == 2)), file, old_after=ALWAYS)
    assert any(line.endswith(": Input/output error") for line in index.refresh().unreadable)
    found, _ = listed(root, file)
    assert len(found.rows) == 2


def test_a_stopped_refresh_keeps_what_it_has_read(root: Path, file: Path) -> None:
    class Stops(Reads):
        def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
            index.stop()
            return super().open(path, flags, mode)

    index = Index(Disk(root, Stops()), file, old_after=ALWAYS)
    with pytest.raises(OSError, match="stopped"):
        index.refresh()
    _, read = listed(root, file)
    assert len(read) == 2
