"""``pmtui pull REF [FILE]``: writes the postmortem as one Markdown file. Edits in the file are merged, never overwritten."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shlex import quote

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.options import add_document, add_json, add_reference
from pmtui.cli.postmortem_files import base_of, check_vendor, keep, read_file, text_of, wrong
from pmtui.cli.printing.output import print_json, say
from pmtui.cli.printing.saved import about
from pmtui.formats.document.file_name import file_name
from pmtui.formats.document.front_matter import FrontMatterError
from pmtui.formats.document.postmortem_file import PostmortemFile
from pmtui.model.part import called
from pmtui.model.postmortem import Postmortem
from pmtui.session.transfer.pull_push import NoBase, as_the_file_has_it, joined

EXAMPLES = ("pmtui pull IR-338", "pmtui pull IR-338 postmortems/IR-338.md --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_reference(parser)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the file to write (named after date, reference and title)")
    add_document(parser)
    parser.add_argument("--theirs", action="store_true", help="replace the file by what the server has; edits in it are lost")
    add_json(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Read and write the file. Exit code: CONFLICT leaves the file as it is, INCOMPLETE names what could not be read."""
    return asyncio.run(_pull(arguments, context))


async def _pull(arguments: argparse.Namespace, context: Context) -> int:
    async with context.workspace() as workspace:
        incident = await workspace.backend.find(arguments.ref)
        file: Path = arguments.file or Path(file_name(incident))
        before = _before(file)
        found = read_file(file, before) if before else None
        if found is not None:
            check_vendor(file, found, workspace)
            if found.source.incident not in ("", incident.id):
                said = f"{file} is the postmortem of {found.source.reference or found.source.incident}, not of {incident.reference}"
                raise CommandError(f"{said}: nothing was written", ExitCode.CONFLICT)
        document = arguments.document or (found.source.document if found is not None else "")
        server = await workspace.backend.complete(await workspace.backend.postmortem(incident, document))
        wanted, base = _wanted(file, found, context, server, theirs=arguments.theirs)
        written = keep(context, workspace, wanted, base, file, before)
    for notice in server.notices:
        say(notice)
    for each in server.unread:
        say(f"{called(server, each.part)} could not be read: {each.why}")
    if arguments.json:
        code = ExitCode.INCOMPLETE if server.unread else ExitCode.OK
        print_json({**about(arguments, server, code), "file": str(file), "written": written})
    else:
        print(file)
        say("written" if written else "nothing changed")
    return ExitCode.INCOMPLETE if server.unread else ExitCode.OK


def _before(file: Path) -> str:
    """The present text of the file, "" when there is none."""
    return text_of(file) if file.exists() else ""


def _wanted(
    file: Path, found: PostmortemFile | None, context: Context, server: Postmortem, *, theirs: bool
) -> tuple[Postmortem, Postmortem]:
    """The postmortem for the file, with edits not pushed yet, and its new base. Raises CommandError where both changed the same."""
    if found is None:
        return server, server
    try:
        if theirs:
            kept = as_the_file_has_it(found, base=base_of(context, found, file), server=server)
            return kept, kept
        both = joined(found, base=base_of(context, found, file), server=server)
    except NoBase:
        said = f"{file} was pulled from a version of the postmortem that is not on this computer, so its edits cannot be told apart"
        raise CommandError(f"{said}; the file is unchanged. --theirs replaces it", ExitCode.CONFLICT) from None
    except FrontMatterError as error:
        raise wrong(file, error) from None
    if both.conflicts:
        said = f"changed in {file} and on the server: {', '.join(both.conflicts)}; the file is unchanged"
        raise CommandError(f"{said}. `pmtui diff {quote(str(file))}` shows both, --theirs takes the server's", ExitCode.CONFLICT)
    return both.postmortem, both.server
