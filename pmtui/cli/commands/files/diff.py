"""``pmtui diff FILE``: what a postmortem file says and the server does not, and the other way round. Sends nothing."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json
from pmtui.cli.postmortem_files import add_file_arguments, base_of, check_vendor, read_file, reference_of, text_of, wrong
from pmtui.cli.printing.output import print_json, print_text, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.display import display
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import opaque_of, target
from pmtui.model.changes import Change, change_id
from pmtui.model.diff import diff
from pmtui.model.part import called, part_of, unread
from pmtui.model.postmortem import Postmortem
from pmtui.session.change_text import change_lines, change_title

EXAMPLES = ("pmtui diff 2026-11-14-IR-338-checkout-5xx.md", "pmtui diff IR-338.md --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    add_file_arguments(parser)
    add_document(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the differences; the exit code: OK when there are none, NO when there are."""
    server, wanted = asyncio.run(_read(arguments, context))
    changes = tuple(each for each in diff(server, wanted) if unread(server, part_of(each)) is None)  # of those nobody knows
    for each in server.unread:
        say(f"{called(server, each.part)} could not be read: {each.why}")
    if arguments.json:
        listed = [{"id": change_id(each), "title": change_title(each, wanted)} for each in changes]
        print_json({"schema": SCHEMA, "same": not changes, "changes": listed})
    else:
        _print(changes, wanted)
    if server.unread:
        return ExitCode.INCOMPLETE
    return ExitCode.NO if changes else ExitCode.OK


async def _read(arguments: argparse.Namespace, context: Context) -> tuple[Postmortem, Postmortem]:
    """What the server has, and what the file asks for. Raises CommandError."""
    file: Path = arguments.file
    found = read_file(file, text_of(file))
    reference = reference_of(file, found)
    async with context.workspace() as workspace:
        check_vendor(file, found, workspace)
        incident = await workspace.backend.find(reference)
        document = arguments.document or found.source.document
        server = await workspace.backend.complete(await workspace.backend.postmortem(incident, document))
    base = base_of(context, found, file)
    try:
        return server, target(found, server, {**opaque_of(server), **(opaque_of(base) if base is not None else {})})
    except FrontMatterError as error:
        raise wrong(file, error) from None


def _print(changes: tuple[Change, ...], wanted: Postmortem) -> None:
    if not changes:
        say("no difference: the server has what the file says")
    for change in changes:
        print(display(change_title(change, wanted)))
        for tag, text in change_lines(change):
            print_text(f"  {tag} {text}")
