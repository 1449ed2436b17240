"""``pmtui incidents``: the list, newest first."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.output import print_json, print_table, say
from pmtui.cli.plain import SCHEMA, incident_json
from pmtui.model.postmortem import Existence, Incident
from pmtui.model.query import Query, misread, parse

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

_TITLES = ("REF", "SEV", "STATUS", "CREATED (UTC)", "OWNER", "PM", "TITLE")
_EXISTENCE = {Existence.UNKNOWN: "?", Existence.NONE: "-", Existence.IN_REVIEW: "in review"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    parser.add_argument("words", nargs="*", metavar="FILTER", help="as on the filter line: state:active sev:1,2 checkout")
    parser.add_argument("--query", default="", metavar="FILTER", help="the same as one argument")
    parser.add_argument("--limit", type=_count, default=50, metavar="N", help="at most so many (50)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the list; the exit code: INCOMPLETE when a row of it could not be understood."""
    incidents, unreadable = asyncio.run(_read(arguments, context))
    for line in unreadable:
        say(f"an incident could not be read: {line}")
    if arguments.json:
        listed = {"schema": SCHEMA, "incidents": [incident_json(each) for each in incidents]}
        print_json({**listed, "unreadable": list(unreadable)} if unreadable else listed)
    elif incidents:
        print_table(_TITLES, [_row(each) for each in incidents])
    elif not unreadable:
        say("no incident matches")
    return ExitCode.INCOMPLETE if unreadable else ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> tuple[list[Incident], tuple[str, ...]]:
    """The incidents, and what could not be read. Raises CommandError for a filter that cannot be applied: what it hides is not known."""
    line = " ".join([arguments.query, *arguments.words])
    if said := misread(line):
        raise CommandError(f"{said}; in quotes it is searched as words")
    query = parse(line)
    async with context.workspace() as workspace:
        return await _pages(workspace, query, arguments.limit)


async def _pages(workspace: Workspace, query: Query, limit: int) -> tuple[list[Incident], tuple[str, ...]]:
    found: list[Incident] = []
    unreadable: list[str] = []
    said: set[str] = set()
    cursor: str | None = None
    while len(found) < limit:
        page = await workspace.incidents(query, cursor)
        if page.ignored:
            raise CommandError("; ".join(page.ignored))
        for notice in page.notices:
            if notice not in said:
                say(notice)
        said.update(page.notices)
        found += page.incidents
        unreadable += page.unreadable
        cursor = page.cursor
        if cursor is None:
            break
    return found[:limit], tuple(unreadable)


def _row(incident: Incident) -> tuple[str, ...]:
    created = incident.created.strftime("%Y-%m-%d %H:%M") if incident.created else "unknown"
    postmortem = _EXISTENCE.get(incident.postmortem, str(incident.postmortem))
    return (incident.reference, incident.severity, incident.status, created, incident.owner, postmortem, incident.title)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError("must be a number, at least 1")
    return int(text)
