"""Deleting a postmortem from its screen: only after its reference was typed, and never where the vendor cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.gate import gate
from tests.tui.headless_program import IN_A_CELL
from tests.tui.user import READ, using
from tests.turns import every_vendor


@every_vendor
async def test_the_reference_must_be_typed(sandbox: Sandbox, home: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with using(home, sandbox, vendor) as user:
        await user.into()
        assert user.app.session is not None and user.app.workspace is not None
        reference, kept = user.app.session.mine.incident.reference, user.app.session.mine.incident
        with monkeypatch.context() as cannot:  # where the vendor cannot, it is said at once
            cannot.setattr(user.app.workspace.backend, "removal", lambda postmortem: "")
            await user.press("f9")
            await user.shows("this postmortem cannot be deleted here")
        await user.press("f9")
        await user.shows(f"Type {reference} to do it")
        await user.type("yes\n")
        await user.shows("nothing was deleted")
        assert (await user.app.workspace.backend.postmortem(kept)).id
        # what was read before is there at once, and is not deleted before it is known what others wrote since
        await user.press("escape")
        await user.shows("   REF")
        await user.shows(READ)
        sandbox.fault("GET * 403")
        with gate(sandbox) as answers:
            await user.press("enter")
            await user.shows(IN_A_CELL, "reading again")
            await user.until(lambda: answers.held, "the reading")
            await user.press("f9")
            await user.shows("reading .*… esc cancels")
            assert "Type " not in user.text
        await user.shows("nothing was deleted: others may have changed it", r"\(403\)")
        sandbox.clear_faults()
        await user.press("f5")
        await user.no_longer_shows("nothing was deleted|could not|reading")
        await user.press("f9")
        await user.shows(f"Type {reference} to do it")
        await user.type(f"{reference}\n")
        await user.shows("   REF")
        assert not (await user.app.workspace.backend.postmortem(kept)).id
