"""Questions on a terminal. Anywhere else a question is an error that names the option which answers it."""

from __future__ import annotations

import argparse
import sys

from pmtui.cli.errors import CommandError
from pmtui.cli.printing.output import say

CANCELLED = "cancelled: nothing was sent"


def confirm(arguments: argparse.Namespace, question: str) -> None:
    """Go on after ``y``, or with --yes. Raises CommandError for any other answer, and where nobody can be asked."""
    if not arguments.yes:
        _answered(arguments, f"{question} [y/N]", ("y", "Y", "yes"), question)


def confirm_deletion(arguments: argparse.Namespace, name: str) -> None:
    """Go on after the name is typed, or with --yes: a key pressed by mistake does nothing. Raises CommandError as ``confirm``."""
    if not arguments.yes:
        _answered(arguments, f"type {name} to go on", (name,), f"delete the postmortem of {name}?")


def can_ask(arguments: argparse.Namespace) -> bool:
    """Whether there is somebody to ask: a terminal on both sides, and no --no-input."""
    return not arguments.no_input and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _answered(arguments: argparse.Namespace, prompt: str, wanted: tuple[str, ...], question: str) -> None:
    if not can_ask(arguments):
        why = "--no-input was given" if arguments.no_input else "there is no terminal"
        raise CommandError(f"{question} Nobody can be asked, because {why}: nothing was sent; give --yes to agree")
    say(prompt)
    if sys.stdin.readline().strip() not in wanted:
        raise CommandError(CANCELLED)
