"""``pmtui adopt REF ADDRESS``: remembers which postmortem an incident has, where the vendor's API does not say."""

from __future__ import annotations

import argparse
import asyncio

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_json, add_reference
from pmtui.cli.printing.output import print_json, print_text, say
from pmtui.cli.printing.saved import save_json
from pmtui.model.postmortem import Postmortem

EXAMPLES = ("pmtui adopt '#42' https://…/reports/post-mortem/7f3a/detail", "pmtui adopt '#42' 7f3a --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("address", metavar="ADDRESS", help="the address of the postmortem in a browser, or its id")
    add_json(parser)
    parser.set_defaults(dry_run=False)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Read the postmortem, which must be about this incident, and remember it on this computer; nothing is sent. The exit code."""
    postmortem = asyncio.run(_adopt(arguments, context))
    if arguments.json:
        print_json(save_json(arguments, postmortem, ExitCode.OK, verified=True, notices=list(postmortem.notices)))
    else:
        print_text(postmortem.url or postmortem.id)
        for notice in postmortem.notices:
            say(notice)
        say(f"this is the postmortem of {postmortem.incident.reference} from now on; nothing was sent")
    return 0


async def _adopt(arguments: argparse.Namespace, context: Context) -> Postmortem:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        return await workspace.backend.postmortem(await workspace.backend.adopt(incident, arguments.address))
