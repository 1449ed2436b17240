"""What is copied goes to the clipboard of the user's machine, and from there into shells: no control character is in it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.hostile import PAYLOADS, poison
from tests.tui.user import QUICK, VENDORS, using
from tests.turns import in_turn

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def copied(sent: list[str]) -> list[str]:
    """The texts that the terminal was told to keep."""
    return [base64.b64decode(each).decode() for text in sent for each in re.findall("\x1b\\]52;c;([^\x07]*)\x07", text)]


@pytest.mark.parametrize("vendor", in_turn(VENDORS))
async def test_nothing_that_is_copied_controls_a_terminal(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(incidents=5, switches=QUICK) as sandbox:
        poison(sandbox)
        async with using(tmp_path / "home", sandbox, vendor) as user:
            await user.into()
            sent: list[str] = []
            driver = user.app._driver
            assert driver is not None
            monkeypatch.setattr(driver, "write", sent.append)
            await user.press("alt+c")
            await user.shows("copied the postmortem")
            user.app.copy_to_clipboard("".join(PAYLOADS.values()) + "\nrm -rf ~\r\n")
        texts = copied(sent)
        assert len(texts) == 2 and "[/b][@click=app.bell]x" in texts[0]
        assert [CONTROL.findall(text) for text in texts] == [[], []]
