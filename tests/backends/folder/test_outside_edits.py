"""Other programs write the same files: what both changed is merged, nobody is overwritten, and nothing is written for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.model.diff import diff
from tests.backends.folder.folders import BY_HAND, NAME, backend, folder, opened, saved, tree


def outside(root: Path, old: str, new: str) -> None:
    """Another program's edit."""
    path = root / NAME
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def test_edits_of_different_parts_are_merged(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.edit_cell(session.mine.cells[0].key, "## Summary\n\nIt burnt.")
    outside(root, "Many.", "Few.")
    outside(root, "severity: SEV-1", "severity: SEV-2  # decided by Jane")
    outside(root, "x-team: payments\n", "x-team: payments\nx-new: yes\n")
    assert await saved(session)
    session.close()
    expected = BY_HAND.replace("It broke.", "It burnt.").replace("Many.", "Few.").replace("SEV-1", "SEV-2  # decided by Jane")
    assert (root / NAME).read_text("utf-8") == expected.replace("x-team: payments\n", "x-team: payments\nx-new: yes\n")


async def test_the_same_part_is_a_conflict_that_is_shown(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    outside(root, "severity: SEV-1", "severity: SEV-2")
    before = tree(root)
    reviewed = await session.review()
    (conflict,) = reviewed.conflicts
    assert (conflict.part.field, conflict.mine, conflict.theirs) == ("severity", "SEV-3", "SEV-2")
    assert tree(root) == before
    session.close()


async def test_an_edit_between_review_and_write_is_refused_and_then_merged(tmp_path: Path) -> None:
    root = folder(tmp_path)
    there = backend(root)
    server = await there.postmortem(await there.find("IR-338"))
    target = server.with_field("severity", "SEV-3")
    (step,) = there.plan(server, target, diff(server, target))
    assert step.request == f"write {NAME}"
    outside(root, "Many.", "Some.")  # as long as before, as soon as can be
    with pytest.raises(BackendError) as caught:
        await there.send(server, target, step)
    assert caught.value.trouble is Trouble.CONFLICT and not caught.value.unknown
    assert (root / NAME).read_text("utf-8") == BY_HAND.replace("Many.", "Some.")
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    assert await saved(session)
    session.close()


async def test_a_file_that_another_program_renamed_is_written_where_it_is(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    (root / "2026").mkdir()
    (root / NAME).rename(root / "2026" / "renamed.md")
    assert await saved(session)
    session.close()
    assert tree(root) == {"2026/renamed.md": BY_HAND.replace("SEV-1", "SEV-3").encode()}


async def test_a_file_that_another_program_deleted_is_not_made_again(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.set_field("severity", "SEV-3")
    (root / NAME).unlink()
    with pytest.raises(BackendError) as caught:
        await session.review()
    assert caught.value.trouble is Trouble.MISSING
    assert session.changes, "the draft is kept"
    session.close()
    assert tree(root) == {}


@pytest.mark.parametrize("text", [BY_HAND, BY_HAND.replace("\n", "\r\n"), "\ufeff" + BY_HAND, BY_HAND.rstrip("\n"), BY_HAND + "\n\n\n"])
async def test_a_save_that_changes_nothing_writes_nothing(text: str, tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / NAME).write_bytes(text.encode())
    before = (root / NAME).stat()
    session = await opened(root)
    cell = session.mine.cells[0]
    session.edit_cell(cell.key, cell.text + "\n\n")
    session.set_field("severity", "SEV-3")
    session.set_field("severity", "SEV-1")
    await saved(session)
    session.close()
    after = (root / NAME).stat()
    assert (root / NAME).read_bytes() == text.encode()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_an_edit_keeps_line_ends_and_mark(mark: str, end: str, tmp_path: Path) -> None:
    root = folder(tmp_path)
    text = mark + BY_HAND.replace("\n", end)
    (root / NAME).write_bytes(text.encode())
    session = await opened(root)
    assert session.mine.cells[0].text == "## Summary\n\nIt broke."
    session.edit_cell(session.mine.cells[0].key, "## Summary\n\nIt burnt.\n\nFor long.\n")
    assert await saved(session)
    session.close()
    assert (root / NAME).read_bytes() == text.replace("It broke.", f"It burnt.{end}{end}For long.").encode()


async def test_a_draft_of_another_process_goes_on_after_an_outside_edit(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.edit_cell(session.mine.cells[1].key, "## Impact\n\nAll.")
    session.close()
    outside(root, "It broke.", "It burnt.")
    again = await opened(root)
    assert [cell.text for cell in again.mine.cells] == ["## Summary\n\nIt broke.", "## Impact\n\nAll."]
    assert await saved(again)
    again.close()
    assert (root / NAME).read_text("utf-8") == BY_HAND.replace("It broke.", "It burnt.").replace("Many.", "All.")


async def test_an_edit_of_one_cell_keeps_the_marks_around_another(tmp_path: Path) -> None:
    root = folder(tmp_path)
    text = BY_HAND.rstrip("\n") + "\n\n<!-- cell -->\n## Lessons\n\n\n<!-- /cell -->\n\n## Review\n\nDone.\n"
    (root / NAME).write_bytes(text.encode())
    session = await opened(root)
    session.edit_cell(session.mine.cells[0].key, "## Summary\n\nIt burnt.")
    assert await saved(session)
    session.close()
    assert (root / NAME).read_bytes() == text.replace("It broke.", "It burnt.").encode()
