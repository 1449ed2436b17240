"""After one's own save, creation or deletion the row in the list is right at once, however far a vendor's search is behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from tests.backends.folder.folders import NAME, folder
from tests.tui.headless_program import IN_A_CELL, environment
from tests.tui.user import CHECKOUT, QUICK, READ, User, program, using

WITHOUT = {"datadog": "Login e-mails delayed", "opsgenie": "Push messages sent twice"}
BEHIND = {**QUICK, "datadog.search_lag": "600"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """With a search that knows nothing of the last ten minutes."""
    with Sandbox(incidents=30, switches=BEHIND) as sandbox:
        yield sandbox


async def begun_and_deleted(user: User, vendor: str) -> None:
    """A creation shows in the row, and then a deletion."""
    title = WITHOUT[vendor]
    await user.go_to(title)
    await user.press("enter")
    await user.shows("create one")
    await user.press("c")
    if vendor == "datadog":
        await user.shows("Template")
        await user.press("enter")
    await user.shows("Create a postmortem for")
    await user.press("enter")
    await user.shows(IN_A_CELL)
    await user.press("escape")
    await user.shows(rf"▌.* {'yes' if vendor == 'datadog' else 'draft'} +{title}")
    await user.press("enter")
    await user.shows(IN_A_CELL)
    await user.press("f9")
    await user.shows("to do it")
    assert user.app.session is not None
    await user.type(user.app.session.mine.incident.reference)
    await user.press("enter")
    await user.shows("   REF ", rf"▌.* – +{title}")


async def test_a_save_shows_in_the_row_after_a_reload_and_at_the_next_start(sandbox: Sandbox, home: Path) -> None:
    row = r"▌ IR-338  SEV-4 .* Mine: Check"
    async with using(home, sandbox, "datadog") as user:
        await user.shows(READ)
        await begun_and_deleted(user, "datadog")
        await user.into()
        await user.choose("Severity", "SEV-4")
        await user.press("f2")
        await user.shows("(?m)^ Details ", "▌. Severity|▌  Title")
        await user.press("up", "up", "home")
        await user.type("Mine: ")
        await user.press("escape")
        await user.save()
        await user.press("escape")
        await user.shows("   REF ", row)
        assert "●" not in user.text and "not sent" not in user.text
        await user.press("r")
        await user.no_longer_shows("reading incidents")
        await user.shows(row)
    sandbox.fault("* * 403")
    async with using(home, sandbox, "datadog") as user:
        await user.shows("403", row)


async def test_publishing_shows_in_the_row(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie") as user:
        await user.shows(READ)
        await begun_and_deleted(user, "opsgenie")
        await user.into()
        assert user.app.session is not None and user.app.session.mine.fields["status"] == "draft"
        await user.choose("Status", "in-review")
        await user.save()
        await user.press("escape")
        await user.shows("   REF ", f"in-review *{CHECKOUT}")


async def test_files_that_are_begun_and_deleted_come_and_go_at_once(tmp_path: Path, home: Path) -> None:
    root = folder(tmp_path)
    async with program(environment(home, {}), str(root)) as user:
        await user.shows(READ, "IR-338")
        before = user.references
        await user.press("n")
        await user.shows("Title of the new")
        await user.type("Disk full\n")
        await user.shows("called in short")
        await user.type("IR-400\n")
        await user.shows("Create a postmortem for IR-400")
        await user.press("enter")
        await user.shows(IN_A_CELL)
        await user.press("escape")
        await user.shows("IR-400 .*Disk full")
        await user.go_to("Disk full")
        await user.into("Disk full")
        await user.press("f9")
        await user.shows("to do it")
        await user.type("IR-400\n")
        await user.shows("   REF ")
        await user.until(lambda: user.references == before, "the rows as they were")
    assert (root / NAME).exists()
