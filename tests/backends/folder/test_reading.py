"""Which files are postmortems, what they say, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pmtui.backends.base import BackendError, Trouble
from pmtui.backends.folder.disk import LARGEST
from pmtui.model.fields import LockedBy
from pmtui.model.incident import Incident
from pmtui.model.postmortem import CellKind
from pmtui.model.query import Query, parse
from pmtui.model.values import Person
from tests.backends.folder.folders import BY_HAND, LONG_AGO, NAME, backend, folder, opened, saved, tree


async def incidents(root: Path, line: str = "") -> list[Incident]:
    return list((await backend(root).incidents(parse(line))).incidents)


async def test_what_is_listed_and_what_is_not(tmp_path: Path) -> None:
    root = folder(tmp_path, README="# No postmortem\n", plain="# Queue full\n\nIt was.\n", empty="")
    for name in (".git", ".pmtui/trash", "templates", "2026/11"):
        (root / name).mkdir(parents=True)
        (root / name / "inside.md").write_text("# Inside\n")
    (root / "notes.txt").write_text("no")
    (root / ".hidden.md").write_text("no")
    assert {each.id for each in await incidents(root)} == {"IR-338", "plain.md", "empty.md", "2026/11/inside.md"}


async def test_every_file_that_cannot_be_read_has_its_line(tmp_path: Path) -> None:
    root = folder(tmp_path, twice="---\ntitle: a\ntitle: b\n---\n", open_="---\ntitle: a\n", yaml="---\na: 'b\n---\n")
    (root / "bytes.md").write_bytes(b"# caf\xe9\n")
    with (root / "large.md").open("wb") as stream:
        stream.truncate(LARGEST + 1)
    os.mkfifo(root / "fifo.md")
    (root / "link.md").symlink_to(tmp_path / "outside.md")
    os.close(os.open(os.fsencode(root) + b"/n\xff.md", os.O_CREAT))
    page = await backend(root).incidents(Query())
    assert [each.id for each in page.incidents] == ["IR-338"]
    said = "\n".join(page.unreadable)
    for part in (
        "twice.md: line 3, title: this key is here twice",
        "open_.md: line 1: the front matter that begins here has no end",
        "yaml.md: line",
        "bytes.md: this is not UTF-8, at byte 5",
        "large.md: larger than 8 MB",
        "fifo.md: this is not a plain file",
        "its name is not UTF-8",
    ):
        assert part in said
    assert len(page.unreadable) == 7
    assert page.notices == ("links are not followed: link.md",)
    checks = {check.name: check for check in await backend(root).checks()}
    assert checks["unreadable"].state == "warn" and checks["unreadable"].detail.startswith("7 files cannot be read: ")


async def test_a_reference_that_an_unreadable_file_may_have_is_not_said_to_be_missing(tmp_path: Path) -> None:
    root = folder(tmp_path, twice="---\ntitle: a\ntitle: b\n---\n")
    for ref in ("IR-999", "twice.md"):
        with pytest.raises(BackendError, match="line 3, title") as caught:
            await backend(root).find(ref)
        assert caught.value.trouble is Trouble.ANSWER


@pytest.mark.parametrize(
    ("name", "text", "title", "created"),
    [
        ("2026-11-14-queue", "# Queue *full*\n", "Queue *full*", datetime(2026, 11, 14, tzinfo=UTC)),
        ("x", "---\ndate: 2026-11-14\nstarted: 2026-11-14T02:10:00+02:00\n---\n", "x", datetime(2026, 11, 14, 0, 10, tzinfo=UTC)),
        ("2026/11/14/x", "words only\n", "x", datetime(2026, 11, 14, tzinfo=UTC)),
        ("x", "---\ndate: sometime\ntitle: no\n---\n# Heading\n", "no", datetime.fromtimestamp(LONG_AGO, UTC)),
    ],
)
async def test_titles_and_dates(name: str, text: str, title: str, created: datetime, tmp_path: Path) -> None:
    path = tmp_path / "postmortems" / f"{name}.md"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO))
    (found,) = await incidents(tmp_path / "postmortems")
    assert (found.title, found.created) == (title, created)
    assert (await backend(tmp_path / "postmortems").postmortem(found)).fields["title"] == title


async def test_two_files_with_one_reference_are_told_apart(tmp_path: Path) -> None:
    root = folder(tmp_path, copy=BY_HAND.replace("SEV-1", "SEV-2"))
    assert {each.id for each in await incidents(root)} == {NAME, "copy.md"}
    with pytest.raises(BackendError, match="2 files match"):
        await backend(root).find("IR-338")
    session = await opened(root, "copy.md")
    session.set_field("severity", "SEV-4")
    assert await saved(session)
    session.close()
    assert tree(root) == {NAME: BY_HAND.encode(), "copy.md": BY_HAND.replace("SEV-1", "SEV-4").encode()}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", 2),
        ("sev:1", 1),
        ("sev:p1,3", 2),
        ("state:DRAFT", 1),
        ("owner:jane", 1),
        ("owner:jane@corp.com", 1),
        ("tag:cache", 1),
        *[("service:checkout", 1), ("service:heck", 1), ("team:Payments", 1), ("team:pay", 1), ("tag:cac", 1), ("tag:no", 0)],
        ("pm:draft", 1),
        ("pm:published", 0),
        ("pm:none", 0),
        ("pm:yes", 2),
        ("after:2026-11-14", 1),
        ("before:2026-11-14", 1),
        ('"checkout 5xx"', 1),
        ("checkout queue", 0),
        ("ir-338", 1),
        ("cache", 1),
    ],
)
async def test_filters(line: str, found: int, tmp_path: Path) -> None:
    head = "severity: P3\nstatus: resolved\ntags: [cache]\nresponder_teams: [payments]\naffected_services: [Checkout]"
    root = folder(tmp_path, **{"2026-10-01-queue": f"---\n{head}\n---\n# Queue\n"})
    page = await backend(root).incidents(parse(line))
    assert (len(page.incidents), page.total, page.ignored) == (found, found, ())


@pytest.mark.parametrize("line", ["after:soon", "before:2026-13-01", "pm:lost"])
async def test_a_filter_without_effect_says_so(line: str, tmp_path: Path) -> None:
    page = await backend(folder(tmp_path)).incidents(parse(line))
    assert len(page.ignored) == 1


async def test_fields_that_cannot_be_read_or_edited_say_why_and_stay(tmp_path: Path) -> None:
    text = "---\nowner: [a, b]\nreview:\n  board: yes\nlist: [{a: b}]\n---\n# Text\n"
    root = folder(tmp_path, odd=text)
    session = await opened(root, "odd.md")
    found = session.mine
    assert [(each.part, each.why) for each in found.unread] == [("owner", "owner: write one value, not a list")]
    locks = {field.name: field.locked_by for field in found.form if field.locked}
    assert locks == {"owner": LockedBy.UNREAD, "review": LockedBy.VENDOR, "list": LockedBy.VENDOR}
    assert found.fields["review"] == '{"board": "yes"}'
    session.set_field("severity", "SEV-1")
    assert await saved(session)
    session.close()
    assert (root / "odd.md").read_text() == text.replace("---\nowner", "---\nseverity: SEV-1\nowner")


async def test_an_opaque_cell_of_a_vendor_is_kept(tmp_path: Path) -> None:
    opaque = "<!-- opaque cell -->\n```pmtui-opaque 0123456789ab\n▦ graph: p99\n```\n<!-- /cell -->"
    root = folder(tmp_path, pulled=f"# One\n\na\n\n{opaque}\n\n# Two\n\nb\n")
    session = await opened(root, "pulled.md")
    assert [cell.kind for cell in session.mine.cells] == [CellKind.MARKDOWN, CellKind.OPAQUE, CellKind.MARKDOWN]
    session.move_cell(session.mine.cells[1].key, 1)
    session.edit_cell(session.mine.cells[0].key, "# One\n\nbetter")
    assert await saved(session)
    session.close()
    assert (root / "pulled.md").read_text() == f"# One\n\nbetter\n\n# Two\n\nb\n\n{opaque}\n"


async def test_half_a_character_in_a_text_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.edit_cell(session.mine.cells[0].key, "half \ud800")
    report = await session.save(await session.review())
    (outcome,) = report.outcomes
    assert "half a character" in outcome.detail and outcome.trouble is Trouble.INVALID
    assert session.changes, "the draft is kept"
    session.close()
    assert tree(root) == {NAME: BY_HAND.encode()}


async def test_people_are_those_that_the_files_name(tmp_path: Path) -> None:
    session = await opened(folder(tmp_path))
    assert session.mine.fields["responders"] == (Person("mara@corp.com", "Mara López", "mara@corp.com", "Scribe"),)
    session.close()


async def test_a_folder_without_write_permission_is_read_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode, **how: path != root)
    there = backend(root)
    found = await there.postmortem(await there.find("IR-338"))
    assert "permissions" in found.text_locked and all(field.locked for field in found.form)
    assert (await there.creation(there.begin("x", "y"))).impossible
    assert {check.name: check.state for check in await there.checks()}["writing"] == "warn"


async def test_a_file_that_its_owner_made_read_only_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder(tmp_path)
    session = await opened(root)
    session.set_field("severity", "SEV-2")
    monkeypatch.setattr(os, "access", lambda path, mode, **how: path != root / NAME)
    assert not await saved(session)
    session.close()
    found = await backend(root).postmortem(await backend(root).find("IR-338"))
    assert "permissions" in found.text_locked and all(field.locked for field in found.form)
    assert tree(root) == {NAME: BY_HAND.encode()}


async def test_a_new_file_begins_as_the_template_of_the_folder(tmp_path: Path) -> None:
    root = folder(tmp_path)
    (root / "templates").mkdir()
    (root / "templates" / "default.md").write_text("---\n# how we write them\nseverity: SEV-3\nstatus: open\n---\n\n## What broke\n")
    (root / "templates" / "short.md").write_text("## Only this\n")
    there = backend(root)
    there._now = lambda: datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    offered = await there.creation(there.begin("Disk full: again", "IR-400"))
    assert [(each.name, each.default) for each in offered.templates] == [("default", True), ("short", False), ("Outline", False)]
    await there.create(there.begin("Disk full: again", "IR-400"))
    text = "---\ntitle: 'Disk full: again'\ndate: 2026-11-20\n# how we write them\nseverity: SEV-3\nstatus: open\npmtui:\n"
    made = (root / "2026-11-20-IR-400-disk-full-again.md").read_text()
    assert made.replace('"', "'").startswith(text.replace('"', "'").split("title")[0])
    assert made.endswith('pmtui:\n  schema: "1"\n  reference: IR-400\n---\n\n## What broke\n') and "# how we write them" in made
    named = there.begin("No reference at all", "")
    made_too = await there.create(named, offered.templates[1])
    assert made_too.incident.reference == "2026-11-20-no-reference-at-all"
    assert "pmtui" not in (root / "2026-11-20-no-reference-at-all.md").read_text()
    assert made_too.cells[0].text == "## Only this"
    with pytest.raises(BackendError) as caught:
        await there.create(named)
    assert caught.value.trouble is Trouble.CONFLICT


async def test_a_deleted_file_can_be_taken_back_and_git_does_not_see_it(tmp_path: Path) -> None:
    root = folder(tmp_path)
    there = backend(root)
    for _ in range(2):
        found = await there.postmortem(await there.find("IR-338"))
        assert NAME in there.removal(found) and ".pmtui/trash" in there.removal(found)
        (said,) = await there.remove(found)
        assert (root / said.removeprefix("the file is ")).read_text() == BY_HAND
        assert not (root / NAME).exists()
        (root / NAME).write_text(BY_HAND)
    assert (root / ".pmtui" / "trash" / ".gitignore").read_text() == "*\n"
    assert len(await incidents(root)) == 1
