"""``pmtui show REF``: an incident and its postmortem."""

from __future__ import annotations

import argparse
import asyncio

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.output import print_json, print_table, print_text, say
from pmtui.cli.printing.plain import markdown_of, postmortem_json
from pmtui.model.part import called
from pmtui.model.postmortem import Existence, Postmortem
from pmtui.model.values import label_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    parser.add_argument("ref", metavar="REF", help="IR-123, #42, an id, or an address")
    parser.add_argument("--document", default="", metavar="ID", help="which postmortem, when there are several")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print it; the exit code: INCOMPLETE when a part could not be read."""
    postmortem = asyncio.run(_read(arguments, context))
    missing = [f"{called(postmortem, each.part)} could not be read: {each.why}" for each in postmortem.unread]
    for line in missing:
        say(line)
    if arguments.json:
        print_json(postmortem_json(postmortem))
    else:
        for notice in postmortem.notices:
            say(notice)
        _print(postmortem)
    return ExitCode.INCOMPLETE if missing else ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> Postmortem:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        return await workspace.backend.complete(await workspace.backend.postmortem(incident, arguments.document))


def _print(postmortem: Postmortem) -> None:
    incident = postmortem.incident
    print_text(f"{incident.reference}  {incident.title}".replace("\n", " "))
    labels = {field.name: field.label for field in postmortem.form}
    rows = [(labels.get(name, name), label_of(value)) for name, value in postmortem.fields.items() if value]
    if rows:
        print_table(("FIELD", "VALUE"), rows)
    if postmortem.cells:
        print()
        print_text(markdown_of(postmortem).rstrip("\n"))
    elif postmortem.id and not postmortem.text_locked:
        say("the text of the postmortem is empty")
    elif not postmortem.id and postmortem.incident.postmortem is Existence.NONE:
        say("there is no postmortem yet")
