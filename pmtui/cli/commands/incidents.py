"""``pmtui incidents``: the list, newest first."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.output import print_json, print_table, say
from pmtui.cli.plain import SCHEMA, incident_json
from pmtui.model.postmortem import Existence, Incident
from pmtui.model.query import Query, misread, parse

if TYPE_CHECKING:
    from pmtui.session.workspace import Workspace

_TITLES = ("REF", "SEV", "STATUS", "CREATED (UTC)", "OWNER", "PM", "TITLE")
_EXISTENCE = {Existence.UNKNOWN: "?", Existence.NONE: "-", Existence.IN_REVIEW: "in review"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="FILTER", help="as on the filter line: state:active sev:1,2 checkout")
    parser.add_argument("--query", default="", metavar="FILTER", help="the same as one argument")
    parser.add_argument("--limit", type=_count, default=50, metavar="N", help="at most so many (50)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    incidents = asyncio.run(_read(arguments, context))
    if arguments.json:
        print_json({"schema": SCHEMA, "incidents": [incident_json(each) for each in incidents]})
    elif incidents:
        print_table(_TITLES, [_row(each) for each in incidents])
    else:
        say("no incident matches")
    return 0


async def _read(arguments: argparse.Namespace, context: Context) -> list[Incident]:
    line = " ".join([arguments.query, *arguments.words])
    if said := misread(line):
        say(said)
    query = parse(line)
    async with context.workspace() as workspace:
        return await _pages(workspace, query, arguments.limit)


async def _pages(workspace: Workspace, query: Query, limit: int) -> list[Incident]:
    found: list[Incident] = []
    cursor: str | None = None
    while len(found) < limit:
        page = await workspace.incidents(query, cursor)
        for notice in page.notices:
            say(notice)
        found += page.incidents
        cursor = page.cursor
        if cursor is None:
            break
    return found[:limit]


def _row(incident: Incident) -> tuple[str, ...]:
    created = incident.created.strftime("%Y-%m-%d %H:%M") if incident.created else "unknown"
    postmortem = _EXISTENCE.get(incident.postmortem, str(incident.postmortem))
    return (incident.reference, incident.severity, incident.status, created, incident.owner, postmortem, incident.title)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
