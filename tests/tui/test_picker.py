"""The picker: what is under the cursor reads without colours, and typing finds names rather than domains."""

from __future__ import annotations

import re
from pathlib import Path

from pmtui.sandbox.server import Sandbox
from pmtui.tui.dialogs.picker import Pick, Picker, matching
from tests.tui.user import using

JANE, JOE = Pick(1, "Jane Doe", "jane@corp.example"), Pick(2, "Joe Corpus", "joe@corp.example")


async def test_the_cursor_and_what_is_set_are_two_marks(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.shows("read")
        user.app.push_screen(Picker("Who", [JANE, JOE, Pick(3, "mail@corp.example", "mail@corp.example")], current=2))
        await user.shows("│ +▌• Joe Corpus", "│ +Jane Doe")
        assert user.text.count("mail@corp.example") == 1
        await user.press("up")
        await user.shows("│ +▌  Jane Doe", "│ +• Joe Corpus")
        await user.press("j", "o", "e")
        await user.shows("│ +▌• Joe Corpus")
        assert not re.search("Jane", user.text)


def test_a_domain_that_everybody_has_finds_nobody_until_an_at_is_typed() -> None:
    assert matching([JANE, JOE], "corp") == (JOE,)
    assert matching([JANE, JOE], "jane") == (JANE,)
    assert matching([JANE, JOE], "@corp") == (JANE, JOE)
