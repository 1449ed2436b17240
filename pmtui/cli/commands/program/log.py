"""``pmtui log``: lists the writes from this computer and their outcomes. The log has hashes of values, never their text."""

from __future__ import annotations

import argparse
from typing import Any

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json, positive
from pmtui.cli.printing.output import print_json, print_table, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.store.audit import Audit

EXAMPLES = ("pmtui log --limit 20", "pmtui log IR-338 --json")

_TITLES = ("TIME (UTC)", "INCIDENT", "WHAT", "OUTCOME", "ACTOR")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("ref", nargs="?", default="", metavar="REF", help="only what was written to this incident, as IR-123 or #42")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the latest N (all)")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the log, the latest first. Exit code: INCOMPLETE when a line of it is damaged."""
    entries, damaged = Audit(context.state).read()
    wanted = arguments.ref.casefold().lstrip("#")
    chosen = [entry for entry in reversed(entries) if wanted in ("", _said(entry, "incident").casefold().lstrip("#"))][: arguments.limit]
    if arguments.json:
        print_json({"schema": SCHEMA, "entries": chosen, "unreadable": damaged})
    elif chosen:
        print_table(_TITLES, [_row(entry) for entry in chosen])
    else:
        say(f"nothing was written to {arguments.ref} from here" if wanted else "nothing was written from here yet")
    if damaged:
        say(f"{damaged} lines of the log are damaged and not listed")
    return ExitCode.INCOMPLETE if damaged else ExitCode.OK


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    time = _said(entry, "time").replace("T", " ")[:16]
    return (time, *(_said(entry, name) for name in ("incident", "what", "outcome", "actor")))


def _said(entry: dict[str, Any], name: str) -> str:
    """A value of an entry as text; another version of pmtui may have written any type."""
    return str(entry.get(name, ""))
