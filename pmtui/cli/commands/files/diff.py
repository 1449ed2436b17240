"""``pmtui diff FILE|REF``: what a postmortem file, or an unsent draft, would change on the server. Sends nothing."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json
from pmtui.cli.postmortem_files import base_of, check_vendor, of_its_account, read_file, reference_of, text_of, wrong
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.saved import about, changes_json, print_changes
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile, opaque_of, target
from pmtui.model.diff import diff
from pmtui.model.part import called, part_of, unread
from pmtui.model.postmortem import Postmortem
from pmtui.session.recovery import replayed
from pmtui.session.review import review, with_keys_of
from pmtui.store.drafts import Drafts

EXAMPLES = ("pmtui diff 2026-11-14-IR-338-checkout-5xx.md", "pmtui diff IR-338 --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", metavar="FILE|REF", help="a file as `pmtui pull` writes it, or an incident whose draft is not sent yet")
    add_document(parser)
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the differences. Exit code: OK when there are none, NO when there are."""
    server, wanted = _of_file(arguments, context) if is_file(arguments.file) else asyncio.run(_of_draft(arguments, context))
    changes = tuple(each for each in diff(server, wanted) if unread(server, part_of(each)) is None)  # an unread part cannot be compared
    for each in server.unread:
        say(f"{called(server, each.part)} could not be read: {each.why}")
    code = ExitCode.INCOMPLETE if server.unread else ExitCode.NO if changes else ExitCode.OK
    if arguments.json:
        print_json({**about(arguments, server, code), "same": not changes, "changes": changes_json(changes, wanted)})
    else:
        if not changes:
            say(f"no difference: the server has what {arguments.file} says")
        print_changes(changes, wanted)
    return code


def is_file(name: str) -> bool:
    """Whether this names a file and not an incident: the file exists, or the name looks like a file's."""
    return Path(name).exists() or name.endswith((".md", ".markdown"))


async def _of_draft(arguments: argparse.Namespace, context: Context) -> tuple[Postmortem, Postmortem]:
    """The postmortem on the server, and what it would be once the draft is saved: the same without a draft. Raises CommandError."""
    drafts = Drafts(context.state)
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.file)
        server = await workspace.read(incident, arguments.document)
        info = drafts.find(workspace.profile_name, incident.id, server.id)
        if info is None:
            return server, server
        replay = replayed(drafts.read(info))
        known = with_keys_of(base=replay.base, server=server, mine=replay.mine)
        found = review(base=replay.base, mine=replay.mine, server=known, plan=workspace.backend.plan)
    if found.conflicts:
        names = ", ".join(called(replay.mine, conflict.part.name) for conflict in found.conflicts)
        raise CommandError(
            f"changed on the server and in the draft: {names}; `pmtui {quote(incident.reference)}` opens the draft to decide",
            ExitCode.CONFLICT,
        )
    return known, found.target


def _of_file(arguments: argparse.Namespace, context: Context) -> tuple[Postmortem, Postmortem]:
    """The postmortem on the server, and the one that the file describes. Raises CommandError."""
    file = Path(arguments.file)
    found = read_file(file, text_of(file))
    context = of_its_account(found, context)
    server = asyncio.run(_on_server(arguments, context, file, found))
    base = base_of(context, found, file)
    try:
        return server, target(found, server, {**opaque_of(server), **(opaque_of(base) if base is not None else {})})
    except FrontMatterError as error:
        raise wrong(file, error) from None


async def _on_server(arguments: argparse.Namespace, context: Context, file: Path, found: PostmortemFile) -> Postmortem:
    reference = reference_of(file, found)
    async with context.workspace() as workspace:
        check_vendor(file, found, workspace)
        incident = await workspace.backend.find(reference)
        document = arguments.document or found.source.document
        return await workspace.backend.complete(await workspace.backend.postmortem(incident, document))
