"""``pmtui demo``: opens the screens on the built-in sandbox."""

from __future__ import annotations

import argparse

from pmtui.cli.commands.program.screens import check_terminal, show
from pmtui.cli.context import Context
from pmtui.cli.launching import Launcher, check_vendor, reset_demo

EXAMPLES = ("pmtui demo", "pmtui demo --reset")
DETAILS = """\
To use the command line on the demo's data, or two windows at once, leave the
demo and let its sandbox run alone:
  pmtui sandbox --demo > sandbox.env &     # prints variables that lead to it
  . ./sandbox.env                          # in each window
  pmtui --profile NAME incidents           # the name of a vendor in it"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("ref", nargs="?", default="", metavar="REF", help="open this incident at once")
    parser.add_argument("--reset", action="store_true", help="start afresh: forget all changes and drafts of the sandbox")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Open the screens on the sandbox. Returns the exit code."""
    check_vendor(context.profile_name)
    check_terminal()
    if arguments.reset:
        reset_demo(context)
    with Launcher(context) as launcher:
        return show(launcher.demo(arguments.ref), context)
