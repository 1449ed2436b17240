"""In a wide window the list shows more of the incident under the cursor, and what matters in it catches the eye."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.style import Style

from pmtui.model.incident import Incident
from pmtui.sandbox.server import Sandbox
from pmtui.tui.widgets.listing.incident_list import IncidentList
from pmtui.tui.words import changed
from tests.tui.user import READ, one_vendor, using

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def test_the_pane_shows_the_incident_under_the_cursor_once_it_rests(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(120, 40)) as user:
        await user.shows(READ, "│ +4 % of checkouts failed", r"│ +[\w ]+ · read \d\d:\d\d")
        await user.shows(r"│ +\d+ open action items?", "│ +☐ .*", r"│ .*due 20\d\d-")
        await user.shows(r"│ +changed +by \w+.*, (\d+ (min|h|d) ago|just now)")

        # titles have the room, and the owner is in the pane
        await user.shows("Checkout 5xx after cache failover +│", "│ +owner +Jane Doe")
        assert "OWNER" not in user.line("REF")

        await user.go_to("Payments: duplicate")
        await user.shows("│ +318 customers were charged twice")
        asked = len(sandbox.requests)
        await user.press("k", "k")
        await user.shows("│ +4 % of checkouts failed")
        assert len(sandbox.requests) == asked, "what was read once comes from this computer"
    sandbox.fault("* * 403")
    async with using(home, sandbox, "datadog", size=(120, 35)) as user:
        await user.shows("403", "│ +4 % of checkouts failed")


async def test_the_pane_says_who_owns_the_postmortem_and_what_was_changed(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "opsgenie", size=(120, 35)) as user:
        await user.shows(READ, "│ +changed +.* \\(the incident\\)")
        assert "│ owner" not in user.text, "Opsgenie's incidents have none, and the postmortem is not read yet"
        await user.shows("│ +owner +Jane Doe", r"│ +[\w ]+ · read \d\d:\d\d")


@one_vendor
async def test_what_cannot_be_read_is_said_in_the_pane(sandbox: Sandbox, home: Path, vendor: str) -> None:
    sandbox.fault("GET /v2/postmortem/* 403")
    async with using(home, sandbox, vendor, size=(120, 35)) as user:
        await user.shows(READ, "│ +could not read the postmortem", r"│ +changed +(\d+ (min|h|d) ago|just now)")
        assert "could not" not in user.text.splitlines()[-2]


async def test_open_incidents_are_marked_and_old_ones_that_are_over_do_not_shout(sandbox: Sandbox, home: Path) -> None:
    async with using(home, sandbox, "datadog", size=(100, 40)) as user:
        await user.shows(READ)
        marked = [line for line in user.lines if line.startswith("!")]
        assert marked and all(" active " in line or " stable " in line for line in marked)
        shown = user.app.screen.query_one(IncidentList)
        loud, plain = replace(user.current, severity="SEV-1", status="resolved"), Style()
        old = replace(loud, created=datetime.now(UTC) - timedelta(days=30))

        def style(incident: Incident) -> Style:
            return shown._style("severity", incident, plain, plain)

        assert style(old) == plain
        assert style(loud) == style(replace(old, status="active")) != plain

        # a window without the pane reads nothing for it
        await user.press("j", "k")
        await user.pilot.pause(1.0)
        asked = {each["path"] for each in sandbox.requests}
        assert not [path for path in asked if "/notebooks" in path or path.endswith("/attachments")]


@pytest.mark.parametrize(
    ("by", "minutes", "said"),
    [("Wei", 2, "by Wei, 2 min ago"), ("", 0, "just now"), ("Wei", 180, "by Wei, 3 h ago"), ("Wei", 60 * 24 * 5, "by Wei, 5 d ago")],
)
def test_who_changed_it_and_when(by: str, minutes: int, said: str) -> None:
    incident = Incident("1", "IR-1", "x", changed=NOW - timedelta(minutes=minutes), changed_by=by)
    assert changed(incident, NOW) == said
    assert changed(replace(incident, changed=None), NOW) == ""
