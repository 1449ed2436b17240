"""Every file operation fails once: the old or the new file is whole, what is told is true, and doing it again does it."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError
from pmtui.model.query import Query
from pmtui.session.report import Report, Result
from pmtui.store.drafts import Drafts
from tests.backends.folder.folders import BY_HAND, NAME, backend, folder, opened, saved, tree, workspace
from tests.store.disks import FaultySystem, ShortWrites

CODES = (errno.EIO, errno.ENOSPC)
NEW = BY_HAND.replace("SEV-1", "SEV-2").replace("It broke.", "It burnt.")
Act = Callable[[Path, FaultySystem], Awaitable[None]]


async def calls(root: Path, act: Act) -> int:
    """How many file operations this costs when nothing fails."""
    counting = FaultySystem(lambda _: False)
    await act(root, counting)
    return counting.calls


async def save(root: Path, system: FaultySystem) -> Report | None:
    """Edit and save as one process; None when nothing was tried."""
    session = await opened(root, system=system)
    session.set_field("severity", "SEV-2")
    session.edit_cell(session.mine.cells[0].key, "## Summary\n\nIt burnt.")
    try:
        return await session.save(await session.review())
    finally:
        session.close()


async def try_to_save(root: Path, system: FaultySystem) -> None:
    try:
        report = await save(root, system)
    except BackendError as error:
        assert error.said and error.advice and not error.unknown
        return
    assert report is not None
    new = (root / NAME).read_text() == NEW
    for outcome in report.outcomes:
        assert outcome.state is not Result.DONE or new, outcome
        assert outcome.state not in (Result.REFUSED, Result.NOT_APPLIED) or not new, outcome
        assert outcome.state is Result.DONE or outcome.detail
    assert report.verified <= new


async def test_saving(tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    count = await calls(folder(tmp_path / "count"), try_to_save)
    assert count >= 15
    states = set()
    for k in range(1, count + 1):
        (base := tmp_path / str(k)).mkdir()
        root = folder(base)
        await try_to_save(root, FaultySystem(lambda call, k=k: call == k, CODES[k % 2]))  # type: ignore[misc]
        found = tree(root)
        text = found.pop(NAME).decode()
        states.add(text)
        assert text in (BY_HAND, NEW), k
        assert found == {}, f"operation {k} left something behind"
        again = await opened(root)
        if again.changes or text == BY_HAND:
            again.set_field("severity", "SEV-2")
            again.edit_cell(again.mine.cells[0].key, "## Summary\n\nIt burnt.")
            assert await saved(again), k
        again.close()
        assert tree(root) == {NAME: NEW.encode()}
        assert Drafts(base / "state").list() == []
    assert states == {BY_HAND, NEW}


async def test_creating(tmp_path: Path) -> None:
    async def create(root: Path, system: FaultySystem) -> None:
        there = backend(root, system)
        try:
            made = await there.create(there.begin("Something new", "IR-900"))
            assert made.id == "IR-900"
        except BackendError as error:
            assert error.said and error.advice and not error.unknown

    (tmp_path / "count").mkdir()
    root = folder(tmp_path / "count")
    count = await calls(root, create)
    (name,) = tree(root).keys() - {NAME}
    whole = tree(root)[name]
    for k in range(1, count + 1):
        (base := tmp_path / str(k)).mkdir()
        root = folder(base)
        await create(root, FaultySystem(lambda call, k=k: call == k, CODES[k % 2]))  # type: ignore[misc]
        left = {path for path in tree(root) if path.startswith(".") and path.endswith(".tmp")}
        assert {path: data for path, data in tree(root).items() if path not in left} in (
            {NAME: BY_HAND.encode()},
            {NAME: BY_HAND.encode(), name: whole},
        ), k
        there = backend(root)
        if name not in tree(root):
            await there.create(there.begin("Something new", "IR-900"))
        session = await opened(root, "IR-900")
        session.edit_cell(session.mine.cells[1].key, "## Impact\n\nAll.")
        assert await saved(session)
        session.close()
        assert tree(root) == {NAME: BY_HAND.encode(), name: whole.replace(b"## Impact\n", b"## Impact\n\nAll.\n")}, "and no leftover"
        listed = [each.reference for each in (await there.incidents(Query())).incidents]
        assert sorted(listed) == ["IR-338", "IR-900"]


async def test_deleting(tmp_path: Path) -> None:
    async def delete(root: Path, system: FaultySystem) -> None:
        session = await opened(root, system=system)
        try:
            await workspace(root, system).remove(session)
        except BackendError as error:
            assert error.said
        finally:
            session.close()

    (tmp_path / "count").mkdir()
    count = await calls(folder(tmp_path / "count"), delete)
    for k in range(1, count + 1):
        (base := tmp_path / str(k)).mkdir()
        root = folder(base)
        try:
            await delete(root, FaultySystem(lambda call, k=k: call == k))  # type: ignore[misc]
        except BackendError as error:  # it could not be opened
            assert error.said
        there = [path for path, data in tree(root).items() if data == BY_HAND.encode()]
        assert there in ([NAME], [f".pmtui/trash/{NAME}"]), k


async def test_what_a_killed_process_left_is_gone_after_the_next_save(tmp_path: Path) -> None:
    root = folder(tmp_path)
    dead = 2**22 + 1  # no system numbers processes so high
    (root / f".{NAME}.{dead}.0.tmp").write_text("half of")
    (root / ".another-program.tmp").write_text("its own")
    (root / f".{NAME}.1.0.tmp").write_text("of a process that lives")
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    assert await saved(session)
    session.close()
    assert sorted(path.name for path in root.glob(".*")) == sorted([".another-program.tmp", f".{NAME}.1.0.tmp"])


async def test_short_writes_are_continued(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root, system=ShortWrites())
    session.edit_cell(session.mine.cells[0].key, "## Summary\n\nIt burnt.")
    assert await saved(session)
    session.close()
    assert (root / NAME).read_text() == BY_HAND.replace("It broke.", "It burnt.")


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664])
async def test_a_file_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / NAME).chmod(mode)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    before = os.umask(0o077)
    try:
        assert await saved(session)
    finally:
        os.umask(before)
    session.close()
    assert (root / NAME).stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(("of_folder", "of_file"), [(0o755, 0o644), (0o700, 0o600), (0o2775, 0o664)])
async def test_a_new_file_is_as_open_as_its_folder(of_folder: int, of_file: int, tmp_path: Path) -> None:
    root = folder(tmp_path)
    root.chmod(of_folder)
    there = backend(root)
    before = os.umask(0o077)
    try:
        await there.create(there.begin("New", "IR-1"))
    finally:
        os.umask(before)
    (path,) = root.glob("*-IR-1-new.md")
    assert path.stat().st_mode & 0o777 == of_file


@pytest.mark.parametrize("planted", ["fifo", "folder", "link", "loop"])
async def test_what_is_planted_in_the_place_of_a_file_is_refused(planted: str, tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    reviewed = await session.review()
    outside = tmp_path / "outside.md"
    outside.write_text(BY_HAND)
    path = root / NAME
    path.unlink()
    match planted:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(outside if planted == "link" else path)
    try:
        report = await session.save(reviewed)
        assert not report.verified and all(outcome.detail for outcome in report.outcomes)
    except BackendError as error:
        assert error.said and error.advice
    session.close()
    assert outside.read_text() == BY_HAND
    page = await backend(root).incidents(Query())
    assert page.incidents == () and (page.unreadable or page.notices or planted == "folder")


async def test_a_folder_on_the_way_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / "2026").mkdir()
    (root / NAME).rename(root / "2026" / NAME)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    reviewed = await session.review()
    (root / "2026").rename(tmp_path / "elsewhere")
    (root / "2026").symlink_to(tmp_path / "elsewhere")
    try:
        assert not (await session.save(reviewed)).verified
    except BackendError as error:
        assert error.said and error.advice
    session.close()
    assert (tmp_path / "elsewhere" / NAME).read_text() == BY_HAND
