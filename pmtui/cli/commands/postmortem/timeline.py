"""``pmtui timeline REF``: prints what happened during an incident, oldest first."""

from __future__ import annotations

import argparse
import asyncio
import sys

from pmtui.backends.archive import TimelineEntry
from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_json, print_table, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.display import display
from pmtui.model.incident import Incident
from pmtui.session.export.document import entry_json

_TITLES = ("TIME (UTC)", "!", "SOURCE", "WHO", "WHAT")
EXAMPLES = ("pmtui timeline IR-338 --important", "pmtui timeline IR-338 --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("ref", metavar="REF", help="IR-123, #42, an id, or an address")
    parser.add_argument("--important", action="store_true", help="only what people wrote or marked")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the timeline: a table on a terminal, tab-separated lines elsewhere. Returns the exit code."""
    incident, entries = asyncio.run(_read(arguments, context))
    if arguments.important:
        entries = tuple(each for each in entries if each.important)
    if arguments.json:
        print_json({"schema": SCHEMA, "reference": incident.reference, "timeline": [entry_json(each) for each in entries]})
    elif sys.stdout.isatty():
        print_table(_TITLES, [_row(each) for each in entries])
    else:
        for each in entries:
            print("\t".join(display(cell) for cell in _row(each)))
    if not entries:
        say("the timeline is empty")
    return ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> tuple[Incident, tuple[TimelineEntry, ...]]:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        return incident, await workspace.backend.timeline(incident)


def _row(entry: TimelineEntry) -> tuple[str, ...]:
    at = entry.at.strftime("%Y-%m-%d %H:%M:%S") if entry.at else "unknown"
    return (at, "!" if entry.important else "", entry.source, entry.author, entry.text)
