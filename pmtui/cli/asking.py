"""Questions to the user on a terminal. Without a terminal a question is an error that names the option to give."""

from __future__ import annotations

import argparse
import sys

from pmtui.cli.errors import CommandError
from pmtui.cli.printing.output import say

CANCELLED = "cancelled: nothing was sent"


def confirm(arguments: argparse.Namespace, question: str) -> None:
    """Ask for ``y``; --yes answers in advance. Raises CommandError for any other answer, and without a terminal."""
    if not arguments.yes:
        _answered(arguments, f"{question} [y/N]", ("y", "Y", "yes"), question)


def confirm_deletion(arguments: argparse.Namespace, name: str) -> None:
    """Ask the user to type the name, so that one wrong key deletes nothing; --yes answers in advance. Raises as ``confirm`` does."""
    if not arguments.yes:
        _answered(arguments, f"type {name} to confirm", (name,), f"delete the postmortem of {name}?")


def can_ask(arguments: argparse.Namespace) -> bool:
    """Whether a question can be asked: input and output are terminals, and --no-input was not given."""
    return not arguments.no_input and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _answered(arguments: argparse.Namespace, prompt: str, wanted: tuple[str, ...], question: str) -> None:
    if not can_ask(arguments):
        why = "--no-input was given" if arguments.no_input else "there is no terminal"
        raise CommandError(f"{question} This cannot be asked, because {why}: nothing was sent; give --yes to agree")
    say(prompt)
    if sys.stdin.readline().strip() not in wanted:
        raise CommandError(CANCELLED)
