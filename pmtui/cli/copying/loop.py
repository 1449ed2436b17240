"""Copies every postmortem of one account to another, one by one. A failure is reported, and the rest go on."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence

from pmtui.backends.base import BackendError, Trouble, Waiting
from pmtui.backends.trouble import NO_SERVICE, PASSING
from pmtui.cli.copying.losses import ReportEntry, print_summary, summary_json, write_report
from pmtui.cli.copying.one import carried_out, decided, nothing, read_source, rehearsed
from pmtui.cli.errors import expected, explain
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.progress import ProgressLine
from pmtui.model.incident import Existence, Incident
from pmtui.session.copy.copier import Copier
from pmtui.session.copy.saving import BothEdited
from pmtui.session.copy.sources import with_postmortems
from pmtui.session.export.progress import Progress
from pmtui.session.workspace import Workspace

_HOPELESS = NO_SERVICE - {Trouble.TIMEOUT} | {Trouble.READ_ONLY}
"""Troubles that every further postmortem would have, too. A timeout may be due to one that is long."""
_TRIED_AGAIN = PASSING | {Trouble.OFFLINE, Trouble.TIMEOUT}
"""Troubles that may be over at the end of the copy."""
_PATIENCE = 3
"""The copy ends after this many postmortems in a row with a hopeless trouble."""


async def copy_all(arguments: argparse.Namespace, source: Workspace, target: Workspace, copier: Copier) -> ExitCode:
    """Copy all of them and print the report. Exit code: INCOMPLETE when something was left out."""
    with ProgressLine() as line:
        incidents, unread = await with_postmortems(source.backend, lambda listed: line.tell(Progress(listed=listed).words))
        made = _Made(arguments, source, copier, line)
        for end in (source, target):
            end.backend.on_waiting(made.wait)
        stopped = await made.run(incidents)
    entries = made.entries
    for what in unread:
        say(f"could not be read: {what}")
    if arguments.report is not None:
        write_report(arguments.report, entries)
    if arguments.json:
        print_json({**summary_json(entries), "dry_run": arguments.dry_run, "unread": list(unread), "stopped": stopped})
    else:
        print_summary(entries)
    if stopped:
        say(stopped)
    left = bool(unread or stopped) or any(not entry.copied or entry.losses.incomplete for entry in entries)
    return ExitCode.INCOMPLETE if left else ExitCode.OK


class _Made:
    """What became of each postmortem so far."""

    def __init__(self, arguments: argparse.Namespace, source: Workspace, copier: Copier, line: ProgressLine) -> None:
        self._arguments = arguments
        self._source = source
        self._copier = copier
        self._line = line
        self._progress = Progress()
        self._entries: dict[str, ReportEntry] = {}

    @property
    def entries(self) -> list[ReportEntry]:
        """In the order in which they were copied first."""
        return list(self._entries.values())

    def wait(self, waiting: Waiting) -> None:
        """Show what a request waits for, and how long."""
        self._line.tell(f"{self._progress.words} · {waiting.words}")

    async def run(self, incidents: Sequence[Incident]) -> str:
        """Copy them, and try some once more at the end. Returns why it ended early, "" when it did not."""
        try:
            again, stopped = await self._round(incidents)
            return stopped or (await self._round(again))[1]
        except asyncio.CancelledError:
            return f"interrupted after {len(self._entries)} of {len(incidents)}: give the same command again to continue"

    async def _round(self, incidents: Sequence[Incident]) -> tuple[list[Incident], str]:
        again: list[Incident] = []
        hopeless, began = 0, time.monotonic()
        for number, incident in enumerate(incidents, 1):
            self._progress = Progress(done=number - 1, total=len(incidents), seconds=time.monotonic() - began)
            self._line.tell(f"{self._progress.words} · {incident.reference} {incident.title}")
            entry, trouble = await _one(self._arguments, self._source, self._copier, incident)
            if entry is not None:
                self._entries[incident.id] = entry
            again += [incident] if trouble in _TRIED_AGAIN else []
            hopeless = hopeless + 1 if trouble in _HOPELESS else 0
            if hopeless == _PATIENCE and number < len(incidents) and entry is not None:
                return [], f"ended after {number} of {len(incidents)}: {entry.why}"
        return again, ""


async def _one(
    arguments: argparse.Namespace, source: Workspace, copier: Copier, incident: Incident
) -> tuple[ReportEntry | None, Trouble | None]:
    """Copy one postmortem: its entry, and its trouble. No entry when the incident turns out to have no postmortem."""
    try:
        known = incident.postmortem is not Existence.UNKNOWN
        read = await read_source(source, copier, incident)
    except expected() as error:
        explained = explain(error)
        if not known and explained.code is ExitCode.MISSING and not isinstance(error, BackendError):
            return None, None
        return nothing(incident, error, (explained.message, explained.code)), getattr(error, "trouble", None)
    try:
        prepared = await copier.prepare(read, await decided(arguments, copier, read, ""))
        if arguments.dry_run:
            return rehearsed(arguments, prepared), None
        return (await carried_out(copier, prepared)).entry, None
    except BothEdited as clash:
        return nothing(incident, clash, (str(clash), ExitCode.CONFLICT)), None
    except expected() as error:
        explained = explain(error)
        return nothing(incident, error, (explained.message, explained.code)), getattr(error, "trouble", None)
