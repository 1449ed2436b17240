"""``pmtui delete REF``: deletes a postmortem, or unlinks it where the vendor's API can only do that. The incident stays."""

from __future__ import annotations

import argparse
import asyncio
import shlex

from pmtui.cli.asking import confirm_deletion
from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.saved import print_rehearsal, save_json
from pmtui.cli.printing.streams import told_afterwards
from pmtui.cli.saving import check_fresh, open_to_write, unknown_when_interrupted, workspace_to_write
from pmtui.model.incident import Existence
from pmtui.model.postmortem import Postmortem
from pmtui.session.rehearsal import rehearse_removal
from pmtui.session.workspace import Workspace

EXAMPLES = ("pmtui delete IR-338 --dry-run", "pmtui delete IR-338 --yes --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Delete it. Returns the exit code."""
    return asyncio.run(_delete(arguments, context))


async def _delete(arguments: argparse.Namespace, context: Context) -> int:
    async with workspace_to_write(arguments, context) as workspace:
        incident = await workspace.backend.find(arguments.ref)
        session = await open_to_write(workspace, incident, arguments.document)
        try:
            await check_fresh(workspace, session, arguments.document)
            postmortem = session.server
            if not postmortem.id:
                raise CommandError(_nothing(postmortem), ExitCode.MISSING)
            if not (consequence := workspace.backend.removal(postmortem)):
                raise CommandError(f"the postmortem of {incident.reference} cannot be deleted here", ExitCode.LOCKED)
            if arguments.dry_run:
                return await _rehearse(arguments, workspace, postmortem, consequence)
            say(consequence)
            confirm_deletion(arguments, incident.reference)
            with unknown_when_interrupted(f"the postmortem may have been deleted; `pmtui show {shlex.quote(incident.reference)}` shows it"):
                notices = await workspace.remove(session)
        finally:
            session.close()
    with told_afterwards():
        if arguments.json:
            removed = {"id": postmortem.id, "incident": incident.reference, "url": postmortem.url}
            told = {"changed": True, "sent": True, "verified": True, "removed": removed}
            print_json(save_json(arguments, postmortem, ExitCode.OK, **told, warnings=[consequence], notices=list(notices)))
        else:
            say(" · ".join(("done", *notices)))
    return ExitCode.OK


async def _rehearse(arguments: argparse.Namespace, workspace: Workspace, postmortem: Postmortem, consequence: str) -> ExitCode:
    request = await rehearse_removal(workspace.backend, postmortem)
    print_rehearsal(arguments, postmortem, (), (request,), (consequence,))
    return ExitCode.OK


def _nothing(postmortem: Postmortem) -> str:
    """Why there is nothing to delete: no postmortem, or one whose id is not known."""
    if postmortem.incident.postmortem == Existence.NONE:
        return f"{postmortem.incident.reference} has no postmortem"
    return f"{postmortem.incident.reference}: {postmortem.text_locked or 'it has no postmortem'}"
