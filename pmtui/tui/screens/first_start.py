"""The screen where no profile is chosen: it offers the demo, and says how to configure each vendor; ``w`` chooses among several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from pmtui.display import display
from pmtui.tui.keymap import present_key
from pmtui.tui.launch import Launch
from pmtui.tui.widgets.bars import KeyLine, StatusLine


class FirstStart(Screen[None]):
    HELP = (
        "pmtui needs to know which vendor to talk to, and with which key. A key can come from any command that prints it. "
        "Press c, and write (the vendors are those on the first screen):\n\n"
        "  [profiles.work]\n"
        '  vendor = "…"\n'
        '  api_key_command = ["pass", "show", "work/key"]   # or vault, op, …\n\n'
        "`pmtui help environment` has every other way."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "try the sandbox"),
        Binding("c", "configure", "write and edit config.toml"),
        Binding("w", "profile", "choose a profile"),
    ]

    @dataclass
    class Wanted(Message):
        """``what``: demo, configure or profile."""

        what: str

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self._launch = launch

    def compose(self) -> ComposeResult:
        yield Static(self._text(), id="welcome", markup=False)
        yield StatusLine()
        which = (("w", "choose a profile"),) if self._has_several else ()
        yield KeyLine((*which, ("d", "demo"), ("c", "configure"), ("f1", "help"), ("ctrl+q", "leave")))

    def _text(self) -> Content:
        lines = [
            Content.styled("pmtui edits postmortems from a terminal.", "bold"),
            Content(""),
            Content(display(self._launch.problem, multiline=True) or "No vendor is configured yet."),
            Content.assemble(("  d  ", "bold $secondary"), "try it on the built-in sandbox: nothing leaves this machine"),
        ]
        for setup in self._launch.setups:
            lines.append(Content.assemble((f"     {setup.vendor:<10} ", "$muted"), setup.exports))
        lines.append(
            Content.assemble(("  c  ", "bold $secondary"), f"write {display(str(self._launch.config_path))} and open it in your editor")
        )
        lines.append(Content.styled(f"Keys can come from a command (pass, vault, op): see {present_key('f1', self)}.", "$muted"))
        return Content("\n").join(lines)

    def on_mount(self) -> None:
        if self._has_several:
            self.action_profile()

    @property
    def _has_several(self) -> bool:
        """Whether something is configured after all, and only the choice is missing."""
        return len(self._launch.places) > 1

    def why_not(self, action: str) -> str:
        """Why this action does nothing here, "" where it does."""
        return "" if action != "profile" or self._has_several else "no profile is configured"

    def action_profile(self) -> None:
        if self._has_several:
            self.post_message(self.Wanted("profile"))

    def action_demo(self) -> None:
        self.post_message(self.Wanted("demo"))

    def action_configure(self) -> None:
        self.post_message(self.Wanted("configure"))
