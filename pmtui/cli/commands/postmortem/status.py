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
from pmtui.model.fields import STATUS, Field, LockedBy
from pmtui.model.part import Part, unread
from pmtui.model.postmortem import Postmortem
from pmtui.model.values import label_of

DETAILS = """\
Where a vendor's postmortems have no status of their own, it is the incident's."""
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
    field = status_field(postmortem)
    status = label_of(postmortem.fields.get(STATUS))
    choices = [choice.value for choice in field.choices]
    if arguments.json:
        print_json({**about(arguments, postmortem), "status": status, "choices": choices})
    else:
        print_text(status)
    return ExitCode.OK


def status_field(postmortem: Postmortem) -> Field:
    """The field of the status. Raises CommandError where there is none, or no postmortem to have it, or it could not be read."""
    if hidden := unread(postmortem, Part(field=STATUS)):
        raise CommandError(f"the status could not be read: {hidden.why}", ExitCode.INCOMPLETE)
    reference = postmortem.incident.reference
    field = next((each for each in postmortem.form if each.name == STATUS), None)
    if field is None:
        raise CommandError(f"{reference} has no status here", ExitCode.LOCKED)
    if field.locked and field.locked_by is LockedBy.NO_POSTMORTEM:
        raise CommandError(f"{reference}: {field.locked}", ExitCode.MISSING)
    if field.locked and field.locked_by is LockedBy.IDENTITY:
        raise CommandError(f"the status of {reference} could not be read: {field.locked}", ExitCode.INCOMPLETE)
    return field


async def _read(arguments: argparse.Namespace, context: Context) -> Postmortem:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        return await workspace.backend.postmortem(incident, arguments.document)
