"""A folder of Markdown files on the screens: opened, edited, saved, begun; no word of a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.folder.folders import BY_HAND, NAME, folder, tree
from tests.tui.headless_program import IN_A_CELL, environment
from tests.tui.user import READ, program


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folder(tmp_path, bad="---\ntitle: a\ntitle: b\n---\n")


async def test_files_are_edited_merged_filtered_and_begun(root: Path, home: Path) -> None:
    async with program(environment(home, {}), str(root), ref=NAME) as user:
        # a file is edited and saved
        await user.shows(IN_A_CELL)
        await user.type("Really. ")
        assert "Nothing that you edited changed in the folder since" in await user.review()
        await user.press("enter")
        await user.shows(r"saved · verified \d\d:\d\d")
        await user.press("f5")
        await user.shows("nothing new in the folder")
        await user.press("ctrl+s")
        await user.shows("nothing to save: the folder has all of it")
        assert (root / NAME).read_text() == BY_HAND.replace("It broke.", "It broke.Really. ")

        # what another program changed meanwhile is asked about
        await user.type("Twice.")
        (root / NAME).write_text(BY_HAND.replace("It broke.", "It burnt."))
        await user.press("ctrl+s")
        await user.shows("Both changed", "in the folder", r"\+ It burnt\.", r"\+ It broke\.Really\. Twice\.")
        await user.press("b")
        await user.shows("enter send")
        await user.press("enter")
        await user.shows(r"saved · verified")
        assert "It broke.Really. Twice." in (root / NAME).read_text() and "It burnt." in (root / NAME).read_text()

        # the list names what it cannot read, filters, and begins a postmortem
        await user.press("escape")
        await user.shows(READ)
        await user.press("r")
        await user.shows("IR-338", r"1 row could not be read: bad\.md: line 3, title")
        await user.press("slash")
        await user.shows("ask the folder")
        await user.type("sev:2")
        await user.press("enter")
        await user.shows(r"0 of 0", r"(?m)^   1 row could not be read")
        assert "f12" not in user.text, "there are no requests"
        await user.press("n")
        await user.shows("Title of the new postmortem")
        await user.type("Disk full")
        await user.press("enter")
        await user.shows("called in short")
        await user.type("IR-400")
        await user.press("enter")
        await user.shows("Create a postmortem for IR-400", "create it")
        assert "IR-400" not in "".join(tree(root))
        await user.press("enter")
        await user.shows(IN_A_CELL, "IR-400", "Disk full")
        assert user.titles[:2] == ["Summary", "Impact"]
    (made,) = (data for path, data in tree(root).items() if path.endswith("-IR-400-disk-full.md"))
    assert made.startswith(b"---\ntitle: Disk full\ndate: ")


async def test_an_empty_folder_says_how_to_begin(tmp_path: Path, home: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with program(environment(home, {}), str(tmp_path / "empty")) as user:
        await user.shows("there are no incidents · n begins one")
        for keys in (["n", "escape"], ["n", "enter"]):
            await user.press(*keys)
            await user.shows("nothing was created")
    assert tree(tmp_path / "empty") == {}


async def test_a_person_whom_no_file_names_is_not_doubted_and_one_who_is_there_is_not_added_again(root: Path, home: Path) -> None:
    async with program(environment(home, {}), str(root), ref=NAME) as user:
        await user.shows(IN_A_CELL)
        await user.press("f2", "down", "down", "O", "enter")
        await user.shows("│ Owner", "Jane Doe")
        await user.type("Zoe New")
        await user.shows("Zoe New +as typed +│", "enter selects")
        await user.press("enter")
        await user.shows("▌± Owner +Zoe New .*was Jane Doe")
        await user.press("down", "down", "enter")
        await user.shows("│ Responders: who")
        for there in ("Mara López", "mara@corp.com"):
            await user.type(there)
            await user.shows("is there already")
            assert "as typed" not in user.text
            await user.press("ctrl+u")
        await user.type("Zoe New")
        await user.shows("Zoe New +as typed +│", "enter selects")
        assert "not known" not in user.text
