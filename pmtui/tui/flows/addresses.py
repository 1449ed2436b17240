"""Addresses, of a link at the cursor or of the postmortem: shows them, opens a browser where there is one, copies them."""

from __future__ import annotations

import asyncio
import subprocess
import webbrowser
from collections.abc import Callable, Mapping

from textual.app import App

from pmtui.model.postmortem import Postmortem
from pmtui.tui.markdown.highlight import LINE_END, inlines

Tell = Callable[[str, str], None]
_SCHEMES = ("https://", "http://", "mailto:")
LETS_THROUGH = "tmux set -s set-clipboard on"
"""The command by which tmux hands on what programs copy."""
_ASKED = 2.0
"""Seconds that tmux has to say what it does with what is copied."""


def address_of(postmortem: Postmortem) -> str:
    """The address of the vendor's page, "" when it is not known."""
    return postmortem.url or postmortem.incident.url


def address_at(line: str, column: int) -> str:
    """The address of the link that contains this character, "" for none."""
    for item in inlines(line):
        if item.start <= column <= item.end:
            address = item.target if item.kind in ("link", "image") else line[item.inner : item.inner_end]
            return address if address.startswith(_SCHEMES) else ""
    return ""


def address_in(text: str) -> str:
    """The first address in a text, "" for none."""
    for line in LINE_END.split(text):
        for item in inlines(line):
            if address := address_at(line, item.start):
                return address
    return ""


async def open_address(address: str, environment: Mapping[str, str], tell: Tell) -> None:
    """Show the address, and open it in a browser if this computer has a display, which a jump host has not."""
    if not address:
        tell("there is no address here", "$muted")
    elif _has_screen(environment) and await asyncio.to_thread(webbrowser.open, address):
        tell(f"opened {address}", "")
    else:
        tell(address, "")


def _has_screen(environment: Mapping[str, str]) -> bool:
    graphical = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return graphical and not environment.get("SSH_CONNECTION") and not environment.get("SSH_TTY")


async def copy(app: App[None], text: str, what: str, environment: Mapping[str, str], tell: Tell) -> None:
    """Copy to the terminal's clipboard (OSC 52), and say whether that worked, as far as tmux tells."""
    if not text:
        tell("there is nothing to copy here", "$muted")
        return
    app.copy_to_clipboard(text)
    passes = await asyncio.to_thread(_tmux_passes, environment) if environment.get("TMUX") else True
    if passes is None:
        tell(f"sent to the clipboard, but whether tmux passes it on is not known: {what}", "$warning")
    elif passes:
        tell(f"copied {what}", "")
    else:
        tell(f"not copied, tmux keeps it: select it here, or type `{LETS_THROUGH}` in a shell: {what}", "$warning")


def _tmux_passes(environment: Mapping[str, str]) -> bool | None:
    """Whether tmux lets programs set the clipboard, None when it does not answer."""
    try:
        asked = subprocess.run(
            ["tmux", "show-options", "-sv", "set-clipboard"],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=_ASKED,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip() == "on" if asked.returncode == 0 else None
