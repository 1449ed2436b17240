"""NO_COLOR (no-color.org): not one colour reaches the terminal, and what is selected is still seen."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pmtui.sandbox.server import Sandbox
from pmtui.session.workspace import Workspace
from pmtui.tui.app import PmtuiApp
from pmtui.tui.launch import Launch
from pmtui.tui.terminal.sgr import parse, without_colours
from tests.pty_screen import PtyScreen
from tests.tui.terminal_user import environment
from tests.tui.user import QUICK


def test_no_colour_is_sent(tmp_path: Path) -> None:
    with Sandbox(incidents=30, switches=QUICK) as sandbox:
        env = {**environment("datadog", sandbox.url, tmp_path / "home"), "NO_COLOR": "1", "COLORTERM": "truecolor"}
        with PtyScreen([sys.executable, "-m", "pmtui", "--profile", "datadog", "IR-338"], env=env) as screen:
            screen.wait_for(r"cell 1 of \d+")
            screen.type("!")
            for key, shown in (("f2", "Details"), ("f2", r"cell 1 of \d+"), ("ctrl+p", "Search for commands")):
                screen.press(key)
                screen.wait_for(shown)
            screen.type("leave")
            screen.wait_for("leave pmtui")
            output = bytes(screen.output).decode(errors="replace")
    pens = [parse(codes.strip(";")) for codes in re.findall(r"\x1b\[([\d;]*)m", output)]
    colours = {each.foreground + each.background for each in pens} - {""}
    assert len(pens) > 50 and colours == set()
    assert any("7" in each.attributes for each in pens), "the selected row is reversed"


def test_a_ground_becomes_reverse_and_weight_stays() -> None:
    assert without_colours("1;38;2;9;9;9") == "1"
    assert without_colours("38;5;1;48;5;2") == "7"
    assert without_colours("3;7;44") == "3;7"
    assert without_colours("") == ""


def test_few_colours_get_the_theme_for_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def theme(asked: str = "", **environ: str) -> str:
        for name in ("TERM", "COLORTERM", "NO_COLOR"):
            monkeypatch.setenv(name, environ.get(name, ""))
        return PmtuiApp(launch._replace(theme=asked)).theme

    launch = Launch((), "", _no_workspace, lambda name: None, tmp_path / "c", tmp_path / "themes", tmp_path / "crash", {})
    assert theme(TERM="linux") == theme(TERM="xterm") == "ansi"
    assert theme(TERM="xterm-256color") == theme(TERM="xterm", COLORTERM="truecolor") == "dark"
    assert theme("light", TERM="linux") == "light"  # it is asked for
    assert theme("light", TERM="xterm-256color", NO_COLOR="1") == "ansi"


def _no_workspace(name: str) -> Workspace:
    raise AssertionError(f"nothing is opened here: {name}")
