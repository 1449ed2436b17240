"""``pmtui verify DIR``: compares an exported folder with its manifest and with the vendor. Reads only."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from pmtui.cli.context import Context
from pmtui.cli.errors import CommandError
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.printing.not_found import not_found_json, not_found_line, print_not_found
from pmtui.cli.printing.output import print_diff_line, print_json, print_line, say
from pmtui.cli.printing.plain import SCHEMA
from pmtui.cli.printing.progress import ProgressLine
from pmtui.display import count

if TYPE_CHECKING:
    from pmtui.session.export.manifest import Manifest
    from pmtui.session.export.verify import Verified

EXAMPLES = ("pmtui verify postmortems", "pmtui verify postmortems --offline --json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="a folder that `pmtui export` wrote")
    parser.add_argument("--offline", action="store_true", help="compare with the manifest only; do not ask the server")
    parser.add_argument("--exported-only", action="store_true", help="do not look for postmortems that were never exported")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the differences. Exit code: OK for none, NO for some, INCOMPLETE when something is missing or could not be compared."""
    from pmtui.session.export.layout import JOURNAL, read_manifest
    from pmtui.session.export.manifest import NotAManifest
    from pmtui.session.export.verify import in_folder, known_missing
    from pmtui.store.bases import FOLDER, Bases
    from pmtui.store.files import Files

    root: Path = arguments.directory
    if not root.is_dir():
        raise CommandError(f"{root}: there is no such folder", ExitCode.MISSING)
    try:
        manifest = read_manifest(root, Files())
    except NotAManifest as error:
        raise CommandError(str(error), ExitCode.DISK) from None
    if not manifest.vendor and (root / FOLDER / JOURNAL).exists():
        raise CommandError(f"{root}: an export was interrupted: give the same command again to continue", ExitCode.NO)
    if not manifest.vendor:
        raise CommandError(f"{root} has no manifest (.pmtui/manifest.json): `pmtui export` writes one", ExitCode.MISSING)
    verified = in_folder(root, manifest, Files(), Bases(context.state))
    verified += known_missing(manifest) if arguments.offline else asyncio.run(_asked(arguments, context, root, manifest))
    _print(arguments, manifest, verified)
    if verified.differences:
        return ExitCode.NO
    return ExitCode.INCOMPLETE if verified.incomplete else ExitCode.OK


async def _asked(arguments: argparse.Namespace, context: Context, root: Path, manifest: Manifest) -> Verified:
    from pmtui.session.export.verify import with_server
    from pmtui.store.bases import Bases

    async with context.workspace() as workspace:
        vendor = workspace.backend.identity.vendor
        if vendor != manifest.vendor:
            raise CommandError(f"{root} was exported from {manifest.vendor}, the profile is one of {vendor}: choose with --profile")
        with ProgressLine() as line:
            bases, everything = Bases(context.state), not arguments.exported_only
            return await with_server(
                root, manifest, bases, workspace.backend, lambda progress: line.tell(progress.words), everything=everything
            )


def _print(arguments: argparse.Namespace, manifest: Manifest, verified: Verified) -> None:
    for sentence in verified.unknown:
        say(f"not compared: {sentence}")
    for sentence in verified.missing:
        say(f"not exported: {sentence}")
    if verified.not_found:
        say(not_found_line(verified.not_found, arguments.directory))
    if arguments.json:
        listed = [
            {"where": each.where.value, "file": each.file, "what": each.what, "lines": [f"{tag} {text}" for tag, text in each.lines]}
            for each in verified.differences
        ]
        told = {"documents": verified.documents, "differences": listed, "unknown": list(verified.unknown)}
        absent = {"not_found": not_found_json(verified.not_found), "missing": list(verified.missing)}
        print_json({"schema": SCHEMA, "same": verified.same, "offline": arguments.offline, **told, **absent})
        return
    for each in verified.differences:
        print_line(f"{each.file or arguments.directory}: {each.what}")
        for tag, text in each.lines:
            print_diff_line(tag, text)
    print_not_found(verified.not_found)
    found = len(verified.differences)
    against = "its manifest" if arguments.offline else f"its manifest and {manifest.vendor}"
    said = count(found, "difference") if found else "no difference"
    if verified.not_found:
        said += f", and {len(verified.not_found)} not found"
    say(f"{arguments.directory}: {verified.documents} documents against {against}: {said}")
