"""Options that several commands share, each with one name and one meaning."""

from __future__ import annotations

import argparse


def add_reference(parser: argparse.ArgumentParser) -> None:
    """Add REF, the incident of a command."""
    parser.add_argument("ref", metavar="REF", help="IR-123, #42, an id, or an address")


def add_document(parser: argparse.ArgumentParser) -> None:
    """Add --document, for incidents with several postmortems."""
    parser.add_argument("--document", default="", metavar="ID", help="which postmortem, when there are several")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print JSON (`pmtui help json`)")


def add_answers(parser: argparse.ArgumentParser) -> None:
    """Add --yes and --no-input."""
    parser.add_argument("--yes", action="store_true", help="answer every question with yes")
    parser.add_argument("--no-input", action="store_true", help="never ask: a question is an error that names the option to give")


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add --dry-run."""
    parser.add_argument("--dry-run", action="store_true", help="print the changes and the exact requests, and send none")


def add_save_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that saves."""
    add_document(parser)
    add_answers(parser)
    add_dry_run(parser)
    add_json(parser)


def positive(text: str) -> int:
    """An argparse type: an integer of at least 1."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError("must be a number, at least 1")
    return int(text)
