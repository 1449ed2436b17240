"""Another postmortem beside the one that is written: read there, scrolled there, never written and never locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.tui.user import CHECKOUT, SCROLLBAR, User, using

OTHER = "Payments: duplicate"
HERE = r"│ \S+  Payments: dupl"
"""Its first line."""


async def show(user: User, title: str = OTHER) -> None:
    """Choose it, from the text of the other one."""
    await user.press("alt+o")
    await user.shows("Show another postmortem beside", r"(?m)│ +(▌|•)? *\S+ +Payments: dup")
    await user.type(title)
    await user.shows(rf"▌ *\S+ +{title}.*│", "enter selects")
    await user.press("enter")
    await user.shows(HERE + r".* read \d\d:\d\d")


def files(home: Path) -> set[str]:
    return {str(path) for path in (home / "state").rglob("*") if "lock" in path.name or "journal" in path.name or "draft" in str(path)}


async def test_it_is_read_beside_and_nothing_is_locked_or_written(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(140, 35)) as user:
        await user.into(CHECKOUT)
        before, cells = files(home), user.cells
        assert user.app.workspace is not None
        await show(user)
        assert files(home) == before
        assert {record.method for record in user.app.workspace.backend.requests()} == {"GET"}
        await user.shows(r"↑↓ scroll +o address +y copy it +alt\+o close +esc text")
        await user.type("x")
        await user.shows("this is another postmortem, to be read: esc goes back")
        assert user.cells == cells
        await user.press("y")
        await user.until(lambda: user.app.clipboard.startswith("http"), "its address")
        assert user.app.session is not None
        assert user.app.clipboard != user.app.session.mine.url
        await user.press("escape")
        await user.shows(r"ctrl\+s save", HERE)
        await user.type("Seen beside. ")
        await user.until(lambda: "Seen beside." in user.cells[0], "typed into the text")


def sides(user: User) -> tuple[list[str], list[str]]:
    """The lines of the text, and those of the postmortem beside."""
    at = user.line(HERE).index("│")
    rows = [line.ljust(120) for line in user.lines[2:-3]]
    return [row[:at].rstrip(f"{SCROLLBAR} ") for row in rows], [row[at + 1 :].rstrip(f"{SCROLLBAR} ") for row in rows]


@pytest.mark.long
async def test_it_scrolls_goes_and_comes_back(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(120, 24)) as user:
        await user.into(OTHER)
        await user.press("escape")
        await user.into(CHECKOUT)

        # each side scrolls by itself
        await show(user)
        left, right = sides(user)
        await user.press("pagedown")
        await user.until(lambda: sides(user)[1] != right, "the other one scrolled")
        assert sides(user)[0] == left
        scrolled = sides(user)[1]
        await user.press("escape", "ctrl+down", "ctrl+down", "ctrl+down", "ctrl+down", "ctrl+down")
        await user.until(lambda: sides(user)[0] != left, "the text scrolled")
        assert sides(user)[1] == scrolled

        # below 120 columns it is gone, and it comes back
        await user.press("alt+o")
        await user.shows(r"alt\+o close")
        await user.resize(119, 30)
        await user.no_longer_shows(HERE)
        await user.shows("Severity")
        await user.type("typed")
        await user.until(lambda: any("typed" in cell for cell in user.cells), "the keys are the text's")
        await user.press("alt+o")
        await user.shows("takes 120 columns, here are 119")
        await user.resize(140, 30)
        await user.shows(HERE)
        await user.press("f2")
        await user.shows("^ Details")
        await user.press("escape")
        await user.shows(HERE)
        await user.press("alt+o")
        await user.shows(r"alt\+o close")
        await user.press("alt+o")
        await user.no_longer_shows(HERE)
        await user.shows(r"ctrl\+s save", "Severity")
        await user.type("more")
        await user.until(lambda: any("more" in cell for cell in user.cells), "the keys are the text's again")

        # the row of the form that it hides goes on alone
        await show(user)
        await user.press("escape")
        await user.resize(112, 30)
        await user.shows("Severity")
        await user.press("f2", "down")
        await user.shows("▌ +Severity")
        await user.resize(130, 30)
        await user.shows("^ Details", "▌ +Severity")
        await user.press("escape")
        await user.shows(HERE)
        await user.press("alt+o")
        await user.shows(r"alt\+o close")
        await user.press("alt+o")
        await user.no_longer_shows(HERE)

        # a server that is gone leaves what was seen, and says so
        await user.press("alt+o")
        await user.shows(r"(?m)│ +(▌|•)? *\S+ +Payments: dup")
        await user.type(OTHER)
        await user.shows(rf"▌ *\S+ +{OTHER}.*│", "enter selects")
        sandbox.stop()
        await user.press("enter")
        await user.shows(HERE, "could not|refused|not reached|cannot")
