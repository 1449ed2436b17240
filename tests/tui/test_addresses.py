"""Addresses and texts on their way out: shown, opened where there is a browser, copied, written into a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App

from pmtui.formats.document.postmortem_file import read
from pmtui.sandbox.server import Sandbox
from pmtui.tui.flows import addresses
from pmtui.tui.flows.addresses import address_at
from tests.tui.test_gaps import folder, into
from tests.tui.user import READ, program, using

TEXT = "---\ntitle: A new one\n---\n\n## Links\n\nSee [the log](https://example.com/log) and https://example.com/x.\n"


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("see [it](https://a.b/c) now", "https://a.b/c"),
        ("see <https://a.b/c> now", "https://a.b/c"),
        ("see https://a.b/c, now", "https://a.b/c"),
        ("see [it](javascript:alert) now", ""),
        ("see `https` now", ""),
    ],
)
def test_the_address_at_the_cursor(line: str, address: str) -> None:
    assert address_at(line, line.index("now") - 3) == address
    assert address_at(line, 0) == ""


async def test_what_is_at_the_cursor_is_copied_and_the_whole_is_written_into_a_file(home: Path) -> None:
    async with program(folder(home, TEXT), "here") as user:
        await into(user)
        await user.press("up", "left", "left")
        await user.press("ctrl+home", "down", "down", *["right"] * 6, "ctrl+o")
        await user.shows(r"(?m)^ https://example.com/log$|^ https://example.com/log ")
        await user.press("alt+y")
        await user.shows("copied https://example.com/log")
        assert user.app.clipboard == "https://example.com/log"
        await user.press("alt+c")
        await user.shows(r"copied the postmortem, \d+ words")
        assert user.app.clipboard == "# new A new one\n\n## Links\n\nSee [the log](https://example.com/log) and https://example.com/x.\n"

        # the whole is written into a file, and over one only when told
        await user.press("ctrl+end")
        await user.type("Unsaved.")
        target = home / "out.md"
        target.write_text("mine")
        await user.press("alt+w")
        await user.shows("into a file", f"in {re.escape(str(Path.cwd()))[:30]}")
        await user.press("ctrl+u")
        await user.type(str(target))
        await user.press("enter")
        await user.shows("is there already", "o +write over it")
        await user.press("escape")
        await user.shows("into a file")
        assert target.read_text() == "mine"
        await user.press("enter")
        await user.shows("is there already")
        await user.press("o")
        await user.shows(r"written:\s")
        file = read(target.read_text())
        assert file.entries["title"] == "A new one"
        assert "Unsaved." in file.cells[-1].text


@pytest.mark.parametrize(
    ("passes", "said"),
    [
        (True, "copied"),
        (False, "not copied, tmux keeps it: select it here, or type `tmux set -s set-clipboard on` in a shell:"),
        (None, "sent to the clipboard, but whether tmux passes it on is not known:"),
    ],
)
async def test_what_is_known_of_a_copy_is_told_with_the_address(monkeypatch: pytest.MonkeyPatch, passes: bool | None, said: str) -> None:
    monkeypatch.setattr(addresses, "_tmux_passes", lambda environment: passes)
    told: list[str] = []
    app = App[None]()
    await addresses.copy(app, "https://a.b/c", "https://a.b/c", {"TMUX": "/tmp/tmux"}, lambda text, style: told.append(text))
    assert told == [f"{said} https://a.b/c"]


def test_a_tmux_that_cannot_be_asked_is_not_known(tmp_path: Path) -> None:
    assert addresses._tmux_passes({"PATH": str(tmp_path)}) is None


async def test_letters_do_it_where_they_are_no_text(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(200, 30)) as user:
        # the list opens and copies the address of the incident under the cursor
        await user.shows(READ)
        first = user.current
        await user.together("j", "o")
        url = user.current.url
        assert user.current != first
        assert url.startswith("http")
        await user.shows(rf"(?m)^ {re.escape(url)} *$")
        await user.together("y", "k")
        await user.shows(rf"copied +{re.escape(url)}")
        assert user.app.clipboard == url, "the row on which it was typed"
        await user.filter("yo")
        await user.shows(r"(?m)^ / yo *$")
        await user.press("escape")
        await user.no_longer_shows(r"(?m)^ / yo *$")

        # so do the outline and the preview
        await user.resize(80, 24)
        await user.into()
        assert user.app.session is not None
        url = user.app.session.mine.url
        assert url.startswith("http")
        await user.press("ctrl+g", "o")
        await user.shows(re.escape(url[:40]))
        await user.press("y")
        await user.shows(r"copied\s+http")
        assert user.app.clipboard == url
        await user.press("question_mark")
        await user.shows("finds any action by name")
        await user.press("escape", "f3")
        await user.shows(" preview")
        await user.press("o")
        await user.shows(re.escape(url[:40]))

        # the preview finds
        top = user.lines[2:6]
        await user.press("slash")
        await user.type("rolled back")
        await user.shows(r"find +rolled back +1 of \d", "Cache failover rolled back")
        await user.press("enter")
        await user.press("escape")
        await user.until(lambda: user.lines[2:6] == top, "where it was")
        await user.press("escape")
        await user.shows("enter go")
        await user.press("escape")
        await user.shows(r"ctrl\+s save")


async def test_the_form_takes_the_address_of_its_row(home: Path) -> None:
    text = TEXT.replace(
        "title: A new one\n", "title: As in https://example.com/t here\nlinked_issues:\n- https://example.com/browse/OPS-7\n"
    )
    async with program(folder(home, text), "here") as user:
        await user.shows(READ)
        await user.press("enter")
        await user.shows(r"cell \d+ of")
        for size in ((80, 24), (120, 30)):  # alone, and beside the text
            await user.resize(*size)
            await user.press("f2")
            await user.shows("▌  ")
            await user.press("ctrl+home", "alt+y")
            await user.until(lambda: user.app.clipboard == "https://example.com/t", "what the title names")
            while "OPS-7" not in user.line("▌"):
                await user.press("down")
            await user.press("ctrl+o")
            await user.shows("(?m)^ https://example.com/browse/OPS-7( |$)")
            await user.press("alt+y")
            await user.shows("copied https://example.com/browse/OPS-7")
            await user.press("escape" if size == (80, 24) else "f2")
            await user.shows(r"cell \d+ of")
