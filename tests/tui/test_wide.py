"""The form beside the document: one mark and one line of keys, those of where the focus is."""

from __future__ import annotations

import re
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.cell import CellBlock
from tests.tui.user import SCROLLBAR, using


async def test_the_mark_the_keys_and_the_status_line_follow_the_focus(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(160, 40)) as user:
        await user.into()
        assert len(re.findall("(?m)^▌", user.text)) == 1
        await user.press("f2", "down")
        await user.shows("▌  Severity", "backspace revert")
        assert not re.search("(?m)^▌", user.text), "the outline gives the mark away"
        assert user.status.rstrip().endswith("Severity")
        assert "cell" not in user.status
        await user.press("f2")
        await user.shows("(?m)^▌", r"cell 1 of \d+", "ctrl.↑↓ cell")
        assert "▌  " not in user.text

        # in a narrower window the text keeps its room, and the outline comes when it is called
        await user.resize(112, 30)
        assert user.app.screen.query_one("#document").size.width >= 74
        await user.shows("Severity")
        assert "  2 Summary" not in user.text
        await user.press("ctrl+g")
        await user.shows("(?m)^  2 Summary")
        await user.press("escape")
        await user.no_longer_shows("(?m)^  2 Summary")

        # the keys that save, go back and help are in sight in the smallest window, too
        await user.resize(40, 12)
        await user.shows(r"(?m)^ ctrl\+s save  esc list  f1 help$")

        # a text that is too long for its row ends in an ellipsis
        await user.resize(60, 24)
        await user.press("f2", "down")
        await user.shows("  Title +Checkout 5xx after cache.*…", r"(?m)^ ctrl\+s save  esc back  enter change .*f1 help$")
        await user.resize(40, 12)
        await user.shows(r"(?m)^ ctrl\+s save  esc back  f1 help$")

        # a locked row says why below the form, and raises no toast
        await user.resize(80, 24)
        await user.press("pagedown", "pagedown", "pagedown")
        await user.shows("▌  ")
        await user.press("backspace", "enter", "delete", "x", "backspace")
        await user.shows(r"(?m)^ ! \w+")
        assert not user.app._notifications
        assert "enter change" not in user.keys
        await user.press("up")
        await user.no_longer_shows(r"(?m)^ ! \w+")

        # the keys follow what becomes of a row
        await user.press("home", "down", "down", "down", "down")
        await user.shows("▌  Responders", "del remove")
        await user.press("delete")
        await user.shows("▌± Responders", "del add it again")
        await user.press("delete", "escape")
        await user.shows(r"cell \d+ of \d+")

        # the header marks a value that the server does not have
        assert "±" not in user.lines[0]
        await user.choose("Severity", "P2")
        await user.shows("(?m)^ #30 .* ± P2 · draft")


async def test_no_label_is_cut_in_a_form_that_is_used(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(200, 45)) as user:
        await user.into()
        for columns in (200, 160, 140, 110):
            await user.resize(columns, 45)
            await user.shows("│ +Severity +SEV-1")
        await user.press("f2")
        await user.shows("▌  Title")
        for columns in (110, 120, 139, 140, 160, 200, 109, 80, 60):  # beside the text, then alone
            await user.resize(columns, 45)
            await user.shows("▌  Title", "Document title ", "Detection method ", "Customers notified ")
        await user.resize(40, 12)
        await user.press(*["down"] * 13)
        await user.shows("▌  Document title  ", r"(?m)Document title$")
        await user.press(*["down"] * 7)
        await user.shows("▌  Detection met… ")


async def test_a_prompt_stands_under_a_heading_and_under_no_other_line(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(80, 60)) as user:  # both cells are in sight, however the window scrolls
        await user.into()
        block = user.app.screen.query(CellBlock).first()
        prompt = block.cell.prompt
        assert len(prompt) > 40
        last = re.escape(prompt.split()[-1])
        await user.type("Checkout was down.")
        await user.shows("Checkout was down")
        assert prompt not in user.text
        await user.press("ctrl+down")
        await user.until(lambda: not block.has_focus_within, "the caret in the next section")
        assert "Checkout was down" in user.text
        assert prompt not in user.text

        # in a narrow window it wraps
        await user.press("ctrl+up")
        await user.resize(56, 24)
        while not re.search(last, user.text):
            await user.press("ctrl+z")
        before = block.outer_size.height
        await user.type("x")
        await user.no_longer_shows(last)
        await user.until(lambda: block.outer_size.height < before, "a lower cell")
        await user.press("enter", "y")
        await user.shows("(?m)^.{0,30} y *")
        assert block.outer_size.height == before
        await user.press("ctrl+z", "ctrl+z")
        await user.shows(last)
        assert not re.search(r"(?m)^ *[xy] *$", user.text), "as high as it was, and all of it painted"

        # undo puts the cursor where it changed something
        await user.resize(80, 24)
        await user.type("one two three four five six seven\ntwo three")
        await user.press("ctrl+home")
        await user.shows("line 1 ")
        await user.press("ctrl+z")
        await user.shows("line 2 .* 7 w")


async def test_the_prompt_of_a_section_stays_where_one_writes_until_something_is_written(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(80, 40)) as user:
        await user.go_to("Push messages sent twice")
        await user.press("enter")
        await user.shows("create one")
        await user.press("c")
        await user.shows("enter +create it")
        await user.press("enter")
        await user.shows(r"cell 1 of \d")
        block = user.app.screen.query(CellBlock)[1]
        first, last = re.escape(block.cell.prompt[:25]), f"{re.escape(block.cell.prompt.split()[-1])} *[{SCROLLBAR}]? *$"
        await user.shows(rf"Leadup *\n.*\n.*{first}")
        for size in ((80, 40), (40, 12)):
            await user.resize(*size)
            await user.press("ctrl+g", "home", "down", "enter")
            await user.shows(rf"#### Leadup *[{SCROLLBAR}]? *\n.*\n.*{first}", f"(?m){last}")
            before = block.outer_size.height
            await user.type("x")
            await user.no_longer_shows(first)
            await user.until(lambda before=before: block.outer_size.height < before, "a lower cell")  # type: ignore[misc]
            await user.press("backspace")
            await user.shows(first, f"(?m){last}")
            await user.type("xy")
            await user.no_longer_shows(first)
            await user.press("ctrl+z")
            await user.shows(first, f"(?m){last}")
            await user.until(lambda before=before: block.outer_size.height == before, "as high as it was")  # type: ignore[misc]
        assert user.app.session is not None
        assert not user.app.session.changes


async def test_the_prompt_stays_at_the_cursor_until_something_is_typed(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(80, 60)) as user:
        await user.into()
        left = next(each for each in user.app.screen.query(CellBlock) if each.cell.title == "Lessons learnt")
        prompt = re.escape(" ".join(left.cell.prompt.split()[:4]))
        before = left.outer_size.height
        await user.press(*["ctrl+down"] * 8)
        await user.until(lambda: left.has_focus_within and left.editor is not None, "the cursor there")
        await user.shows(rf"(?m)Lessons learnt *$\n[│ ]*.*\n.*{prompt}")
        assert left.outer_size.height == before, "nothing moves"
        assert left.editor is not None
        cursor = left.editor.terminal_cursor
        assert cursor is not None and re.search(prompt, user.lines[cursor.y])
        await user.type("x")
        await user.no_longer_shows(prompt)
        await user.press("backspace")
        await user.shows(prompt)
