"""``pmtui status REF [VALUE]``: prints the status of a postmortem, or sets it."""

from __future__ import annotations

import argparse
import asyncio

from pmtui.cli.commands.postmortem.set import Assignment, set_fields
from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_reference, add_save_options
from pmtui.cli.printing.output import print_json, print_text
from pmtui.cli.printing.saved import about
from pmtui.model.fields import STATUS
from pmtui.model.part import Part, unread
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import label_of

EXAMPLES = ("pmtui status IR-338", "pmtui status IR-338 resolved --dry-run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("value", nargs="?", metavar="VALUE", help="the new status; without it the current one is printed")
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print it, or set it and save. Returns the exit code."""
    if arguments.value is not None:
        return set_fields(arguments, context, lambda postmortem: [Assignment(STATUS, "", arguments.value)])
    postmortem = asyncio.run(_read(arguments, context))
    if hidden := unread(postmortem, Part(field=STATUS)):
        raise CommandError(f"the status could not be read: {hidden.why}", ExitCode.INCOMPLETE)
    if not any(field.name == STATUS for field in postmortem.form):
        raise CommandError(f"{postmortem.incident.reference} has no status here", ExitCode.LOCKED)
    status = label_of(postmortem.fields.get(STATUS))
    choices = [choice.value for field in postmortem.form if field.name == STATUS for choice in field.choices]
    if arguments.json:
        print_json({**about(arguments, postmortem), "status": status, "choices": choices})
    else:
        print_text(status)
    return ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> Postmortem:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        return await workspace.backend.postmortem(incident, arguments.document)
