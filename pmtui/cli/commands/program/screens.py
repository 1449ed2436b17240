"""``pmtui [REF]``: opens the screens."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.launching import Launcher
from pmtui.cli.table import COMMANDS
from pmtui.tui.launch import Launch
from pmtui.tui.terminal.setup import prepare, why_not

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("ref", nargs="?", default="", metavar="REF")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Open the screens. Returns the exit code."""
    near = difflib.get_close_matches(arguments.ref, COMMANDS, 1) if arguments.ref.isalpha() else []
    if near:
        raise CommandError(f"there is no command {arguments.ref!r}; did you mean {near[0]!r}?")
    return open_screens(context, arguments.ref)


def open_screens(context: Context, ref: str = "") -> int:
    """Open the screens on the list, or on one incident. Returns the exit code."""
    with Launcher(context) as launcher:
        check_terminal()
        return show(launcher.configured(ref), context)


def check_terminal() -> None:
    """Raises CommandError when the screens cannot be shown."""
    reason = why_not(os.environ, sys.stdin, sys.stderr)
    if reason:
        raise CommandError(f"{reason}; `pmtui incidents` and `pmtui show` work anywhere")


def show(launch: Launch, context: Context) -> int:
    """Open the screens, and say at the end what saves left half-way on a server. Returns the exit code."""
    prepare(os.environ)
    from pmtui.tui.run import run as run_screens

    failed = run_screens(launch)
    _say_what_is_half_way(context.state, {place.drafts for place in launch.places})
    return ExitCode.BUG if failed else ExitCode.OK


def _say_what_is_half_way(state: Path, profiles: Collection[str]) -> None:
    from pmtui.cli.draft_text import owing
    from pmtui.cli.printing.output import say
    from pmtui.store.drafts import Drafts

    try:
        found = [info for info in Drafts(state).list() if info.profile in profiles]
    except OSError:  # the screens have said so
        return
    for line in owing(found):
        say(line)
