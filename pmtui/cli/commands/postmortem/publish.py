"""``pmtui publish REF``: set the status to the vendor's value for published, and save."""

from __future__ import annotations

import argparse

from pmtui.cli.commands.postmortem.set import Assignment, set_fields
from pmtui.cli.commands.postmortem.status import status_field
from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_reference, add_save_options
from pmtui.model.fields import STATUS
from pmtui.model.postmortem import Postmortem, published_status

EXAMPLES = ("pmtui publish '#42' --dry-run", "pmtui publish '#42' --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    add_save_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Publish. Exit code: LOCKED where the vendor has no published status."""
    return set_fields(arguments, context, _published)


def _published(postmortem: Postmortem) -> list[Assignment]:
    """Raises CommandError where no value of the status field means published, and without a postmortem."""
    choices = ", ".join(choice.value for choice in status_field(postmortem).choices)
    if value := published_status(postmortem):
        return [Assignment(STATUS, "", value)]
    reference = postmortem.incident.reference
    known = f"the status of {reference} can be {choices}" if choices else f"{reference} has no status to set"
    raise CommandError(f"this vendor has no published status: {known}; `pmtui status` sets it", ExitCode.LOCKED)
