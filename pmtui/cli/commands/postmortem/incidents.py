"""``pmtui incidents``: lists the incidents, newest first."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json, positive
from pmtui.cli.printing.output import print_json, print_table, say
from pmtui.cli.printing.plain import SCHEMA, incident_json
from pmtui.model.incident import Existence, Incident
from pmtui.model.query import Query, parse

if TYPE_CHECKING:
    from pmtui.backends.page import Page
    from pmtui.session.workspace import Workspace

_TITLES = ("REF", "SEV", "STATUS", "CREATED (UTC)", "OWNER", "PM", "TITLE")
_EXISTENCE = {Existence.UNKNOWN: "?", Existence.NONE: "-"}


@dataclass(slots=True)
class _Listed:
    """The pages read so far: incidents, a line for each that could not be read, each notice once, and how many are missing."""

    incidents: list[Incident] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    missing: int = 0
    more: bool = False  # there are more than were asked for

    @property
    def incomplete(self) -> bool:
        """Whether matching incidents are not in the list."""
        return bool(self.unreadable or self.missing)

    def take(self, page: Page) -> None:
        self.incidents += page.incidents
        self.unreadable += page.unreadable
        self.notices += [notice for notice in page.notices if notice not in self.notices]
        self.missing += page.missing


EXAMPLES = ("pmtui incidents state:active sev:1,2", "pmtui incidents --limit 10 --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("words", nargs="*", metavar="FILTER", help="as in the screens: state:active sev:1,2 checkout")
    parser.add_argument("--query", default="", metavar="FILTER", help="the filter as one argument")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the newest N (all)")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the list. Exit code: INCOMPLETE when an incident could not be read, or the server counted more than it sent."""
    listed = asyncio.run(_read(arguments, context))
    incidents, unreadable = listed.incidents[: arguments.limit], listed.unreadable
    cut = listed.more or len(incidents) < len(listed.incidents)
    for notice in listed.notices:
        say(notice)
    for line in unreadable:
        say(f"an incident could not be read: {line}")
    if arguments.json:
        told = {"schema": SCHEMA, "incidents": [incident_json(each) for each in incidents], "notices": list(listed.notices)}
        told["complete"] = not (cut or listed.incomplete)
        print_json({**told, "unreadable": unreadable})
    elif incidents:
        print_table(_TITLES, [_row(each) for each in incidents])
    elif not listed.incomplete:
        say("no incident matches")
    return ExitCode.INCOMPLETE if listed.incomplete else ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> _Listed:
    """Read the incidents. Raises CommandError for a filter that cannot be applied: an unfiltered list would be a wrong answer."""
    from pmtui.session.listing.filtering import refusals, unknown_values

    line = " ".join([arguments.query, *arguments.words])
    async with context.workspace() as workspace:
        backend = workspace.backend
        if said := refusals(line, backend.filters(), backend.identity.vendor):
            raise CommandError(f"{'; '.join(said)}; nothing was listed")
        listed = await _pages(workspace, parse(line), arguments.limit)
        if not listed.incidents and not listed.incomplete and (said := unknown_values(line, backend.filters())):
            raise CommandError(f"{'; '.join(said)}; nothing was found")
        return listed


async def _pages(workspace: Workspace, query: Query, limit: int | None) -> _Listed:
    listed = _Listed()
    cursor: str | None = None
    while limit is None or len(listed.incidents) < limit:
        page = await workspace.incidents(query, cursor)
        if page.ignored:
            raise CommandError(f"{'; '.join(page.ignored)}; nothing was listed")
        listed.take(page)
        cursor = page.cursor
        if cursor is None:
            break
    listed.more = cursor is not None
    return listed


def _row(incident: Incident) -> tuple[str, ...]:
    created = incident.created.strftime("%Y-%m-%d %H:%M") if incident.created else "unknown"
    postmortem = _EXISTENCE.get(incident.postmortem, str(incident.postmortem))
    return (incident.reference, incident.severity, incident.status, created, incident.owner, postmortem, incident.title)
