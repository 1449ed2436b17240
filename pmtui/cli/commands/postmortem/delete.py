"""``pmtui delete REF``: delete a postmortem, or unlink it where the vendor can do no more. The incident stays."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.cli.printing.streams import told_afterwards
from pmtui.cli.saving import check_fresh, check_writable, open_to_write
from pmtui.model.postmortem import Existence, Postmortem
from pmtui.session.session import Session
from pmtui.session.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    parser.add_argument("ref", metavar="REF", help="IR-123, #42, an id, or an address")
    parser.add_argument("--document", default="", metavar="ID", help="which postmortem, when there are several")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Delete it; the exit code."""
    return asyncio.run(_delete(arguments, context))


async def _delete(arguments: argparse.Namespace, context: Context) -> int:
    check_writable(context)
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        session = await open_to_write(workspace, incident, arguments.document)
        try:
            await check_fresh(workspace, session, arguments.document)
            postmortem = session.server
            if not postmortem.id:
                raise CommandError(_nothing(postmortem), ExitCode.MISSING)
            if not (consequence := workspace.backend.removal(postmortem)):
                raise CommandError(f"the postmortem of {incident.reference} cannot be deleted here", ExitCode.LOCKED)
            say(consequence)
            if not arguments.yes:
                _confirm(incident.reference)
            notices = await _remove(workspace, session)
        finally:
            session.close()
    with told_afterwards():
        if arguments.json:
            removed = {"id": postmortem.id, "incident": incident.reference, "url": postmortem.url}
            print_json({"schema": SCHEMA, "removed": removed, "notices": list(notices)})
        else:
            say(" · ".join(("done", *notices)))
    return ExitCode.OK


async def _remove(workspace: Workspace, session: Session) -> tuple[str, ...]:
    """Delete; notices. Who presses ctrl+c while it is under way is told that it may have been done."""
    try:
        return await workspace.remove(session)
    except asyncio.CancelledError:
        reference = shlex.quote(session.mine.incident.reference)
        said = f"interrupted: the postmortem may have been deleted; `pmtui show {reference}` tells"
        raise CommandError(said, ExitCode.UNKNOWN) from None


def _nothing(postmortem: Postmortem) -> str:
    """Why there is nothing to delete: there is none, or it is not known which one it is."""
    if postmortem.incident.postmortem == Existence.NONE:
        return f"{postmortem.incident.reference} has no postmortem"
    return f"{postmortem.incident.reference}: {postmortem.text_locked or 'it has no postmortem'}"


def _confirm(reference: str) -> None:
    """Raises CommandError unless the reference is typed: a key pressed by mistake deletes nothing."""
    say(f"type {reference} to go on")
    if sys.stdin.readline().strip() != reference:
        raise CommandError("cancelled: nothing was sent")
