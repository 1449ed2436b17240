from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from pmtui.store.files import Files, in_words
from tests.store.disks import FaultySystem, ShortWrites

OLD, NEW = b"old\n" * 100, b"new content\n" * 5000


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("existing", [True, False])
def test_the_old_or_the_new_file_is_whole_whichever_operation_fails(tmp_path: Path, code: int, existing: bool) -> None:
    counting = FaultySystem(lambda _: False)
    Files(counting).write(tmp_path / "count", NEW)
    assert counting.calls >= 6  # open, write, fsync, close, rename, and the directory's
    for k in range(1, counting.calls + 1):
        path = tmp_path / f"file{k}"
        if existing:
            Files().write(path, OLD)
        with pytest.raises(OSError, match=os.strerror(code)):
            Files(FaultySystem(lambda call, k=k: call == k, code)).write(path, NEW)  # type: ignore[misc]
        if path.exists() or existing:
            assert path.read_bytes() in (OLD, NEW)
        assert not list(tmp_path.glob(".*")), f"operation {k} left something behind"


def test_short_writes_are_continued(tmp_path: Path) -> None:
    files = Files(ShortWrites())
    files.write(tmp_path / "file", OLD)
    files.append(tmp_path / "file", b"a line longer than seven bytes\n")
    assert (tmp_path / "file").read_bytes() == OLD + b"a line longer than seven bytes\n"


def test_a_line_after_a_cut_one_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"whole\nhal")
    (tmp_path / "log").chmod(0o600)
    Files().append(tmp_path / "log", b"next\n")
    assert (tmp_path / "log").read_bytes() == b"whole\nhal\nnext\n"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_everything_is_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    files, before = Files(), os.umask(umask)
    try:
        files.directory(tmp_path / "a" / "b" / "c")
        files.write(tmp_path / "a" / "b" / "c" / "written", b"x")
        files.append(tmp_path / "a" / "b" / "c" / "appended", b"x\n")
    finally:
        os.umask(before)
    paths = sorted((tmp_path / "a").rglob("*"))
    assert len(paths) == 4
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(0o777)
    (tmp_path / "open").chmod(0o777)
    Files().directory(tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_links_and_pipes_are_refused_and_their_targets_untouched(tmp_path: Path) -> None:
    files = Files()
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "symlink").symlink_to(victim)
    os.link(victim, tmp_path / "hardlink")
    os.mkfifo(tmp_path / "fifo")
    for name in ("symlink", "hardlink", "fifo"):
        with pytest.raises(OSError):
            files.append(tmp_path / name, b"x\n")
        if name == "hardlink":  # of a backup program, perhaps: what the user wrote can be read
            assert files.read(tmp_path / name) == b"mine"
        else:
            with pytest.raises(OSError):
                files.read(tmp_path / name)
        files.write(tmp_path / name, b"replaced")  # a rename replaces the name, not what it points to
        assert (tmp_path / name).read_bytes() == b"replaced"
    assert victim.read_bytes() == b"mine"


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        Files().directory(tmp_path / "state")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path) -> None:
    files = Files()
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").write_bytes(b"theirs")
    for name in ("directory", "file"):
        os.chown(tmp_path / name, 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        files.directory(tmp_path / "directory")
    with pytest.raises(PermissionError):
        files.append(tmp_path / "file", b"x\n")
    assert (tmp_path / "file").read_bytes() == b"theirs"


def test_leftovers_of_killed_processes_go_after_a_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".x.journal.12.0.tmp", tmp_path / ".x.journal.13.0.tmp"
    for path in (old, fresh, tmp_path / "kept.journal"):
        path.touch()
    os.utime(old, (0, 0))
    os.utime(tmp_path / "kept.journal", (0, 0))
    Files().sweep(tmp_path)
    assert not old.exists()
    assert fresh.exists()
    assert (tmp_path / "kept.journal").exists()


def test_a_file_that_is_sparse_and_endless_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "sparse").chmod(0o600)
    with pytest.raises(OSError, match="too large"):
        Files().read(tmp_path / "sparse")


def test_a_file_in_place_of_a_directory_is_said_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    assert list(Files().matching(tmp_path / "none", ".journal")) == []
    for directory in (tmp_path / "state", tmp_path / "state" / "drafts"):
        with pytest.raises(NotADirectoryError):
            list(Files().matching(directory, ".journal"))


def test_errors_are_told_in_words() -> None:
    assert in_words(OSError(errno.ENOSPC, "No space left on device")) == "disk full"
    assert in_words(OSError(errno.EROFS, "x", "/state")) == "read-only file system: /state"
