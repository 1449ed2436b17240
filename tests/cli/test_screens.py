"""From the command line to the screens: what they are given to start from."""

from __future__ import annotations

import sys

from pmtui.cli.launching import SANDBOX_KEY
from pmtui.sandbox.server import Sandbox
from tests.cli.conftest import Shell
from tests.cli.test_drafts import leave_half_way
from tests.pty_screen import PtyScreen

PMTUI = [sys.executable, "-m", "pmtui"]


def test_a_reference_opens_that_incident(online: Shell) -> None:
    incident = online.json("incidents", "--limit", "1")["incidents"][0]
    with PtyScreen([*PMTUI, incident["reference"]], env=online.full) as terminal:
        terminal.wait_for("Timeline")
        assert incident["reference"] in terminal.text.splitlines()[0]
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert SANDBOX_KEY.encode() not in terminal.output


def test_the_list_last_seen_is_shown_when_nobody_answers(online: Shell, sandbox: Sandbox) -> None:
    title = online.json("incidents", "--limit", "1")["incidents"][0]["title"]
    sandbox.stop()
    with PtyScreen(PMTUI, env=online.full) as terminal:
        terminal.wait_for(title[:20])
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_nothing_configured_is_a_screen_that_leads_on(shell: Shell) -> None:
    with PtyScreen(PMTUI, env=shell.full) as terminal:
        terminal.wait_for("OPSGENIE_API_KEY")
        assert "DD_API_KEY" in terminal.text
        terminal.press("d")
        terminal.wait_for("Checkout 5xx")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_the_last_words_say_what_a_save_left_half_way(online: Shell, vendor: str) -> None:
    leave_half_way(online.home, vendor)
    leave_half_way(online.home, "another")
    with PtyScreen(PMTUI, env=online.full) as terminal:
        terminal.wait_for("IR-123 is set back to draft.*open it, ctrl")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        terminal.wait_for(r"(?s)IR-123 is set back to draft.*review and\s+save")
        assert terminal.text.count("IR-123") == 1


def test_a_wrong_profile_ends_before_the_screens(shell: Shell) -> None:
    with PtyScreen([*PMTUI, "--profile", "nope"], env=shell.full) as terminal:
        assert terminal.wait_exit() == 2
        assert "there is no profile 'nope'" in terminal.text
        assert b"\x1b[?1049h" not in terminal.output, "the screen was never taken"
